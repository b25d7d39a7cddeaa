//! The canonical headers and the list of signed ones.

use http::HeaderMap;
use http::header::HeaderName;
use smallvec::SmallVec;

/// The headers that are signed, sorted by name. Values of one name keep their order.
#[derive(Debug)]
pub(in crate::aws) struct SignedHeaders<'r>(SmallVec<[(&'r str, &'r [u8]); 24]>);

impl<'r> SignedHeaders<'r> {
    /// Those headers of `map` that `is_signed` takes, and `more`: what the signer adds itself.
    pub(in crate::aws) fn new(
        map: &'r HeaderMap,
        is_signed: impl Fn(&HeaderName) -> bool,
        more: &[(&'r str, &'r [u8])],
    ) -> Self {
        let kept = map.iter().filter(|(name, _)| is_signed(name));
        let mut headers: SmallVec<_> = kept.map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        headers.extend_from_slice(more);
        // Stable, since the order of repeated headers is part of what is signed.
        headers.sort_by_key(|&(name, _)| name);
        Self(headers)
    }

    /// Appends `name:value\n` for each name; repeated headers are joined by commas.
    pub(super) fn push_canonical(&self, out: &mut Vec<u8>) {
        let mut last = None;
        for &(name, value) in &self.0 {
            if last == Some(name) {
                out.push(b',');
            } else {
                if last.is_some() {
                    out.push(b'\n');
                }
                out.extend_from_slice(name.as_bytes());
                out.push(b':');
            }
            push_folded(out, value);
            last = Some(name);
        }
        out.push(b'\n');
    }

    /// Appends each name once.
    pub(in crate::aws) fn push_names(&self, out: &mut Vec<u8>, separator: &[u8]) {
        let mut last = None;
        for &(name, _) in &self.0 {
            if last != Some(name) {
                if last.is_some() {
                    out.extend_from_slice(separator);
                }
                out.extend_from_slice(name.as_bytes());
            }
            last = Some(name);
        }
    }
}

/// Appends `value` without white space at its ends and with each inner run of it as one space.
fn push_folded(out: &mut Vec<u8>, value: &[u8]) {
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
    // One look at the first byte settles it for almost every header.
    let name = name.as_str();
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
    use http::HeaderValue;

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
        let signed = SignedHeaders::new(&map, is_signed_by_default, &[("host", b"h")]);
        let (mut text, mut list) = (Vec::new(), Vec::new());
        signed.push_canonical(&mut text);
        signed.push_names(&mut list, b";");
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
