//! The string to sign: exactly the bytes that the MAC covers.

use sha2::{Digest, Sha256};

use crate::encode::hex32;

pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Appends the string to sign for the canonical request `canonical`.
pub(super) fn write(out: &mut Vec<u8>, iso_date: &[u8; 16], scope: &str, canonical_hash: &[u8; 32]) {
    for line in [ALGORITHM.as_bytes(), iso_date, scope.as_bytes()] {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.extend_from_slice(&hex32(canonical_hash));
}

pub(super) fn hash(canonical_request: &[u8]) -> [u8; 32] {
    Sha256::digest(canonical_request).into()
}
