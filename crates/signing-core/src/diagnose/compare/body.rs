//! The hashes of two bodies.

use super::super::Cause;
use super::super::escape::short;
use crate::PayloadHash;
use crate::encode::hex32;

/// What differs. Hexadecimal, or one of the words that stand in a hash's place.
pub(in super::super) fn cause(signed: &str, arrived: &str) -> Option<Cause> {
    let of_empty = hex32(PayloadHash::EMPTY.as_bytes());
    let is_hash = |text: &str| text.len() == of_empty.len();
    (signed != arrived).then(|| {
        if signed.as_bytes() == of_empty && is_hash(arrived) {
            Cause::EmptyBodyHashed
        } else {
            Cause::BodyChanged { signed: Some(short(signed)), arrived: Some(short(arrived)) }
        }
    })
}
