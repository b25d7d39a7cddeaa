//! What the head of an aws-chunked request says of its body.

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, HeaderName, HeaderValue};
use smallvec::SmallVec;

use super::Checksum;
use crate::encode::push_decimal;
use crate::header;
use crate::{Changes, SignError, SignErrorKind, SigningRequest};

static DECODED_LENGTH: HeaderName = HeaderName::from_static("x-amz-decoded-content-length");
static TRAILER: HeaderName = HeaderName::from_static("x-amz-trailer");

/// The three forms of aws-chunked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aws) enum Form {
    Signed,
    SignedTrailer,
    UnsignedTrailer,
}

impl Form {
    /// What stands in `x-amz-content-sha256` and in place of the payload's hash.
    pub(in crate::aws) fn content_sha256(self) -> &'static str {
        match self {
            Self::Signed => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            Self::SignedTrailer => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            Self::UnsignedTrailer => "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        }
    }

    /// As in the parameter `Payload`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Signed => "chunked",
            Self::SignedTrailer => "chunked-trailer",
            Self::UnsignedTrailer => "unsigned-trailer",
        }
    }

    pub(super) fn is_signed(self) -> bool {
        self != Self::UnsignedTrailer
    }

    fn has_trailer(self) -> bool {
        self != Self::Signed
    }
}

/// One aws-chunked body, as its head describes it.
pub(in crate::aws) struct Upload {
    pub(in crate::aws) form: Form,
    pub(super) chunk_size: u64,
    /// Bytes of the body before it is encoded.
    pub(super) length: u64,
    pub(super) checksum: Option<Checksum>,
    /// Trailers of the caller's that go into the encoding, sorted.
    pub(super) declared: Vec<HeaderName>,
    encoded_length: Option<u64>,
    /// What is set in the head, and signed.
    headers: SmallVec<[(HeaderName, Vec<u8>); 4]>,
    drops_content_length: bool,
}

impl Upload {
    /// # Errors
    ///
    /// The length is not known, or the request's own headers contradict the form.
    pub(in crate::aws) fn new(
        request: &SigningRequest<'_>,
        form: Form,
        chunk_size: u64,
        checksum: Checksum,
    ) -> Result<Self, SignError> {
        let fault = |message| Err(SignError::new(SignErrorKind::Payload, message));
        let Some(length) = request.payload().length() else {
            return fault("an aws-chunked body must say its length first");
        };
        let mut declared = declared_trailers(request.headers())?;
        if !form.has_trailer() && !declared.is_empty() {
            return fault(
                "the request has x-amz-trailer: send it with `Payload = chunked-trailer` or `unsigned-trailer`",
            );
        }
        let is_checksum = |name: &HeaderName| name.as_str().starts_with("x-amz-checksum-");
        if form.has_trailer() && request.headers().keys().any(is_checksum) {
            return fault(
                "the request has a checksum in its head, and the trailer would bring another: leave one out",
            );
        }
        declared.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        declared.dedup();
        let brings_checksum = declared.iter().any(is_checksum);
        let checksum = Some(checksum).filter(|_| form.has_trailer() && !brings_checksum);
        let mut upload = Self {
            form,
            chunk_size,
            length,
            checksum,
            declared,
            encoded_length: None,
            headers: SmallVec::new(),
            drops_content_length: false,
        };
        upload.encoded_length = super::length::encoded(&upload);
        upload.describe(request.headers());
        Ok(upload)
    }

    /// Bytes on the wire, unless that depends on trailers of the caller's.
    pub(in crate::aws) fn encoded_length(&self) -> Option<u64> {
        self.encoded_length
    }

    /// What is set in the head, and signed.
    pub(in crate::aws) fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// Whether this header of the caller's is not sent as it is.
    pub(in crate::aws) fn replaces(&self, name: &str) -> bool {
        self.headers.iter().any(|(ours, _)| ours == name)
            || (self.drops_content_length && CONTENT_LENGTH == name)
    }

    pub(in crate::aws) fn change(&self, changes: &mut Changes) {
        for (name, value) in &self.headers {
            changes.set(name.clone(), header::value(value.clone()));
        }
        if self.drops_content_length {
            changes.remove(CONTENT_LENGTH);
        }
    }

    /// The names of all trailers in the encoding, sorted: the order in which they are sent and signed.
    pub(super) fn trailers(&self) -> Vec<HeaderName> {
        let mut names = self.declared.clone();
        names.extend(self.checksum.map(Checksum::header));
        names.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        names
    }

    fn describe(&mut self, given: &HeaderMap) {
        let number = |value| {
            let mut text = Vec::new();
            push_decimal(&mut text, value);
            text
        };
        self.headers.push((CONTENT_ENCODING, content_encoding(given)));
        self.headers.push((DECODED_LENGTH.clone(), number(self.length)));
        let trailers = self.trailers();
        if !trailers.is_empty() {
            let names: Vec<_> = trailers.iter().map(HeaderName::as_str).collect();
            self.headers.push((TRAILER.clone(), names.join(",").into_bytes()));
        }
        if given.contains_key(CONTENT_LENGTH) {
            match self.encoded_length {
                Some(length) => self.headers.push((CONTENT_LENGTH, number(length))),
                None => self.drops_content_length = true,
            }
        }
    }
}

/// The codings that are there, and `aws-chunked` behind them, since it is applied last; not twice.
fn content_encoding(given: &HeaderMap) -> Vec<u8> {
    let values: Vec<_> = given.get_all(CONTENT_ENCODING).iter().map(HeaderValue::as_bytes).collect();
    let mut all = values.join(&b","[..]);
    let is_ours = |coding: &[u8]| coding.trim_ascii().eq_ignore_ascii_case(b"aws-chunked");
    if !all.split(|&byte| byte == b',').any(is_ours) {
        if !all.trim_ascii().is_empty() {
            all.push(b',');
        }
        all.extend_from_slice(b"aws-chunked");
    }
    all
}

fn declared_trailers(given: &HeaderMap) -> Result<Vec<HeaderName>, SignError> {
    let fault = || SignError::new(SignErrorKind::Payload, "x-amz-trailer does not hold header names");
    let names = given.get_all(&TRAILER).iter().flat_map(|value| value.as_bytes().split(|&byte| byte == b','));
    let names = names.map(<[u8]>::trim_ascii).filter(|name| !name.is_empty());
    names.map(|name| HeaderName::from_bytes(name).map_err(|_| fault())).collect()
}
