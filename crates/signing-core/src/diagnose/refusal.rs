//! The response that refuses.

use std::fmt;

use http::header::{AGE, DATE};
use http::{HeaderMap, StatusCode};

use super::instant;
use crate::Timestamp;

/// A response as it was received.
#[derive(Clone, Copy)]
pub struct Refusal<'r> {
    status: StatusCode,
    headers: &'r HeaderMap,
    body: &'r [u8],
}

impl<'r> Refusal<'r> {
    /// So many bytes of a body are looked at. No service says more in a refusal.
    pub const MOST_BODY: usize = 64 * 1024;

    /// `body` may be the beginning of a longer one; what is beyond [`MOST_BODY`](Self::MOST_BODY) is not looked at.
    /// It is what the service wrote: without transfer coding, decompressed.
    pub fn new(status: StatusCode, headers: &'r HeaderMap, body: &'r [u8]) -> Self {
        Self { status, headers, body: &body[..body.len().min(Self::MOST_BODY)] }
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn header(&self, name: &str) -> Option<&'r str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn body(&self) -> &'r [u8] {
        self.body
    }

    /// The server's clock. A response from a cache tells nothing of that.
    pub(super) fn date(&self) -> Option<Timestamp> {
        if self.headers.contains_key(AGE) { None } else { instant::parse(self.header(DATE.as_str())?) }
    }
}

/// Without the body, which may echo credentials.
impl fmt::Debug for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal").field("status", &self.status).finish_non_exhaustive()
    }
}
