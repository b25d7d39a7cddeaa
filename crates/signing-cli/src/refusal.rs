//! Why a request was not signed, as a word for machines and a sentence for people.

use std::borrow::Cow;
use std::error::Error;
use std::{io, iter};

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
        Self::new(error.kind().as_str(), with_causes(&error))
    }
}

impl From<SigningError> for Refusal {
    fn from(error: SigningError) -> Self {
        Self::new(error.kind().as_str(), with_causes(&error))
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

/// What `error` says, and what is behind it.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut texts: Vec<_> = causes(error).map(ToString::to_string).collect();
    // Some show what they wrap, and have it as their source, too.
    texts.dedup();
    texts.join(": ")
}

/// `error`, and what is behind it.
pub(crate) fn causes<'e>(
    error: &'e (dyn Error + 'static),
) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    iter::successors(Some(error), |&error| {
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            // The source of an I/O error is the source of what it wraps: that itself would be passed over.
            Some(wrapped) => Some(wrapped as _),
            None => error.source(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_twice() {
        let number = "x".parse::<u8>().unwrap_err();
        let said = number.to_string();
        let error = io::Error::other(io::Error::other(number));
        assert_eq!(with_causes(&error), said);
        assert!(causes(&error).any(|error| error.is::<std::num::ParseIntError>()));
    }
}
