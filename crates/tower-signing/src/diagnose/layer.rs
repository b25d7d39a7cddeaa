//! The layer, and how long it may wait.

use std::time::Duration;

use tower_layer::Layer;

use super::service::DiagnoseService;

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
/// in one sentence (target `tower_signing::diagnose`). The body is given on, complete. A 400 that does not tell of the signature passes without a word.
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
/// Every other response passes as it is. What a request costs more is a copy of its head, no second signature. Requests
/// that are sent unsigned are not told about. What decompresses responses belongs between the two layers: a
/// refusal that is still compressed tells its status and headers only.
///
/// The wait takes the timer of a Tokio runtime, as tower's own time limits do; outside of a runtime, only what is there
/// at once is read.
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
