//! Which headers are for us, and which are for the upstream.

use http::header::{
    CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, COOKIE, EXPECT, HOST, TE, TRAILER, TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::FailureKind;
use super::failure::Failure;

/// What the methods set, and what stands in their place in a request that a client has signed, for whatever
/// reason, with whatever key: `Authorization`, the dates, `x-amz-content-sha256`, tokens, digests.
///
/// Signing replaces what it sets. This list is for what it does not set: the client's `x-amz-security-token`
/// beside a key that has none, or its `Authorization` beside a token in a header of its own.
const OF_SCHEMES: [&str; 13] = [
    "authorization",
    "date",
    "digest",
    "ocp-date",
    "signature",
    "signature-input",
    "v-c-date",
    "v-c-merchant-id",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-s3session-token",
    "x-amz-security-token",
    "x-ms-date",
];

/// What is between two neighbours (RFC 9110, section 7.6.1), beside `Proxy-*` and what `Connection` names.
const HOP_BY_HOP: [&str; 6] =
    ["connection", "http2-settings", "keep-alive", "te", "transfer-encoding", "upgrade"];

/// Who forwarded what to whom is nobody's business behind a proxy that speaks in its own name. A `Via` would
/// be signed as well, and changed by the next proxy on the way.
const FORWARDING: [&str; 3] = ["forwarded", "via", "x-real-ip"];

/// The length of the body if its head tells it, or the body itself does.
///
/// # Errors
///
/// Several lengths, contradicting ones, or an encoding that is not ours to undo.
pub(crate) fn content_length(headers: &HeaderMap, known: Option<u64>) -> Result<Option<u64>, Failure> {
    let mut encodings = headers.get_all(TRANSFER_ENCODING).iter();
    let is_encoded = match (encodings.next(), encodings.next()) {
        (None, _) => false,
        (Some(encoding), None) if encoding.as_bytes().eq_ignore_ascii_case(b"chunked") => true,
        _ => {
            let message = "a Transfer-Encoding other than `chunked` is not understood";
            return Err(Failure::new(FailureKind::Request, StatusCode::NOT_IMPLEMENTED, message));
        }
    };
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let Some(length) = lengths.next() else { return Ok(known) };
    if is_encoded || lengths.next().is_some() {
        return Err(Failure::bad_request("the request says in two ways how long its body is"));
    }
    let digits = length.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let length = digits.and_then(|digits| digits.parse().ok());
    if length.is_none() || known.is_some_and(|known| length != Some(known)) {
        return Err(Failure::bad_request("the Content-Length is not the length of the body"));
    }
    Ok(length)
}

/// Makes the headers of a request those that are signed and sent.
///
/// # Errors
///
/// An expectation that nobody here can meet, or a body that a client has wrapped into a signature.
pub(crate) fn prepare_request(headers: &mut HeaderMap, more: &[HeaderName]) -> Result<(), Failure> {
    refuse_signed_chunks(headers)?;
    if headers.get_all(EXPECT).iter().any(|value| !value.as_bytes().eq_ignore_ascii_case(b"100-continue")) {
        let message = "the only expectation that can be met is `100-continue`";
        return Err(Failure::new(FailureKind::Request, StatusCode::EXPECTATION_FAILED, message));
    }
    let takes_trailers = headers.get_all(TE).iter().any(names_trailers);
    strip_hop_by_hop(headers);
    // The server has answered or will answer the expectation, and the client below sends the Host of its URL.
    strip(headers, |name| is_for_us(name) || name == HOST || name == EXPECT || more.contains(name));
    if takes_trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    join_cookies(headers);
    Ok(())
}

/// Makes the headers of a response those that are for the client.
pub(crate) fn prepare_response(headers: &mut HeaderMap) {
    strip_hop_by_hop(headers);
}

/// Trailers without what must not come late: a server that adds them to its headers would take it for ours.
pub(crate) fn strip_trailers(mut trailers: HeaderMap, more: &[HeaderName]) -> HeaderMap {
    strip(&mut trailers, |name| {
        is_hop_by_hop(name)
            || is_for_us(name)
            || [CONTENT_LENGTH, HOST, TRAILER].contains(name)
            || more.contains(name)
    });
    trailers
}

fn strip_hop_by_hop(headers: &mut HeaderMap) {
    let values = headers.get_all(CONNECTION).iter();
    let options = values.flat_map(|value| value.as_bytes().split(|&byte| byte == b','));
    let names = options.filter_map(|option| HeaderName::from_bytes(option.trim_ascii()).ok());
    for name in names.collect::<Vec<_>>() {
        headers.remove(name);
    }
    strip(headers, is_hop_by_hop);
    // It announces the trailers of a body without a length. RFC 9110 no longer counts it among these headers,
    // and hyper sends no trailer over HTTP/1.1 that it does not name.
    if headers.contains_key(CONTENT_LENGTH) {
        headers.remove(TRAILER);
    }
}

fn strip(headers: &mut HeaderMap, is_stripped: impl Fn(&HeaderName) -> bool) {
    let names: Vec<_> = headers.keys().filter(|name| is_stripped(name)).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

fn is_hop_by_hop(name: &HeaderName) -> bool {
    HOP_BY_HOP.contains(&name.as_str()) || name.as_str().starts_with("proxy-")
}

fn is_for_us(name: &HeaderName) -> bool {
    let name = name.as_str();
    OF_SCHEMES.contains(&name) || FORWARDING.contains(&name) || name.starts_with("x-forwarded-")
}

fn names_trailers(value: &HeaderValue) -> bool {
    let mut codings = value.as_bytes().split(|&byte| byte == b',');
    codings.any(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"trailers"))
}

/// A client that signs has put chunk signatures into the body itself. Without its headers they would be taken
/// for content, and stored.
fn refuse_signed_chunks(headers: &HeaderMap) -> Result<(), Failure> {
    let is_streaming = |value: &HeaderValue| value.as_bytes().starts_with(b"STREAMING-");
    let is_chunked = |value: &HeaderValue| {
        let mut codings = value.as_bytes().split(|&byte| byte == b',');
        codings.any(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"aws-chunked"))
    };
    if headers.get_all("x-amz-content-sha256").iter().any(is_streaming)
        || headers.get_all(CONTENT_ENCODING).iter().any(is_chunked)
    {
        return Err(Failure::bad_request(
            "the body is aws-chunked: have the client send it plain, without signatures or checksums of chunks",
        ));
    }
    Ok(())
}

