//! `signing completions`: what a shell offers when Tab is pressed.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::Cli;
use crate::failure::Failure;

/// Print a script that completes commands and flags in a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  signing completions bash > ~/.local/share/bash-completion/completions/signing
  signing completions zsh > ~/.zfunc/_signing
  signing completions fish > ~/.config/fish/completions/signing.fish

Exit status: 0 printed, 2 unusable arguments.")]
pub(crate) struct Args {
    /// Shell that the script is for
    shell: Shell,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    // The generator panics where it cannot write; memory always can be written to.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "signing", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}
