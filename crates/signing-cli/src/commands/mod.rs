//! The commands: each is its arguments and `run`. A new one is a file here, and a line in each list below.

mod check;
mod explain;
mod presign;
mod sign;

use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::Failure;

/// What `signing` can be told to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Sign(sign::Args),
    Explain(explain::Args),
    Presign(presign::Args),
    Check(check::Args),
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Sign(args) => sign::run(&args),
            Self::Explain(args) => explain::run(&args),
            Self::Presign(args) => presign::run(&args),
            Self::Check(args) => check::run(&args),
        }
    }
}
