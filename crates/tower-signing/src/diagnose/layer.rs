//! The layer, and how long it may wait.

use std::future::poll_fn;
use std::time::Duration;

use http::Response;
use http_body::Body;
use tower_layer::Layer;

use super::body::DiagnoseBody;
use super::reading::Reading;
use super::service::DiagnoseService;
use crate::SigningRecord;

/// How long the body of a refusal is waited for, unless said otherwise: 2 s.
const DEFAULT_TIME_LIMIT: Duration = Duration::from_secs(2);

/// Says why a service refused a signature.
///
/// Belongs outside of the [`SigningLayer`](crate::SigningLayer); right outside of it every attempt of a retry is told
/// about, and above the retry the last one.
///
/// ```
/// use tower::ServiceBuilder;
/// use tower_signing::{DiagnoseLayer, SigningLayer};
///
/// # fn layers(signing: SigningLayer) {
/// let layers = ServiceBuilder::new().layer(DiagnoseLayer::new()).layer(signing);
/// # let _ = layers;
/// # }
/// ```
///
/// When a response may be a refusal (401, 403, and 400 of AWS and Azure), at most 64 KiB of its body are read, for 2 s at
/// most. What they tell is put into the response's extensions as a [`Diagnosis`], and one event at level `warn` says it
/// in one sentence (target `tower_signing::diagnose`). The body is given on, complete. A 400 that does not tell of the
/// signature passes without a word.
///
/// ```
/// use tower_signing::signing_core::diagnose::{Cause, Diagnosis};
///
/// fn is_clock_off<B>(response: &http::Response<B>) -> bool {
///     let diagnosis = response.extensions().get::<Diagnosis>();
///     diagnosis.is_some_and(|diagnosis| matches!(diagnosis.causes(), [Cause::ClockOff { .. }, ..]))
/// }
/// ```
///
/// Every other response passes unread, its data as [`Bytes`](bytes::Bytes). What each request costs more is a copy of its
/// head, with its extensions if others than [`SigningOptions`](crate::SigningOptions) are there, and no second signature.
/// Requests that are sent unsigned are not told about.
///
/// A time limit above it must be longer than its own, or a refusal that stalls is lost to it. What decompresses responses
/// belongs between the two layers: a refusal that is still compressed tells its status and headers only. The wait needs
/// no runtime.
///
/// [`Diagnosis`]: signing_core::diagnose::Diagnosis
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct DiagnoseLayer {
    time_limit: Duration,
}

impl DiagnoseLayer {
    /// Waits up to 2 s for the body of a refusal.
    pub fn new() -> Self {
        Self { time_limit: DEFAULT_TIME_LIMIT }
    }

    /// How long the body of a refusal is waited for, at most; default 2 s. What has come by then is read, and the
    /// response given on. Other responses are never waited for.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Does the same for a response that came by another way than a Tower service, and the `record` that the signing
    /// layer left: for adapters. Whether it [may be a refusal](signing_core::diagnose::Refusal::is_likely) is the
    /// caller's to ask.
    pub async fn diagnose<R: Body>(
        &self,
        record: SigningRecord,
        response: Response<R>,
    ) -> Response<DiagnoseBody<R>> {
        let mut reading = Reading::new(record, response, self.time_limit);
        poll_fn(|cx| reading.poll_read(cx)).await;
        reading.told()
    }
}

impl Default for DiagnoseLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for DiagnoseLayer {
    type Service = DiagnoseService<S>;

    fn layer(&self, inner: S) -> DiagnoseService<S> {
        DiagnoseService::new(inner, self.time_limit)
    }
}
