//! What a signature changes in a request: gathered first, applied whole.

use std::fmt;

use http::request::Parts;
use http::{HeaderName, HeaderValue, Uri};
use smallvec::SmallVec;

use crate::explain::{Explanation, Masking, Record};
use crate::{BodyEncoder, SignError, SignErrorKind};

/// What signing changes in a head. A method fills it; nothing is applied unless all of it can be.
#[derive(Default)]
pub struct Changes {
    set: SmallVec<[(HeaderName, HeaderValue); 6]>,
    removed: SmallVec<[HeaderName; 4]>,
    uri: Option<Uri>,
    encoder: Option<Box<dyn BodyEncoder>>,
    record: Option<Box<Record>>,
}

impl Changes {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Keeps what the `record_…` methods are told.
    pub(crate) fn recording() -> Self {
        Self { record: Some(Box::default()), ..Self::default() }
    }

    /// Sets a header; all values that stand there are replaced. Mark a value that is a credential as
    /// sensitive first.
    #[inline]
    pub fn set(&mut self, name: HeaderName, value: HeaderValue) {
        self.set.push((name, value));
    }

    /// Removes a header of an earlier signature.
    pub fn remove(&mut self, name: HeaderName) {
        self.removed.push(name);
    }

    /// Replaces the URL.
    pub fn set_uri(&mut self, uri: Uri) {
        self.uri = Some(uri);
    }

    /// Encodes the body by this while it is sent. For a request whose payload [is
    /// encoded](crate::Payload::is_encoded).
    pub fn set_encoder(&mut self, encoder: Box<dyn BodyEncoder>) {
        self.encoder = Some(encoder);
    }

    /// Tells an explanation the canonical request. Free when nobody asked for one.
    #[inline]
    pub fn record_canonical_request(&mut self, text: &[u8]) {
        self.record_with(|record| {
            record.canonical_request = Some(String::from_utf8_lossy(text).into_owned())
        });
    }

    /// Tells an explanation the string to sign: exactly the bytes that the MAC covers.
    pub fn record_string_to_sign(&mut self, text: &[u8]) {
        self.record_with(|record| record.string_to_sign = Some(String::from_utf8_lossy(text).into_owned()));
    }

    /// Tells an explanation the signature, as it is sent.
    #[inline]
    pub fn record_signature(&mut self, text: &[u8]) {
        self.record_with(|record| record.signature = Some(String::from_utf8_lossy(text).into_owned()));
    }

    /// Names a text that a masked explanation must not show, wherever it stands: a token, a signature that
    /// is a credential by itself.
    pub fn record_secret(&mut self, secret: &str) {
        self.record_with(|record| record.hide(secret));
    }

    /// Whether anyone listens to the `record_…` methods.
    #[inline]
    pub(crate) fn is_recording(&self) -> bool {
        self.record.is_some()
    }

    fn record_with(&mut self, keep: impl FnOnce(&mut Record)) {
        if let Some(record) = &mut self.record {
            keep(record);
        }
    }

    pub(crate) fn into_uri(self) -> Option<Uri> {
        self.uri
    }

    /// A body that must be encoded cannot be sent as it is.
    pub(crate) fn check_not_encoded(&self) -> Result<(), SignError> {
        match self.encoder {
            None => Ok(()),
            Some(_) => Err(SignError::new(
                SignErrorKind::Payload,
                "the method encodes the body while it is sent (`Signer::sign_encoded`)",
            )),
        }
    }

    pub(crate) fn take_encoder(&mut self) -> Option<Box<dyn BodyEncoder>> {
        self.encoder.take()
    }

    /// In place, since it is large.
    pub(crate) fn apply(&mut self, head: &mut Parts) -> Result<(), SignError> {
        head.headers.try_reserve(self.set.len()).map_err(|error| {
            SignError::new(SignErrorKind::Request, "there is no room for more headers").with_source(error)
        })?;
        for name in &self.removed {
            head.headers.remove(name);
        }
        for (name, value) in self.set.drain(..) {
            head.headers.insert(name, value);
        }
        if let Some(uri) = self.uri.take() {
            head.uri = uri;
        }
        Ok(())
    }

    pub(crate) fn apply_explained(
        mut self,
        head: &mut Parts,
        method: &str,
        masking: Masking,
    ) -> Result<Explanation, SignError> {
        let record = self.record.take().unwrap_or_default();
        let set = self.set.clone();
        let removed = self.removed.to_vec();
        self.apply(head)?;
        Ok(Explanation::new(method, *record, &set, removed, head, masking))
    }
}

/// Names only: a presigned URL is a credential.
impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set: Vec<_> = self.set.iter().map(|(name, _)| name).collect();
        f.debug_struct("Changes").field("set", &set).field("removed", &self.removed).finish_non_exhaustive()
    }
}
