//! What the two directions of one request know of each other: who moved last, and how much.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::Instant;

use super::ProxyMetrics;

/// Shared by a request's upload, which the client below owns, and its future and download, which the server
/// owns.
#[derive(Debug)]
pub(crate) struct Transfer {
    metrics: ProxyMetrics,
    started: Instant,
    /// Milliseconds since the start.
    moved_at: AtomicU64,
    uploaded: AtomicU64,
    downloaded: AtomicU64,
    /// The upload was asked for more, and the client has not sent it yet.
    waits_for_client: AtomicBool,
    upload_broke_off: AtomicBool,
    upload_is_too_large: AtomicBool,
}

impl Transfer {
    pub(crate) fn new(metrics: ProxyMetrics) -> Self {
        Self {
            metrics,
            started: Instant::now(),
            moved_at: AtomicU64::new(0),
            uploaded: AtomicU64::new(0),
            downloaded: AtomicU64::new(0),
            waits_for_client: AtomicBool::new(false),
            upload_broke_off: AtomicBool::new(false),
            upload_is_too_large: AtomicBool::new(false),
        }
    }

    pub(crate) fn metrics(&self) -> &ProxyMetrics {
        &self.metrics
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Something moved, or a wait began: the idle time counts from now.
    pub(crate) fn touch(&self) {
        let now = self.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
        self.moved_at.store(now, Relaxed);
    }

    pub(crate) fn touched_at(&self) -> Instant {
        self.started + Duration::from_millis(self.moved_at.load(Relaxed))
    }

    pub(crate) fn uploaded(&self) -> u64 {
        self.uploaded.load(Relaxed)
    }

    pub(crate) fn downloaded(&self) -> u64 {
        self.downloaded.load(Relaxed)
    }

    pub(crate) fn add_uploaded(&self, bytes: u64) {
        self.uploaded.fetch_add(bytes, Relaxed);
        self.metrics.add_uploaded(bytes);
    }

    pub(crate) fn add_downloaded(&self, bytes: u64) {
        self.downloaded.fetch_add(bytes, Relaxed);
        self.metrics.add_downloaded(bytes);
    }

    pub(crate) fn set_waits_for_client(&self, waits: bool) {
        self.waits_for_client.store(waits, Relaxed);
    }

    pub(crate) fn waits_for_client(&self) -> bool {
        self.waits_for_client.load(Relaxed)
    }

    pub(crate) fn set_upload_broke_off(&self) {
        self.upload_broke_off.store(true, Relaxed);
    }

    pub(crate) fn upload_broke_off(&self) -> bool {
        self.upload_broke_off.load(Relaxed)
    }

    pub(crate) fn set_upload_is_too_large(&self) {
        self.upload_is_too_large.store(true, Relaxed);
    }

    pub(crate) fn upload_is_too_large(&self) -> bool {
        self.upload_is_too_large.load(Relaxed)
    }
}
