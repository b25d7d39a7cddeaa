//! A line of output.

use std::io::{self, Write};

use http::HeaderName;
use serde::Serialize;
use signing_core::Explanation;

use crate::refusal::Refusal;

/// What became of a request.
pub(super) enum Answer {
    Signed(Explanation),
    /// Its section says that it is not to be signed; this is its URL.
    Untouched(String),
}

#[derive(Serialize)]
struct Signed<'s> {
    url: &'s str,
    headers: Vec<(&'s str, &'s str)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    removed: Vec<&'s str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    canonical_request: Option<&'s str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    string_to_sign: Option<&'s str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<&'s str>,
}

#[derive(Serialize)]
struct Refused<'r> {
    error: Error<'r>,
}

#[derive(Serialize)]
struct Error<'r> {
    kind: &'r str,
    message: &'r str,
}

/// Writes one line.
pub(super) fn write(output: &mut impl Write, answer: &Result<Answer, Refusal>) -> io::Result<()> {
    match answer {
        Ok(Answer::Signed(explanation)) => serde_json::to_writer(&mut *output, &Signed::of(explanation))?,
        Ok(Answer::Untouched(url)) => serde_json::to_writer(&mut *output, &Signed::untouched(url))?,
        Err(refusal) => {
            let error = Error { kind: refusal.kind(), message: refusal.message() };
            serde_json::to_writer(&mut *output, &Refused { error })?;
        }
    }
    output.write_all(b"\n")
}

impl<'s> Signed<'s> {
    fn of(explanation: &'s Explanation) -> Self {
        let pairs = explanation.set_headers().iter();
        Self {
            url: explanation.url(),
            headers: pairs.map(|(name, value)| (name.as_str(), value.as_str())).collect(),
            removed: explanation.removed_headers().iter().map(HeaderName::as_str).collect(),
            canonical_request: explanation.canonical_request(),
            string_to_sign: explanation.string_to_sign(),
            signature: explanation.signature(),
        }
    }

    fn untouched(url: &'s str) -> Self {
        Self {
            url,
            headers: Vec::new(),
            removed: Vec::new(),
            canonical_request: None,
            string_to_sign: None,
            signature: None,
        }
    }
}
