//! The canonical query string.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::encode::{UNRESERVED, escaped_byte, push_escape};

/// Appends the canonical form of `query`: each part encoded, `name=value` pairs sorted by name, then by value.
///
/// Parts are decoded first, so that it does not matter how the client wrote them. `+` is a plus. A name
/// without `=` gets one; empty pairs (`&&`) drop out.
pub(super) fn push_canonical(out: &mut Vec<u8>, query: &str) {
    let encoded = encoded(query);
    let mut pairs: SmallVec<[(&[u8], &[u8]); 24]> =
        encoded.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()).map(split_at_equals).collect();
    // Strict order needs no sort; equal pairs are the same in any order.
    if !pairs.is_sorted() {
        pairs.sort_unstable();
    }
    for (at, (name, value)) in pairs.iter().enumerate() {
        if at > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(name);
        out.push(b'=');
        out.extend_from_slice(value);
    }
}

fn split_at_equals(pair: &[u8]) -> (&[u8], &[u8]) {
    match pair.iter().position(|&byte| byte == b'=') {
        Some(at) => (&pair[..at], &pair[at + 1..]),
        None => (pair, b""),
    }
}

/// `query` with every part in canonical encoding; borrowed if it is so already.
fn encoded(query: &str) -> Cow<'_, [u8]> {
    if is_canonical(query.as_bytes()) {
        return Cow::Borrowed(query.as_bytes());
    }
    let mut out = Vec::with_capacity(query.len() + 16);
    for pair in query.as_bytes().split(|&byte| byte == b'&') {
        let (name, value) = split_at_equals(pair);
        if !out.is_empty() {
            out.push(b'&');
        }
        push_part(&mut out, name);
        if !pair.is_empty() {
            out.push(b'=');
        }
        push_part(&mut out, value);
    }
    Cow::Owned(out)
}

/// Decodes and encodes in one step, with no buffer between.
fn push_part(out: &mut Vec<u8>, part: &[u8]) {
    let mut rest = part;
    while let Some(&first) = rest.first() {
        let (byte, length) = escaped_byte(rest).map_or((first, 1), |decoded| (decoded, 3));
        if UNRESERVED.contains(byte) {
            out.push(byte);
        } else {
            push_escape(out, byte);
        }
        rest = &rest[length..];
    }
}

/// Whether every byte stands as the canonical form would write it. A second `=` in a pair does not.
fn is_canonical(query: &[u8]) -> bool {
    let mut in_value = false;
    let mut rest = query;
    while let Some(&byte) = rest.first() {
        let length = match byte {
            b'&' => {
                in_value = false;
                1
            }
            b'=' if !in_value => {
                in_value = true;
                1
            }
            b'%' => match escaped_byte(rest) {
                Some(decoded) if !UNRESERVED.contains(decoded) && is_upper_hex(&rest[1..3]) => 3,
                _ => return false,
            },
            _ if UNRESERVED.contains(byte) => 1,
            _ => return false,
        };
        rest = &rest[length..];
    }
    true
}

fn is_upper_hex(digits: &[u8]) -> bool {
    !digits.iter().any(u8::is_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &str, expected: &str) {
        let mut out = Vec::new();
        push_canonical(&mut out, query);
        assert_eq!(String::from_utf8(out).unwrap(), expected, "{query}");
    }

    #[test]
    fn pairs_sort_by_name_and_then_by_value() {
        check("b=2&a=2&a=1", "a=1&a=2&b=2");
        check("a-b=1&a.b=2&a_b=3&aB=4&ab=5", "a-b=1&a.b=2&aB=4&a_b=3&ab=5");
        check("a1=1&a10=2&a=3", "a=3&a1=1&a10=2");
    }

    #[test]
    fn names_sort_after_encoding() {
        // `%` stands before letters, a raw non-ASCII byte would stand behind them.
        check("z=1&%E1%88%B4=2", "%E1%88%B4=2&z=1");
        check("a=1&a%3D=2&a%2B=3", "a=1&a%2B=3&a%3D=2");
    }

    #[test]
    fn parts_are_decoded_and_encoded_anew() {
        check("a=%2f&b=b/c&c=%7E&d=%41", "a=%2F&b=b%2Fc&c=~&d=A");
        check("a=b+c", "a=b%2Bc");
        check("a=%&b=%zz", "a=%25&b=%25zz");
        check("a==&b=c=d", "a=%3D&b=c%3Dd");
        check("ids[]=1", "ids%5B%5D=1");
    }

    #[test]
    fn empty_parts() {
        check("", "");
        check("a", "a=");
        check("=v", "=v");
        check("=", "=");
        check("&&a=1&&b=2&", "a=1&b=2");
        check("!&&", "%21=");
    }
}
