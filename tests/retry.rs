//! Retries above the layer: every attempt is signed anew, and nothing of an earlier signature is left.

#![expect(clippy::unwrap_used, reason = "what cannot be set up ends the test")]

mod support;

use std::future::{Ready, ready};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use signing_core::{AuthParams, Payload, Registry, Timestamp};
use support::{
    AWS, Clock, Log, Pieces, SCHEMES, Scheme, Secrets, data, pieces, pieces_of, signing_error, verify_sigv4,
};
use tower::retry::{Policy, RetryLayer};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_signing::{
    BoxError, ReplayBody, ReplayLayer, SignedBody, SignerStore, SigningErrorKind, SigningLayer,
};
use tracing_subscriber::filter::LevelFilter;

/// 2024-02-29T23:59:58Z: the second attempt is another second, the third one another day.
const EVENING: u64 = 1_709_251_198;

type Received = Arc<Mutex<Vec<(Parts, Bytes)>>>;

/// As many attempts as it takes, up to a number, with the request as it came.
#[derive(Clone)]
struct Attempts(usize);

impl<B: Clone, E> Policy<Request<B>, Response<()>, E> for Attempts {
    type Future = Ready<()>;

    fn retry(&mut self, _: &mut Request<B>, result: &mut Result<Response<()>, E>) -> Option<Ready<()>> {
        let is_refused =
            matches!(result, Ok(response) if response.status() == StatusCode::SERVICE_UNAVAILABLE);
        self.0 = self.0.checked_sub(usize::from(is_refused))?;
        is_refused.then(|| ready(()))
    }

    fn clone_request(&mut self, request: &Request<B>) -> Option<Request<B>> {
        Some(request.clone())
    }
}

/// Keeps what it receives and is unavailable. Then a second passes, and `between` happens.
fn unavailable<B>(
    received: &Received,
    clock: &Clock,
    between: impl Fn() + Clone + Send + 'static,
) -> impl Service<Request<SignedBody<B>>, Response = Response<()>, Error = BoxError, Future: Send> + Clone
where
    B: Body<Data: Send, Error: Into<BoxError>> + Send,
{
    let (received, clock) = (Arc::clone(received), clock.clone());
    service_fn(move |request: Request<SignedBody<B>>| {
        let (received, clock, between) = (Arc::clone(&received), clock.clone(), between.clone());
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            received.lock().unwrap().push((head, body));
            clock.advance(1);
            between();
            Ok::<_, BoxError>(Response::builder().status(StatusCode::SERVICE_UNAVAILABLE).body(())?)
        }
    })
}

fn store(params: &AuthParams) -> SignerStore {
    SignerStore::new(Registry::new().signer(params).unwrap())
}

/// Only the token's method has a `Match`, which goes to the layer.
fn without_match(mut params: AuthParams) -> AuthParams {
    params.remove("Match");
    params
}

fn layer(store: &SignerStore, clock: &Clock) -> SigningLayer {
    SigningLayer::builder().base_url("*").unwrap().clock(clock.reader()).store(store.clone())
}

fn request(scheme: &Scheme, method: &Method) -> Request<Full<Bytes>> {
    let body = if method == Method::GET { Full::default() } else { Full::from("{\"a\": 1}") };
    Request::builder().method(method).uri(scheme.url).header("x-app", "1").body(body).unwrap()
}

/// The headers of the request when it is signed for the first time at `unix`, sorted.
async fn fresh(params: &AuthParams, scheme: &Scheme, method: &Method, unix: u64) -> Vec<(String, String)> {
    let (mut head, body) = request(scheme, method).into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let now = Timestamp::from_unix(unix as i64).unwrap();
    Registry::new().signer(params).unwrap().sign(&mut head, &Payload::of(&body), now).unwrap();
    sorted(&head.headers)
}

fn sorted(headers: &HeaderMap) -> Vec<(String, String)> {
    let pairs = headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort();
    pairs
}

/// What a signed head says of its time, in the words of its method.
fn date_of(scheme: &Scheme, head: &Parts) -> String {
    let text = |name: &str| head.headers[name].to_str().unwrap();
    match scheme.method {
        "aws-signature-v4" => {
            let scope = text("authorization").split('/').nth(1).unwrap();
            format!("{} in {scope}", text("x-amz-date"))
        }
        "azure-batch" => text("ocp-date").to_owned(),
        "cybersource-http" => text("date").to_owned(),
        "auth-token" => "no date".to_owned(),
        _ => text("authorization").split("&se=").nth(1).unwrap().split('&').next().unwrap().to_owned(),
    }
}

