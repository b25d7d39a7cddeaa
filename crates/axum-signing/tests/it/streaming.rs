//! Bodies that come bit by bit, break off, or are wanted no longer.

use std::net::SocketAddr;

use axum_signing::{FailureKind, SigningProxy};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tower::ServiceExt;
use tower_signing::SignerStore;

use super::support::*;

const VERSIONS: [(Version, Version); 4] = [(Http1, Http1), (Http1, Http2), (Http2, Http1), (Http2, Http2)];

async fn next(body: &mut Incoming) -> Bytes {
    within(body.frame()).await.unwrap().unwrap().into_data().unwrap()
}

#[tokio::test]
async fn both_directions_stream() {
    for (client, upstream_version) in VERSIONS {
        let upstream = upstream(|request| async move {
            let (head, body) = request.into_parts();
            verify(&head, None).unwrap();
            Response::new(super::support::body(body))
        })
        .await;
        let proxy =
            proxy_with(&format!("http://{upstream}"), STREAMED, upstream_version, |builder| builder).await;
        let (mut sender, upload) = pieces();
        let request = Request::post(proxy.url("/x")).body(upload).unwrap();
        // The response's head is here before the first piece of the request's body exists.
        let response = within(proxy.client(client).request(request)).await.unwrap();
        let mut download = response.into_body();
        for piece in ["one", "two", "three"] {
            within(sender.send_data(piece.into())).await.unwrap();
            assert_eq!(next(&mut download).await, piece, "{client:?} {upstream_version:?}");
        }
        assert_eq!(proxy.metrics.in_flight(), 1);
        drop(sender);
        assert_eq!(within(download.collect()).await.unwrap().to_bytes(), "");
        proxy.settled().await;
        assert_eq!((proxy.metrics.uploaded_bytes(), proxy.metrics.downloaded_bytes()), (11, 11));
        for kind in FailureKind::ALL {
            assert_eq!(proxy.metrics.failures(kind), 0, "{kind:?} {client:?} {upstream_version:?}");
        }
    }
}

#[tokio::test]
async fn a_client_that_waits_for_leave_gets_it_when_its_body_is_wanted() {
    for params in [SIGNED, STREAMED] {
        let (upstream, mut seen) = recorder().await;
        let proxy = proxy_to(upstream, params).await;
        let head = "PUT /x HTTP/1.1\nHost: HOST\nContent-Length: 5\nExpect: 100-continue\n\n";
        let mut stream = proxy.send(head).await;
        let mut answer = [0; 25];
        within(stream.read_exact(&mut answer)).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(b"hello").await.unwrap();
        within(stream.read_exact(&mut answer[..12])).await.unwrap();
        assert_eq!(&answer[..12], b"HTTP/1.1 200");
        assert_eq!(within(seen.recv()).await.unwrap().1.unwrap(), "hello");
    }
}

/// Every way for an upload to end before its end. The upstream has its head by then, and must not believe it.
#[tokio::test]
async fn an_upload_that_breaks_off_never_looks_complete() {
    for upstream_version in [Http1, Http2] {
        let (upstream, mut seen) = recorder().await;
        let proxy =
            proxy_with(&format!("http://{upstream}"), STREAMED, upstream_version, |builder| builder).await;
        for head in [
            "PUT /x HTTP/1.1\nHost: HOST\nContent-Length: 10\n\nhello",
            "PUT /x HTTP/1.1\nHost: HOST\nTransfer-Encoding: chunked\n\n5\nhello\n",
            "PUT /x HTTP/1.1\nHost: HOST\nTransfer-Encoding: chunked\n\n5\nhello\n0\n",
            "PUT /x HTTP/1.1\nHost: HOST\nTransfer-Encoding: chunked\n\n5\nhello\nnonsense",
        ] {
            let mut stream = proxy.send(head).await;
            stream.shutdown().await.unwrap();
            let (_, body) = within(seen.recv()).await.unwrap();
            assert!(body.is_err(), "{upstream_version:?} {head:?}");
            drop(stream);
        }
        proxy.settled().await;
    }
}

