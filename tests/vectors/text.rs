//! Small text and JSON helpers, written without the library under test.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The text at `pointer`, empty if there is none.
pub(crate) fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// `[[name, value], …]` at `pointer`.
pub(crate) fn pairs<'v>(value: &'v Value, pointer: &str) -> Vec<(&'v str, &'v str)> {
    let list = value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|pair| (text(pair, "/0"), text(pair, "/1"))).collect()
}

pub(crate) fn base64(text: &str) -> Vec<u8> {
    STANDARD.decode(text).expect("the case holds base64")
}

/// `url` with an escape for each byte that no URL may hold: all but the reserved and unreserved characters and
/// `%` (RFC 3986). Whoever takes a URL from a person has to do so before it is a URL at all.
pub(crate) fn escaped_url(url: &str) -> String {
    let stands = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    url.bytes()
        .map(|byte| if stands(byte) { char::from(byte).into() } else { format!("%{byte:02X}") })
        .collect()
}

/// Escapes decoded; what is not UTF-8 then is replaced.
pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits =
            after.get(..2).filter(|_| byte == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// As in a form: `+` is a space.
pub(crate) fn form_decoded(text: &str) -> String {
    percent_decoded(&text.replace('+', " "))
}

/// The parameters of a URL, decoded, in no order.
pub(crate) fn query_parameters(url: &str) -> BTreeSet<(String, String)> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (form_decoded(name), form_decoded(value)))
        .collect()
}

/// The case with every digit of its answer replaced by the next one.
pub(crate) fn with_wrong_answer(case: &Value) -> Value {
    let mut wrong = case.clone();
    for key in ["expected", "service", "region"] {
        if let Some(answer) = wrong.get_mut(key) {
            spoil(answer);
        }
    }
    wrong
}

fn spoil(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.chars().map(next_digit).collect(),
        Value::Array(values) => values.iter_mut().for_each(spoil),
        Value::Object(values) => values.values_mut().for_each(spoil),
        _ => {}
    }
}

fn next_digit(character: char) -> char {
    match character.to_digit(10) {
        Some(digit) => char::from_digit((digit + 1) % 10, 10).expect("below ten"),
        None => character,
    }
}
