//! Why a request of a `SignedClient` has no result.

use std::error::Error;
use std::fmt;

use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use tower_signing::signing_core::diagnose::Diagnosis;
use tower_signing::{BoxError, SigningError};

/// Why a request has no result.
///
/// A handler may return it: as a response it is a 500, 502 or 504 with one sentence, and the reason goes to a
/// `tracing` event with target `axum_signing::client`. Neither has a word of the server's answer in it.
#[derive(Debug)]
pub struct ClientError {
    kind: ClientErrorKind,
    refusal: Option<Refusal>,
    source: Option<BoxError>,
}

/// What the caller can do about a [`ClientError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientErrorKind {
    /// The request is none: its URL, a header, or what was to be JSON.
    Request,
    /// The request was not signed, and so not sent, or its body was not as signed: [`ClientError::signing`].
    Signing,
    /// The server was not reached, or the connection broke off before there was a response.
    Connection,
    /// The request took longer than it may.
    Timeout,
    /// The server answered with a status other than 2xx: [`ClientError::status`].
    Status,
    /// The response broke off, is too long to be held, or is not the JSON that was asked for.
    Response,
}

/// How the server said no.
struct Refusal {
    status: StatusCode,
    body: Bytes,
    diagnosis: Option<Box<Diagnosis>>,
}

impl fmt::Debug for Refusal {
    /// Without the text: servers repeat in it what was signed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {} bytes", self.status, self.body.len())
    }
}

impl ClientError {
    fn new(kind: ClientErrorKind, source: impl Into<BoxError>) -> Self {
        Self { kind, refusal: None, source: Some(source.into()) }
    }

    pub(crate) fn request(error: http::Error) -> Self {
        Self::new(ClientErrorKind::Request, error)
    }

    #[cfg(feature = "json")]
    pub(crate) fn unwritable(error: serde_json::Error) -> Self {
        Self::new(ClientErrorKind::Request, error)
    }

    pub(crate) fn unanswered(error: BoxError) -> Self {
        let is_signing = signing_error(&*error).is_some();
        Self::new(if is_signing { ClientErrorKind::Signing } else { ClientErrorKind::Connection }, error)
    }

    pub(crate) fn timeout() -> Self {
        Self { kind: ClientErrorKind::Timeout, refusal: None, source: None }
    }

    pub(crate) fn status_of(status: StatusCode, body: Bytes, diagnosis: Option<Diagnosis>) -> Self {
        let refusal = Refusal { status, body, diagnosis: diagnosis.map(Box::new) };
        Self { kind: ClientErrorKind::Status, refusal: Some(refusal), source: None }
    }

    pub(crate) fn broken_off(error: axum_core::Error) -> Self {
        Self::new(ClientErrorKind::Response, error)
    }

    pub(crate) fn too_long(limit: usize) -> Self {
        Self::new(ClientErrorKind::Response, format!("it is longer than {limit} bytes"))
    }

    /// Without the parser's own words, which may repeat a value.
    #[cfg(feature = "json")]
    pub(crate) fn unreadable(error: &serde_json::Error) -> Self {
        use serde_json::error::Category;

        let what = match error.classify() {
            Category::Eof => "it ends in the middle of JSON",
            Category::Data => "it is not the JSON that was asked for",
            Category::Syntax | Category::Io => "it is not JSON",
        };
        let place = format!("{what}: line {}, column {}", error.line(), error.column());
        Self::new(ClientErrorKind::Response, place)
    }

    /// What the caller can do about it.
    pub fn kind(&self) -> ClientErrorKind {
        self.kind
    }

    /// The server's status, if it is no success.
    pub fn status(&self) -> Option<StatusCode> {
        self.refusal.as_ref().map(|refusal| refusal.status)
    }

    /// The first 4 KiB of what the server said with that status; empty otherwise.
    pub fn body(&self) -> &[u8] {
        self.refusal.as_ref().map_or(&[], |refusal| &refusal.body)
    }

    /// Why the server refused the signature, if it is that and a [`DiagnoseLayer`](tower_signing::DiagnoseLayer) has
    /// looked.
    pub fn diagnosis(&self) -> Option<&Diagnosis> {
        self.refusal.as_ref()?.diagnosis.as_deref()
    }

    /// Why the request was not signed.
    pub fn signing(&self) -> Option<&SigningError> {
        signing_error(&**self.source.as_ref()?)
    }
}

/// In `error` or below: a client wraps the errors of bodies.
fn signing_error<'a>(mut error: &'a (dyn Error + 'static)) -> Option<&'a SigningError> {
    loop {
        match error.downcast_ref() {
            Some(found) => return Some(found),
            None => error = error.source()?,
        }
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, &self.refusal) {
            (_, Some(refusal)) => write!(f, "the server answered {}", refusal.status),
            (ClientErrorKind::Request, _) => f.write_str("the request cannot be built"),
            (ClientErrorKind::Signing, _) => f.write_str("the request was not signed"),
            (ClientErrorKind::Timeout, _) => f.write_str("the request took too long"),
            (ClientErrorKind::Response, _) => f.write_str("the response cannot be read"),
            (ClientErrorKind::Connection | ClientErrorKind::Status, _) => {
                f.write_str("the server did not answer")
            }
        }
    }
}

impl Error for ClientError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as _)
    }
}

impl IntoResponse for ClientError {
    fn into_response(self) -> Response {
        let (status, text) = match self.kind {
            ClientErrorKind::Request | ClientErrorKind::Signing => {
                (StatusCode::INTERNAL_SERVER_ERROR, "the request to another server could not be made")
            }
            ClientErrorKind::Timeout => (StatusCode::GATEWAY_TIMEOUT, "another server took too long"),
            ClientErrorKind::Connection | ClientErrorKind::Status | ClientErrorKind::Response => {
                (StatusCode::BAD_GATEWAY, "another server failed")
            }
        };
        tracing::warn!(target: "axum_signing::client", error = &self as &(dyn Error + 'static), "request failed");
        (status, text).into_response()
    }
}