/// HTTP/2 may split a cookie header; HTTP/1.1 may not (RFC 9113, section 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let cookies: Vec<_> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if cookies.len() > 1
        && let Ok(mut joined) = HeaderValue::from_bytes(&cookies.join(&b"; "[..]))
    {
        joined.set_sensitive(true);
        headers.insert(COOKIE, joined);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(headers: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for &(name, value) in headers {
            map.append(name, HeaderValue::from_static(value));
        }
        map
    }

    #[track_caller]
    fn check(headers: &[(&'static str, &'static str)], expected: &[(&'static str, &'static str)]) {
        let mut headers = map(headers);
        prepare_request(&mut headers, &[HeaderName::from_static("x-api-key")]).unwrap();
        assert_eq!(headers, map(expected));
    }

    #[test]
    fn what_is_for_the_next_hop_goes_no_further() {
        check(
            &[
                ("connection", "keep-alive, X-Private,, no name,host"),
                ("connection", "close"),
                ("x-private", "1"),
                ("keep-alive", "timeout=5"),
                ("proxy-authorization", "Basic x"),
                ("proxy-connection", "keep-alive"),
                ("te", "gzip"),
                ("transfer-encoding", "chunked"),
                ("upgrade", "websocket"),
                ("http2-settings", "AAM"),
                ("accept", "*/*"),
            ],
            &[("accept", "*/*")],
        );
    }

    #[test]
    fn te_keeps_its_trailers_and_trailer_goes_with_bodies_without_a_length() {
        check(
            &[("te", "gzip, Trailers"), ("connection", "te"), ("trailer", "x")],
            &[("te", "trailers"), ("trailer", "x")],
        );
        check(&[("content-length", "1"), ("trailer", "x")], &[("content-length", "1")]);
    }

    #[test]
    fn no_header_of_a_scheme_or_of_another_proxy_is_signed() {
        let mut all: Vec<_> = OF_SCHEMES.into_iter().chain(FORWARDING).map(|name| (name, "x")).collect();
        all.extend([("x-forwarded-for", "x"), ("x-api-key", "x"), ("host", "x"), ("x-amz-meta-a", "kept")]);
        check(&all, &[("x-amz-meta-a", "kept")]);
    }

    #[test]
    fn cookies_of_http2_are_one_header() {
        check(&[("cookie", "a=1"), ("cookie", "b=2")], &[("cookie", "a=1; b=2")]);
    }

    #[track_caller]
    fn check_refused(headers: &[(&'static str, &'static str)], status: u16) {
        let mut headers = map(headers);
        let checked = content_length(&headers, None).map(drop);
        let failure = checked.and_then(|()| prepare_request(&mut headers, &[])).unwrap_err();
        assert_eq!((failure.kind, failure.status.as_u16()), (FailureKind::Request, status));
    }

    #[test]
    fn what_cannot_be_forwarded_rightly_is_refused() {
        check_refused(&[("content-length", "1"), ("content-length", "1")], 400);
        check_refused(&[("content-length", "1"), ("transfer-encoding", "chunked")], 400);
        check_refused(&[("content-length", "+1")], 400);
        check_refused(&[("content-length", "1, 1")], 400);
        check_refused(&[("content-length", "99999999999999999999")], 400);
        check_refused(&[("transfer-encoding", "gzip, chunked")], 501);
        check_refused(&[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")], 501);
        check_refused(&[("expect", "the impossible")], 417);
        check_refused(&[("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")], 400);
        check_refused(&[("content-encoding", "gzip,aws-chunked")], 400);
    }

    #[test]
    fn the_length_is_what_head_and_body_agree_on() {
        let five = map(&[("content-length", "5")]);
        assert_eq!(content_length(&five, None).unwrap(), Some(5));
        assert_eq!(content_length(&five, Some(5)).unwrap(), Some(5));
        assert_eq!(content_length(&map(&[]), Some(7)).unwrap(), Some(7));
        assert!(content_length(&five, Some(6)).is_err());
    }

    #[test]
    fn trailers_bring_no_header_that_matters() {
        let trailers = map(&[
            ("authorization", "x"),
            ("host", "x"),
            ("connection", "x"),
            ("x-api-key", "x"),
            ("x-sum", "1"),
        ]);
        let more = [HeaderName::from_static("x-api-key")];
        assert_eq!(strip_trailers(trailers, &more), map(&[("x-sum", "1")]));
    }
}
