//! The hashes of two bodies.

use super::super::Cause;
use super::super::escape::short;

const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What differs. Hexadecimal, or one of the words that stand in a hash's place.
pub(in super::super) fn cause(signed: &str, arrived: &str) -> Option<Cause> {
    let is_hash = |text: &str| text.len() == EMPTY_SHA256.len();
    (signed != arrived).then(|| {
        if signed == EMPTY_SHA256 && is_hash(arrived) {
            Cause::EmptyBodyHashed
        } else {
            Cause::BodyChanged { signed: Some(short(signed)), arrived: Some(short(arrived)) }
        }
    })
}
