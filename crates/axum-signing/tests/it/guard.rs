//! Requests of those who must get nothing.

use http::{Method, Request, Version as HttpVersion};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use super::support::*;

/// Each is refused with its status, and none of them reaches the upstream.
#[track_caller]
fn check(cases: &'static [(u16, &'static str)]) -> impl Future<Output = ()> {
    check_with(cases, "", |builder| builder)
}

async fn check_with(
    cases: &[(u16, &str)],
    base_path: &str,
    set: impl FnOnce(axum_signing::SigningProxyBuilder) -> axum_signing::SigningProxyBuilder,
) {
    let (upstream, mut seen) = recorder().await;
    let proxy = proxy_with(&format!("http://{upstream}{base_path}"), SIGNED, Http1, set).await;
    for &(expected, head) in cases {
        assert_eq!(proxy.status(head).await, expected, "{head}");
    }
    assert_eq!(proxy.status("GET /good HTTP/1.1\nHost: HOST").await, 200);
    let (head, _) = within(seen.recv()).await.unwrap();
    assert_eq!(head.uri.path(), format!("{base_path}/good"), "a refused request was forwarded");
}

#[tokio::test]
async fn a_host_that_was_rebound_to_this_machine_is_misdirected() {
    check(&[
        (421, "GET / HTTP/1.1\nHost: evil.example"),
        (421, "GET / HTTP/1.1\nHost: localhost"),
        (421, "GET / HTTP/1.1\nHost: localhost.evil.example"),
        (421, "GET / HTTP/1.1\nHost: HOST.evil.example"),
        (421, "GET / HTTP/1.1\nHost: user@HOST"),
        (421, "GET / HTTP/1.1\nHost: HOST@evil.example"),
        (421, "GET / HTTP/1.1\nHost: evil.example@HOST"),
        (421, "GET / HTTP/1.1\nHost: HOST, evil.example"),
        (421, "GET / HTTP/1.1\nHost: \u{1F600}"),
        (421, "GET / HTTP/1.1\nHost:"),
        (421, "GET / HTTP/1.1\nHost: evil.example\nX-Forwarded-Host: HOST\nForwarded: host=HOST"),
        // What `Connection` names is stripped after it was looked at.
        (421, "GET / HTTP/1.1\nHost: evil.example\nConnection: host"),
        (400, "GET / HTTP/1.1"),
        (400, "GET / HTTP/1.0"),
        (400, "GET / HTTP/1.1\nHost: HOST\nHost: evil.example"),
        (400, "GET / HTTP/1.1\nHost: HOST\nHost: HOST"),
    ])
    .await;
}

#[tokio::test]
async fn localhost_and_allowed_hosts_are_answered() {
    let (upstream, _seen) = recorder().await;
    let proxy = proxy_with(&format!("http://{upstream}"), SIGNED, Http1, |builder| {
        builder.allow_host("signing.internal").unwrap().allow_host("other.internal:81").unwrap()
    })
    .await;
    let localhost = format!("localhost:{}", proxy.address.port());
    for host in ["HOST", &localhost, "signing.internal", "signing.internal:1234", "other.internal:81"] {
        assert_eq!(proxy.status(&format!("GET / HTTP/1.1\nHost: {host}")).await, 200, "{host}");
    }
    assert_eq!(proxy.status("GET / HTTP/1.1\nHost: other.internal").await, 421);
}

