//! The canonical headers and the list of signed ones.

use http::header::HeaderName;
use smallvec::SmallVec;

use crate::encode::has_white_space;

/// The headers that are signed. Values of one name keep their order.
#[derive(Default)]
pub(in crate::aws) struct SignedHeaders<'r>(SmallVec<[Field<'r>; 24]>);

struct Field<'r> {
    /// The first eight bytes of the name: enough to tell most names apart without a look at the text.
    prefix: u64,
    name: &'r str,
    value: &'r [u8],
}

impl<'r> SignedHeaders<'r> {
    pub(in crate::aws) fn add(&mut self, name: &'r str, value: &'r [u8]) {
        self.0.push(Field { prefix: prefix(name), name, value });
    }

    /// Sorts by name, once all are there.
    pub(in crate::aws) fn sort(&mut self) {
        // Stable, since the order of repeated headers is part of what is signed.
        self.0.sort_by(|a, b| a.prefix.cmp(&b.prefix).then_with(|| a.name.cmp(b.name)));
    }

    /// Takes those back whose name is one of these.
    pub(in crate::aws) fn remove(&mut self, is_one: impl Fn(&str) -> bool) {
        self.0.retain(|field| !is_one(field.name));
    }

    /// Each name once, sorted, separated by semicolons.
    pub(in crate::aws) fn names(&self) -> Vec<u8> {
        let mut names = Vec::with_capacity(self.names_length());
        for (field, _) in self.fields().filter(|(_, repeats)| !repeats) {
            if !names.is_empty() {
                names.push(b';');
            }
            names.extend_from_slice(field.name.as_bytes());
        }
        names
    }

    /// How long the list of names is.
    pub(in crate::aws) fn names_length(&self) -> usize {
        let lengths = self.fields().map(|(field, repeats)| if repeats { 0 } else { field.name.len() + 1 });
        lengths.sum::<usize>().saturating_sub(1)
    }

    /// Each field, and whether it has the name of the one before.
    #[inline]
    fn fields(&self) -> impl Iterator<Item = (&Field<'r>, bool)> {
        let mut before: Option<&Field<'_>> = None;
        self.0.iter().map(move |field| {
            let is_same = |before: &Field<'_>| before.prefix == field.prefix && before.name == field.name;
            let repeats = before.is_some_and(is_same);
            before = Some(field);
            (field, repeats)
        })
    }

    /// Appends `name:value\n` for each name to `lines`, repeated headers joined by commas, and each name once to
    /// `names`, separated by semicolons.
    pub(super) fn push(&self, lines: &mut Vec<u8>, names: &mut Vec<u8>) {
        let names_start = names.len();
        for (field, repeats) in self.fields() {
            if repeats {
                // The line goes on.
                lines.pop();
                lines.push(b',');
            } else {
                if names.len() > names_start {
                    names.push(b';');
                }
                names.extend_from_slice(field.name.as_bytes());
                lines.extend_from_slice(field.name.as_bytes());
                lines.push(b':');
            }
            push_folded(lines, field.value);
            lines.push(b'\n');
        }
    }
}

/// Orders as the name does, except for names that begin alike.
fn prefix(name: &str) -> u64 {
    let name = name.as_bytes();
    match name.first_chunk() {
        Some(first) => u64::from_be_bytes(*first),
        None => {
            let all = name.iter().fold(0_u64, |all, &byte| all << 8 | u64::from(byte));
            all.unbounded_shl(64 - 8 * name.len() as u32)
        }
    }
}

/// Appends `value` without white space at its ends and with each inner run of it as one space.
fn push_folded(out: &mut Vec<u8>, value: &[u8]) {
    if !has_white_space(value) {
        return out.extend_from_slice(value);
    }
    let value = value.trim_ascii();
    let is_folded = |pair: &[u8]| pair[0] != b' ' || pair[1] != b' ';
    if !value.contains(&b'\t') && value.windows(2).all(is_folded) {
        return out.extend_from_slice(value);
    }
    let mut words = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    out.extend_from_slice(words.next().unwrap_or_default());
    for word in words {
        out.push(b' ');
        out.extend_from_slice(word);
    }
}

