//! The rungs of the body: nothing, known, bytes, buffer; and bodies that misbehave.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full, StreamBody};
use signing_core::PayloadHash;
use tower::{Layer, ServiceExt, service_fn};
use tower_signing::{BoxError, SignedBody, SigningError, SigningErrorKind, SigningOptions};

use crate::{AWS, builder, signer};

pub(crate) const S3: &str = "https://b.s3.us-east-1.amazonaws.com/k";
const BATCH: &[(&str, &str)] =
    &[("Method", "azure-batch"), ("AccountName", "a"), ("SecretAccessKey", "AAEC")];
const BATCH_URL: &str = "https://a.eu.batch.azure.com/jobs";

/// A body that is told frame by frame what to be, and counts how often it was polled.
#[derive(Default)]
pub(crate) struct Script {
    frames: Vec<Result<Frame<Bytes>, &'static str>>,
    exact: Option<u64>,
    pub(crate) polls: Arc<AtomicUsize>,
}

impl Script {
    pub(crate) fn of(frames: &[&'static str]) -> Self {
        Self {
            frames: frames.iter().rev().map(|text| Ok(Frame::data(Bytes::from(*text)))).collect(),
            ..Self::default()
        }
    }

    pub(crate) fn then(mut self, frame: Result<Frame<Bytes>, &'static str>) -> Self {
        self.frames.insert(0, frame);
        self
    }

    pub(crate) fn declaring(mut self, exact: u64) -> Self {
        self.exact = Some(exact);
        self
    }
}

impl Body for Script {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.polls.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(self.frames.pop().map(|frame| frame.map_err(Into::into)))
    }

