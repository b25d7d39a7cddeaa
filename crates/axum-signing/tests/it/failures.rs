//! An upstream that is dead, still or strange, and requests that cannot be signed.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum_signing::{FailureKind, ProgressBody, ProgressLayer, SigningProxy, SigningProxyBuilder, UploadBody};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::{ServiceBuilder, ServiceExt};
use tower_signing::{BoxError, SignedBody, SignerStore, Signers};
use tower_test::mock;

use super::support::*;

const GET: &str = "GET /x?token=secret HTTP/1.1\nHost: HOST";
const IDLE: Duration = Duration::from_millis(300);

fn impatient(builder: SigningProxyBuilder) -> SigningProxyBuilder {
    builder.idle_timeout(IDLE)
}

/// The answer's status, head and text.
#[track_caller]
fn check(answer: &str, status: u16, message: &str) {
    let (head, text) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(head.contains("content-type: text/plain; charset=utf-8"), "{answer}");
    assert!(text.starts_with(message) && text.ends_with('\n') && !text.contains("secret"), "{answer}");
}

#[tokio::test]
async fn a_dead_upstream_is_a_bad_gateway() {
    // Nobody listens at the port of a listener that is gone.
    let (_, address) = listen().await;
    for version in [Http1, Http2] {
        let proxy = proxy_with(&format!("http://{address}"), SIGNED, version, |builder| builder).await;
        check(&proxy.raw(GET).await, 502, "the upstream did not answer: Connection refused");
        assert_eq!(proxy.metrics.failures(FailureKind::Upstream), 1);
    }
}

/// An upstream that sends `answer` to whatever comes, and then closes, or keeps still.
async fn raw_upstream(answer: &'static str, keeps_open: bool) -> std::net::SocketAddr {
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            if keeps_open {
                open.push(stream);
            }
        }
    });
    address
}

#[tokio::test]
async fn an_upstream_that_answers_nothing_or_nonsense_is_a_bad_gateway() {
    for answer in
        ["", "HTTP/1.1", "\u{1b}[31mnonsense\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"]
    {
        let proxy = proxy_to(raw_upstream(answer, false).await, SIGNED).await;
        let told = proxy.raw(GET).await;
        check(&told, 502, "the upstream did not answer: ");
        assert!(!told.contains('\u{1b}'), "{told}");
    }
}

#[tokio::test]
async fn an_upstream_that_switches_protocols_unasked_is_a_bad_gateway() {
    let answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
    let proxy = proxy_to(raw_upstream(answer, true).await, SIGNED).await;
    let told = proxy.raw("GET / HTTP/1.1\nHost: HOST\nUpgrade: x\nConnection: upgrade").await;
    check(&told, 502, "the upstream");
}

#[tokio::test]
async fn interim_responses_are_not_the_answer() {
    let answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let proxy = proxy_to(raw_upstream(answer, true).await, SIGNED).await;
    let told = proxy.raw(GET).await;
    assert!(told.starts_with("HTTP/1.1 200 OK") && told.ends_with("\r\n\r\nok"), "{told}");
}

#[tokio::test]
async fn an_upstream_that_keeps_still_is_a_gateway_timeout() {
    let upstream = raw_upstream("", true).await;
    let proxy = proxy_with(&format!("http://{upstream}"), SIGNED, Http1, impatient).await;
    check(&proxy.raw(GET).await, 504, "the upstream kept still for 300ms");
    assert_eq!(proxy.metrics.failures(FailureKind::Timeout), 1);
}

#[tokio::test]
async fn a_client_that_keeps_still_is_a_request_timeout() {
    for params in [SIGNED, STREAMED] {
        let (upstream, _seen) = recorder().await;
        let proxy = proxy_with(&format!("http://{upstream}"), params, Http1, impatient).await;
        let mut stream = proxy.send("PUT / HTTP/1.1\nHost: HOST\nContent-Length: 10\n\nhello").await;
        let mut answer = [0; 16];
        within(stream.read_exact(&mut answer)).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 408 "), "{answer:?}");
        assert_eq!(proxy.metrics.failures(FailureKind::Upload), 1);
    }
}

