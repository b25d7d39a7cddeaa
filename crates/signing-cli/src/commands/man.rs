//! `signing man`: the manual, of the same definitions as the flags themselves.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::Cli;
use crate::failure::Failure;

/// Print the manual page, or write one for each command
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  signing man | man -l -
  signing man --dir ~/.local/share/man/man1

Exit status: 0 written, 2 unusable arguments, or the pages cannot be written.")]
pub(crate) struct Args {
    /// Write signing.1, signing-sign.1 and so on into this directory, which must exist
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    match &args.dir {
        Some(dir) => clap_mangen::generate_to(Cli::command(), dir).map_err(|error| {
            Failure::usage(format!("{}: the pages cannot be written: {error}", dir.display()))
        })?,
        None => {
            let mut page = Vec::new();
            Man::new(Cli::command()).render(&mut page)?;
            io::stdout().lock().write_all(&page)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
