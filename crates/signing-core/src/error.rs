//! What can go wrong when a request is signed.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

/// Why a request could not be signed. The request is as it was.
///
/// The message names the input that is at fault and never holds a secret, a signature or a URL's query.
#[derive(Debug)]
pub struct SignError {
    kind: SignErrorKind,
    message: Cow<'static, str>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What the caller can do about a [`SignError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignErrorKind {
    /// The request's method, URL or headers cannot be signed as they are: fix the request.
    Request,
    /// What is known of the body is not what the signature needs, or contradicts the headers.
    Payload,
    /// Region, service or resource cannot be told from the URL: set the parameter that the message names.
    Endpoint,
    /// The credentials do not allow it (they have expired, or live too short): renew them.
    Credentials,
    /// The method cannot do what was asked of it.
    Unsupported,
    /// The clock, with its correction, is outside of what dates can say.
    Clock,
}

impl SignErrorKind {
    /// A stable lower-case word for machines.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Payload => "payload",
            Self::Endpoint => "endpoint",
            Self::Credentials => "credentials",
            Self::Unsupported => "unsupported",
            Self::Clock => "clock",
        }
    }
}

impl SignError {
    /// An error whose `message` names the input at fault: lower case, no final stop, no secret.
    pub fn new(kind: SignErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// Keeps the error that caused this one; the message should not repeat it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What the caller can do about it.
    pub fn kind(&self) -> SignErrorKind {
        self.kind
    }

    pub(crate) fn request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(SignErrorKind::Request, message)
    }
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for SignError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as _)
    }
}