#[tokio::test]
async fn a_response_that_stops_midway_does_not_look_complete() {
    for (answer, keeps_open, kind) in [
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", true, FailureKind::Timeout),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", false, FailureKind::Download),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", true, FailureKind::Timeout),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", false, FailureKind::Download),
    ] {
        for client in [Http1, Http2] {
            let upstream = raw_upstream(answer, keeps_open).await;
            let proxy = proxy_with(&format!("http://{upstream}"), SIGNED, Http1, impatient).await;
            let response = within(proxy.client(client).get(proxy.url("/").parse().unwrap())).await.unwrap();
            assert_eq!(response.status(), 200);
            assert!(within(response.into_body().collect()).await.is_err(), "{answer:?} {client:?}");
            proxy.settled().await;
            assert_eq!(proxy.metrics.failures(kind), 1, "{answer:?} {client:?}");
        }
    }
}

/// The client is slow, not the upstream: only the wait for the upstream counts.
#[tokio::test(start_paused = true)]
async fn a_client_that_reads_late_is_no_timeout() {
    let (mut sender, download) = pieces();
    let download = Arc::new(Mutex::new(Some(download)));
    let builder = impatient(SigningProxy::builder("http://127.0.0.1:9000").unwrap());
    let proxy = builder.build(tower::service_fn(move |_: Request<UploadBody<TestBody>>| {
        let download = download.lock().unwrap().take().unwrap();
        async { Ok::<_, BoxError>(Response::new(download)) }
    }));
    let request = Request::get("/").header("host", "localhost").body(text("")).unwrap();
    let mut body = Box::pin(within(proxy.oneshot(request)).await.unwrap().into_body());
    sender.send_data("first".into()).await.unwrap();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "first");
    tokio::time::advance(IDLE * 10).await;
    assert!(tokio::time::timeout(IDLE / 2, body.frame()).await.is_err(), "it gave up at once");
    let error = within(body.frame()).await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "nothing moved for 300ms in the midst of the response");
}

/// The instance that was polled ready is the one that is called, or the mock panics.
#[tokio::test(start_paused = true)]
async fn a_client_below_that_is_not_ready_is_waited_for_but_not_for_ever() {
    let (service, mut handle) = mock::pair::<Request<UploadBody<TestBody>>, Response<TestBody>>();
    let proxy = impatient(SigningProxy::builder("http://127.0.0.1:9000").unwrap()).build(service);
    let request = || Request::get("/x").header("host", "localhost").body(text("")).unwrap();

    handle.allow(0);
    let response = within(proxy.clone().oneshot(request())).await.unwrap();
    assert_eq!(response.status(), 504);

    let response = proxy.clone().oneshot(request());
    let upstream = async {
        tokio::time::sleep(IDLE / 2).await;
        handle.allow(1);
        let (request, answer) = handle.next_request().await.unwrap();
        assert_eq!(request.uri(), "http://127.0.0.1:9000/x");
        answer.send_response(Response::new(text("ok")));
    };
    let (response, ()) = within(async { tokio::join!(response, upstream) }).await;
    assert_eq!(response.unwrap().status(), 200);

    handle.send_error("out of order");
    let response = within(proxy.oneshot(request())).await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &*read(response).await),
        (502, &b"the upstream did not answer: out of order\n"[..])
    );
}