/// Whether a header of this name is signed unless `UnsignedHeaders` names it.
///
/// Not signed are `Authorization` itself and what proxies, clients and tracing add or change on the way:
/// `Connection`, `Expect`, `Keep-Alive`, `TE`, `Trailer`, `Transfer-Encoding`, `Upgrade`, `User-Agent`,
/// `Proxy-*`, `Sec-WebSocket-*`, `traceparent`, `tracestate`, `baggage`, `X-Amzn-Trace-Id`, `X-Ray-*`.
pub fn is_signed_by_default(name: &HeaderName) -> bool {
    is_kept_on_the_way(name.as_str())
}

#[inline]
pub(in crate::aws) fn is_kept_on_the_way(name: &str) -> bool {
    // One look at the first byte settles it for almost every header.
    match name.as_bytes().first() {
        Some(b'a') => name != "authorization",
        Some(b'b') => name != "baggage",
        Some(b'c') => name != "connection",
        Some(b'e') => name != "expect",
        Some(b'k') => name != "keep-alive",
        Some(b'p') => !name.starts_with("proxy-"),
        Some(b's') => !name.starts_with("sec-websocket-"),
        Some(b't') => !matches!(name, "te" | "trailer" | "transfer-encoding" | "traceparent" | "tracestate"),
        Some(b'u') => !matches!(name, "upgrade" | "user-agent"),
        Some(b'x') => name != "x-amzn-trace-id" && !name.starts_with("x-ray-"),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderValue};

    fn map(headers: &[(&'static str, &[u8])]) -> HeaderMap {
        let pair = |&(name, value): &(&'static str, &[u8])| {
            (HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap())
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers.iter().map(pair) {
            map.append(name, value);
        }
        map
    }

    #[track_caller]
    fn check(headers: &[(&'static str, &[u8])], canonical: &[u8], names: &str) {
        let map = map(headers);
        let mut signed = SignedHeaders::default();
        for (name, value) in map.iter().filter(|(name, _)| is_signed_by_default(name)) {
            signed.add(name.as_str(), value.as_bytes());
        }
        signed.add("host", b"h");
        signed.sort();
        let (mut text, mut list) = (Vec::new(), Vec::new());
        signed.push(&mut text, &mut list);
        assert_eq!((signed.names(), signed.names_length()), (list.clone(), list.len()));
        assert_eq!(String::from_utf8_lossy(&text), String::from_utf8_lossy(canonical));
        assert_eq!(String::from_utf8(list).unwrap(), names);
    }

    #[test]
    fn names_are_sorted_and_repeated_values_joined_in_order() {
        check(
            &[("x-b", b"2"), ("a", b"z"), ("x-b", b"1"), ("x-b", b"")],
            b"a:z\nhost:h\nx-b:2,1,\n",
            "a;host;x-b",
        );
    }

    #[test]
    fn names_that_begin_alike_are_told_apart() {
        check(
            &[
                ("x-header-b", b"1"),
                ("x-header", b"2"),
                ("x-header-a", b"3"),
                ("x", b"4"),
                ("x-header-b", b"5"),
            ],
            b"host:h\nx:4\nx-header:2\nx-header-a:3\nx-header-b:1,5\n",
            "host;x;x-header;x-header-a;x-header-b",
        );
    }

    #[test]
    fn white_space_folds() {
        check(&[("x", b"  a   b\t c ")], b"host:h\nx:a b c\n", "host;x");
        check(&[("x", b"\"a   b\"")], b"host:h\nx:\"a b\"\n", "host;x");
        check(&[("x", b"   ")], b"host:h\nx:\n", "host;x");
    }

    #[test]
    fn bytes_that_are_not_ascii_are_signed_as_they_are_sent() {
        check(&[("x", b"caf\xc3\xa9 \xff")], b"host:h\nx:caf\xc3\xa9 \xff\n", "host;x");
    }

    #[test]
    fn what_hops_change_is_in_neither_list() {
        let hops = [
            "authorization",
            "baggage",
            "connection",
            "expect",
            "keep-alive",
            "proxy-authorization",
            "sec-websocket-key",
            "te",
            "trailer",
            "transfer-encoding",
            "traceparent",
            "tracestate",
            "upgrade",
            "user-agent",
            "x-amzn-trace-id",
            "x-ray-id",
        ];
        check(&hops.map(|name| (name, &b"v"[..])), b"host:h\n", "host");
    }
}
