//! What a signature needs of the body, and what is known of it.

use crate::sha256;

/// What a method needs to know of a body before it can sign the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadNeed {
    /// Nothing but its length, where that is known without reading it: the body may pass through unread.
    Nothing,
    /// The SHA-256 of all of it.
    Sha256,
    /// Its length, and that it is [encoded](crate::BodyEncoder) while it is sent.
    Encoding,
    /// The SHA-256 of all of it; where it is too long for that, the same as [`Encoding`](Self::Encoding).
    Sha256OrEncoding,
}

/// What is known of the body when the head is signed.
///
/// ```
/// use signing_core::{Payload, PayloadHash};
///
/// let payload = Payload::of(b"{}");
/// assert_eq!(payload.length(), Some(2));
/// assert_eq!(Payload::of(b"").hash(), Some(&PayloadHash::EMPTY));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload {
    length: Option<u64>,
    hash: Option<PayloadHash>,
    is_encoded: bool,
}

impl Payload {
    /// No body, or one without bytes.
    pub const EMPTY: Self = Self { length: Some(0), hash: Some(PayloadHash::EMPTY), is_encoded: false };

    /// A body in memory; it is hashed here.
    pub fn of(body: &[u8]) -> Self {
        Self::hashed(PayloadHash::of(body), Some(body.len() as u64))
    }

    /// A body whose hash is known. `length` in bytes, if that is known, too.
    pub const fn hashed(hash: PayloadHash, length: Option<u64>) -> Self {
        Self { length, hash: Some(hash), is_encoded: false }
    }

    /// A body that nobody has read. `length` in bytes, if it is known.
    ///
    /// Good for methods that need [`PayloadNeed::Nothing`] only.
    pub const fn unread(length: Option<u64>) -> Self {
        Self { length, hash: None, is_encoded: false }
    }

    /// A body of `length` bytes that is [encoded](crate::BodyEncoder) while it is sent.
    pub(crate) const fn encoded(length: u64) -> Self {
        Self { length: Some(length), hash: None, is_encoded: true }
    }

    /// The bytes that will be sent, `None` if only the end of the body will tell. It need not stand in a
    /// `Content-Length`: a body with trailers is sent without one over HTTP/1.1.
    pub const fn length(&self) -> Option<u64> {
        self.length
    }

    /// Whether the body is sent through a [`BodyEncoder`](crate::BodyEncoder), which the method must
    /// [give](crate::Changes::set_encoder). The length is that before the encoding.
    pub const fn is_encoded(&self) -> bool {
        self.is_encoded
    }

    /// Its hash, if it was computed or given.
    pub const fn hash(&self) -> Option<&PayloadHash> {
        self.hash.as_ref()
    }
}

/// The SHA-256 of a whole body: 32 raw bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PayloadHash([u8; 32]);

impl PayloadHash {
    /// The hash of no bytes at all.
    pub const EMPTY: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
        0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
    ]);

    /// Hashes `body`.
    pub fn of(body: &[u8]) -> Self {
        Self(sha256::digest(body))
    }

    /// A hash that was computed elsewhere.
    pub const fn from_bytes(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    /// The 32 raw bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_hash_is_that_of_nothing() {
        assert_eq!(PayloadHash::of(b""), PayloadHash::EMPTY);
        assert_eq!(Payload::of(b""), Payload::EMPTY);
    }
}