#[tokio::test]
async fn an_answer_before_the_uploads_end_is_passed_on() {
    let upstream = raw_upstream("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", true).await;
    let proxy = proxy_to(upstream, STREAMED).await;
    let mut stream = proxy.send("PUT / HTTP/1.1\nHost: HOST\nContent-Length: 100000\n\nhello").await;
    let mut answer = [0; 12];
    within(stream.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 403");
}

/// Time is lost when nothing moves, not when much does.
#[tokio::test]
async fn a_slow_transfer_is_no_timeout_as_long_as_it_moves() {
    let upstream = upstream(|request| async move {
        let body = within(request.into_body().collect()).await.unwrap().to_bytes();
        let (mut sender, download) = pieces();
        tokio::spawn(async move {
            for _ in 0..10 {
                tokio::time::sleep(IDLE / 5).await;
                sender.send_data(Bytes::from_static(b"down")).await.unwrap();
            }
        });
        Response::builder().header("x-up", body.len()).body(download).unwrap()
    })
    .await;
    let proxy = proxy_with(&format!("http://{upstream}"), STREAMED, Http1, impatient).await;
    let (mut sender, upload) = pieces();
    tokio::spawn(async move {
        for _ in 0..10 {
            tokio::time::sleep(IDLE / 5).await;
            sender.send_data(Bytes::from_static(b"up")).await.unwrap();
        }
    });
    let request = Request::put(proxy.url("/")).body(upload).unwrap();
    let response = within(proxy.client(Http1).request(request)).await.unwrap();
    assert_eq!(response.headers()["x-up"], "20");
    assert_eq!(read(response).await.len(), 40);
}

/// Also when the layer has held the body, in memory or in a file, and sends the copy.
#[tokio::test(start_paused = true)]
async fn a_held_body_that_is_taken_slowly_is_no_timeout() {
    // Larger than what is read of a file at once, too.
    const PIECE: usize = 128 * 1024;
    const PIECES: usize = 6;
    for (buffer_limit, spool_limit) in [(1 << 20, 0), (PIECE as u64, 1 << 20)] {
        let builder = impatient(SigningProxy::builder("http://127.0.0.1:9000").unwrap());
        let layer =
            builder.layer().buffer_limit(buffer_limit).spool_limit(spool_limit).signers(signer(SIGNED));
        let upstream = tower::service_fn(
            |request: Request<ProgressBody<SignedBody<UploadBody<TestBody>>>>| async move {
                let mut body = request.into_body();
                let mut taken = 0;
                while let Some(frame) = body.frame().await {
                    let data: Bytes = frame?.into_data().map_err(|_| "no data")?;
                    taken += data.len();
                    tokio::time::sleep(IDLE * 3 / 4).await;
                }
                Ok::<_, BoxError>(Response::builder().header("x-up", taken).body(text("ok"))?)
            },
        );
        let stack = ServiceBuilder::new().layer(layer).layer(ProgressLayer::new()).service(upstream);
        let proxy = builder.build(stack);
        let (mut sender, upload) = pieces();
        tokio::spawn(async move {
            for _ in 0..PIECES {
                sender.send_data(Bytes::from_static(&[b'x'; PIECE])).await.unwrap();
            }
        });
        let request = Request::put("/x").header("host", "localhost").body(upload).unwrap();
        let response = within(proxy.oneshot(request)).await.unwrap();
        assert_eq!(response.status(), 200, "{buffer_limit}");
        assert_eq!(response.headers()["x-up"], (PIECES * PIECE).to_string());
    }
}

async fn refused(signers: impl Into<Signers>, request: &str) -> String {
    let (upstream, mut seen) = recorder().await;
    let store = SignerStore::new(signers);
    let proxy = proxy_with(&format!("http://{upstream}"), store, Http1, |builder| builder).await;
    let told = proxy.raw(request).await;
    assert_eq!(proxy.metrics.failures(FailureKind::Signing), 1);
    assert!(seen.try_recv().is_err(), "an unsigned request was sent");
    told
}

#[tokio::test]
async fn what_cannot_be_signed_says_why_and_is_not_sent() {
    let mut elsewhere = Signers::new();
    elsewhere.insert("auth", Some("https://other.example".parse().unwrap()), signer(SIGNED)).unwrap();
    check(&refused(elsewhere, GET).await, 500, "no section has a `Match` for `127.0.0.1`");

    let no_region = signer(&SIGNED[..3]);
    let told = refused(no_region, GET).await;
    check(&told, 500, "the request cannot be signed: the host `127.0.0.1` does not tell");

    let large = format!("POST / HTTP/1.1\nHost: HOST\nContent-Length: 9000000\n\n{}", "x".repeat(70_000));
    check(&refused(signer(SIGNED), &large).await, 413, "the body is a stream of more than");
}

#[tokio::test]
async fn no_extreme_of_the_head_is_a_panic() {
    let (upstream, _seen) = recorder().await;
    let proxy = proxy_to(upstream, SIGNED).await;
    let long = format!("GET /{} HTTP/1.1\nHost: HOST", "x".repeat(65_000));
    assert!([200, 414].contains(&proxy.status(&long).await));
    let many = format!("GET / HTTP/1.1\nHost: HOST{}", "\nx: y".repeat(90));
    assert_eq!(proxy.status(&many).await, 200);
    let binary = "GET /%00%ff HTTP/1.1\nHost: HOST\nx: \u{7ff}\nConnection: \u{7ff}, , x\u{7ff}\nCookie: \u{7ff}\nCookie: b";
    assert_eq!(proxy.status(binary).await, 200);
    assert_eq!(proxy.status("M\u{ff} / HTTP/1.1\nHost: HOST").await, 400);
    assert_eq!(proxy.status("GET / HTTP/1.1\nHost: HOST").await, 200);
}
