//! Counters, without a metrics library.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::FailureKind;

/// What a [`SigningProxy`](super::SigningProxy) has done so far. Clones share the counters.
///
/// ```
/// use std::fmt::Write;
/// use axum_signing::{FailureKind, ProxyMetrics};
///
/// fn prometheus(metrics: &ProxyMetrics) -> String {
///     let mut text = format!("signing_proxy_requests_total {}\n", metrics.requests());
///     for kind in FailureKind::ALL {
///         let (label, count) = (kind.as_str(), metrics.failures(kind));
///         writeln!(text, "signing_proxy_failures_total{{kind=\"{label}\"}} {count}").expect("a String takes all");
///     }
///     text
/// }
/// assert!(prometheus(&ProxyMetrics::default()).starts_with("signing_proxy_requests_total 0"));
/// ```
#[derive(Clone, Default)]
pub struct ProxyMetrics(Arc<Counters>);

#[derive(Default)]
struct Counters {
    requests: AtomicU64,
    in_flight: AtomicU64,
    failures: [AtomicU64; FailureKind::ALL.len()],
    uploaded: AtomicU64,
    downloaded: AtomicU64,
}

impl ProxyMetrics {
    /// Requests that came, refused ones included.
    pub fn requests(&self) -> u64 {
        self.0.requests.load(Relaxed)
    }

    /// Requests whose response is not complete yet.
    pub fn in_flight(&self) -> u64 {
        self.0.in_flight.load(Relaxed)
    }

    /// Requests that failed in this way. A response of the upstream is no failure, whatever its status.
    pub fn failures(&self, kind: FailureKind) -> u64 {
        self.0.failures[kind as usize].load(Relaxed)
    }

    /// Bytes of request bodies that were passed on, or read to be hashed.
    pub fn uploaded_bytes(&self) -> u64 {
        self.0.uploaded.load(Relaxed)
    }

    /// Bytes of the upstream's response bodies that were passed on.
    pub fn downloaded_bytes(&self) -> u64 {
        self.0.downloaded.load(Relaxed)
    }

    pub(super) fn begin(&self) {
        self.0.requests.fetch_add(1, Relaxed);
        self.0.in_flight.fetch_add(1, Relaxed);
    }

    pub(super) fn end(&self, failure: Option<FailureKind>) {
        self.0.in_flight.fetch_sub(1, Relaxed);
        if let Some(kind) = failure {
            self.0.failures[kind as usize].fetch_add(1, Relaxed);
        }
    }

    pub(super) fn add_uploaded(&self, bytes: u64) {
        self.0.uploaded.fetch_add(bytes, Relaxed);
    }

    pub(super) fn add_downloaded(&self, bytes: u64) {
        self.0.downloaded.fetch_add(bytes, Relaxed);
    }
}

impl fmt::Debug for ProxyMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyMetrics")
            .field("requests", &self.requests())
            .field("in_flight", &self.in_flight())
            .finish_non_exhaustive()
    }
}
