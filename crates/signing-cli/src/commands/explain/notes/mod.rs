//! What a signature covers in another form than it is sent, and why.
//!
//! Read off the recorded stages, so that nothing is told that was not done. Texts are masked as the explanation
//! is.

mod batch;
mod sigv4;

use serde::Serialize;
use signing_core::Explanation;

/// One difference between what is sent and what is signed.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Note {
    /// `path`, `query` or `header NAME`.
    pub(super) what: String,
    /// `None` if it is not among what the caller gave.
    pub(super) sent: Option<String>,
    /// `None` if it is not covered at all.
    pub(super) signed: Option<String>,
    pub(super) why: &'static str,
}

impl Note {
    /// `None` if there is no difference.
    fn unless_equal(what: &str, sent: &str, signed: &str, why: &'static str) -> Option<Self> {
        (sent != signed).then(|| Self {
            what: what.to_owned(),
            sent: Some(sent.to_owned()),
            signed: Some(signed.to_owned()),
            why,
        })
    }

    fn unsigned_header(name: &str, value: &str, why: &'static str) -> Self {
        Self { what: format!("header {name}"), sent: Some(value.to_owned()), signed: None, why }
    }
}

/// The notes for `explanation`; none for methods whose string to sign holds everything as it is sent.
pub(super) fn of(explanation: &Explanation) -> Vec<Note> {
    match (explanation.method(), explanation.canonical_request(), explanation.string_to_sign()) {
        ("aws-signature-v4", Some(canonical_request), _) => sigv4::notes(explanation, canonical_request),
        ("azure-batch", _, Some(string_to_sign)) => batch::notes(explanation, string_to_sign),
        _ => Vec::new(),
    }
}

/// Path and query of a URL as text: the masked one of an explanation is no URL any more.
fn path_and_query(url: &str) -> (&str, &str) {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let target = after_scheme.find(['/', '?']).map_or("", |at| &after_scheme[at..]);
    target.split_once('?').unwrap_or((target, ""))
}
