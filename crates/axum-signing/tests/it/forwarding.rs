//! What the upstream gets, and what the client gets back.

use axum::Router;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;
use tower_signing::{SignerStore, SigningOptions};

use super::support::*;
use axum_signing::SigningProxy;

#[tokio::test]
async fn a_request_arrives_signed_as_it_was() {
    for (client, upstream_version) in [(Http1, Http1), (Http1, Http2), (Http2, Http1), (Http2, Http2)] {
        let (upstream, mut seen) = recorder().await;
        let base = format!("http://{upstream}/bucket/");
        let proxy = proxy_with(&base, SIGNED, upstream_version, |builder| builder).await;
        let request = Request::put(proxy.url("/a%20key?tagging=&x=1"))
            .header("content-type", "text/plain")
            .header("x-amz-meta-a", "b")
            .body(text("hello"))
            .unwrap();
        let response = within(proxy.client(client).request(request)).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(read(response).await, "ok");

        let (head, body) = within(seen.recv()).await.unwrap();
        let body = body.unwrap();
        verify(&head, Some(&body)).unwrap();
        assert_eq!(head.method, "PUT");
        assert_eq!(head.uri.path_and_query().unwrap(), "/bucket/a%20key?tagging=&x=1");
        assert_eq!((head.headers["x-amz-meta-a"].as_bytes(), &body[..]), (&b"b"[..], &b"hello"[..]));
        assert_eq!(head.headers["content-length"], "5");
        let host = head.headers.get("host").map(|host| host.to_str().unwrap());
        match upstream_version {
            Http1 => assert_eq!(host, Some(&*upstream.to_string())),
            // There it would stand beside `:authority`.
            Http2 => {
                assert_eq!((host, head.uri.authority().unwrap().as_str()), (None, &*upstream.to_string()))
            }
        }
    }
}

