//! What is signed is what is sent: hyper's client below the layer, a server on loopback that verifies what
//! arrives, HTTP/1.1 and HTTP/2.

#![expect(clippy::unwrap_used, reason = "what cannot be set up ends the test")]

mod exchange;
#[path = "../support/mod.rs"]
mod support;

use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use exchange::{AnyBody, Arrived, Server, VERSIONS, Version, boxed, send};
use hmac::{Hmac, KeyInit, Mac};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Empty, Full};
use sha2::Sha256;
use signing_core::{AuthParams, Explanation, SignErrorKind};
use support::{AWS, Piece, Pieces, SCHEMES, Secrets, data, host_of, pieces_of, signing_error, verify_sigv4};
use tower_signing::{BoxError, SigningErrorKind};

fn aws(service: &str) -> AuthParams {
    AWS.params_with(&[("Region", "eu-west-1"), ("Service", service)])
}

#[track_caller]
fn check_sigv4(head: &Parts, body: &[u8], at: &str) {
    let [key_id, secret, token] = AWS.pairs.iter().map(|&(_, value)| value).collect::<Vec<_>>()[..] else {
        unreachable!("three parameters");
    };
    let known = Secrets { key_id, secret, token: Some(token) };
    verify_sigv4(head, body, known).unwrap_or_else(|fault| panic!("{at}: {fault}"));
}

/// The signed line of a header.
fn signed_line<'e>(explanation: &'e Explanation, name: &str) -> Option<&'e str> {
    let mut lines = explanation.canonical_request().unwrap().lines();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
}

#[tokio::test]
async fn the_host_that_arrives_is_the_one_that_was_signed() {
    for version in VERSIONS {
        let mut server = Server::start().await;
        let port = server.address.port();
        for host in ["127.0.0.1", "localhost", "LocalHost"] {
            let url = format!("http://{host}:{port}/x");
            let request = Request::get(&url).body(boxed(Empty::new())).unwrap();
            let explanation = send(version, &aws("sqs"), request).await.unwrap();
            let arrived = server.next().await;
            assert_eq!(signed_line(&explanation, "host"), Some(host_of(&arrived.head)), "{version:?} {url}");
            assert_eq!(host_of(&arrived.head), format!("{host}:{port}"), "{version:?} {url}");
            assert_eq!(arrived.head.headers.contains_key("host"), version == Version::Http1);
            check_sigv4(&arrived.head, b"", &url);
        }
    }
}

#[tokio::test]
async fn a_host_header_of_the_callers_is_signed_and_arrives() {
    for version in VERSIONS {
        let mut server = Server::start().await;
        let request = Request::get(server.url("/")).header("host", "sqs.eu-west-1.amazonaws.com");
        let request = request.body(boxed(Empty::new())).unwrap();
        let explanation = send(version, &AWS.params(), request).await.unwrap();
        let arrived = server.next().await;
        assert_eq!(signed_line(&explanation, "host"), Some("sqs.eu-west-1.amazonaws.com"));
        assert_eq!(arrived.head.headers["host"], "sqs.eu-west-1.amazonaws.com");
        check_sigv4(&arrived.head, b"", "a Host of the caller's");
    }
}

/// Targets as they are sent, and as the verifying crate must be told them, where it is known to differ.
const TARGETS: [(&str, Option<&str>); 19] = [
    ("/", None),
    ("/?", None),
    ("//", None),
    ("//a///b/", None),
    ("/a/../b/./c", None),
    ("/a/%2E%2e/b", None),
    ("/a%2Fb%2fc", None),
    ("/caf%c3%a9/%C3%A9", None),
    ("/a%20b+c", None),
    ("/@=:;,!$&'()*~", None),
    ("/a?b=2&a=2&a=1&B=0", None),
    ("/a?b&a=&=c", None),
    ("/a?x=%2f%2F&y=%7e~", None),
    ("/a?x=%c3%a9", None),
    ("/a?x=y%20z&%20=1", None),
    ("/a?x=a/b:c@d", None),
    ("/a?x==y", None),
    // A form's plus is a space to the crate; to the services, as to us, it is a plus.
    ("/a?x=1+1", Some("/a?x=1%2B1")),
    ("/a?+=+", Some("/a?%2B=%2B")),
];

