//! Many requests while credentials rotate and connections break.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sigv4::http_request::SignableBody;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use reqwest_middleware::Error;
use reqwest_signing::signing_error;
use tokio::net::TcpListener;

use crate::support::{client_with, signer, signing, verify, within};

/// `SIGNING_LOAD_REQUESTS` asks for more.
const REQUESTS: usize = 2_000;
/// So many are under way at once; more would need more open files than some systems allow.
const CONCURRENT: usize = 200;

#[derive(Default)]
struct Counts {
    arrived: AtomicUsize,
    resets: AtomicUsize,
    wrong: AtomicUsize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_failure_is_a_reset() {
    let requests = std::env::var("SIGNING_LOAD_REQUESTS").map_or(REQUESTS, |text| text.parse().unwrap());
    let counts = Arc::new(Counts::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/bucket/key", listener.local_addr().unwrap());
    tokio::spawn(serve(listener, Arc::clone(&counts)));

    let signing = signing(signer("AKID0"));
    let store = signing.store().clone();
    let rotation = tokio::spawn(async move {
        for number in 1.. {
            tokio::time::sleep(Duration::from_millis(10)).await;
            store.replace(signer(&format!("AKID{number}")));
        }
    });
    let client = client_with(signing.clone());
    let send = |number: usize| {
        let request = client.put(&url).body(format!("body {number}"));
        tokio::spawn(async move { request.send().await })
    };
    let results = stream::iter(0..requests).map(send).buffer_unordered(CONCURRENT).collect::<Vec<_>>();
    // A minute is enough for the default; more requests take longer.
    let results = tokio::time::timeout(Duration::from_secs(600), results).await.unwrap();
    rotation.abort();

    let mut failures = 0;
    for result in results {
        match result.unwrap() {
            Ok(response) => assert_eq!(response.status(), 200),
            Err(error) => {
                assert!(signing_error(&error).is_none() && matches!(error, Error::Reqwest(_)), "{error:?}");
                failures += 1;
            }
        }
    }
    let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
    assert_eq!(count(&counts.wrong), 0);
    assert_eq!((count(&counts.arrived), count(&counts.resets)), (requests, failures));
    assert_eq!(failures, requests / 100);
    assert!(within(async { signing.store().generation().number }).await > 2, "nothing was rotated");
}

/// Verifies each request, and resets the connection of each hundredth instead of answering.
async fn serve(listener: TcpListener, counts: Arc<Counts>) {
    while let Ok((stream, _)) = listener.accept().await {
        // What is closed is reset.
        stream.set_zero_linger().unwrap();
        let counts = Arc::clone(&counts);
        let service = service_fn(move |request: Request<Incoming>| {
            let counts = Arc::clone(&counts);
            async move {
                let (head, body) = request.into_parts();
                let body = body.collect().await?.to_bytes();
                if verify(&head, SignableBody::Bytes(&body)).is_err() {
                    counts.wrong.fetch_add(1, Ordering::Relaxed);
                }
                if counts.arrived.fetch_add(1, Ordering::Relaxed) % 100 == 99 {
                    counts.resets.fetch_add(1, Ordering::Relaxed);
                    return Err(Box::<dyn std::error::Error + Send + Sync>::from("reset"));
                }
                Ok(Response::new(Full::<Bytes>::default()))
            }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}