#[tokio::test]
async fn what_is_for_the_proxy_stays_there() {
    let (upstream, mut seen) = recorder().await;
    let proxy = proxy_with(&format!("http://{upstream}"), SIGNED, Http1, |builder| {
        builder.strip_header("x-api-key".parse().unwrap())
    })
    .await;
    let status = proxy
        .status(
            "GET /x HTTP/1.1
Host: HOST
Connection: authorization, host, X-Private, x-amz-date, x-amz-content-sha256, content-length, close
Connection: keep-alive
X-Private: 1
Keep-Alive: timeout=5
Proxy-Authorization: Basic c2VjcmV0
Proxy-Connection: keep-alive
TE: trailers, deflate
Upgrade: websocket
HTTP2-Settings: AAMAAABkAAQAAP__
Authorization: AWS4-HMAC-SHA256 Credential=AKIDEVIL/20240229/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=00
x-amz-date: 19700101T000000Z
x-amz-content-sha256: 00
x-amz-security-token: evil
Date: Thu, 01 Jan 1970 00:00:00 GMT
Signature: evil
Digest: evil
X-Api-Key: evil
Via: 1.1 evil
Forwarded: for=1.2.3.4
X-Forwarded-For: 1.2.3.4
Expect: 100-continue
Content-Length: 0
Cookie: a=1
Accept: */*",
        )
        .await;
    assert_eq!(status, 200);
    let (head, body) = within(seen.recv()).await.unwrap();
    verify(&head, Some(&body.unwrap())).unwrap();
    let mut names: Vec<_> = head.headers.keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    let expected = ["accept", "authorization", "cookie", "host", "te", "x-amz-content-sha256", "x-amz-date"];
    assert_eq!(names, expected);
    assert_eq!(head.headers["te"], "trailers");
    assert_eq!(head.headers["x-amz-date"], "20240229T123456Z");
}

/// The method sets a header of its own, so the client's `Authorization` would survive its signing.
#[tokio::test]
async fn a_clients_authorization_does_not_pass_beside_a_token() {
    let token = [("Method", "auth-token"), ("Header", "x-api-key"), ("Token", "ours")];
    let (upstream, mut seen) = recorder().await;
    let proxy = proxy_to(upstream, &token).await;
    assert_eq!(
        proxy.status("GET / HTTP/1.1\nHost: HOST\nAuthorization: Bearer a\nX-Api-Key: b\nx-api-key: c").await,
        200
    );
    let (head, _) = within(seen.recv()).await.unwrap();
    assert!(!head.headers.contains_key("authorization"));
    assert_eq!(head.headers.get_all("x-api-key").iter().collect::<Vec<_>>(), ["ours"]);
}

#[tokio::test]
async fn contradicting_lengths_arrive_as_one() {
    let (upstream, mut seen) = recorder().await;
    let proxy = proxy_to(upstream, STREAMED).await;
    // hyper takes the encoding for the truth, drops the length, and closes after it.
    let smuggled = "POST / HTTP/1.1\nHost: HOST\nContent-Length: 5\nTransfer-Encoding: chunked\nConnection: close\n\n0\n\nGET /smuggled HTTP/1.1\nHost: HOST\n\n";
    let mut stream = proxy.send(smuggled).await;
    let _ = within(tokio::io::copy(&mut stream, &mut tokio::io::sink())).await;
    let (head, body) = within(seen.recv()).await.unwrap();
    assert_eq!((head.uri.path(), &*body.unwrap()), ("/", &b""[..]));
    assert!(!head.headers.contains_key("content-length"));
    proxy.settled().await;
    assert_eq!(proxy.metrics.requests(), 1);

    let twice =
        "PUT /twice HTTP/1.1\nHost: HOST\nContent-Length: 2\nContent-Length: 2\nConnection: close\n\nhi";
    let mut stream = proxy.send(twice).await;
    let _ = within(tokio::io::copy(&mut stream, &mut tokio::io::sink())).await;
    let (head, body) = within(seen.recv()).await.unwrap();
    assert_eq!((head.headers.get_all("content-length").iter().count(), &*body.unwrap()), (1, &b"hi"[..]));
}

#[tokio::test]
async fn a_response_loses_what_was_for_the_proxy() {
    let upstream = upstream(|request| async move {
        assert!(!request.headers().contains_key("upgrade"));
        Response::builder()
            .status(207)
            .header("connection", "x-private, content-type")
            .header("x-private", "1")
            .header("keep-alive", "timeout=5")
            .header("proxy-authenticate", "Basic")
            .header("upgrade", "h2c")
            .header("set-cookie", "a=1")
            .header("set-cookie", "b=2")
            .header("content-type", "text/plain")
            .header("content-length", "2")
            .header("trailer", "x")
            .body(text("ok"))
            .unwrap()
    })
    .await;
    let proxy = proxy_to(upstream, SIGNED).await;
    let response = within(proxy.client(Http1).get(proxy.url("/x").parse().unwrap())).await.unwrap();
    assert_eq!(response.status(), 207);
    let mut names: Vec<_> = response.headers().keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["content-length", "date", "set-cookie"]);
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
}

#[tokio::test]
async fn heads_without_bodies_keep_their_lengths() {
    let upstream = upstream(|request| async move {
        let status = if request.method() == "HEAD" { 200 } else { 304 };
        Response::builder().status(status).header("content-length", "1000").body(text("")).unwrap()
    })
    .await;
    let proxy = proxy_to(upstream, SIGNED).await;
    let head = Request::head(proxy.url("/x")).body(text("")).unwrap();
    let response = within(proxy.client(Http1).request(head)).await.unwrap();
    assert_eq!(response.headers()["content-length"], "1000");
    let response = within(proxy.client(Http1).get(proxy.url("/x").parse().unwrap())).await.unwrap();
    assert_eq!(response.status(), 304);
    proxy.settled().await;
    for kind in axum_signing::FailureKind::ALL {
        assert_eq!(proxy.metrics.failures(kind), 0, "{kind:?}");
    }
}

#[tokio::test]
async fn trailers_pass_both_ways() {
    for (client, upstream_version) in [(Http1, Http1), (Http1, Http2), (Http2, Http1), (Http2, Http2)] {
        let upstream = upstream(|request| async move {
            let body = within(request.into_body().collect()).await.unwrap();
            let mut trailers = body.trailers().cloned().unwrap_or_default();
            trailers.insert("x-down", "2".parse().unwrap());
            let response = Response::builder().header("trailer", "x-up, x-down, authorization, x-token");
            response.body(with_trailers(body.to_bytes(), trailers).await).unwrap()
        })
        .await;
        let proxy = proxy_with(&format!("http://{upstream}"), STREAMED, upstream_version, |builder| {
            builder.strip_header(http::HeaderName::from_static("x-token"))
        })
        .await;
        let mut trailers = http::HeaderMap::new();
        trailers.insert("x-token", "theirs".parse().unwrap());
        trailers.insert("x-up", "1".parse().unwrap());
        trailers.insert("x-amz-date", "evil".parse().unwrap());
        let request = Request::post(proxy.url("/x"))
            .header("te", "trailers")
            .header("trailer", "x-up, x-amz-date, x-token")
            .body(with_trailers("up".into(), trailers).await)
            .unwrap();
        let response = within(proxy.client(client).request(request)).await.unwrap();
        let body = within(response.into_body().collect()).await.unwrap();
        let trailers = body.trailers().cloned().unwrap_or_default();
        assert_eq!(body.to_bytes(), "up");
        assert_eq!((trailers["x-up"].as_bytes(), trailers["x-down"].as_bytes()), (&b"1"[..], &b"2"[..]));
        for name in ["x-amz-date", "x-token"] {
            assert!(!trailers.contains_key(name), "{name} {client:?} {upstream_version:?}");
        }
    }
}

#[tokio::test]
async fn it_can_be_mounted_in_a_router() {
    let (upstream, mut seen) = recorder().await;
    let builder = SigningProxy::builder(&format!("http://{upstream}/bucket")).unwrap();
    let builder = builder.allow_host("app.example").unwrap();
    let client = signed_client(&builder, SignerStore::new(signer(SIGNED)), Http1);
    let proxy: TestProxy<axum::body::Body> = builder.build(client);
    let app: Router = Router::new().nest_service("/s3", proxy.clone()).fallback_service(proxy);

    for (uri, expected) in [("/s3/key?a", "/bucket/key?a"), ("/elsewhere", "/bucket/elsewhere")] {
        let request = Request::put(uri).header("host", "app.example").body(axum::body::Body::from("hello"));
        let response = within(app.clone().oneshot(request.unwrap())).await.unwrap();
        assert_eq!(read(response).await, "ok");
        let (head, body) = within(seen.recv()).await.unwrap();
        assert_eq!(head.uri, expected);
        verify(&head, Some(&body.unwrap())).unwrap();
    }
    let request = Request::get("/s3/key").header("host", "evil.example").body(axum::body::Body::empty());
    let response = within(app.oneshot(request.unwrap())).await.unwrap();
    assert_eq!(response.status(), StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn nothing_above_the_proxy_chooses_the_signer() {
    let (upstream, mut seen) = recorder().await;
    let builder = SigningProxy::builder(&format!("http://{upstream}")).unwrap();
    let client = signed_client(&builder, SignerStore::new(signer(SIGNED)), Http1);
    let proxy: TestProxy<TestBody> = builder.build(client);
    let request = Request::get("/x").header("host", "localhost").extension(SigningOptions::new().skip());
    within(proxy.oneshot(request.body(text("")).unwrap())).await.unwrap();
    let (head, body) = within(seen.recv()).await.unwrap();
    verify(&head, Some(&body.unwrap())).unwrap();
}
