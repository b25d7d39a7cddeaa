//! What must not be kept of the texts: credentials that the service echoes, and signatures.
//!
//! Two lists of names decide. What is known to be a credential of the signature is masked before texts are compared;
//! what only sounds like one is compared as it is, and masked in [`shown`](super::shown).

use std::cmp::Reverse;
use std::collections::HashSet;

use http::HeaderValue;
use http::request::Parts;
use zeroize::Zeroizing;

use super::shown;
use super::signed::decoded;
use super::telling::is_telling_name;
use crate::explain::{MASK, is_secret_header, is_secret_query_name};

/// A run of this many characters of base64 or hexadecimal is a key, a token or a signature, or may be.
const SUSPECT_RUN: usize = 40;

/// What a message of the service may quote of the head; the rest of the message goes with it.
const QUOTED_CREDENTIALS: [&str; 7] = [
    "Authorization=",
    "Authorization header: '",
    "authorization header: '",
    "Bearer ",
    "SharedKey ",
    "should have been",
    "string to sign",
];

/// Headers of Azure Storage that are credentials as well.
const SECRET_HEADERS: [&str; 2] = ["x-ms-copy-source-authorization", "x-ms-encryption-key"];

/// Shorter ones are in every text.
const SHORTEST_SECRET: usize = 6;

/// The credentials that `head` bears: what is marked as sensitive, or known to be one.
pub(super) fn credentials(head: &Parts) -> Vec<Zeroizing<String>> {
    values(head, |name, value| value.is_sensitive() || is_credential(name), is_secret_query_name)
}

/// What in `head` sounds like a credential.
pub(super) fn telling(head: &Parts) -> Vec<Zeroizing<String>> {
    values(head, |name, _| is_telling_name(name), is_telling_name)
}

fn values(
    head: &Parts,
    is_of_header: impl Fn(&str, &HeaderValue) -> bool,
    is_of_query: impl Fn(&str) -> bool,
) -> Vec<Zeroizing<String>> {
    let mut found = Vec::new();
    for (name, value) in &head.headers {
        if is_of_header(name.as_str(), value) {
            let text = String::from_utf8_lossy(value.as_bytes());
            // A bearer's token is echoed without its scheme as well.
            found.extend(text.split_once(' ').map(|(_, token)| token.trim().to_owned()));
            found.push(text.trim().to_owned());
        }
    }
    for pair in head.uri.query().unwrap_or_default().split('&') {
        if let Some((name, value)) = pair.split_once('=')
            && is_of_query(name)
        {
            found.extend([value.to_owned(), decoded(value)]);
        }
    }
    found.retain(|secret| secret.len() >= SHORTEST_SECRET);
    // The longest first: one may hold another.
    found.sort_by_key(|secret| Reverse(secret.len()));
    found.into_iter().map(Zeroizing::new).collect()
}

/// `text` with a mask in place of each of `secrets`.
pub(super) fn hide(text: &mut String, secrets: &[Zeroizing<String>]) {
    for secret in secrets {
        if text.contains(secret.as_str()) {
            *text = text.replace(secret.as_str(), MASK);
        }
    }
}

/// A canonical request or string to sign without credentials: of headers and query parameters that are known to
/// be some, the values are masked.
pub(super) fn by_name(text: &str) -> String {
    // An empty value is told from another one.
    lines(text, |line| match line.split_once(':').filter(|(_, value)| !value.is_empty()) {
        Some((name, _)) if is_credential(name) || is_secret_query_name(name) => {
            Some([name, ":", MASK].concat())
        }
        _ => pairs(line, |name, value| {
            // A URL may be the value of a header.
            let parameter = name.rsplit(['?', ':']).next().unwrap_or_default();
            (is_secret_query_name(parameter) && !value.is_empty()).then(|| [name, "=", MASK].concat())
        }),
    })
}

/// Whether a header of this name is a credential. Another program may write names in any case.
fn is_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    is_secret_header(&name) || SECRET_HEADERS.contains(&name.as_str())
}

