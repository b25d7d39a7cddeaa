//! The response that refuses.

use std::fmt;

use http::header::{AGE, CONTENT_ENCODING, DATE};
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
    /// It is without transfer coding. One with a `Content-Encoding` tells nothing: decompress it first, and drop the
    /// header.
    pub fn new(status: StatusCode, headers: &'r HeaderMap, body: &'r [u8]) -> Self {
        let length = if Self::can_read(headers) { body.len().min(Self::MOST_BODY) } else { 0 };
        Self { status, headers, body: &body[..length] }
    }

    /// Whether a body with this head is looked at: one that is compressed is not.
    pub fn can_read(headers: &HeaderMap) -> bool {
        headers.get(CONTENT_ENCODING).is_none_or(|coding| coding == "identity")
    }

    /// Whether a response may refuse a signature: 401 and 403 of any service, and 400 of AWS and Azure, which answer a
    /// wrong region, an expired token or a malformed header so.
    pub fn is_likely(status: StatusCode, headers: &HeaderMap) -> bool {
        const OF_CLOUDS: [&str; 4] =
            ["x-amzn-errortype", "x-amzn-requestid", "x-amz-request-id", "x-ms-request-id"];
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => true,
            StatusCode::BAD_REQUEST => OF_CLOUDS.iter().any(|name| headers.contains_key(*name)),
            _ => false,
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderName;

    #[test]
    fn a_400_is_looked_at_where_a_cloud_sent_it() {
        let check = |status, name: &'static str, expected| {
            let headers = HeaderMap::from_iter([(HeaderName::from_static(name), "x".parse().unwrap())]);
            assert_eq!(Refusal::is_likely(status, &headers), expected, "{status} {name}");
        };
        check(StatusCode::FORBIDDEN, "server", true);
        check(StatusCode::UNAUTHORIZED, "server", true);
        check(StatusCode::BAD_REQUEST, "server", false);
        check(StatusCode::BAD_REQUEST, "x-amzn-errortype", true);
        check(StatusCode::BAD_REQUEST, "x-ms-request-id", true);
        check(StatusCode::NOT_FOUND, "x-amz-request-id", false);
        check(StatusCode::OK, "x-amz-request-id", false);
    }

    #[test]
    fn what_is_compressed_is_not_read() {
        let body = |coding: &'static str| {
            let headers = HeaderMap::from_iter([(CONTENT_ENCODING, coding.parse().unwrap())]);
            Refusal::new(StatusCode::FORBIDDEN, &headers, b"<Error/>").body().len()
        };
        assert_eq!((body("gzip"), body("identity")), (0, 8));
    }
}
