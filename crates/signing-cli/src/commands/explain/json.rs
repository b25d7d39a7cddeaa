//! An explanation for another program.

use serde::Serialize;

use super::notes::Note;
use super::{Explained, key_scope};

#[derive(Serialize)]
struct Object<'e> {
    signing_method: &'e str,
    method: &'e str,
    url: &'e str,
    normalized: &'e [Note],
    #[serde(skip_serializing_if = "Option::is_none")]
    canonical_request: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    string_to_sign: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_scope: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<&'e str>,
    /// All that are sent.
    headers: Vec<(&'e str, &'e str)>,
    /// Those of them that signing set.
    set: Vec<&'e str>,
    removed: Vec<&'e str>,
}

pub(super) fn text(explained: &Explained) -> String {
    let explanation = &explained.explanation;
    let object = Object {
        signing_method: explanation.method(),
        method: &explained.method,
        url: explanation.url(),
        normalized: &explained.notes,
        canonical_request: explanation.canonical_request(),
        string_to_sign: explanation.string_to_sign(),
        key_scope: key_scope(explanation),
        signature: explanation.signature(),
        headers: explanation.headers().iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        set: explanation.set_headers().iter().map(|(name, _)| name.as_str()).collect(),
        removed: explanation.removed_headers().iter().map(|name| name.as_str()).collect(),
    };
    let mut text = serde_json::to_string_pretty(&object).expect("strings and lists of strings are JSON");
    text.push('\n');
    text
}