/// Also when the answer has begun, and nothing but the body itself tells.
#[tokio::test]
async fn a_stream_that_is_reset_never_looks_complete() {
    for upstream_version in [Http1, Http2] {
        for length in [None, Some("10")] {
            for reason in [h2::Reason::NO_ERROR, h2::Reason::CANCEL, h2::Reason::INTERNAL_ERROR] {
                let told = format!("{upstream_version:?} {length:?} {reason:?}");
                let (upstream, mut seen) = recorder().await;
                assert!(
                    upload_and_reset(upstream, &mut seen, upstream_version, length, reason).await,
                    "{told}"
                );
                let (upstream, mut seen) = recorder_that_answers_first().await;
                assert!(
                    upload_and_reset(upstream, &mut seen, upstream_version, length, reason).await,
                    "answered first: {told}"
                );
            }
        }
    }
}

async fn recorder_that_answers_first() -> (SocketAddr, mpsc::UnboundedReceiver<Seen>) {
    let (tell, seen) = mpsc::unbounded_channel();
    let address = upstream(move |request| {
        let tell = tell.clone();
        async move {
            let (head, body) = request.into_parts();
            let (mut sender, download) = pieces();
            tokio::spawn(async move {
                sender.send_data("first".into()).await.unwrap();
                let body = body.collect().await.map(|body| body.to_bytes());
                assert!(tell.send((head, body)).is_ok());
                drop(sender);
            });
            Response::new(download)
        }
    })
    .await;
    (address, seen)
}

