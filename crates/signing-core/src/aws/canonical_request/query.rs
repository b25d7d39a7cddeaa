//! The canonical query string.

use smallvec::SmallVec;

use crate::encode::{UNRESERVED, escaped_byte, push_percent_recoded};

/// The pairs of a query, each part in canonical encoding, in the order of the URL.
///
/// It does not matter how the client wrote them. `+` is a plus. A name without `=` gets one; empty pairs (`&&`) drop
/// out.
#[derive(Default)]
pub(in crate::aws) struct Query<'q> {
    pairs: SmallVec<[(&'q [u8], &'q [u8]); 24]>,
    /// The text of all pairs, if it is the canonical query string as it stands.
    canonical: Option<&'q [u8]>,
}

impl<'q> Query<'q> {
    /// Takes the pairs of `query` in; `space` is used if they must be written anew. In place, since it is large.
    pub(in crate::aws) fn parse(&mut self, query: &'q str, space: &'q mut Vec<u8>) {
        if !query.is_empty() && !self.read(query.as_bytes()) {
            encode(query.as_bytes(), space);
            let is_canonical = self.read(space);
            debug_assert!(is_canonical, "it was written so");
        }
    }

    /// Whether there is a parameter of one of these names, which are of unreserved characters, in any case.
    #[inline]
    pub(in crate::aws) fn has_any(&self, names: &[&str]) -> bool {
        let is_one = |name: &[u8]| names.iter().any(|other| name.eq_ignore_ascii_case(other.as_bytes()));
        self.pairs.iter().any(|(name, _)| is_one(name))
    }

    /// Appends the pairs as `name=value`, sorted by name, then by value.
    #[inline]
    pub(super) fn push_canonical(&mut self, out: &mut Vec<u8>) {
        if let Some(canonical) = self.canonical {
            return out.extend_from_slice(canonical);
        }
        self.pairs.sort_unstable();
        for (at, (name, value)) in self.pairs.iter().enumerate() {
            if at > 0 {
                out.push(b'&');
            }
            out.extend_from_slice(name);
            out.push(b'=');
            out.extend_from_slice(value);
        }
    }

    /// `false` if a byte stands otherwise than the canonical form would write it, such as a second `=` in a pair.
    fn read(&mut self, text: &'q [u8]) -> bool {
        self.pairs.clear();
        let mut all_have_values = true;
        let (mut start, mut equals, mut at) = (0, None, 0);
        loop {
            at += text[at..].iter().position(|&byte| !UNRESERVED.contains(byte)).unwrap_or(text.len() - at);
            match text.get(at) {
                Some(b'=') if equals.is_none() => equals = Some(at),
                Some(b'%') if is_canonical_escape(&text[at..]) => at += 2,
                Some(b'&') | None => {
                    match equals {
                        Some(equals) => self.pairs.push((&text[start..equals], &text[equals + 1..at])),
                        None => {
                            all_have_values = false;
                            if start < at {
                                self.pairs.push((&text[start..at], &[]));
                            }
                        }
                    }
                    (start, equals) = (at + 1, None);
                }
                Some(_) => return false,
            }
            if at == text.len() {
                break;
            }
            at += 1;
        }
        self.canonical = (all_have_values && self.pairs.is_sorted()).then_some(text);
        true
    }
}

fn is_canonical_escape(text: &[u8]) -> bool {
    let is_upper = |digits: &[u8]| !digits.iter().any(u8::is_ascii_lowercase);
    escaped_byte(text).is_some_and(|byte| !UNRESERVED.contains(byte) && is_upper(&text[1..3]))
}

/// Writes every part in canonical encoding.
fn encode(query: &[u8], out: &mut Vec<u8>) {
    out.reserve(query.len() + 16);
    for pair in query.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()) {
        let equals = pair.iter().position(|&byte| byte == b'=').unwrap_or(pair.len());
        if !out.is_empty() {
            out.push(b'&');
        }
        push_percent_recoded(out, &pair[..equals], &UNRESERVED);
        out.push(b'=');
        push_percent_recoded(out, pair.get(equals + 1..).unwrap_or_default(), &UNRESERVED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &str, expected: &str) {
        let mut out = Vec::new();
        let mut space = Vec::new();
        let mut parsed = Query::default();
        parsed.parse(query, &mut space);
        parsed.push_canonical(&mut out);
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

    #[test]
    fn a_parameter_is_found_however_it_is_written() {
        let has = |text: &str| {
            let mut space = Vec::new();
            let mut query = Query::default();
            query.parse(text, &mut space);
            query.has_any(&["X-Amz-Date", "X-Amz-Expires"])
        };
        assert!(has("a=1&X-Amz-Date=2") && has("x-amz-expires") && has("b&X%2DAm%7a-Date"));
        assert!(!has("") && !has("X-Amz-Dat=X-Amz-Date") && !has("X-Amz-Date%20=1"));
    }
}
