//! A partner's API behind a token.

use super::{Answer, answer, header, taken};
use crate::base::Wire;

pub(crate) const TOKEN: &str = "t0k+Zp4/mWqXn9RvLsKdJhCorpus==";

pub(crate) fn verify(wire: &Wire) -> Answer {
    if header(wire, "x-api-key") == TOKEN {
        return taken();
    }
    answer(401, &[("content-type", "application/json")], r#"{"error":"unauthorized"}"#)
}
