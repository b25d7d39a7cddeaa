//! `SignedClient` while keys rotate and connections break, under load.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, UNIX_EPOCH};

use axum_signing::{ClientErrorKind, HttpClient, SignedClient};
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tower::ServiceBuilder;
use tower_signing::signing_core::Signer;
use tower_signing::{SignerStore, SigningLayer};

use super::support::*;

pub(crate) fn layer(store: SignerStore) -> SigningLayer {
    SigningLayer::builder().clock(|| UNIX_EPOCH + Duration::from_secs(NOW)).store(store)
}

/// A server that counts its connections, and resets one when `handler` has no answer.
pub(crate) async fn accepts<H, F>(handler: H) -> (SocketAddr, Arc<AtomicUsize>)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Option<Response<TestBody>>> + Send + 'static,
{
    let (listener, address) = listen().await;
    let accepted = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&accepted);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, SeqCst);
            // What ends early ends by a reset.
            stream.set_zero_linger().unwrap();
            let handler = handler.clone();
            let service = service_fn(move |request| {
                let response = handler(request);
                async { response.await.ok_or("reset on purpose") }
            });
            tokio::spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    (address, accepted)
}

fn key(number: usize) -> Signer {
    let (id, secret) = (format!("AKID{number}"), format!("secret of AKID{number}"));
    signer(&[
        ("Method", "aws-signature-v4"),
        ("AccessKeyId", &id),
        ("SecretAccessKey", &secret),
        ("Region", "eu-west-1"),
        ("Service", "s3"),
    ])
}

/// `SIGNING_LOAD=10000` runs as many requests at once.
fn requests() -> usize {
    std::env::var("SIGNING_LOAD").map_or(2_000, |number| number.parse().unwrap())
}

/// So many that what is open fits under a common limit of 1,024 files; the requests beyond wait their turn.
const CONNECTIONS: usize = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_every_10_ms_under_resets_refuses_no_request() {
    let (resets, arrived) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (upstream, _) = accepts({
        let resets = Arc::clone(&resets);
        move |request| {
            let (resets, arrived) = (Arc::clone(&resets), Arc::clone(&arrived));
            async move {
                let (head, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                // Of each hundred, one; a request that was read is not sent again by the client.
                if arrived.fetch_add(1, SeqCst) % 100 == 50 {
                    resets.fetch_add(1, SeqCst);
                    return None;
                }
                Some(match verify(&head, Some(&body)) {
                    Ok(()) => Response::new(super::support::body(body_of(&head))),
                    Err(reason) => {
                        Response::builder().status(403).body(super::support::body(reason)).unwrap()
                    }
                })
            }
        }
    })
    .await;

    let store = SignerStore::new(key(0));
    let stack = ServiceBuilder::new()
        .layer(layer(store.clone()))
        .concurrency_limit(CONNECTIONS)
        .service(HttpClient::new());
    let client = SignedClient::new(stack).timeout(Duration::from_secs(300));

    let is_over = Arc::new(AtomicBool::new(false));
    let rotation = tokio::spawn({
        let is_over = Arc::clone(&is_over);
        async move {
            let mut number = 0;
            while !is_over.load(SeqCst) {
                number += 1;
                store.replace(key(number));
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            number
        }
    });
    let tasks: Vec<_> = (0..requests())
        .map(|number| {
            let request = client.post(format!("http://{upstream}/{number}")).body(number.to_string());
            tokio::spawn(async move { (number, request.receive_bytes().await) })
        })
        .collect();

    let (mut failures, mut keys) = (0, std::collections::HashSet::new());
    for task in tasks {
        match task.await.unwrap() {
            (number, Ok(answer)) => {
                let answer = String::from_utf8(answer.to_vec()).unwrap();
                let (path, key) = answer.split_once(' ').unwrap();
                assert_eq!(path, format!("/{number}"), "the answer to another request");
                keys.insert(key.to_owned());
            }
            (_, Err(error)) => {
                let text = String::from_utf8_lossy(error.body()).into_owned();
                assert_eq!(error.kind(), ClientErrorKind::Connection, "{error:?} {text}");
                failures += 1;
            }
        }
    }
    is_over.store(true, SeqCst);
    let rotations = rotation.await.unwrap();
    println!("{} requests, {rotations} rotations, {} keys seen, {failures} resets", requests(), keys.len());
    assert_eq!(failures, resets.load(SeqCst), "a failure that no reset accounts for");
    assert!(failures >= requests() / 100, "too few resets to tell");
    assert!(keys.len() > 5, "too few keys to tell");
}

/// The path, and the id of the key that signed.
fn body_of(head: &http::request::Parts) -> String {
    let value = head.headers["authorization"].to_str().unwrap();
    let key = value.split(['=', '/']).nth(1).unwrap();
    format!("{} {key}", head.uri.path())
}
