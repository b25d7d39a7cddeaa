//! Many requests at once while keys rotate and connections break: what fails was reset by the server, and nothing was
//! signed wrong.
//!
//! `SIGNING_LOAD_REQUESTS=10000 cargo test --test load -- --nocapture` sends more than by default, and tells what came
//! of them.

#![expect(clippy::unwrap_used, reason = "what cannot be set up ends the test")]

mod keys;
mod sender;
mod server;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body::Frame;
use http_body_util::{Either, Full};
use keys::Rotation;
use sender::Upload;
use server::Server;
use support::pieces_of;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tower_signing::SigningLayer;

/// `SIGNING_LOAD_REQUESTS` asks for more.
const REQUESTS: usize = 2_000;
/// So many are under way at once, and the others wait their turn. A connection is free a moment after its request is done,
/// so the client opens up to three for each turn, of two files each: that fits under a common limit of 1,024.
const UNDER_WAY: usize = 100;
/// Enough for ten thousand requests on a slow machine.
const LONGEST: Duration = Duration::from_secs(600);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_keys_rotate_every_failure_is_a_reset() {
    let senders: [(_, sender::New); 3] =
        [("hyper", sender::hyper), ("reqwest", sender::reqwest), ("axum", sender::axum)];
    for (name, sender) in senders {
        check(name, sender).await;
    }
}

async fn check(name: &str, sender: sender::New) {
    let requests = std::env::var("SIGNING_LOAD_REQUESTS").map_or(REQUESTS, |text| text.parse().unwrap());
    let server = Server::start().await;
    let layer = SigningLayer::new(keys::signer(1));
    let rotation = Rotation::start(layer.store().clone());
    let sender = sender(layer);
    let permits = Arc::new(Semaphore::new(UNDER_WAY));
    let tasks: Vec<_> = (0..requests)
        .map(|number| {
            let (permits, sending) = (Arc::clone(&permits), sender(request(server.url(number), number)));
            tokio::spawn(async move {
                let _permit = permits.acquire().await?;
                sending.await
            })
        })
        .collect();

    let mut failed = BTreeMap::new();
    for (number, task) in tasks.into_iter().enumerate() {
        match timeout(LONGEST, task).await.unwrap().unwrap() {
            Ok(answer) => assert_eq!(answer, number.to_string(), "{name}: the answer to another request"),
            Err(error) => _ = failed.insert(number, error),
        }
    }
    let generations = rotation.stop();
    let seen = server.seen();
    println!(
        "{name}: {requests} requests, {} arrived, {} reset, {} failed, {} refused; {} generations, {} of them signed",
        seen.arrived.len(),
        seen.reset.len(),
        failed.len(),
        seen.refused.len(),
        generations,
        seen.generations.len(),
    );
    assert_eq!(seen.refused.first(), None);
    for (number, error) in &failed {
        assert!(seen.reset.contains(number), "{name}: request {number} failed, and was not reset: {error:?}");
    }
    assert_eq!(failed.len(), seen.reset.len(), "what was reset did not fail");
    assert_eq!(failed.len(), requests / server::REQUESTS_PER_RESET);
    assert!(seen.arrived.iter().copied().eq(0..requests), "each arrives, and once");
    assert!(seen.generations.len() > 1, "no rotation fell among the requests");
}

/// By turns without a body, with one in memory, and with a stream. The body is the request's own.
fn request(url: String, number: usize) -> Request<Upload> {
    let text = Bytes::from(format!("body of {number}"));
    let (method, body) = match number % 3 {
        0 => ("GET", Either::Left(Full::default())),
        1 => ("PUT", Either::Left(Full::new(text))),
        _ => {
            let frames = [text.slice(..4), text.slice(4..)].map(|data| Ok(Frame::data(data)));
            ("PUT", Either::Right(pieces_of(frames)))
        }
    };
    Request::builder().method(method).uri(url).body(body).unwrap()
}
