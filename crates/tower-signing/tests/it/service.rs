//! The `Service` contract, with a mock in place of the client.

use std::task::Poll;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{Empty, Full};
use tower::limit::ConcurrencyLimitLayer;
use tower::{Layer, Service, ServiceExt};
use tower_signing::{BoxError, SignedBody, SigningError, SigningErrorKind, SigningService};
use tower_test::mock::{self, Handle, Mock};

use crate::{AWS, builder, signer};

type Body = Full<Bytes>;
type Inner = Mock<Request<SignedBody<Body>>, Response<()>>;
type InnerHandle = Handle<Request<SignedBody<Body>>, Response<()>>;

const URL: &str = "https://sqs.eu-west-1.amazonaws.com/";

fn service() -> (SigningService<Inner>, InnerHandle) {
    let (inner, handle) = mock::pair();
    (builder().signers(signer(AWS)).layer(inner), handle)
}

fn request(url: &str) -> Request<Body> {
    Request::post(url).body(Full::from("hello")).unwrap()
}

#[tokio::test]
async fn readiness_is_that_of_the_inner_service() {
    let (service, mut handle) = service();
    handle.allow(0);
    let mut service = tokio_test::task::spawn(service);
    service.enter(|cx, mut service| assert!(service.poll_ready(cx).is_pending()));
    handle.allow(1);
    assert!(service.is_woken());
    service.enter(|cx, mut service| assert!(matches!(service.poll_ready(cx), Poll::Ready(Ok(())))));
}

#[tokio::test]
async fn the_instance_that_was_polled_ready_is_called() {
    let (mut service, mut handle) = service();
    handle.allow(1);
    // A mock that is called without being ready panics; the clone that stays behind is not ready.
    let response = service.ready().await.unwrap().call(request(URL));
    let answer = async {
        let (sent, reply) = handle.next_request().await.unwrap();
        assert!(sent.headers().contains_key("authorization"));
        reply.send_response(Response::new(()));
    };
    let (response, ()) = tokio::join!(response, answer);
    response.unwrap();
}

#[tokio::test]
async fn what_is_not_sent_gives_readiness_back() {
    let below =
        tower::service_fn(|_: Request<SignedBody<Body>>| async { Ok::<_, BoxError>(Response::new(())) });
    let mut service = builder().signers(signer(AWS)).layer(ConcurrencyLimitLayer::new(1).layer(below));
    // One that is refused when it is routed, one when its head is signed, and one that is sent.
    let presigned = format!("{URL}?X-Amz-Signature=1");
    for (url, is_sent) in [("https://stranger.example/", false), (&*presigned, false), (URL, true)] {
        let request = Request::get(url).body(Full::default()).unwrap();
        let response = service.ready().await.unwrap().call(request);
        assert_eq!(response.await.is_ok(), is_sent, "{url}");
        // The one place is free for others.
        let mut other = service.clone();
        tokio_test::assert_ready_ok!(tokio_test::task::spawn(other.ready()).poll(), "{url}");
    }
}

#[tokio::test]
async fn an_error_of_the_inner_service_passes_as_it_is() {
    let (service, mut handle) = service();
    handle.allow(1);
    let answer = async {
        let (_, reply) = handle.next_request().await.unwrap();
        reply.send_error(std::io::Error::other("inner"));
    };
    let (response, ()) = tokio::join!(service.oneshot(request(URL)), answer);
    let error = response.unwrap_err();
    assert!(error.downcast_ref::<SigningError>().is_none());
    assert_eq!(error.to_string(), "inner");
}

/// What the service answers when the inner service must not be called.
async fn refused(request: Request<Body>) -> (SigningErrorKind, String) {
    let (service, mut handle) = service();
    handle.allow(1);
    let error: BoxError = service.oneshot(request).await.unwrap_err();
    // The service is gone with its last clone: what was called before would still come, then the end.
    assert!(handle.next_request().await.is_none(), "the inner service was called");
    let leaf = error.downcast_ref::<SigningError>().expect("a SigningError");
    let source = std::error::Error::source(leaf).map(|source| format!(": {source}")).unwrap_or_default();
    (leaf.kind(), format!("{leaf}{source}"))
}

#[tokio::test]
async fn what_cannot_be_signed_is_not_sent() {
    let cases = [
        ("https://ec2.example.com/", SigningErrorKind::Route, "does not know this host"),
        ("https://us-east-1.elb.amazonaws.com/", SigningErrorKind::Route, "does not know this host"),
        ("http://127.0.0.1/", SigningErrorKind::Sign, "set the parameters Region and Service"),
        ("https://b.s3-accelerate.amazonaws.com/", SigningErrorKind::Sign, "serves every region"),
        ("https://u@sqs.eu-west-1.amazonaws.com/", SigningErrorKind::Url, "user info"),
        ("https://sqs.eu-west-1.amazonaws.com:99999/", SigningErrorKind::Url, "port"),
        ("/relative", SigningErrorKind::Url, "not absolute"),
        (
            "https://sqs.eu-west-1.amazonaws.com/?X-Amz-Signature=0",
            SigningErrorKind::Sign,
            "presigned already",
        ),
    ];
    for (url, kind, message) in cases {
        let (found, text) = refused(request(url)).await;
        assert_eq!(found, kind, "{url}: {text}");
        assert!(text.contains(message), "{url}: {text}");
    }
}

#[tokio::test]
async fn headers_that_contradict_the_body_are_not_sent() {
    for (name, value) in [("content-length", "3"), ("content-length", "x")] {
        let mut request = request(URL);
        request.headers_mut().insert(name, value.parse().unwrap());
        let (kind, text) = refused(request).await;
        assert_eq!(kind, SigningErrorKind::Sign);
        assert!(text.contains("Content-Length"), "{text}");
    }
    let mut twice = request(URL);
    twice.headers_mut().append("host", "sqs.eu-west-1.amazonaws.com".parse().unwrap());
    twice.headers_mut().append("host", "sqs.eu-west-1.amazonaws.com".parse().unwrap());
    assert!(refused(twice).await.1.contains("Host header is there twice"));
}

#[tokio::test]
async fn the_clock_must_be_one_that_dates_can_tell() {
    let (inner, mut handle) = mock::pair::<Request<SignedBody<Empty<Bytes>>>, Response<()>>();
    let before = std::time::UNIX_EPOCH - std::time::Duration::from_secs(1);
    let service =
        tower_signing::SigningLayer::builder().clock(move || before).signers(signer(AWS)).layer(inner);
    handle.allow(1);
    let error = service.oneshot(Request::get(URL).body(Empty::new()).unwrap()).await.unwrap_err();
    assert_eq!(error.downcast_ref::<SigningError>().unwrap().kind(), SigningErrorKind::Clock);
    assert!(handle.next_request().await.is_none());
}