#[tokio::test]
async fn a_web_page_gets_nothing_whatever_its_method() {
    check(&[
        (403, "GET / HTTP/1.1\nHost: HOST\nOrigin: https://evil.example"),
        (403, "HEAD / HTTP/1.1\nHost: HOST\nOrigin: https://evil.example"),
        (403, "POST / HTTP/1.1\nHost: HOST\nOrigin: https://evil.example\nContent-Length: 0"),
        (403, "OPTIONS / HTTP/1.1\nHost: HOST\nOrigin: https://evil.example\nAccess-Control-Request-Method: PUT"),
        (403, "PURGE / HTTP/1.1\nHost: HOST\nOrigin: https://evil.example"),
        (403, "GET / HTTP/1.1\nHost: HOST\nOrigin: null"),
        (403, "GET / HTTP/1.1\nHost: HOST\nOrigin:"),
        (403, "GET / HTTP/1.1\nHost: HOST\nOrigin: http://HOST"),
        (403, "GET / HTTP/1.1\nHost: HOST\nSec-Fetch-Site: cross-site"),
        (403, "GET / HTTP/1.1\nHost: HOST\nSec-Fetch-Site: same-site"),
        (403, "GET / HTTP/1.1\nHost: HOST\nSec-Fetch-Site: same-origin"),
        (403, "GET / HTTP/1.1\nHost: HOST\nSec-Fetch-Site: none\nSec-Fetch-Site: cross-site"),
        (403, "GET / HTTP/1.1\nHost: HOST\nSec-Fetch-Site: none\nOrigin: https://evil.example"),
        (403, "GET / HTTP/1.1\nHost: HOST\nOrigin: https://evil.example\nConnection: origin"),
        (403, "GET / HTTP/1.1\nHost: HOST\nSec-Fetch-Site: cross-site\nConnection: sec-fetch-site"),
        (200, "GET /good HTTP/1.1\nHost: HOST\nSec-Fetch-Site: none"),
    ])
    .await;
}

#[tokio::test]
async fn an_allowed_origin_is_answered_and_no_other() {
    let good = "GET /good HTTP/1.1\nHost: HOST\nOrigin: https://app.example\nSec-Fetch-Site: cross-site";
    let own = "GET /good HTTP/1.1\nHost: own.example\nSec-Fetch-Site: same-origin";
    let cases = [
        (403, "GET / HTTP/1.1\nHost: HOST\nOrigin: https://app.example\nOrigin: https://app.example"),
        (403, "GET / HTTP/1.1\nHost: HOST\nOrigin: https://app.example.evil.example"),
        (403, "GET / HTTP/1.1\nHost: HOST\nOrigin: http://app.example"),
        (403, "GET / HTTP/1.1\nHost: HOST\nOrigin: null"),
        // An image on any page, not only on the allowed one.
        (403, "GET / HTTP/1.1\nHost: HOST\nSec-Fetch-Site: cross-site"),
        (403, "GET / HTTP/1.1\nHost: HOST\nSec-Fetch-Site: same-origin"),
        (200, good),
        (200, own),
    ];
    check_with(&cases, "", |builder| {
        let builder = builder.allow_origin("https://app.example").unwrap();
        builder.allow_origin("https://own.example").unwrap().allow_host("own.example").unwrap()
    })
    .await;
}

#[tokio::test]
async fn only_paths_are_targets() {
    check(&[
        (400, "GET http://evil.example/ HTTP/1.1\nHost: HOST"),
        (400, "GET http://evil.example/ HTTP/1.1\nHost: evil.example"),
        (400, "GET http://evil.example@HOST/ HTTP/1.1\nHost: HOST"),
        (400, "GET http://HOST@evil.example/ HTTP/1.1\nHost: HOST"),
        (400, "CONNECT evil.example:443 HTTP/1.1\nHost: HOST"),
        (400, "CONNECT HOST HTTP/1.1\nHost: HOST"),
        (400, "OPTIONS * HTTP/1.1\nHost: HOST"),
        (400, "GET * HTTP/1.1\nHost: HOST"),
        (421, "GET http://HOST/ HTTP/1.1\nHost: evil.example"),
        (200, "GET http://HOST/good HTTP/1.1\nHost: HOST"),
    ])
    .await;
}

#[tokio::test]
async fn a_path_is_never_another_host() {
    let (upstream, mut seen) = recorder().await;
    let proxy = proxy_to(upstream, SIGNED).await;
    let plain = ["//other.example/x", "///x", "/a//b/../c"];
    // The signer that checks does not escape what these hold; ours does.
    let odd = ["/\\other.example/x", "/http://other.example/", "/@other.example"];
    for path in plain.into_iter().chain(odd) {
        assert_eq!(proxy.status(&format!("GET {path} HTTP/1.1\nHost: HOST")).await, 200, "{path}");
        let (head, body) = within(seen.recv()).await.unwrap();
        assert_eq!(head.uri, path);
        assert_eq!(head.headers["host"], upstream.to_string());
        if plain.contains(&path) {
            assert_eq!(verify(&head, Some(&body.unwrap())), Ok(()), "{path}");
        }
    }
}