/// S3 signs the path as the key that it names, in one spelling; the crate takes it as it is written.
const S3_SPELLINGS: [(&str, &str); 4] = [
    ("/a/%2E%2e/b", "/a/../b"),
    ("/a%2Fb%2fc", "/a/b/c"),
    ("/caf%c3%a9/%C3%A9", "/caf%C3%A9/%C3%A9"),
    ("/a%20b+c", "/a%20b%2Bc"),
];

#[tokio::test]
async fn odd_paths_and_queries_arrive_as_they_were_signed() {
    for version in VERSIONS {
        let mut server = Server::start().await;
        for service in ["sqs", "s3"] {
            for (target, told) in TARGETS {
                let at = format!("{version:?} {service} {target}");
                let request = Request::post(server.url(target)).body(boxed(Full::from("{}"))).unwrap();
                send(version, &aws(service), request).await.unwrap();
                let Arrived { mut head, body } = server.next().await;
                assert_eq!(head.uri.path_and_query().unwrap(), target, "{at}");
                let told = match S3_SPELLINGS.iter().find(|(sent, _)| service == "s3" && *sent == target) {
                    Some((_, spelling)) => Some(*spelling),
                    None if service == "s3" && target.starts_with("/@") => {
                        Some("/%40%3D%3A%3B%2C%21%24%26%27%28%29%2A~")
                    }
                    None => told,
                };
                if let Some(told) = told {
                    head.headers.insert("host", HeaderValue::from_str(host_of(&head)).unwrap());
                    head.uri = told.parse().unwrap();
                }
                check_sigv4(&head, &body.unwrap().0, &at);
            }
        }
    }
}