fn expected_dates(scheme: &Scheme) -> [&'static str; 3] {
    match scheme.method {
        "aws-signature-v4" => {
            ["20240229T235958Z in 20240229", "20240229T235959Z in 20240229", "20240301T000000Z in 20240301"]
        }
        "azure-batch" | "cybersource-http" => [
            "Thu, 29 Feb 2024 23:59:58 GMT",
            "Thu, 29 Feb 2024 23:59:59 GMT",
            "Fri, 01 Mar 2024 00:00:00 GMT",
        ],
        "auth-token" => ["no date"; 3],
        // A minute later.
        _ => ["1709251258", "1709251259", "1709251260"],
    }
}

/// The `aws-sigv4` crate must find the same signature.
#[track_caller]
fn check_sigv4(params: &AuthParams, (head, body): &(Parts, Bytes)) {
    if params.get("Method") == Some("aws-signature-v4") {
        let known = Secrets {
            key_id: params.get("AccessKeyId").unwrap(),
            secret: params.get("SecretAccessKey").unwrap(),
            token: params.get("SessionToken"),
        };
        verify_sigv4(head, body, known).unwrap();
    }
}

#[tokio::test]
async fn each_attempt_is_signed_at_its_own_time() {
    for scheme in &SCHEMES {
        for method in [Method::GET, Method::POST] {
            let (clock, received) = (Clock::at(EVENING), Received::default());
            let params = without_match(scheme.params());
            let service = ServiceBuilder::new()
                .layer(RetryLayer::new(Attempts(2)))
                .layer(layer(&store(&params), &clock))
                .service(unavailable(&received, &clock, || ()));
            let answer = service.oneshot(request(scheme, &method)).await.unwrap();
            assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
            let received = std::mem::take(&mut *received.lock().unwrap());
            let dates: Vec<_> = received.iter().map(|(head, _)| date_of(scheme, head)).collect();
            assert_eq!(dates, expected_dates(scheme), "{}", scheme.method);
            for (attempt, unix) in received.iter().zip(EVENING..) {
                assert_eq!(
                    sorted(&attempt.0.headers),
                    fresh(&params, scheme, &method, unix).await,
                    "{}",
                    scheme.method
                );
                check_sigv4(&params, attempt);
            }
        }
    }
}

/// What a retry below the layer would not see, and one above it never does: the head with its signature.
async fn sign_again(
    layer: &SigningLayer,
    received: &Received,
    clock: &Clock,
    signed: (Parts, Bytes),
) -> (Parts, Bytes) {
    let service = layer.layer(unavailable(received, clock, || ()));
    service.oneshot(Request::from_parts(signed.0, Full::new(signed.1))).await.unwrap();
    received.lock().unwrap().pop().unwrap()
}

#[tokio::test]
async fn a_head_that_is_signed_already_is_signed_as_if_it_were_not() {
    for scheme in &SCHEMES {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let (clock, received) = (Clock::at(EVENING), Received::default());
            let params = without_match(scheme.params());
            let layer = layer(&store(&params), &clock);
            let (head, body) = request(scheme, &method).into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let mut attempt = (head, body);
            for (unix, date) in (EVENING..).zip(expected_dates(scheme)) {
                attempt = sign_again(&layer, &received, &clock, attempt).await;
                assert_eq!(date_of(scheme, &attempt.0), date);
                assert_eq!(
                    sorted(&attempt.0.headers),
                    fresh(&params, scheme, &method, unix).await,
                    "{}",
                    scheme.method
                );
                check_sigv4(&params, &attempt);
            }
        }
    }
}

/// Credentials before and after a rotation, by the place of their method among the six.
const ROTATIONS: [(usize, &[(&str, &str)]); 7] = [
    (0, &[("AccessKeyId", "AKIDNEW"), ("SecretAccessKey", "new+secret"), ("SessionToken", "new/token")]),
    // From temporary to permanent credentials; an empty value stands for none.
    (0, &[("AccessKeyId", "AKIDNEW"), ("SecretAccessKey", "new+secret"), ("SessionToken", "")]),
    (1, &[("SecretAccessKey", "bmV3IGtleQ==")]),
    (2, &[("SharedAccessKeyName", "new"), ("SecretAccessKey", "bmV3IGtleQ==")]),
    (3, &[("SharedAccessKeyName", "new"), ("SecretAccessKey", "bmV3IGtleQ==")]),
    (4, &[("MerchantId", "new"), ("MerchantKeyID", "new"), ("MerchantSecretKey", "bmV3IGtleQ==")]),
    (5, &[("Token", "new token")]),
];

