//! Why a command ended before its work was done, and with which exit status.

use std::io;
use std::process::ExitCode;

use crate::refusal::Refusal;
use crate::terminal::visible;

/// What ends a command. The message goes to standard error.
#[derive(Debug)]
pub(crate) struct Failure {
    status: u8,
    message: Option<String>,
}

impl Failure {
    /// Arguments, or files that they name, are unusable: status 2.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { status: 2, message: Some(message.into()) }
    }

    /// The flags are at fault, not a request that came otherwise: status 2.
    pub(crate) fn of_flags(refusal: &Refusal) -> Self {
        Self::usage(refusal.message())
    }

    /// With an exit status of the command's own.
    pub(crate) fn with_status(status: u8, message: impl Into<String>) -> Self {
        Self { status, message: Some(message.into()) }
    }

    /// The same, without a word.
    pub(crate) fn silenced(self) -> Self {
        Self { message: None, ..self }
    }

    /// Tells it on standard error.
    pub(crate) fn report(self) -> ExitCode {
        if let Some(message) = self.message {
            for line in message.lines() {
                eprintln!("signing: {}", visible(line));
            }
        }
        ExitCode::from(self.status)
    }
}

/// The one request of a command was not signed: status 1.
impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self { status: 1, message: Some(refusal.message().to_owned()) }
    }
}

/// Of standard input and output. Whoever closed our output has seen enough: that is no failure.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self { status: 0, message: None },
            _ => Self::usage(format!("input or output failed: {error}")),
        }
    }
}