/// `text` with the values of these headers masked.
pub(super) fn headers(text: &str, names: &[http::HeaderName]) -> String {
    lines(text, |line| {
        let (name, _) = line.split_once(':')?;
        names.iter().any(|other| other == name).then(|| [name, ":", MASK].concat())
    })
}

/// The service's `text`, masked where `signed` is: what is masked there equals whatever stands in its place.
pub(super) fn as_in(signed: &str, text: &str) -> String {
    let masked: Vec<&str> = signed.split('\n').filter(|line| line.contains(MASK)).collect();
    if masked.is_empty() {
        return text.to_owned();
    }
    let mut beside = signed.split('\n');
    let signed: HashSet<&str> = signed.split('\n').collect();
    lines(text, |line| {
        // The line in the same place goes before others that fit: a mask may stand for much.
        if let Some(pattern) = beside.next().filter(|pattern| fits(pattern, line)) {
            return Some(pattern.to_owned());
        }
        if signed.contains(line) {
            return None;
        }
        if let Some(pattern) = masked.iter().find(|pattern| fits(pattern, line)) {
            return Some((*pattern).to_owned());
        }
        if let Some((name, _)) = line.split_once(':') {
            let is_name = |(other, _): (&str, &str)| other.eq_ignore_ascii_case(name);
            if masked.iter().any(|other| other.split_once(':').is_some_and(is_name)) {
                return Some([name, ":", MASK].concat());
            }
        }
        pairs(line, |name, value| {
            let same_name = |pair: &&str| pair.split_once('=').is_some_and(|(other, _)| other == name);
            let mut masked =
                masked.iter().flat_map(|line| line.split('&')).filter(|pair| pair.contains(MASK));
            let pattern = masked.find(same_name)?;
            let pair = [name, "=", value].concat();
            Some(if fits(pattern, &pair) { pattern.to_owned() } else { [name, "=", MASK].concat() })
        })
    })
}

/// A sentence of the service without what it may quote: `secrets`, the head's credentials, and whatever looks like
/// a key or a signature.
pub(super) fn sentence(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, MASK);
    }
    if let Some(end) = QUOTED_CREDENTIALS.iter().filter_map(|mark| Some(text.find(mark)? + mark.len())).min()
    {
        text.truncate(end);
        text.push_str(MASK);
    }
    let is_suspect = |character: char| character.is_ascii_alphanumeric() || "+/=_-%".contains(character);
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let run = rest.find(|character| !is_suspect(character)).unwrap_or(rest.len());
        let sig = rest[..run].find("sig=").map(|at| at + "sig=".len());
        match sig {
            Some(end) => kept.extend([&rest[..end], MASK]),
            None if run >= SUSPECT_RUN => kept.push_str(MASK),
            None => kept.push_str(&rest[..run]),
        }
        rest = &rest[run..];
        let plain = rest.find(is_suspect).unwrap_or(rest.len());
        kept.push_str(&rest[..plain]);
        rest = &rest[plain..];
    }
    shown::sentence(&kept)
}

fn lines(text: &str, mut change: impl FnMut(&str) -> Option<String>) -> String {
    let lines: Vec<String> =
        text.split('\n').map(|line| change(line).unwrap_or_else(|| line.to_owned())).collect();
    lines.join("\n")
}

/// A line that is a query, or ends with the one of a URL, with some of its pairs changed.
fn pairs(line: &str, mut change: impl FnMut(&str, &str) -> Option<String>) -> Option<String> {
    line.contains('=').then(|| {
        let pieces = line.split_inclusive(['&', '?']).map(|piece| {
            let pair = piece.trim_end_matches(['&', '?']);
            let changed = pair.split_once('=').and_then(|(name, value)| change(name, value));
            changed.map_or_else(|| piece.to_owned(), |changed| changed + &piece[pair.len()..])
        });
        pieces.collect()
    })
}

