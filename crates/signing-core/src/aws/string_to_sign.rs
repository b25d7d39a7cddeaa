//! The string to sign: exactly the bytes that the MAC covers.

use std::fmt;
use std::sync::Arc;

use super::signing_key::SigningKey;
use crate::encode::hex32;
use crate::mac::OpenedMac;
use crate::{Changes, Timestamp, sha256};

pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// A signing key in one second, in which all strings to sign begin alike: algorithm, date, scope.
pub(super) struct Moment {
    key: Arc<SigningKey>,
    second: Timestamp,
    iso_date: [u8; 16],
    opened: OpenedMac,
}

impl Moment {
    /// `now` is an instant of the key's day.
    pub(super) fn new(key: Arc<SigningKey>, now: Timestamp) -> Self {
        let iso_date = now.iso_basic();
        let lines = [ALGORITHM.as_bytes(), &iso_date, key.scope().as_bytes(), b""];
        let opened = key.mac().open(lines.join(&b'\n').into());
        Self { key, second: now, iso_date, opened }
    }

    #[inline]
    pub(super) fn key(&self) -> &Arc<SigningKey> {
        &self.key
    }

    #[inline]
    pub(super) fn second(&self) -> Timestamp {
        self.second
    }

    #[inline]
    pub(super) fn iso_date(&self) -> &[u8; 16] {
        &self.iso_date
    }

    /// The signature of a canonical request, in hexadecimal.
    pub(super) fn sign(&self, canonical_request: &[u8], changes: &mut Changes) -> [u8; 64] {
        let hash = hex32(&sha256::digest(canonical_request));
        let signature = hex32(&self.opened.sign(&hash));
        changes.record_canonical_request(canonical_request);
        if changes.is_recording() {
            changes.record_string_to_sign(&[self.opened.text(), &hash].concat());
        }
        changes.record_signature(&signature);
        signature
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Moment")
            .field("scope", &self.key.scope())
            .field("second", &self.second)
            .finish_non_exhaustive()
    }
}