/// Whether the upstream noticed.
async fn upload_and_reset(
    upstream: SocketAddr,
    seen: &mut mpsc::UnboundedReceiver<Seen>,
    upstream_version: Version,
    length: Option<&str>,
    reason: h2::Reason,
) -> bool {
    let proxy =
        proxy_with(&format!("http://{upstream}"), STREAMED, upstream_version, |builder| builder).await;
    let stream = TcpStream::connect(proxy.address).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let mut request = Request::put(proxy.url("/x"));
    if let Some(length) = length {
        request = request.header("content-length", length);
    }
    let request = request.body(()).unwrap();
    let (_response, mut upload) = client.ready().await.unwrap().send_request(request, false).unwrap();
    upload.send_data("hello".into(), false).unwrap();
    // It is on its way to the upstream when the reset comes.
    within(async {
        while proxy.metrics.uploaded_bytes() < 5 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    upload.send_reset(reason);
    within(seen.recv()).await.unwrap().1.is_err()
}

/// What is hashed first is not sent at all.
#[tokio::test]
async fn an_upload_that_breaks_off_while_it_is_hashed_is_not_sent() {
    let (upstream, mut seen) = recorder().await;
    let proxy = proxy_to(upstream, SIGNED).await;
    let mut stream = proxy.send("PUT /x HTTP/1.1\nHost: HOST\nContent-Length: 10\n\nhello").await;
    stream.shutdown().await.unwrap();
    drop(stream);
    within(async {
        while proxy.metrics.requests() == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    proxy.settled().await;
    assert_eq!(proxy.status("GET /good HTTP/1.1\nHost: HOST").await, 200);
    assert_eq!(within(seen.recv()).await.unwrap().0.uri, "/good");
}

/// Bodies that no protocol frames: those of a service in the same process.
#[tokio::test]
async fn a_body_is_held_to_its_content_length() {
    let (upstream, mut seen) = recorder().await;
    for sent in ["hell", "hello!"] {
        let builder = SigningProxy::builder(&format!("http://{upstream}")).unwrap();
        let client = signed_client(&builder, SignerStore::new(signer(STREAMED)), Http1);
        let proxy: TestProxy<TestBody> = builder.build(client);
        let (mut sender, upload) = pieces();
        let request =
            Request::put("/x").header("host", "localhost").header("content-length", "5").body(upload);
        let response = tokio::spawn(proxy.oneshot(request.unwrap()));
        within(sender.send_data(sent.into())).await.unwrap();
        drop(sender);
        let response = within(response).await.unwrap().unwrap();
        assert_eq!(response.status(), 400);
        assert_eq!(read(response).await, "the request's body broke off\n");
    }
    // What was written of them may not even have left.
    let proxy = proxy_to(upstream, SIGNED).await;
    assert_eq!(proxy.status("GET /good HTTP/1.1\nHost: HOST").await, 200);
    while let Some((head, body)) = within(seen.recv()).await
        && head.uri != "/good"
    {
        assert!(body.is_err());
    }
}

/// Tells when it is dropped.
struct Dropped(mpsc::UnboundedSender<&'static str>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.send("dropped");
    }
}

#[tokio::test]
async fn a_client_that_goes_away_before_the_answer_cancels_upstream() {
    for (client, upstream_version) in VERSIONS {
        let (tell, mut told) = mpsc::unbounded_channel();
        let upstream = upstream(move |request| {
            let guard = Dropped(tell.clone());
            async move {
                guard.0.send("asked").unwrap();
                std::future::pending::<()>().await;
                drop((guard, request));
                Response::new(text("never"))
            }
        })
        .await;
        let proxy =
            proxy_with(&format!("http://{upstream}"), STREAMED, upstream_version, |builder| builder).await;
        let request = Request::get(proxy.url("/x")).body(text("")).unwrap();
        let response = tokio::spawn(proxy.client(client).request(request));
        assert_eq!(within(told.recv()).await, Some("asked"));
        response.abort();
        assert_eq!(within(told.recv()).await, Some("dropped"), "{client:?} {upstream_version:?}");
        proxy.settled().await;
        assert_eq!(proxy.metrics.failures(FailureKind::Canceled), 1);
    }
}

#[tokio::test]
async fn a_client_that_goes_away_in_an_upload_cancels_upstream() {
    for (client, upstream_version) in VERSIONS {
        let (upstream, mut seen) = recorder().await;
        let proxy =
            proxy_with(&format!("http://{upstream}"), STREAMED, upstream_version, |builder| builder).await;
        let (mut sender, upload) = pieces();
        let request = Request::put(proxy.url("/x")).body(upload).unwrap();
        let response = tokio::spawn(proxy.client(client).request(request));
        within(sender.send_data("hello".into())).await.unwrap();
        within(async {
            while proxy.metrics.uploaded_bytes() < 5 {
                tokio::task::yield_now().await;
            }
        })
        .await;
        response.abort();
        sender.abort("gone".into());
        assert!(within(seen.recv()).await.unwrap().1.is_err(), "{client:?} {upstream_version:?}");
        proxy.settled().await;
    }
}

#[tokio::test]
async fn a_client_that_goes_away_in_a_download_cancels_upstream() {
    for (client, upstream_version) in VERSIONS {
        let (tell, mut told) = mpsc::unbounded_channel();
        let upstream = upstream(move |_| {
            let guard = Dropped(tell.clone());
            async move {
                let (mut sender, download) = pieces();
                tokio::spawn(async move {
                    while sender.send_data(Bytes::from_static(&[0; 1024])).await.is_ok() {}
                    drop(guard);
                });
                Response::new(download)
            }
        })
        .await;
        let proxy =
            proxy_with(&format!("http://{upstream}"), SIGNED, upstream_version, |builder| builder).await;
        let request = Request::get(proxy.url("/x")).body(text("")).unwrap();
        let mut response = within(proxy.client(client).request(request)).await.unwrap();
        next(response.body_mut()).await;
        drop(response);
        assert_eq!(within(told.recv()).await, Some("dropped"), "{client:?} {upstream_version:?}");
        proxy.settled().await;
        assert_eq!(proxy.metrics.failures(FailureKind::Canceled), 1);
    }
}