#[tokio::test]
async fn odd_headers_arrive_as_they_were_signed() {
    let table: [&[(&'static str, &[u8])]; 6] = [
        &[("x-a", b"2"), ("x-a", b"1"), ("x-a", b"2")],
        &[("x-a", b""), ("x-a", b"1"), ("x-b", b"")],
        // The crate keeps tabs, so only spaces are compared with it.
        &[("x-a", b"  inner   spaces   ")],
        &[("x-a", "caf\u{e9} \u{65e5}\u{672c}".as_bytes())],
        &[("x-a", b"\"quoted   text\""), ("cookie", b"a=1; b=2"), ("accept", b"*/*")],
        &[("user-agent", b"tests"), ("te", b"trailers"), ("traceparent", b"00-1-2-3")],
    ];
    for version in VERSIONS {
        let mut server = Server::start().await;
        for headers in table {
            let mut request = Request::post(server.url("/")).body(boxed(Full::from("{}"))).unwrap();
            for &(name, value) in headers {
                request.headers_mut().append(name, HeaderValue::from_bytes(value).unwrap());
            }
            send(version, &aws("sqs"), request).await.unwrap();
            let arrived = server.next().await;
            check_sigv4(&arrived.head, b"{}", &format!("{version:?} {headers:?}"));
        }
    }
}

/// Batch's signature over what arrived, by the plain formula.
fn batch_signature(head: &Parts) -> String {
    let header = |name: &str| head.headers.get(name).map_or("", |value| value.to_str().unwrap());
    // The service reads an explicit zero of a GET as if it were not there.
    let length = match head.method.as_str() {
        "GET" | "HEAD" if header("content-length") == "0" => "",
        _ => header("content-length"),
    };
    let text = format!(
        "{}\n\n\n{length}\n\n{}\n\n\n\n\n\n\nocp-date:{}\n/acct{}",
        head.method,
        header("content-type"),
        header("ocp-date"),
        head.uri.path(),
    );
    let key = STANDARD.decode(SCHEMES[1].secret_values().next().unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(text.as_bytes());
    format!("SharedKey acct:{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// Method, body, headers of the caller's, and the Content-Length that is to arrive.
type Case = (&'static str, fn() -> AnyBody, &'static [(&'static str, &'static str)], Option<&'static str>);

#[tokio::test]
async fn the_content_length_that_arrives_is_the_one_that_batch_signed() {
    let known = || boxed(Full::from("hello"));
    let unknown = || boxed(pieces_of([data("hel"), data("lo")]));
    let table: [Case; 10] = [
        ("GET", || boxed(Empty::new()), &[], None),
        ("HEAD", || boxed(Empty::new()), &[], None),
        ("GET", || boxed(Empty::new()), &[("content-length", "0")], Some("0")),
        ("DELETE", || boxed(Empty::new()), &[], Some("0")),
        ("POST", || boxed(Empty::new()), &[], Some("0")),
        ("PATCH", || boxed(Full::default()), &[("content-type", "text/plain")], Some("0")),
        ("POST", known, &[("content-type", "text/plain")], Some("5")),
        ("DELETE", known, &[], Some("5")),
        ("PUT", unknown, &[], None),
        ("PUT", unknown, &[("content-length", "5")], Some("5")),
    ];
    for version in VERSIONS {
        let mut server = Server::start().await;
        for (method, body, headers, length) in table {
            let at = format!("{version:?} {method} {headers:?} {length:?}");
            let mut request = Request::builder().method(method).uri(server.url("/jobs"));
            for &(name, value) in headers {
                request = request.header(name, value);
            }
            let sent = body().collect().await.unwrap().to_bytes();
            let explanation =
                send(version, &SCHEMES[1].params(), request.body(body()).unwrap()).await.unwrap();
            let arrived = server.next().await;
            let given = arrived.head.headers.get("content-length").map(|value| value.to_str().unwrap());
            assert_eq!(given, length, "{at}");
            let signed = explanation.string_to_sign().unwrap().lines().nth(3).unwrap();
            assert!(signed == length.unwrap_or_default() || method == "GET", "{at}: signed {signed}");
            assert_eq!(arrived.head.headers["authorization"], batch_signature(&arrived.head), "{at}");
            assert_eq!(arrived.body.unwrap().0, sent, "{at}");
        }
    }
}

#[tokio::test]
async fn a_length_that_contradicts_the_body_is_refused_before_anything_is_sent() {
    let table: [&[(&str, &str)]; 6] = [
        &[("content-length", "3")],
        &[("content-length", "7")],
        &[("content-length", "5"), ("content-length", "5")],
        &[("content-length", "+5")],
        &[("content-length", "five")],
        &[("content-length", "5"), ("transfer-encoding", "chunked")],
    ];
    let bodies: [fn() -> AnyBody; 2] =
        [|| boxed(Full::from("hello")), || boxed(pieces_of([data("hel"), data("lo")]))];
    for version in VERSIONS {
        let server = Server::start().await;
        for headers in table {
            // SigV4 reads both; Batch knows the length of the first without reading it.
            for (params, body) in
                [(aws("sqs"), bodies[0]), (aws("sqs"), bodies[1]), (SCHEMES[1].params(), bodies[0])]
            {
                let mut request = Request::post(server.url("/jobs"));
                for &(name, value) in headers {
                    request = request.header(name, value);
                }
                let error = send(version, &params, request.body(body()).unwrap()).await.unwrap_err();
                let error = signing_error(&error);
                assert_eq!(error.kind(), SigningErrorKind::Sign, "{headers:?}");
                let source: &signing_core::SignError =
                    std::error::Error::source(error).unwrap().downcast_ref().unwrap();
                assert_eq!(source.kind(), SignErrorKind::Payload, "{headers:?}");
            }
        }
        assert_eq!(server.connections.load(Ordering::SeqCst), 0, "{version:?}");
    }
}

fn trailers() -> HeaderMap {
    HeaderMap::from_iter([(http::HeaderName::from_static("x-checksum"), HeaderValue::from_static("abc"))])
}

#[tokio::test]
async fn trailers_of_a_buffered_body_arrive() {
    for version in VERSIONS {
        let mut server = Server::start().await;
        let body = pieces_of([data("hel"), data("lo"), Ok(Frame::trailers(trailers()))]);
        let request =
            Request::post(server.url("/")).header("trailer", "x-checksum").body(boxed(body)).unwrap();
        send(version, &aws("sqs"), request).await.unwrap();
        let arrived = server.next().await;
        let (body, given) = arrived.body.unwrap();
        check_sigv4(&arrived.head, &body, "trailers");
        assert_eq!((&*body, given), (&b"hello"[..], Some(trailers())), "{version:?}");
    }
}

/// Sends a body that goes wrong. What arrived of it looked complete if that is `Some`.
async fn send_broken(
    version: Version,
    params: &AuthParams,
    length: Option<&str>,
    body: AnyBody,
) -> (Option<Bytes>, Option<BoxError>) {
    let mut server = Server::start().await;
    let mut request = Request::post(server.url("/jobs"));
    if let Some(length) = length {
        request = request.header("content-length", length);
    }
    let outcome = send(version, params, request.body(body).unwrap()).await;
    // What arrived before a request that is known to arrive is all that arrives.
    let last = Request::get(server.url("/last")).body(boxed(Empty::new())).unwrap();
    send(version, params, last).await.unwrap();
    let mut whole = None;
    loop {
        match server.next().await {
            last if last.head.uri.path() == "/last" => return (whole, outcome.err()),
            other => whole = whole.or(other.body.ok().map(|(body, _)| body)),
        }
    }
}

#[tokio::test]
async fn a_body_that_fails_midway_never_arrives_whole() {
    for version in VERSIONS {
        let fails = || boxed(pieces_of([data("hel"), Err("the disk is gone".into())]));
        let (whole, error) = send_broken(version, &aws("sqs"), None, fails()).await;
        let error = error.expect("a body that is read first fails first").to_string();
        assert_eq!(error, "the disk is gone", "an error of the caller's body passes as it is");
        assert_eq!(whole, None, "{version:?}");
        for length in [None, Some("5")] {
            let (whole, _) = send_broken(version, &SCHEMES[1].params(), length, fails()).await;
            assert_eq!(whole, None, "{version:?} {length:?}");
        }
    }
}

/// A body that says how long it is, and errs.
struct Lying(Pieces, u64);

impl Body for Lying {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Piece>> {
        Pin::new(&mut self.0).poll_frame(cx)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.1)
    }
}

/// hyper cuts a body off at the length that it was told, and what is left looks complete.
#[tokio::test]
async fn a_stream_of_another_length_than_it_says_never_arrives_whole() {
    let five_bytes = || pieces_of([data("hel"), data("lo")]);
    let mut faults = Vec::new();
    for version in VERSIONS {
        for (length, said_by) in [0, 3, 4, 7].into_iter().flat_map(|at| [(at, "the head"), (at, "the body")])
        {
            if (length, said_by) == (0, "the body") {
                // Such a body is empty by its own word: nobody asks it for more.
                continue;
            }
            let text = length.to_string();
            let (header, body) = match said_by {
                "the head" => (Some(&*text), boxed(five_bytes())),
                _ => (None, boxed(Lying(five_bytes(), length))),
            };
            let (whole, error) = send_broken(version, &SCHEMES[1].params(), header, body).await;
            if whole.is_some() || error.is_none() {
                faults
                    .push(format!("{version:?}, {length} by {said_by}: arrived {whole:?}, error {error:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
