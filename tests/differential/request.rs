//! Random requests, as rich as `http` allows them to be.

use http::request::Parts;
use http::{HeaderName, HeaderValue, Uri};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// A request, in parts that can be changed one by one.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) scheme: &'static str,
    pub(crate) authority: &'static str,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: Vec<(&'static str, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

/// Headers that any caller may set. What signers set themselves is not among them.
const NAMES: [&str; 10] = [
    "accept",
    "cache-control",
    "content-type",
    "cookie",
    "if-match",
    "range",
    "x-amz-meta-a",
    "x-amz-meta-a-b",
    "x-amz-target",
    "x-custom",
];

/// Two more, which some leave out of presigned URLs.
pub(crate) const NAMES_FOR_BROWSERS: [&str; 2] = ["x-amz-checksum-mode", "x-amz-user-agent"];

/// Headers that proxies, clients and tracing add or change on the way.
pub(crate) const NAMES_OF_HOPS: [&str; 14] = [
    "authorization",
    "baggage",
    "connection",
    "expect",
    "keep-alive",
    "proxy-authorization",
    "sec-websocket-key",
    "te",
    "traceparent",
    "tracestate",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
    "x-ray-id",
];

const AUTHORITIES: [&str; 8] = [
    "example.amazonaws.com",
    "EXAMPLE.com",
    "example.com.",
    "example.com:80",
    "example.com:443",
    "example.com:8443",
    "127.0.0.1:9000",
    "[::1]:9000",
];

const PORTS_WRITTEN_ODDLY: [&str; 2] = ["example.com:0443", "example.com:"];

/// What paths and queries are made of: text, escapes of both cases, escapes of what needs none, escapes that are
/// none, reserved characters, characters that should be escaped and that `http::Uri` takes, text beyond ASCII.
const PIECES: [&str; 33] = [
    "a", "b", "Z", "0", "-", "_", "~", "a.b", "key", "%20", "%2f", "%2F", "%41", "%7e", "%c3%a9", "%C3%A9",
    "%FF", "%25", "%2B", "%", "%4", "%zz", "!", "$", "'", "(", "*", ",", ";", ":", "@", "{}|^\\[]", "\u{e9}",
];

pub(crate) fn request() -> impl Strategy<Value = Request> {
    let methods = select(vec!["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get", "M-SEARCH"]);
    let headers = (vec(header(), 0..8), option::weighted(0.2, host_header()));
    (
        methods.prop_map(str::to_owned),
        select(vec!["https", "http"]),
        prop_oneof![20 => select(AUTHORITIES.to_vec()), 1 => select(PORTS_WRITTEN_ODDLY.to_vec())],
        prop_oneof![canonical_path(), path()],
        option::weighted(0.8, query()),
        headers.prop_map(|(mut headers, host)| {
            headers.extend(host);
            headers
        }),
        vec(any::<u8>(), 0..40),
    )
        .prop_map(|(method, scheme, authority, path, query, headers, body)| Request {
            method,
            scheme,
            authority,
            path,
            query,
            headers,
            body,
        })
}

/// A path as the SDKs send it: what must be escaped is, in upper case, and nothing else.
fn canonical_path() -> impl Strategy<Value = String> {
    let pieces =
        vec!["a", "b", "Z", "0", "-", "_", "~", "a.b", "key", "/", "/", "%20", "%C3%A9", "%FF", "%25", "%2B"];
    vec(select(pieces), 0..8).prop_map(|pieces| format!("/{}", pieces.concat()))
}

fn path() -> impl Strategy<Value = String> {
    let piece = prop_oneof![8 => select(PIECES.to_vec()), 1 => select(vec!["=", "&", "+", "\""])];
    let plain = vec(piece, 1..4).prop_map(|pieces| pieces.concat());
    let segment =
        prop_oneof![8 => plain, 1 => Just(String::new()), 1 => Just(".".into()), 1 => Just("..".into())];
    vec(segment, 1..6).prop_map(|segments| format!("/{}", segments.join("/")))
}

fn query() -> impl Strategy<Value = String> {
    // A plus is what the peer reads otherwise, so it is rare enough to leave cases to compare.
    let piece = prop_oneof![40 => select(PIECES.to_vec()), 4 => select(vec!["/", "?"]), 1 => Just("+")];
    let part = vec(piece, 0..3).prop_map(|pieces| pieces.concat());
    let pair = prop_oneof![
        6 => (part.clone(), part.clone()).prop_map(|(name, value)| format!("{name}={value}")),
        1 => part,
        1 => select(vec!["", "a=1", "a=2", "a=", "a", "=", "=v", "a=b=c"]).prop_map(str::to_owned),
    ];
    vec(pair, 0..5).prop_map(|pairs| pairs.join("&"))
}

fn header() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let name = prop_oneof![
        50 => select(NAMES.to_vec()),
        10 => select(NAMES_OF_HOPS.to_vec()),
        1 => select(NAMES_FOR_BROWSERS.to_vec()),
    ];
    (name, header_value())
}

fn header_value() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        60 => "[!-~]{1,6}".prop_map(String::into_bytes),
        20 => " {1,3}".prop_map(String::into_bytes),
        6 => Just("caf\u{e9}".as_bytes().to_vec()),
        1 => Just(b"\t".to_vec()),
        1 => vec(0x80u8.., 1..3),
    ];
    vec(word, 0..6).prop_map(|words| words.concat())
}

fn host_header() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let hosts = select(vec!["bucket.example.com", " signed.example.com:8443 ", "UPPER.example.com"]);
    hosts.prop_map(|host| ("host", host.as_bytes().to_vec()))
}

impl Request {
    pub(crate) fn url(&self) -> String {
        let query = self.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}://{}{}{query}", self.scheme, self.authority, self.path)
    }

    pub(crate) fn head(&self) -> Parts {
        let mut request = http::Request::builder().method(self.method.as_str());
        for (name, value) in &self.headers {
            let value = HeaderValue::from_bytes(value).expect("values are made of bytes that headers take");
            request = request.header(HeaderName::from_static(name), value);
        }
        let uri: Uri = self.url().parse().expect("URLs are made of characters that http::Uri takes");
        request.uri(uri).body(()).expect("the method is a token").into_parts().0
    }
}
