//! The body of a request, as a line gives it.

use sha2::{Digest, Sha256};
use signing_core::{Payload, PayloadHash, PayloadNeed};

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

/// The hash is fed in blocks of this size, however short the unit is.
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
            (Self::Repeat { unit, count }, _) => {
                Payload::hashed(hash_repeated(unit, *count), Some(self.length()))
            }
        }
    }

    fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Repeat { unit, count } => unit.len() as u64 * count,
        }
    }
}

fn hash_repeated(unit: &[u8], count: u64) -> PayloadHash {
    let units_per_block = (BLOCK / unit.len()).max(1);
    let block = unit.repeat(units_per_block);
    let (blocks, rest) = (count / units_per_block as u64, count % units_per_block as u64);
    let mut hash = Sha256::new();
    for _ in 0..blocks {
        hash.update(&block);
    }
    hash.update(&block[..unit.len() * rest as usize]);
    PayloadHash::from_bytes(hash.finalize().into())
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