#[tokio::test]
async fn no_path_leaves_the_base() {
    let cases = [
        (400, "GET /.. HTTP/1.1\nHost: HOST"),
        (400, "GET /../secret HTTP/1.1\nHost: HOST"),
        (400, "GET /x/../../secret HTTP/1.1\nHost: HOST"),
        (400, "GET /%2e%2e/secret HTTP/1.1\nHost: HOST"),
        (400, "GET /.%2E/secret HTTP/1.1\nHost: HOST"),
        (400, "GET /x%2f..%2f..%2fsecret HTTP/1.1\nHost: HOST"),
        (400, "GET /..\\secret HTTP/1.1\nHost: HOST"),
        (400, "GET /./x HTTP/1.1\nHost: HOST"),
        (400, "GET http://HOST/../secret HTTP/1.1\nHost: HOST"),
    ];
    check_with(&cases, "/base", |builder| builder).await;
}

#[tokio::test]
async fn a_request_that_is_signed_already_is_not_signed_again() {
    check(&[
        (400, "GET /x?X-Amz-Signature=00 HTTP/1.1\nHost: HOST"),
        (400, "GET /x?a=b&x-amz-%63redential=00 HTTP/1.1\nHost: HOST"),
        (400, "GET /x?sv=2020-08-04&sig=00 HTTP/1.1\nHost: HOST"),
        (400, "PUT /x HTTP/1.1\nHost: HOST\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        (400, "PUT /x HTTP/1.1\nHost: HOST\nContent-Encoding: aws-chunked\nConnection: content-encoding"),
    ])
    .await;
}

#[tokio::test]
async fn a_body_has_one_length() {
    check(&[
        (400, "PUT /x HTTP/1.1\nHost: HOST\nContent-Length: 1\nContent-Length: 2"),
        (400, "PUT /x HTTP/1.1\nHost: HOST\nContent-Length: 0, 1"),
        (400, "PUT /x HTTP/1.1\nHost: HOST\nContent-Length: +1"),
        (400, "PUT /x HTTP/1.1\nHost: HOST\nTransfer-Encoding: chunked, gzip"),
        (400, "PUT /x HTTP/1.0\nHost: HOST\nTransfer-Encoding: chunked"),
        (501, "PUT /x HTTP/1.1\nHost: HOST\nTransfer-Encoding: gzip, chunked"),
        (501, "PUT /x HTTP/1.1\nHost: HOST\nTransfer-Encoding: gzip\nTransfer-Encoding: chunked"),
        (417, "PUT /x HTTP/1.1\nHost: HOST\nContent-Length: 0\nExpect: miracles"),
    ])
    .await;
}

#[tokio::test]
async fn http2_is_judged_by_its_authority() {
    let (upstream, mut seen) = recorder().await;
    let proxy = proxy_to(upstream, SIGNED).await;
    let stream = TcpStream::connect(proxy.address).await.unwrap();
    let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (mut client, connection) = handshake.await.unwrap();
    tokio::spawn(connection);

    let good = proxy.url("/good");
    let request = |method: Method, url: &str, headers: &[(&str, &str)]| {
        let mut request = Request::builder().method(method).uri(url).version(HttpVersion::HTTP_2);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(text("")).unwrap()
    };
    let cases = [
        (421, request(Method::GET, "http://evil.example/", &[])),
        (421, request(Method::GET, &good, &[("host", "evil.example")])),
        (421, request(Method::GET, "http://evil.example/", &[("host", &proxy.address.to_string())])),
        (403, request(Method::GET, &good, &[("origin", "https://evil.example")])),
        (403, request(Method::GET, &good, &[("sec-fetch-site", "cross-site")])),
        (400, request(Method::CONNECT, "evil.example:443", &[])),
        (200, request(Method::GET, &good, &[])),
    ];
    for (expected, request) in cases {
        let told = format!("{request:?}");
        let response = within(client.send_request(request)).await.unwrap();
        assert_eq!(response.status(), expected, "{told}");
    }
    assert_eq!(within(seen.recv()).await.unwrap().0.uri.path(), "/good");
}
