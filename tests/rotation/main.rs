//! Rotation under load: keys change while requests run, and none is refused or signed with a mixture.

#![expect(clippy::unwrap_used, reason = "what cannot be set up ends the test")]

#[cfg(unix)] // its links are not everyone's
mod files;
#[path = "../support/mod.rs"]
mod support;
mod verifier;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::mpsc::sync_channel;
use std::task::{Context, Poll};
use std::thread;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use support::{AWS, Authorization, Clock, DEADLINE, data, pieces};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_signing::{BoxError, SignedBody, SigningLayer, SigningService};
use verifier::{Inner, Verifier, signer};

pub(crate) const URL: &str = "https://api.example.com/v1/items";
const SCOPE: &str = "https://api.example.com/";

/// A body in frames, between which it is not ready for once, so that a swap can come in between.
#[derive(Clone, Default)]
pub(crate) struct Halting {
    frames: Vec<Bytes>,
    halts: bool,
}

impl Body for Halting {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.halts = !self.halts;
        if self.halts && !self.frames.is_empty() {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(self.frames.pop().map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        if self.frames.is_empty() { SizeHint::with_exact(0) } else { SizeHint::default() }
    }
}

/// By turns without a body, with one frame, and with two.
fn request(number: u64) -> Request<Halting> {
    let frames = vec![Bytes::from_static(b"{\"half\":"); (number % 3) as usize];
    let method = if frames.is_empty() { "GET" } else { "POST" };
    Request::builder().method(method).uri(URL).body(Halting { frames, halts: false }).unwrap()
}

/// Sends one request and returns the generation that signed it.
pub(crate) async fn send<S: Inner<Halting>>(service: &mut SigningService<S>, number: u64) -> u64 {
    let answer = service.ready().await.unwrap().call(request(number)).await;
    answer.unwrap_or_else(|error| panic!("request {number}: {error}")).into_body()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_thousand_swaps_under_load_refuse_no_request_and_mix_no_keys() {
    const TASKS: u64 = 4;
    const REQUESTS_PER_TASK: u64 = 12_600;
    const REQUESTS_PER_SWAP: u64 = 42;
    const SWAPS: u64 = TASKS * REQUESTS_PER_TASK / REQUESTS_PER_SWAP;
    let layer = SigningLayer::builder().base_url(SCOPE).unwrap().signers(signer(1));
    let store = layer.store().clone();
    let verifier = Verifier::default();

    let mut seen = store.subscribe();
    let watching = tokio::spawn(async move {
        let mut last = seen.borrow_and_update().number;
        while last < 1 + SWAPS {
            timeout(DEADLINE * 2, seen.changed()).await.unwrap().unwrap();
            let number = seen.borrow_and_update().number;
            assert!(number > last, "{number} after {last}");
            last = number;
        }
    });
    // The swaps have a thread of their own, so that they fall anywhere into a request. A task that asks for
    // one waits until the one before is done, so they are spread over all requests.
    let (swap, swaps) = sync_channel::<()>(0);
    let swapping = thread::spawn(move || {
        for (_, number) in swaps.iter().zip(2..) {
            assert_eq!(store.replace(signer(number)).number, number);
        }
    });
    let tasks = (0..TASKS).map(|_| {
        let (mut service, swap) = (layer.layer(verifier.service()), swap.clone());
        tokio::spawn(async move {
            for number in 0..REQUESTS_PER_TASK {
                if number % REQUESTS_PER_SWAP == 0 {
                    swap.send(()).unwrap();
                }
                send(&mut service, number).await;
            }
        })
    });
    let tasks: Vec<_> = tasks.collect();
    drop(swap);
    for task in tasks {
        task.await.unwrap();
    }
    swapping.join().unwrap();
    watching.await.unwrap();

    let (sent, generations) = (verifier.requests(), verifier.generations());
    println!("{sent} requests, {SWAPS} swaps, {generations} generations signed");
    const { assert!(SWAPS >= 1_000 && TASKS * REQUESTS_PER_TASK >= 50_000) };
    assert_eq!(sent, TASKS * REQUESTS_PER_TASK);
    assert_eq!(layer.store().generation().number, 1 + SWAPS);
    assert!(generations > SWAPS / 4, "only {generations} generations signed: the swaps met no load");
}

/// 2024-02-29T23:59:58Z.
const EVENING: u64 = 1_709_251_198;

/// Begins a POST with a streamed body, then swaps the keys and lets a day begin, and ends the body.
#[tokio::test]
async fn a_request_in_flight_at_a_swap_ends_with_the_old_key_and_the_date_of_its_head() {
    for polled_before in [true, false] {
        let clock = Clock::at(EVENING);
        let layer = SigningLayer::builder().base_url(SCOPE).unwrap().clock(clock.reader()).signers(signer(1));
        let verifier = Verifier::default();
        let dates = mpsc::unbounded_channel();
        let inner = verifier.service::<support::Pieces>();
        let sender = dates.0;
        let mut service = layer.layer(service_fn(move |request: Request<SignedBody<support::Pieces>>| {
            let date = request.headers()["x-amz-date"].to_str().unwrap().to_owned();
            sender.send(date).unwrap();
            inner.clone().oneshot(request)
        }));
        let mut dates = dates.1;
        let post = |body| Request::post(URL).body(body).unwrap();

        let (frames, body) = pieces();
        let mut held = std::pin::pin!(service.ready().await.unwrap().call(post(body)));
        frames.send(data("first half, ")).unwrap();
        if polled_before {
            assert!(poll_once(held.as_mut()).await.is_none(), "it was sent before its body was there");
        }
        layer.store().replace(signer(2));
        clock.set(EVENING + 2);
        let (other_frames, other_body) = pieces();
        drop(other_frames);
        let other = service.ready().await.unwrap().call(post(other_body)).await.unwrap();
        assert_eq!(other.into_body(), 2, "a request that is begun after the swap takes the new key");
        frames.send(data("second half")).unwrap();
        drop(frames);
        assert_eq!(held.await.unwrap().into_body(), 1, "one that was begun before it keeps the old one");
        for _ in 0..2 {
            assert_eq!(dates.recv().await.unwrap(), "20240301T000000Z");
        }
    }
}

/// What needs nothing of the body signs its head at once: neither key nor date wait for the stream.
#[tokio::test]
async fn a_stream_that_is_not_read_is_signed_when_the_call_begins() {
    let clock = Clock::at(EVENING);
    let params = AWS.params_with(&[("Payload", "unsigned")]);
    let first = signing_core::Registry::new().signer(&params).unwrap();
    let layer = SigningLayer::builder().clock(clock.reader()).signers(first);
    let mut service = layer.layer(service_fn(|request: Request<SignedBody<support::Pieces>>| async {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok::<_, BoxError>(Response::new((head, body)))
    }));
    let (frames, body) = pieces();
    let mut held =
        std::pin::pin!(service.ready().await.unwrap().call(Request::post(AWS.url).body(body).unwrap()));
    assert!(poll_once(held.as_mut()).await.is_none());
    layer.store().replace(signer(2));
    clock.set(EVENING + 2);
    frames.send(data("late")).unwrap();
    drop(frames);
    let (head, body) = held.await.unwrap().into_body();
    assert_eq!(Authorization::of(&head).unwrap().key_id, "AKIDOFTHETESTS");
    assert_eq!(head.headers["x-amz-date"], "20240229T235958Z");
    assert_eq!(body, "late");
}

/// `Some` if the future is done at the first poll.
async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}
