//! The body of a request, as a line gives it.

use std::collections::VecDeque;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use signing_core::{BodyEncoder, Payload, PayloadHash, PayloadNeed, SignError};

/// A body's bytes, or a recipe for more of them than there is memory.
pub(super) enum Body {
    Bytes(Vec<u8>),
    /// `unit`, `count` times over; the product fits 64 bits.
    Repeat {
        unit: Vec<u8>,
        count: u64,
    },
}

/// No body.
impl Default for Body {
    fn default() -> Self {
        Self::Bytes(Vec::new())
    }
}

/// What an encoded body is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Encoded {
    pub(super) length: u64,
    pub(super) sha256: [u8; 32],
}

/// Hashes are fed in blocks of this size, however short the unit is.
const BLOCK: usize = 16 * 1024;

impl Body {
    /// `None` if its length does not fit 64 bits.
    pub(super) fn repeat(unit: Vec<u8>, count: u64) -> Option<Self> {
        (unit.len() as u64).checked_mul(count).map(|_| Self::Repeat { unit, count })
    }

    /// What the signature may know of it; it is hashed only if `need` says so.
    pub(super) fn payload(&self, need: PayloadNeed) -> Payload {
        match (self, need) {
            (body, _) if body.length() == 0 => Payload::EMPTY,
            (body, PayloadNeed::Nothing) => Payload::unread(Some(body.length())),
            (Self::Bytes(bytes), _) => Payload::of(bytes),
            (body @ Self::Repeat { .. }, _) => {
                let mut hash = Sha256::new();
                body.for_each_block(|block| hash.update(block));
                Payload::hashed(PayloadHash::from_bytes(hash.finalize().into()), Some(body.length()))
            }
        }
    }

    /// Sends it through `encoder`, to nowhere.
    pub(super) fn encode(&self, encoder: &mut dyn BodyEncoder) -> Result<Encoded, SignError> {
        let mut out = VecDeque::new();
        let (mut length, mut hash) = (0, Sha256::new());
        let mut drain = |out: &mut VecDeque<Bytes>| {
            for piece in out.drain(..) {
                length += piece.len() as u64;
                hash.update(&piece);
            }
        };
        self.for_each_block(|block| {
            encoder.push(Bytes::copy_from_slice(block), &mut out);
            drain(&mut out);
        });
        encoder.finish(None, &mut out)?;
        drain(&mut out);
        Ok(Encoded { length, sha256: hash.finalize().into() })
    }

    pub(super) fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Repeat { unit, count } => unit.len() as u64 * count,
        }
    }

    fn for_each_block(&self, mut take: impl FnMut(&[u8])) {
        match self {
            Self::Bytes(bytes) => bytes.chunks(BLOCK).for_each(take),
            Self::Repeat { unit, count } => {
                let units_per_block = (BLOCK / unit.len().max(1)).max(1);
                let block = unit.repeat(units_per_block);
                for _ in 0..count / units_per_block as u64 {
                    take(&block);
                }
                let rest = (count % units_per_block as u64) as usize;
                take(&block[..unit.len() * rest]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_body_hashes_as_if_it_were_there() {
        for (unit, count) in [(&b"a"[..], 1), (b"ab", 8_191), (b"abc", 20_000), (&[7; 20_000], 3), (b"a", 0)]
        {
            let whole = Body::Bytes(unit.repeat(count));
            let recipe = Body::repeat(unit.to_vec(), count as u64).unwrap();
            assert_eq!(recipe.payload(PayloadNeed::Sha256), whole.payload(PayloadNeed::Sha256));
            assert_eq!(recipe.payload(PayloadNeed::Nothing), whole.payload(PayloadNeed::Nothing));
        }
    }

    #[test]
    fn a_body_of_more_than_64_bits_is_none() {
        assert!(Body::repeat(vec![0; 2], u64::MAX).is_none());
        assert!(Body::repeat(Vec::new(), u64::MAX).is_some());
    }
}
