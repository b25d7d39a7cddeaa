//! The command `signing`: the library with a face.
//!
//! Each command is a file or folder in `commands/`: its arguments, and `run`. What several of them need stands
//! beside this file. Signing itself is in the library crates; here it is parsed, wired and printed.

mod arguments;
mod auth;
mod client;
mod commands;
mod diagnosis;
mod environment;
mod failure;
mod head;
mod input;
mod instant;
mod message;
mod parameters;
mod refusal;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use commands::Command;

/// Signs HTTP requests: sends, forwards, presigns and explains them, says why one was refused, and checks the config
/// files that say how.
#[derive(Debug, Parser)]
#[command(name = "signing", version, arg_required_else_help = true, after_help = environment::help())]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    match Cli::parse().command.run() {
        Ok(status) => status,
        Err(failure) => failure.report(),
    }
}
