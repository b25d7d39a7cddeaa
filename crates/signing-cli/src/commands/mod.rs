//! The commands: each is its arguments and `run`. A new one is a file here, and a line in each list below.

mod check;
mod completions;
mod diagnose;
mod explain;
mod man;
mod presign;
mod proxy;
mod send;
mod sign;

use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::Failure;

/// What `signing` can be told to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Sign(sign::Args),
    Explain(explain::Args),
    Diagnose(diagnose::Args),
    Send(send::Args),
    Presign(presign::Args),
    Check(check::Args),
    Proxy(proxy::Args),
    Completions(completions::Args),
    Man(man::Args),
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Sign(args) => sign::run(&args),
            Self::Explain(args) => explain::run(&args),
            Self::Diagnose(args) => diagnose::run(&args),
            Self::Send(args) => send::run(&args),
            Self::Presign(args) => presign::run(&args),
            Self::Check(args) => check::run(&args),
            Self::Proxy(args) => proxy::run(&args),
            Self::Completions(args) => completions::run(&args),
            Self::Man(args) => man::run(&args),
        }
    }
}