    fn size_hint(&self) -> SizeHint {
        self.exact.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

pub(crate) type Sent = (http::request::Parts, SizeHint, Bytes, Option<HeaderMap>);

/// Sends `request` through the layer to a service that reads it whole.
pub(crate) async fn send<B>(
    params: &[(&str, &str)],
    limit: u64,
    request: Request<B>,
) -> Result<Sent, BoxError>
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let inner = service_fn(|request: Request<SignedBody<B>>| async move {
        let (head, body) = request.into_parts();
        let hint = body.size_hint();
        let body = body.collect().await?;
        let trailers = body.trailers().cloned();
        Ok::<_, BoxError>(Response::new((head, hint, body.to_bytes(), trailers)))
    });
    let service = builder().buffer_limit(limit).signers(signer(params)).layer(inner);
    Ok(service.oneshot(request).await?.into_body())
}

pub(crate) fn put(url: &str, body: Script) -> Request<Script> {
    Request::put(url).body(body).unwrap()
}

pub(crate) fn hash_header(head: &http::request::Parts) -> &str {
    head.headers["x-amz-content-sha256"].to_str().unwrap()
}

const HELLO_WORLD: &str = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";

#[track_caller]
pub(crate) fn check_body_error(result: Result<Sent, BoxError>, message: &str) {
    let error = result.map(drop).unwrap_err();
    let leaf = error.downcast_ref::<SigningError>().expect("a SigningError");
    assert_eq!(leaf.kind(), SigningErrorKind::Body);
    assert!(leaf.to_string().contains(message), "{leaf}");
}

#[tokio::test]
async fn a_stream_is_hashed_whole_and_its_frames_are_sent() {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-sum", HeaderValue::from_static("1"));
    let body = Script::of(&["hello", " ", "world"]).then(Ok(Frame::trailers(trailers.clone())));
    let (head, hint, bytes, sent_trailers) = send(AWS, 11, put(S3, body)).await.unwrap();
    assert_eq!(hash_header(&head), HELLO_WORLD);
    // An exact size would make a client send Content-Length, which leaves no place for trailers.
    assert_eq!((hint.lower(), hint.exact()), (11, None));
    assert_eq!(bytes, "hello world");
    assert_eq!(sent_trailers, Some(trailers));
}

#[tokio::test]
async fn one_frame_in_memory_is_sent_as_the_same_memory() {
    let bytes = Bytes::from(vec![7; 100_000]);
    let inner = service_fn(|request: Request<SignedBody<Full<Bytes>>>| async move {
        Ok::<_, BoxError>(Response::new(request.into_body().frame().await.unwrap()?.into_data().unwrap()))
    });
    // The limit is for streams: what is in memory is in memory.
    let service = builder().buffer_limit(1).signers(signer(AWS)).layer(inner);
    let sent =
        service.oneshot(Request::put(S3).body(Full::new(bytes.clone())).unwrap()).await.unwrap().into_body();
    assert_eq!(sent.as_ptr(), bytes.as_ptr());
    assert_eq!(sent, bytes);
}

#[tokio::test]
async fn a_stream_over_the_limit_is_refused() {
    let params = &[AWS, &[("Payload", "signed")]].concat();
    check_body_error(
        send(params, 10, put(S3, Script::of(&["hello", " ", "world"]))).await,
        "more than 10 bytes",
    );
    // What says its size is refused before the rest is read.
    let body = Script::of(&["hello", " ", "world"]).declaring(11);
    let polls = Arc::clone(&body.polls);
    check_body_error(send(params, 10, put(S3, body)).await, "buffer_limit");
    assert_eq!(polls.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_body_that_nobody_signs_is_not_read_before_it_is_sent() {
    for params in [BATCH, &[AWS, &[("Payload", "unsigned")]].concat()] {
        let url = if params == BATCH { BATCH_URL } else { S3 };
        let polls = Arc::default();
        let body = Script { polls: Arc::clone(&polls), ..Script::of(&["hello"]) };
        let inner = service_fn(move |_: Request<SignedBody<Script>>| {
            let polled = polls.load(Ordering::Relaxed);
            async move { Ok::<_, BoxError>(Response::new(polled)) }
        });
        let service = builder().signers(signer(params)).layer(inner);
        assert_eq!(service.oneshot(put(url, body)).await.unwrap().into_body(), 0);
    }
}

#[tokio::test]
async fn a_known_hash_is_signed_and_the_body_not_read() {
    let hash = PayloadHash::of(b"hello world");
    let mut request = put(S3, Script::of(&["hello world"]));
    request.extensions_mut().insert(SigningOptions::new().payload_hash(hash));
    let (head, ..) = send(AWS, 0, request).await.unwrap();
    assert_eq!(hash_header(&head), HELLO_WORLD);
}

#[tokio::test]
async fn an_error_of_the_body_travels_as_it_is_and_nothing_is_sent() {
    let body = Script::of(&["hello"]).then(Err("disk on fire"));
    let inner = service_fn(|_: Request<SignedBody<Script>>| async {
        panic!("the inner service was called");
        #[expect(unreachable_code, reason = "gives the future its type")]
        Ok::<Response<()>, Infallible>(Response::new(()))
    });
    let error = builder().signers(signer(AWS)).layer(inner).oneshot(put(S3, body)).await.unwrap_err();
    assert_eq!(error.to_string(), "disk on fire");
}

#[tokio::test]
async fn a_body_is_held_to_its_length() {
    for (params, url) in [(AWS, S3), (BATCH, BATCH_URL)] {
        for (exact, message) in [(4, "long"), (6, "")] {
            let result = send(params, 100, put(url, Script::of(&["hello"]).declaring(exact))).await;
            let message = if message.is_empty() && params == BATCH { "ended before" } else { "long" };
            check_body_error(result, message);
        }
    }
}

#[tokio::test]
async fn a_signed_length_is_the_one_that_is_sent() {
    let (head, hint, bytes, _) =
        send(BATCH, 0, put(BATCH_URL, Script::of(&["hel", "lo"]).declaring(5))).await.unwrap();
    assert_eq!(head.headers["content-length"], "5");
    assert_eq!((hint.exact(), &*bytes), (Some(5), &b"hello"[..]));
    let (head, hint, ..) = send(BATCH, 0, put(BATCH_URL, Script::of(&["hello"]))).await.unwrap();
    assert!(!head.headers.contains_key("content-length"));
    assert_eq!(hint.exact(), None);
}

#[tokio::test(flavor = "current_thread")]
async fn hashing_gives_way_every_32_kib() {
    let length = 1024 * 1024;
    let body = Full::new(Bytes::from(vec![0; length]));
    let mut sending = tokio_test::task::spawn(send(AWS, 0, Request::put(S3).body(body).unwrap()));
    let mut polls = 0;
    while sending.poll().is_pending() {
        assert!(sending.is_woken(), "it must ask to be polled again");
        polls += 1;
    }
    assert_eq!(polls, length / (32 * 1024));
}

#[tokio::test]
async fn a_body_without_bytes_is_signed_as_empty() {
    let frames = futures::stream::iter([Ok::<_, Infallible>(Frame::data(Bytes::new()))]);
    let (head, hint, ..) =
        send(AWS, 0, Request::put(S3).body(StreamBody::new(frames)).unwrap()).await.unwrap();
    assert!(hash_header(&head).starts_with("e3b0c44298fc1c14"));
    assert_eq!(hint.exact(), Some(0));
}

#[tokio::test]
async fn small_frames_are_joined_and_empty_ones_dropped() {
    let tiny: Vec<_> = std::iter::repeat_n("x", 1_000).chain(std::iter::repeat_n("", 10_000)).collect();
    let inner = service_fn(|request: Request<SignedBody<Script>>| async move {
        let mut body = request.into_body();
        let mut frames = 0;
        while let Some(frame) = body.frame().await {
            assert!(!frame?.into_data().unwrap_or_default().is_empty());
            frames += 1;
        }
        Ok::<_, BoxError>(Response::new(frames))
    });
    let service = builder().signers(signer(AWS)).layer(inner);
    let mut sending = tokio_test::task::spawn(service.oneshot(put(S3, Script::of(&tiny))));
    let mut polls = 1;
    let response = loop {
        match sending.poll() {
            Poll::Ready(response) => break response.unwrap(),
            Poll::Pending => polls += 1,
        }
    };
    assert_eq!(response.into_body(), 1);
    // 64 bytes of the budget for each: 11,000 frames are worth 21 polls and a bit.
    assert_eq!(polls, 22);
}

#[tokio::test]
async fn small_frames_are_one_frame_when_they_are_sent() {
    let (head, _, bytes, _) =
        send(AWS, 100, put(S3, Script::of(&["hello", "", " ", "world"]))).await.unwrap();
    assert_eq!((hash_header(&head), &*bytes), (HELLO_WORLD, &b"hello world"[..]));
}

#[tokio::test]
async fn a_length_of_zero_is_not_believed_of_a_body_that_may_have_bytes() {
    let mut request = put(BATCH_URL, Script::of(&["hello"]));
    request.headers_mut().insert("content-length", HeaderValue::from_static("0"));
    let error = send(BATCH, 100, request).await.unwrap_err();
    assert_eq!(error.downcast_ref::<SigningError>().unwrap().kind(), SigningErrorKind::Sign);
    // Many an empty body does not say so before it is polled.
    let mut empty = put(BATCH_URL, Script::of(&[]));
    empty.headers_mut().insert("content-length", HeaderValue::from_static("0"));
    assert_eq!(send(BATCH, 0, empty).await.unwrap().0.headers["content-length"], "0");
    send(AWS, 0, put(S3, Script::of(&[]).declaring(0))).await.unwrap();
    check_body_error(
        send(BATCH, 100, put(BATCH_URL, Script::of(&["hello"]).declaring(0))).await,
        "as long as it declared",
    );
}

#[tokio::test]
async fn empty_frames_under_a_length_give_way() {
    let frames: Vec<_> = std::iter::repeat_n("", 1_000).chain(["hello"]).collect();
    let inner = service_fn(|request: Request<SignedBody<Script>>| async move {
        let mut body = request.into_body();
        let mut polls = 1;
        std::future::poll_fn(|cx| {
            polls += 1;
            Pin::new(&mut body).poll_frame(cx)
        })
        .await;
        Ok::<_, BoxError>(Response::new(polls))
    });
    let service = builder().signers(signer(BATCH)).layer(inner);
    let polls = service.oneshot(put(BATCH_URL, Script::of(&frames).declaring(5))).await.unwrap().into_body();
    assert_eq!(polls, 3);
}
