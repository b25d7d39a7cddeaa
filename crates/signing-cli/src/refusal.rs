//! Why a request was not signed, as a word for machines and a sentence for people.

use std::borrow::Cow;
use std::error::Error;

use signing_core::{ParamError, SignError};
use tower_signing::{MatchError, SigningError};

/// Why one request was not signed. The message holds no secret, no signature and no URL's query.
#[derive(Debug)]
pub(crate) struct Refusal {
    kind: &'static str,
    message: Cow<'static, str>,
}

impl Refusal {
    pub(crate) fn new(kind: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into() }
    }

    /// The request is not written as it must be.
    pub(crate) fn input(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("input", message)
    }

    /// The parameters make no signer.
    pub(crate) fn params(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("params", message)
    }

    pub(crate) fn kind(&self) -> &'static str {
        self.kind
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }
}

impl From<SignError> for Refusal {
    fn from(error: SignError) -> Self {
        Self::new(error.kind().as_str(), with_sources(&error))
    }
}

impl From<SigningError> for Refusal {
    fn from(error: SigningError) -> Self {
        Self::new(error.kind().as_str(), with_sources(&error))
    }
}

impl From<ParamError> for Refusal {
    fn from(error: ParamError) -> Self {
        Self::params(error.to_string())
    }
}

impl From<MatchError> for Refusal {
    fn from(error: MatchError) -> Self {
        Self::params(format!("`Match` {error}"))
    }
}

fn with_sources(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
