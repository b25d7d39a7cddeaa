//! A line of output.

use std::io::{self, Write};

use http::HeaderName;
use serde::Serialize;
use signing_core::Explanation;

use super::body::Encoded;
use crate::refusal::Refusal;

/// What became of a request.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and it is nearly always the large one"
)]
pub(super) enum Answer {
    /// With what the body becomes, if it is encoded while it is sent.
    Signed(Explanation, Option<Encoded>),
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
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<EncodedBody>,
}

#[derive(Serialize)]
struct EncodedBody {
    encoded_length: u64,
    /// Hexadecimal.
    encoded_sha256: String,
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
        Ok(Answer::Signed(explanation, body)) => {
            serde_json::to_writer(&mut *output, &Signed::of(explanation, body.as_ref()))?;
        }
        Ok(Answer::Untouched(url)) => serde_json::to_writer(&mut *output, &Signed::untouched(url))?,
        Err(refusal) => {
            let error = Error { kind: refusal.kind(), message: refusal.message() };
            serde_json::to_writer(&mut *output, &Refused { error })?;
        }
    }
    output.write_all(b"\n")
}

impl<'s> Signed<'s> {
    fn of(explanation: &'s Explanation, body: Option<&Encoded>) -> Self {
        let pairs = explanation.set_headers().iter();
        Self {
            url: explanation.url(),
            headers: pairs.map(|(name, value)| (name.as_str(), value.as_str())).collect(),
            removed: explanation.removed_headers().iter().map(HeaderName::as_str).collect(),
            canonical_request: explanation.canonical_request(),
            string_to_sign: explanation.string_to_sign(),
            signature: explanation.signature(),
            body: body.map(EncodedBody::of),
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
            body: None,
        }
    }
}

impl EncodedBody {
    fn of(body: &Encoded) -> Self {
        let hex = body.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { encoded_length: body.length, encoded_sha256: hex }
    }
}
