//! Cases without one right answer: what was decided, and that it holds.
//!
//! The reasons stand in the documentation of `signing_core::aws` ("Decisions") and `signing_core::azure`.

use serde_json::Value;
use signing_core::{Explanation, SignError, SignErrorKind};

use crate::input;
use crate::text::text;

type Check = fn(&Value) -> Result<(), String>;

/// Words of a case's note, and what holds for it instead of its answer. The first that fits decides.
const DECISIONS: [(&str, Check); 9] = [
    ("no client sends such a path raw", a_raw_target_is_escaped_first_and_then_signed_as_sent),
    ("Content-Length contradicts the body", a_contradicting_content_length_is_refused),
    ("upper-cases the method", the_other_signature_that_the_note_names),
    ("keeps only the first value of a repeated parameter", the_other_signature_that_the_note_names),
    ("'+' is read as a space", the_other_signature_that_the_note_names),
    // Not more of this note, which fits the others, too.
    ("awscrt gives another signature here (540f07cd", the_hash_of_the_body_unless_a_header_says_otherwise),
    ("differs from the Python SDK", the_string_to_sign_listed_here),
    ("the HTTP library put the URL on the wire", the_string_to_sign_listed_here),
    ("Python and JavaScript keep the case of names", the_string_to_sign_listed_here),
];

/// Batch: case, and the end of the string to sign.
const STRINGS_TO_SIGN: [(&str, &str); 3] = [
    // The length that is sent is signed, and a DELETE without a body sends zero.
    (
        "pool-delete",
        "DELETE\n\n\n0\n\n\n\n\n\n\n\n\nocp-date:Thu, 29 Feb 2024 12:42:03 GMT\n/mybatchacct/pools/p1\n\
         api-version:2024-07-01.20.0",
    ),
    // Clients send `/` for an empty path, so that is signed.
    (
        "path-00",
        "GET\n\n\n\n\n\n\n\n\n\n\n\nocp-date:Thu, 29 Feb 2024 13:52:12 GMT\n/mybatchacct/\n\
         api-version:2024-07-01.20.0",
    ),
    // Names are signed in lower case, which makes `A` and `a` one name with two values.
    (
        "query-05",
        "GET\n\n\n\n\n\n\n\n\n\n\n\nocp-date:Thu, 29 Feb 2024 13:26:47 GMT\n/mybatchacct/pools\na:1,2\n\
         api-version:2024-07-01.20.0",
    ),
];

/// What a raw path becomes: what the service computes when a client has escaped it.
const RAW_PATHS: [(&str, &str); 2] =
    [("/example space/", "/example%2520space/"), ("/\u{1234}", "/%25E1%2588%25B4")];

/// The marks of a note on a case without one right answer.
const MARKS: [&str; 6] = [
    "SDKs disagree",
    "differs from the Python SDK",
    "awscrt gives another signature",
    "botocore quirk",
    "the HTTP library put the URL on the wire",
    "not graded:",
];

/// What is checked in place of the answer, if the case is disputed.
pub(crate) fn of(case: &Value) -> Option<Check> {
    let note = text(case, "/notes");
    if !MARKS.iter().any(|mark| note.contains(mark)) {
        return None;
    }
    let decided = DECISIONS.iter().find(|(words, _)| note.contains(words));
    Some(decided.map_or(nobody_decided, |(_, check)| *check))
}

fn nobody_decided(case: &Value) -> Result<(), String> {
    Err(format!("the SDKs disagree, and nothing was decided: {}", text(case, "/notes")))
}

fn a_raw_target_is_escaped_first_and_then_signed_as_sent(case: &Value) -> Result<(), String> {
    let url = text(case, "/request/url");
    let (raw, canonical) =
        RAW_PATHS.iter().find(|(raw, _)| url.ends_with(raw)).ok_or("an unknown raw path")?;
    if raw.contains(' ') && url.parse::<http::Uri>().is_ok() {
        return Err("a URL can hold a raw space now".into());
    }
    let answer = answer(case)?;
    let path = answer.canonical_request().and_then(|text| text.lines().nth(1));
    expect("canonical path", Some(canonical), path.as_ref())
}

fn a_contradicting_content_length_is_refused(case: &Value) -> Result<(), String> {
    let error = match input::of(case).ok_or("no request")?.signed(case) {
        Ok(_) => return Err("it was signed".into()),
        Err(error) => error,
    };
    let kind = error.downcast_ref::<SignError>().map(SignError::kind);
    expect("kind of error", Some(&SignErrorKind::Payload), kind.as_ref())
}

fn the_other_signature_that_the_note_names(case: &Value) -> Result<(), String> {
    is_the_other_signature(case, &answer(case)?)
}

/// A presigned URL for VPC Lattice: like for all services but S3, the body's hash is signed, as botocore does.
/// The AWS common runtime adds a header that says otherwise. A caller who gives that header gets its signature.
fn the_hash_of_the_body_unless_a_header_says_otherwise(case: &Value) -> Result<(), String> {
    expect("signature", Some(text(case, "/expected/signature")), answer(case)?.signature())?;
    let mut input = input::of(case).ok_or("no request")?;
    input.headers.push(("x-amz-content-sha256".into(), "UNSIGNED-PAYLOAD".into()));
    is_the_other_signature(case, &input.signed(case).map_err(|error| format!("error: {error}"))?)
}

/// The note shows the beginning of the signature that another SDK makes.
fn is_the_other_signature(case: &Value, answer: &Explanation) -> Result<(), String> {
    let (_, rest) =
        text(case, "/notes").split_once("another signature here (").ok_or("the note names none")?;
    let beginning = rest.split(')').next().unwrap_or_default();
    let ours = answer.signature().unwrap_or_default();
    if beginning.len() >= 56 && ours.starts_with(beginning) {
        return Ok(());
    }
    Err(format!("signature: want {beginning}…, got {ours}"))
}

fn the_string_to_sign_listed_here(case: &Value) -> Result<(), String> {
    let name = text(case, "/name");
    let (_, want) = STRINGS_TO_SIGN.iter().find(|(listed, _)| *listed == name).ok_or("not listed")?;
    expect("string to sign", Some(want), answer(case)?.string_to_sign().as_ref())
}

fn answer(case: &Value) -> Result<Explanation, String> {
    let input = input::of(case).ok_or("no request")?;
    input.signed(case).map_err(|error| format!("error: {error}"))
}

fn expect<T: PartialEq + std::fmt::Debug>(
    what: &str,
    want: Option<T>,
    ours: Option<T>,
) -> Result<(), String> {
    if want == ours { Ok(()) } else { Err(format!("{what}: want {want:?}, got {ours:?}")) }
}
