//! Below a retry, each attempt is signed anew.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use reqwest_middleware::ClientWithMiddleware;
use reqwest_retry::RetryTransientMiddleware;
use reqwest_retry::policies::ExponentialBackoff;
use reqwest_signing::{BufferError, BufferMiddleware, SigningMiddleware, signing_error};
use tower_signing::{SigningErrorKind, SigningLayer};

use crate::support::{NOW, Server, answer, signer, stream, within};

fn retrying(signing: SigningMiddleware) -> ClientWithMiddleware {
    let policy = ExponentialBackoff::builder()
        .retry_bounds(Duration::from_millis(1), Duration::from_millis(2))
        .build_with_max_retries(3);
    reqwest_signing::client_builder(reqwest::Client::builder().no_proxy())
        .unwrap()
        .with(BufferMiddleware::new(16))
        .with(RetryTransientMiddleware::new_with_policy(policy))
        .with(signing)
        .build()
}

/// Refuses two attempts.
async fn busy() -> Server {
    Server::answering(|number, _| answer(if number < 2 { 503 } else { 200 })).await
}

/// A second passes between any two signatures.
fn ticking() -> SigningMiddleware {
    let second = AtomicU64::new(NOW);
    let clock = move || UNIX_EPOCH + Duration::from_secs(second.fetch_add(1, Ordering::Relaxed));
    SigningLayer::builder().clock(clock).signers(signer("AKIDONE")).into()
}

#[tokio::test]
async fn each_attempt_has_its_own_second() {
    for body in [reqwest::Body::from("a body"), stream(&["a ", "body"])] {
        let server = busy().await;
        let request = retrying(ticking()).put(server.url("/bucket/key")).body(body);
        assert_eq!(within(request.send()).await.unwrap().status(), 200);
        let seen = server.seen();
        let dates: Vec<_> = seen.iter().map(|seen| seen.header("x-amz-date").unwrap()).collect();
        assert_eq!(dates, ["20240229T123456Z", "20240229T123457Z", "20240229T123458Z"]);
        for seen in &seen {
            seen.assert_signed();
            assert_eq!(seen.body, "a body");
        }
    }
}

#[tokio::test]
async fn a_stream_beyond_the_buffer_is_refused() {
    let server = busy().await;
    let request = retrying(ticking()).put(server.url("/")).body(stream(&["seventeen", " letters"]));
    let error = within(request.send()).await.unwrap_err();
    let reqwest_middleware::Error::Middleware(error) = error else { panic!("{error:?}") };
    assert!(matches!(error.downcast_ref(), Some(BufferError::TooLong { limit: 16 })), "{error:?}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn the_reason_is_found_below_a_retry_which_does_not_repeat_it() {
    let error = within(retrying(ticking()).get("http://elsewhere.example/").send()).await.unwrap_err();
    assert_eq!(signing_error(&error).unwrap().kind(), SigningErrorKind::Route);
}
