//! Why the layer did not send a request.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use signing_core::{ParamError, SignError};

/// Any error: what a [`SigningService`](crate::SigningService) fails with.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why a request was not sent. Find it in a [`BoxError`] by `downcast_ref`.
///
/// The inner service was not called; except for the kinds [`Body`](SigningErrorKind::Body) and
/// [`Spool`](SigningErrorKind::Spool), which are also errors of a body that is under way: one that turns out to be of
/// another length than its head says, cannot be read from its file, or cannot be sent again. They end the request.
/// Errors of the inner service and of the caller's own body pass through as they are.
#[derive(Debug)]
pub struct SigningError {
    kind: SigningErrorKind,
    message: Cow<'static, str>,
    source: Option<BoxError>,
}

/// What the caller can do about a [`SigningError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SigningErrorKind {
    /// No section covers the URL, or the section that was asked for may not be used there.
    Route,
    /// The URL cannot be routed safely.
    Url,
    /// What the request says for itself makes no signer.
    Params,
    /// The body cannot be signed: too large to hold, or not what its length said.
    Body,
    /// The body cannot be spooled: no space is left, or the folder cannot be written. It may go well later.
    Spool,
    /// The request cannot be signed; the source is a [`SignError`].
    Sign,
    /// The clock stands outside the years 1970 to 9999.
    Clock,
}

impl SigningErrorKind {
    /// A stable lower-case word for machines.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Route => "route",
            Self::Url => "url",
            Self::Params => "params",
            Self::Body => "body",
            Self::Spool => "spool",
            Self::Sign => "sign",
            Self::Clock => "clock",
        }
    }
}

impl SigningError {
    pub(crate) fn new(kind: SigningErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    pub(crate) fn with_source(
        kind: SigningErrorKind,
        message: impl Into<Cow<'static, str>>,
        source: impl Into<BoxError>,
    ) -> Self {
        Self { source: Some(source.into()), ..Self::new(kind, message) }
    }

    pub(crate) fn spool(message: impl Into<Cow<'static, str>>, source: impl Into<BoxError>) -> Self {
        Self::with_source(SigningErrorKind::Spool, message, source)
    }

    pub(crate) fn url(message: &'static str) -> Self {
        Self::new(SigningErrorKind::Url, message)
    }

    pub(crate) fn route(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(SigningErrorKind::Route, message)
    }

    /// What the caller can do about it.
    pub fn kind(&self) -> SigningErrorKind {
        self.kind
    }
}

impl fmt::Display for SigningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for SigningError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as _)
    }
}

impl From<SignError> for SigningError {
    fn from(error: SignError) -> Self {
        Self {
            kind: SigningErrorKind::Sign,
            message: "the request cannot be signed".into(),
            source: Some(error.into()),
        }
    }
}

impl From<ParamError> for SigningError {
    fn from(error: ParamError) -> Self {
        Self {
            kind: SigningErrorKind::Params,
            message: "the request's own parameters make no signer".into(),
            source: Some(error.into()),
        }
    }
}