fn rotated(scheme: &Scheme, changed: &[(&str, &str)]) -> AuthParams {
    let mut params = without_match(scheme.params_with(changed));
    if params.get("SessionToken") == Some("") {
        params.remove("SessionToken");
    }
    params
}

/// Both ways: what is added by a rotation is removed by the one back.
fn rotations() -> impl Iterator<Item = (&'static Scheme, AuthParams, AuthParams)> {
    ROTATIONS.into_iter().flat_map(|(at, changed)| {
        let scheme = &SCHEMES[at];
        let (old, new) = (without_match(scheme.params()), rotated(scheme, changed));
        [(scheme, old.clone(), new.clone()), (scheme, new, old)]
    })
}

#[tokio::test]
async fn a_retry_after_a_rotation_bears_the_new_key_only() {
    for (scheme, old, new) in rotations() {
        let (clock, received) = (Clock::at(EVENING), Received::default());
        let store = store(&old);
        let (rotating, after) = (store.clone(), new.clone());
        let rotate = move || {
            rotating.replace(Registry::new().signer(&after).unwrap());
        };
        let service = ServiceBuilder::new()
            .layer(RetryLayer::new(Attempts(1)))
            .layer(layer(&store, &clock))
            .service(unavailable(&received, &clock, rotate));
        service.oneshot(request(scheme, &Method::POST)).await.unwrap();
        let received = std::mem::take(&mut *received.lock().unwrap());
        let [first, second] = &received[..] else { panic!("{} attempts", received.len()) };
        assert_eq!(sorted(&first.0.headers), fresh(&old, scheme, &Method::POST, EVENING).await);
        assert_eq!(sorted(&second.0.headers), fresh(&new, scheme, &Method::POST, EVENING + 1).await);
        check_sigv4(&old, first);
        check_sigv4(&new, second);
    }
}

#[tokio::test]
async fn a_signed_head_keeps_nothing_of_the_old_key_after_a_rotation() {
    for (scheme, old, new) in rotations() {
        let (clock, received) = (Clock::at(EVENING), Received::default());
        let store = store(&old);
        let layer = layer(&store, &clock);
        let (head, body) = request(scheme, &Method::POST).into_parts();
        let attempt = (head, body.collect().await.unwrap().to_bytes());
        let attempt = sign_again(&layer, &received, &clock, attempt).await;
        store.replace(Registry::new().signer(&new).unwrap());
        let attempt = sign_again(&layer, &received, &clock, attempt).await;
        assert_eq!(
            sorted(&attempt.0.headers),
            fresh(&new, scheme, &Method::POST, EVENING + 1).await,
            "{}",
            scheme.method
        );
        check_sigv4(&new, &attempt);
    }
}

/// The name of the account stands in the signature: another one must not make the old date look like the
/// caller's.
#[tokio::test]
async fn a_batch_head_of_another_account_is_dated_anew() {
    let scheme = &SCHEMES[1];
    let (clock, received) = (Clock::at(EVENING), Received::default());
    let new = rotated(scheme, &[("AccountName", "other"), ("SecretAccessKey", "bmV3IGtleQ==")]);
    let store = store(&scheme.params());
    let layer = layer(&store, &clock);
    let (head, _) = request(scheme, &Method::GET).into_parts();
    let attempt = sign_again(&layer, &received, &clock, (head, Bytes::new())).await;
    store.replace(Registry::new().signer(&new).unwrap());
    let attempt = sign_again(&layer, &received, &clock, attempt).await;
    assert_eq!(sorted(&attempt.0.headers), fresh(&new, scheme, &Method::GET, EVENING + 1).await);
}

