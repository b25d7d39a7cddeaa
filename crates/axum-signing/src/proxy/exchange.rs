//! The record of one request: its line in the access log, and its place in the metrics.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, StatusCode};

use super::FailureKind;
use super::failure::Failure;
use super::transfer::Transfer;

/// Ends when it is dropped, which is when the response is complete, or nobody wants it any more.
///
/// The log has method, path, status, duration and sizes. It has neither query nor headers: both hold credentials.
#[derive(Debug)]
pub(crate) struct Exchange {
    transfer: Arc<Transfer>,
    method: Method,
    path: Box<str>,
    status: Option<StatusCode>,
    outcome: Option<Result<(), (FailureKind, Box<str>)>>,
}

impl Exchange {
    pub(crate) fn begin(head: &Parts, transfer: Arc<Transfer>) -> Self {
        transfer.metrics().begin();
        Self {
            transfer,
            method: head.method.clone(),
            path: head.uri.path().into(),
            status: None,
            outcome: None,
        }
    }

    pub(crate) fn transfer(&self) -> &Transfer {
        &self.transfer
    }

    /// The upstream has answered. `is_complete`: no body will be asked for.
    pub(crate) fn answered(&mut self, status: StatusCode, is_complete: bool) {
        self.status = Some(status);
        // A server does not poll the body of such a response.
        if is_complete || self.method == Method::HEAD {
            self.complete();
        }
    }

    /// The proxy answers by itself: with what it returns, as text.
    pub(crate) fn refused(&mut self, failure: Failure) -> Bytes {
        self.status = Some(failure.status);
        let text = Bytes::from(format!("{}\n", failure.message));
        self.broke_off(failure.kind, &failure.message);
        text
    }

    pub(crate) fn broke_off(&mut self, kind: FailureKind, reason: &str) {
        self.outcome = Some(Err((kind, reason.into())));
    }

    pub(crate) fn complete(&mut self) {
        self.outcome.get_or_insert(Ok(()));
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let (kind, reason) = match &self.outcome {
            Some(Ok(())) => (None, None),
            Some(Err((kind, reason))) => (Some(*kind), Some(&**reason)),
            None => (Some(FailureKind::Canceled), Some("the client went away")),
        };
        self.transfer.metrics().end(kind);
        tracing::info!(
            target: "axum_signing::access",
            method = %self.method,
            path = %self.path.escape_debug(),
            status = self.status.map(|status| status.as_u16()),
            duration_ms = u64::try_from(self.transfer.elapsed().as_millis()).unwrap_or(u64::MAX),
            uploaded = self.transfer.uploaded(),
            downloaded = self.transfer.downloaded(),
            failure = kind.map(FailureKind::as_str),
            reason,
            "request",
        );
    }
}