/// Whether `text` is `pattern` with something in place of each mask: of one that is a parameter's value, no more than
/// a value.
fn fits(pattern: &str, text: &str) -> bool {
    let parts: Vec<&str> = pattern.split(MASK).collect();
    let Some((last, parts)) = parts.split_last() else { return false };
    let Some((first, middle)) = parts.split_first() else { return text == pattern };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut before = first;
    for part in middle {
        let Some(at) = rest.find(part).filter(|at| is_hidden(before, &rest[..*at])) else { return false };
        rest = &rest[at + part.len()..];
        before = part;
    }
    rest.strip_suffix(last).is_some_and(|hidden| is_hidden(before, hidden))
}

/// Whether a mask behind `before` may stand for `text`.
fn is_hidden(before: &str, text: &str) -> bool {
    !(before.ends_with('=') && text.contains('&'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_masked_by_their_names() {
        assert_eq!(
            by_name("GET\n/\na=1&X-Amz-Security-Token=t%3D&b=2\nx-amz-security-token:t=\nhost:h"),
            "GET\n/\na=1&X-Amz-Security-Token=<masked>&b=2\nx-amz-security-token:<masked>\nhost:h"
        );
    }

    #[test]
    fn names_of_headers_may_be_in_any_case() {
        assert_eq!(
            by_name("Authorization: Basic x\nCookie:sid=x\nX-Ms-Encryption-Key:k"),
            "Authorization:<masked>\nCookie:<masked>\nX-Ms-Encryption-Key:<masked>"
        );
    }

    #[test]
    fn credentials_of_another_request_are_masked_in_its_url() {
        assert_eq!(
            by_name("x-ms-copy-source:https://h/b?sig=s&se=1\nx-ms-encryption-key:k"),
            "x-ms-copy-source:https://h/b?sig=<masked>&se=1\nx-ms-encryption-key:<masked>"
        );
    }

    #[test]
    fn what_is_masked_on_one_side_is_masked_on_the_other() {
        assert_eq!(as_in("x-key:<masked>\nb:1", "x-key:s3cret\nb:2"), "x-key:<masked>\nb:2");
        assert_eq!(as_in("x-key:pre<masked>", "x-key:s3cret"), "x-key:<masked>");
        assert_eq!(as_in("x-key:<masked>", "X-Key:s3cret"), "X-Key:<masked>");
        assert_eq!(as_in("a=1&k=<masked>", "a=2&k=s3cret"), "a=2&k=<masked>");
        assert_eq!(as_in("a:1", "b:2"), "b:2");
        assert_eq!(as_in("<masked>1\na<masked>1", ":1\na:1"), "<masked>1\na<masked>1");
    }

    #[test]
    fn a_mask_fits_anything_in_its_place() {
        assert!(fits("a<masked>b<masked>c", "a--b--c") && fits("<masked>", "") && fits("a<masked>", "a"));
        assert!(fits("a=<masked>&b", "a=1&b") && !fits("a=<masked>&b", "a=1&c&b"));
        assert!(fits("a:<masked>", "a:1&b") && !fits("a=<masked>", "a=1&b"));
        assert!(!fits("a<masked>b", "a-") && !fits("a<masked>", "b") && !fits("a<masked>a", "a"));
    }

    #[test]
    fn a_sentence_loses_what_looks_like_a_signature() {
        let signature = "q+j2M0fIQ1lIJJnjVtSISR0IZMTnury5m+XqZDNvCsE=";
        assert_eq!(sentence(&format!("found '{signature}' in it"), &[]), "found '<masked>' in it");
        assert_eq!(sentence("key s3cret!", &["s3cret"]), "key <masked>!");
        assert_eq!(sentence("in Authorization header: 'Basic x'", &[]), "in Authorization header: '<masked>");
        assert_eq!(sentence("?sr=b&sig=abc&x", &[]), "?sr=b&sig=<masked>&x");
    }
}