/// S3 trusts `x-amz-content-sha256` over the body, so a stale one is worse than none.
#[tokio::test]
async fn a_signed_head_with_another_body_gets_the_hash_of_that_body() {
    let params = AWS.params_with(&[("Service", "s3"), ("Region", "eu-west-1")]);
    let (clock, received) = (Clock::at(EVENING), Received::default());
    let layer = layer(&store(&params), &clock);
    let (head, _) = request(&AWS, &Method::PUT).into_parts();
    let (head, _) = sign_again(&layer, &received, &clock, (head, Bytes::from("first"))).await;
    let attempt = sign_again(&layer, &received, &clock, (head, Bytes::from("second"))).await;
    check_sigv4(&params, &attempt);
    let hashes: Vec<_> = attempt.0.headers.get_all("x-amz-content-sha256").iter().collect();
    assert_eq!(hashes, ["16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4"]);
}

/// A stream of three frames; its length is not known.
fn stream() -> Request<Pieces> {
    let body = pieces_of(["a ", "long ", "story"].map(data));
    Request::put("https://b.s3.eu-west-1.amazonaws.com/key").body(body).unwrap()
}

/// In memory, and in a file from the second frame on.
fn replays() -> [ReplayLayer; 2] {
    [ReplayLayer::new(), ReplayLayer::new().buffer_limit(2).spool_limit(100)]
}

#[tokio::test]
async fn a_stream_is_signed_anew_at_each_attempt() {
    for replay in replays() {
        let (clock, received) = (Clock::at(EVENING), Received::default());
        let params = AWS.params();
        let service = ServiceBuilder::new()
            .layer(replay)
            .layer(RetryLayer::new(Attempts(2)))
            .layer(layer(&store(&params), &clock))
            .service(unavailable::<ReplayBody<Pieces>>(&received, &clock, || ()));
        let answer = service.oneshot(stream()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        let received = std::mem::take(&mut *received.lock().unwrap());
        let dates: Vec<_> = received.iter().map(|(head, _)| date_of(&AWS, head)).collect();
        assert_eq!(dates, expected_dates(&AWS));
        for attempt in &received {
            assert_eq!(attempt.1, "a long story");
            check_sigv4(&params, attempt);
        }
    }
}

/// Answers when it has the first frame; the last attempt gets all.
#[tokio::test]
async fn an_attempt_that_is_answered_midway_leaves_the_stream_to_the_next() {
    for replay in replays() {
        let (sender, body) = pieces();
        sender.send(data("a ")).unwrap();
        let sender = Arc::new(Mutex::new(Some(sender)));
        let inner = service_fn(move |request: Request<SignedBody<ReplayBody<Pieces>>>| {
            let sender = Arc::clone(&sender);
            async move {
                let mut body = request.into_body();
                let first = body.frame().await.unwrap()?.into_data().unwrap();
                assert_eq!(first, "a ");
                // The rest comes after the first attempt is over.
                if let Some(sender) = sender.lock().unwrap().take() {
                    drop(body);
                    sender.send(data("long ")).unwrap();
                    sender.send(data("story")).unwrap();
                    let refused = Response::builder().status(StatusCode::SERVICE_UNAVAILABLE);
                    return Ok::<_, BoxError>(refused.body(())?);
                }
                assert_eq!(body.collect().await?.to_bytes(), "long story");
                Ok(Response::new(()))
            }
        });
        let unsigned = AWS.params_with(&[("Payload", "unsigned")]);
        let service = ServiceBuilder::new()
            .layer(replay)
            .layer(RetryLayer::new(Attempts(2)))
            .layer(layer(&store(&unsigned), &Clock::at(EVENING)))
            .service(inner);
        let request = stream().map(|_| body);
        assert_eq!(service.oneshot(request).await.unwrap().status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn a_stream_that_is_too_long_is_sent_once_and_says_so() {
    let log = Log::install(LevelFilter::DEBUG);
    let (clock, received) = (Clock::at(EVENING), Received::default());
    let service = ServiceBuilder::new()
        .layer(ReplayLayer::new().buffer_limit(11))
        .layer(RetryLayer::new(Attempts(2)))
        .layer(layer(&store(&AWS.params()), &clock))
        .service(unavailable::<ReplayBody<Pieces>>(&received, &clock, || ()));
    // This policy does not ask whether the body can be had again.
    let error = service.oneshot(stream()).await.unwrap_err();
    assert_eq!(signing_error(&error).kind(), SigningErrorKind::Body);
    assert_eq!(received.lock().unwrap().len(), 1);
    assert_eq!(received.lock().unwrap()[0].1, "a long story");
    assert_eq!(log.count(&["DEBUG", "sent once", "11 bytes"]), 1, "{}", log.text());
}
