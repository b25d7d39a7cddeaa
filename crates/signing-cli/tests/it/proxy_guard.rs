//! A proxy that signs for whoever reaches it is an oracle: hostile requests, each refused.

use super::proxy::*;
use super::upstream::*;

/// Each is refused with its status, and the upstream hears of none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_requests_are_refused() {
    let (upstream, record) = verifier().await;
    let base = format!("http://{upstream}/base");
    let proxy = Proxy::with_base_url(&base, &sigv4("AKIDONE"), &["--allow-origin", "https://app.example"]);
    let port = proxy.address.port();
    for (head, status) in [
        // A page whose owner has its name resolved to this machine.
        (format!("GET / HTTP/1.1\nHost: evil.example:{port}"), 421),
        (format!("GET / HTTP/1.1\nHost: localhost.evil.example:{port}"), 421),
        ("GET / HTTP/1.1\nHost: 127.0.0.1:1".into(), 421),
        (format!("GET / HTTP/1.1\nHost: 0.0.0.0:{port}"), 421),
        ("GET / HTTP/1.1".into(), 400),
        ("GET / HTTP/1.1\nHost: HOST\nHost: HOST".into(), 400),
        ("GET / HTTP/1.0".into(), 400),
        // A page of another origin.
        ("GET / HTTP/1.1\nHost: HOST\nOrigin: https://evil.example".into(), 403),
        ("GET / HTTP/1.1\nHost: HOST\nOrigin: null".into(), 403),
        ("GET / HTTP/1.1\nHost: HOST\nOrigin: http://HOST".into(), 403),
        ("OPTIONS / HTTP/1.1\nHost: HOST\nOrigin: https://evil.example".into(), 403),
        ("GET / HTTP/1.1\nHost: HOST\nSec-Fetch-Site: cross-site".into(), 403),
        ("GET / HTTP/1.1\nHost: HOST\nSec-Fetch-Site: same-origin".into(), 403),
        ("GET / HTTP/1.1\nHost: HOST\nConnection: origin\nOrigin: https://evil.example".into(), 403),
        // What leaves the base path.
        ("GET /../x HTTP/1.1\nHost: HOST".into(), 400),
        ("GET /a/../../x HTTP/1.1\nHost: HOST".into(), 400),
        ("GET /%2e%2e/x HTTP/1.1\nHost: HOST".into(), 400),
        ("GET /.%2E/x HTTP/1.1\nHost: HOST".into(), 400),
        ("GET /a%2f..%2f..%2fx HTTP/1.1\nHost: HOST".into(), 400),
        // What is no path.
        ("GET http://other.example/x HTTP/1.1\nHost: HOST".into(), 400),
        ("GET http://other.example/x HTTP/1.1\nHost: other.example".into(), 400),
        ("CONNECT other.example:443 HTTP/1.1\nHost: HOST".into(), 400),
        ("OPTIONS * HTTP/1.1\nHost: HOST".into(), 400),
        // What is signed already.
        ("GET /x?X-Amz-Signature=0 HTTP/1.1\nHost: HOST".into(), 400),
        ("GET /x?x%2Damz%2Dcredential=0 HTTP/1.1\nHost: HOST".into(), 400),
        ("PUT /x HTTP/1.1\nHost: HOST\nContent-Encoding: aws-chunked\nContent-Length: 0".into(), 400),
    ] {
        assert_eq!(proxy.status(&head).await, status, "{head}");
    }
    assert_eq!(record.len(), 0, "{record:?}");
    // The same door opens for those who may come in.
    assert_eq!(proxy.status(&format!("GET / HTTP/1.1\nHost: localhost:{port}")).await, 200);
    assert_eq!(proxy.status("GET / HTTP/1.1\nHost: HOST\nOrigin: https://app.example").await, 200);
    assert_eq!(proxy.status("GET http://HOST/x HTTP/1.1\nHost: HOST").await, 200);
    assert_eq!(proxy.status("GET / HTTP/1.1\nHost: HOST\nSec-Fetch-Site: none").await, 200);
    assert_eq!(record.len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http2_is_guarded_as_well() {
    let (upstream, record) = verifier().await;
    let proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &[]);
    let client = client(true);
    let get = |header: (&'static str, &'static str)| {
        let request = http::Request::get(proxy.url("/")).header(header.0, header.1);
        let response = client.request(request.body(Default::default()).unwrap());
        async { within(response).await.unwrap().status().as_u16() }
    };
    assert_eq!(get(("host", "evil.example")).await, 421);
    assert_eq!(get(("origin", "https://evil.example")).await, 403);
    assert_eq!(get(("sec-fetch-site", "cross-site")).await, 403);
    assert_eq!(record.len(), 0);
    assert_eq!(get(("accept", "*/*")).await, 200);
}

/// Neither what `Connection` names nor what the client brings of a signature changes ours.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_header_of_the_client_touches_the_signature() {
    let (upstream, record) = verifier().await;
    let proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &[]);
    for header in [
        "Connection: authorization, host, x-amz-date, x-amz-content-sha256",
        "Authorization: Bearer theirs",
        "X-Amz-Security-Token: theirs",
        "X-Amz-Date: 20200101T000000Z",
        "X-Forwarded-Host: evil.example",
        "X-Signing-Section: other",
    ] {
        assert_eq!(proxy.status(&format!("GET /x HTTP/1.1\nHost: HOST\n{header}")).await, 200, "{header}");
        let seen = record.take_one();
        assert_eq!(seen.head.headers.get_all("authorization").iter().count(), 1, "{header}");
        assert_eq!(seen.header("host").map(str::to_owned), Some(upstream.to_string()), "{header}");
        for gone in ["x-amz-security-token", "x-forwarded-host", "connection"] {
            assert_eq!(seen.header(gone), None, "{header}");
        }
    }
}
