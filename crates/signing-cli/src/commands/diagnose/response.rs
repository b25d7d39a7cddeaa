//! The response that refuses.

use http::header::{CONTENT_ENCODING, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use signing_core::diagnose::Refusal as Refused;

use super::chunked;
use crate::message::Message;
use crate::refusal::Refusal;

/// Status, headers, and the body without any coding that can be taken off here.
pub(super) struct Response {
    status: StatusCode,
    /// Or else it is a guess.
    pub(super) is_status_known: bool,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Response {
    pub(super) fn new(message: &Message<'_>, mut body: Vec<u8>) -> Result<Self, Refusal> {
        let mut words = message.start.split_ascii_whitespace().skip(1);
        let status = words.next().and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| {
            Refusal::input("the response must begin with a line such as `HTTP/1.1 403 Forbidden`")
        })?;
        let mut headers = HeaderMap::new();
        for (name, value) in message.fields() {
            // What cannot be a header, or is beyond all bounds, tells nothing here.
            if let (Ok(name), Ok(value)) =
                (name.parse::<HeaderName>(), HeaderValue::from_bytes(value.as_bytes()))
            {
                let _ = headers.try_append(name, value);
            }
        }
        if headers.contains_key(TRANSFER_ENCODING) {
            // curl has taken it off.
            body = chunked::decoded(&body).unwrap_or(body);
        }
        if std::str::from_utf8(&body).is_ok() {
            headers.remove(CONTENT_ENCODING);
        }
        Ok(Self { status, is_status_known: true, headers, body })
    }

    /// A body of which nothing else is known.
    pub(super) fn bare(body: Vec<u8>) -> Self {
        Self { status: StatusCode::FORBIDDEN, is_status_known: false, headers: HeaderMap::new(), body }
    }

    pub(super) fn set_status(&mut self, status: StatusCode) {
        self.status = status;
        self.is_status_known = true;
    }

    /// Whether it is no answer yet, but announces one.
    pub(super) fn is_interim(&self) -> bool {
        self.status.is_informational()
    }

    /// Its Content-Encoding, if the body is not readable for that.
    pub(super) fn coding(&self) -> Option<&HeaderValue> {
        self.headers.get(CONTENT_ENCODING)
    }

    pub(super) fn refused(&self) -> Refused<'_> {
        Refused::new(self.status, &self.headers, &self.body)
    }
}
