//! What `DiagnoseLayer` does with responses.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, Once};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::stream::{self, StreamExt};
use http::{HeaderMap, Request, Response};
use http_body::{Body as _, Frame};
use http_body_util::{BodyExt, Full, StreamBody};
use signing_core::aws::PayloadMode;
use signing_core::diagnose::{Cause, Diagnosis, Refusal};
use signing_core::{Explanation, Masking};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_signing::{
    BoxError, DiagnoseBody, DiagnoseLayer, SignedBody, SignerStore, Signers, SigningLayer, SigningOptions,
    SigningRecord,
};

use crate::{AWS, builder, signer};

const URL: &str = "https://bucket.s3.us-east-1.amazonaws.com/key";
const WRONG_REGION: &str = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'</Message><Region>eu-west-1</Region></Error>";

type Frames = Vec<Result<Frame<Bytes>, io::Error>>;
type Refused = StreamBody<Pin<Box<dyn stream::Stream<Item = Result<Frame<Bytes>, io::Error>> + Send>>>;
type Told = Response<DiagnoseBody<Refused>>;

fn data(text: impl Into<Bytes>) -> Result<Frame<Bytes>, io::Error> {
    Ok(Frame::data(text.into()))
}

fn refusal(status: u16, frames: Frames) -> Response<Refused> {
    let body = StreamBody::new(stream::iter(frames).boxed());
    Response::builder().status(status).body(body).unwrap()
}

fn request() -> Request<Full<Bytes>> {
    Request::get(URL).body(Full::default()).unwrap()
}

/// What comes back when the service answers with `response`.
async fn told_of(request: Request<Full<Bytes>>, response: Response<Refused>) -> Told {
    told_by(&builder().signers(signer(AWS)), request, response).await
}

async fn told_within(limit: Duration, request: Request<Full<Bytes>>, response: Response<Refused>) -> Told {
    told_through(DiagnoseLayer::new().time_limit(limit), &builder().signers(signer(AWS)), request, response)
        .await
}

async fn told_by(signing: &SigningLayer, request: Request<Full<Bytes>>, response: Response<Refused>) -> Told {
    told_through(DiagnoseLayer::new(), signing, request, response).await
}

async fn told_through(
    layer: DiagnoseLayer,
    signing: &SigningLayer,
    request: Request<Full<Bytes>>,
    response: Response<Refused>,
) -> Told {
    let response = Mutex::new(Some(response));
    let inner = service_fn(|_: Request<SignedBody<Full<Bytes>>>| {
        let response = response.lock().unwrap().take().unwrap();
        async { Ok::<_, BoxError>(response) }
    });
    layer.layer(signing.layer(inner)).oneshot(request).await.unwrap()
}

fn causes<B>(response: &Response<B>) -> Option<Vec<&'static str>> {
    let diagnosis = response.extensions().get::<Diagnosis>()?;
    Some(diagnosis.causes().iter().map(Cause::name).collect())
}

thread_local! {
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Where every thread, and so every test, has a log of its own.
struct Log;

impl Log {
    fn begin() {
        static INSTALLED: Once = Once::new();
        let subscriber = tracing_subscriber::fmt().with_writer(|| Self).without_time().with_ansi(false);
        INSTALLED.call_once(|| subscriber.init());
    }

    fn lines() -> Vec<String> {
        let bytes = LOGGED.with_borrow(Vec::clone);
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_refusal_is_told_and_given_on_complete() {
    Log::begin();
    let mut trailers = HeaderMap::new();
    trailers.insert("x-trailer", "1".parse().unwrap());
    let (first, second) = WRONG_REGION.split_at(20);
    let frames = vec![data(first), data(second), Ok(Frame::trailers(trailers.clone()))];
    let response = told_of(request(), refusal(403, frames)).await;

    assert_eq!(causes(&response), Some(vec!["wrong-region"]));
    let diagnosis = response.extensions().get::<Diagnosis>().unwrap();
    assert_eq!((diagnosis.section(), diagnosis.key_id()), (Some("auth"), Some("AKIDEXAMPLE")));
    assert_eq!(Log::lines(), [format!(" WARN tower_signing::diagnose: {diagnosis}")]);
    // Trailers go where no length was told.
    assert_eq!(response.body().size_hint().exact(), None);
    let collected = response.into_body().collect().await.unwrap();
    assert_eq!(collected.trailers(), Some(&trailers));
    assert_eq!(collected.to_bytes(), WRONG_REGION);
}

#[tokio::test]
async fn other_responses_are_not_touched() {
    Log::begin();
    for status in [200, 204, 301, 404, 500, 503] {
        let never = stream::poll_fn(|_| panic!("nobody has asked for the body")).boxed();
        let response = Response::builder().status(status).body(StreamBody::new(never as _)).unwrap();
        let response = told_of(request(), response).await;
        assert_eq!((causes(&response), response.extensions().len()), (None, 0), "{status}");
    }
    assert_eq!(Log::lines(), [""; 0]);
}

#[tokio::test]
async fn a_bad_request_is_told_only_if_the_signature_is_the_matter() {
    Log::begin();
    let of_aws = |text: &'static str| {
        let mut response = refusal(400, vec![data(text)]);
        response.headers_mut().insert("x-amz-request-id", "1".parse().unwrap());
        response
    };
    let response = told_of(request(), of_aws("<Error><Code>InvalidArgument</Code></Error>")).await;
    assert_eq!(causes(&response), None);
    assert_eq!(Log::lines().len(), 0);
    let response = told_of(request(), of_aws(WRONG_REGION)).await;
    assert_eq!(causes(&response), Some(vec!["wrong-region"]));
    assert_eq!(Log::lines().len(), 1);
    // The region that was signed for.
    let mut right = of_aws("");
    right.headers_mut().insert("x-amz-bucket-region", "us-east-1".parse().unwrap());
    assert_eq!(causes(&told_of(request(), right).await), None);
    assert_eq!(Log::lines().len(), 1);
    // Nobody's in particular.
    let response = told_of(request(), refusal(400, vec![data(WRONG_REGION)])).await;
    assert_eq!(causes(&response), None);
}

#[tokio::test]
async fn what_is_sent_unsigned_is_not_told_about() {
    let mut request = request();
    request.extensions_mut().insert(SigningOptions::new().skip());
    let response = told_of(request, refusal(403, vec![data(WRONG_REGION)])).await;
    assert_eq!(causes(&response), None);
}

#[tokio::test]
async fn a_request_that_asks_for_its_explanation_gets_it_too() {
    let mut request = request();
    request.extensions_mut().insert(SigningOptions::new().section("auth").explain(Masking::Masked));
    let response = told_of(request, refusal(403, vec![data(WRONG_REGION)])).await;
    assert!(response.extensions().get::<Explanation>().is_some());
    assert_eq!(causes(&response), Some(vec!["wrong-region"]));
}

/// A body of `count` such frames, and how many were taken of it.
fn counted(count: usize, size: usize) -> (Response<Refused>, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let frames = stream::repeat_with(move || {
        counter.fetch_add(1, SeqCst);
        data(vec![b'x'; size])
    });
    let body = StreamBody::new(frames.take(count).boxed() as _);
    (Response::builder().status(403).body(body).unwrap(), taken)
}

#[tokio::test]
async fn of_a_long_body_only_the_beginning_is_read() {
    let (response, taken) = counted(1000, 10_000);
    let response = told_of(request(), response).await;
    assert_eq!(causes(&response), Some(vec![]));
    assert_eq!(taken.load(SeqCst), Refusal::MOST_BODY.div_ceil(10_000));
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes().len(), 10_000_000);
}

#[tokio::test]
async fn empty_frames_are_not_read_for_ever() {
    let (response, taken) = counted(1_000_000, 0);
    let response = told_of(request(), response).await;
    assert_eq!(causes(&response), Some(vec![]));
    assert!(taken.load(SeqCst) < 10_000);
}

/// A runtime of Tokio's may be without a timer, and there may be none.
#[test]
fn a_body_that_does_not_end_is_waited_for_a_while() {
    let (sender, frames) = futures::channel::mpsc::unbounded();
    let body = StreamBody::new(frames.boxed() as _);
    sender.unbounded_send(data(WRONG_REGION)).unwrap();
    let limit = Duration::from_millis(200);
    let begun = Instant::now();
    let response = Response::builder().status(403).body(body).unwrap();
    let response = futures::executor::block_on(told_within(limit, request(), response));
    assert!(begun.elapsed() >= limit);
    // From what had come.
    assert_eq!(causes(&response), Some(vec!["wrong-region"]));
    sender.unbounded_send(data("more")).unwrap();
    drop(sender);
    let text = futures::executor::block_on(response.into_body().collect()).unwrap().to_bytes();
    assert_eq!(text, format!("{WRONG_REGION}more"));
}

#[tokio::test]
async fn what_is_compressed_is_not_waited_for() {
    let body: Refused = StreamBody::new(stream::pending().boxed());
    let response = Response::builder().status(403).header("content-encoding", "gzip").body(body).unwrap();
    let response = told_within(Duration::from_secs(3600), request(), response).await;
    assert_eq!(causes(&response), Some(vec![]));
}

#[tokio::test]
async fn an_error_of_the_body_comes_in_its_place() {
    let frames = vec![data("<Error>"), Err(io::Error::other("broken off"))];
    let mut response = told_of(request(), refusal(403, frames)).await;
    assert_eq!(causes(&response), Some(vec![]));
    let body = response.body_mut();
    assert!(!body.is_end_stream());
    // An exact size is written into the head, and then nobody sees that this is not all.
    assert_eq!((body.size_hint().lower(), body.size_hint().upper()), (7, None));
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "<Error>");
    assert_eq!(body.frame().await.unwrap().unwrap_err().to_string(), "broken off");
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn the_size_of_the_body_stays_known() {
    let inner = service_fn(|_: Request<SignedBody<Full<Bytes>>>| async {
        let body = Full::new(Bytes::from_static(WRONG_REGION.as_bytes()));
        Ok::<_, BoxError>(Response::builder().status(403).body(body).unwrap())
    });
    let service = DiagnoseLayer::new().layer(builder().signers(signer(AWS)).layer(inner));
    let mut response = service.oneshot(request()).await.unwrap();
    assert_eq!(response.body().size_hint().exact(), Some(WRONG_REGION.len() as u64));
    response.body_mut().frame().await.unwrap().unwrap();
    assert_eq!(response.body().size_hint().exact(), Some(0));
    assert!(response.body().is_end_stream());
}

#[tokio::test]
async fn what_was_encoded_while_it_was_sent_is_told_about() {
    let mut request = Request::put(URL).body(Full::from("hello")).unwrap();
    request.extensions_mut().insert(PayloadMode::Chunked);
    let answer = "<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided.</Message></Error>";
    let response = told_of(request, refusal(403, vec![data(answer)])).await;
    assert_eq!(causes(&response), Some(vec!["mismatch"]));
    let diagnosis = response.extensions().get::<Diagnosis>().unwrap();
    assert_eq!(diagnosis.key_id(), Some("AKIDEXAMPLE"));
}

/// Signs two hosts with sections of their own.
fn sections(first: &str, second: &str) -> Signers {
    let signer =
        |key| signer(&[("Method", "aws-signature-v4"), ("AccessKeyId", key), ("SecretAccessKey", "secret")]);
    let mut signers = Signers::new();
    signers
        .insert("first", Some("https://bucket.s3.us-east-1.amazonaws.com".parse().unwrap()), signer(first))
        .unwrap();
    signers.insert("second", Some("https://other.example".parse().unwrap()), signer(second)).unwrap();
    signers
}

/// The causes of a refusal for whose time `replacement` is put in place.
async fn told_when(replacement: Signers) -> Vec<&'static str> {
    let answer = "<Error><Code>InvalidAccessKeyId</Code><Message>The AWS Access Key Id you provided does not exist in our records.</Message></Error>";
    let store = SignerStore::new(sections("AKIDONE", "AKIDOTHER"));
    let signing = builder().store(store.clone());
    let replacement = Mutex::new(Some(replacement));
    let inner = service_fn(|_: Request<SignedBody<Full<Bytes>>>| {
        store.replace(replacement.lock().unwrap().take().unwrap());
        async { Ok::<_, BoxError>(refusal(403, vec![data(answer)])) }
    });
    let response = DiagnoseLayer::new().layer(signing.layer(inner)).oneshot(request()).await.unwrap();
    let diagnosis = response.extensions().get::<Diagnosis>().unwrap();
    assert_eq!((diagnosis.section(), diagnosis.key_id()), (Some("first"), Some("AKIDONE")));
    causes(&response).unwrap()
}

#[tokio::test]
async fn a_key_that_was_replaced_meanwhile_is_the_cause() {
    let replaced = ["credentials-replaced", "unknown-key"];
    assert_eq!(told_when(sections("AKIDTWO", "AKIDOTHER")).await, replaced);
    let first = |extra: &[(&str, &str)]| {
        let mut params =
            vec![("Method", "aws-signature-v4"), ("AccessKeyId", "AKIDONE"), ("SecretAccessKey", "secret")];
        for (name, value) in extra {
            params.retain(|(other, _)| other != name);
            params.push((*name, *value));
        }
        let mut signers = Signers::new();
        let scope = "https://bucket.s3.us-east-1.amazonaws.com".parse().unwrap();
        signers.insert("first", Some(scope), signer(&params)).unwrap();
        signers
    };
    assert_eq!(told_when(first(&[("SecretAccessKey", "another")])).await, replaced);
    assert_eq!(told_when(first(&[("AccessKeyId", "AKIDTWO"), ("Region", "eu-west-1")])).await, replaced);
    // Something else is.
    let kept = ["unknown-key"];
    assert_eq!(told_when(first(&[])).await, kept);
    assert_eq!(told_when(first(&[("Region", "eu-west-1")])).await, kept);
    assert_eq!(told_when(first(&[("ClockCorrection", "5")])).await, kept);
    assert_eq!(told_when(sections("AKIDONE", "AKIDNEW")).await, kept);
    assert_eq!(told_when(Signers::new()).await, kept);
}

#[tokio::test]
async fn of_two_signatures_that_which_was_sent_is_told_about() {
    let outer = builder().signers(sections("AKIDOUTER", "AKIDOTHER"));
    let innermost = builder().signers(sections("AKIDINNER", "AKIDOTHER"));
    let inner = service_fn(|_: Request<SignedBody<SignedBody<Full<Bytes>>>>| async {
        Ok::<_, BoxError>(refusal(403, vec![data(WRONG_REGION)]))
    });
    let service = DiagnoseLayer::new().layer(outer.layer(innermost.layer(inner)));
    let response = service.oneshot(request()).await.unwrap();
    assert_eq!(response.extensions().get::<Diagnosis>().unwrap().key_id(), Some("AKIDINNER"));
}

#[tokio::test]
async fn a_record_that_is_asked_for_comes_with_every_response() {
    let answered = |status: u16| {
        service_fn(move |_: Request<SignedBody<Full<Bytes>>>| async move {
            Ok::<_, BoxError>(refusal(status, vec![data(WRONG_REGION)]))
        })
    };
    let signing = builder().signers(signer(AWS));
    let mut asked = request();
    asked.extensions_mut().insert(SigningOptions::new().record());
    let mut response = signing.layer(answered(200)).oneshot(asked).await.unwrap();
    let record = response.extensions_mut().remove::<SigningRecord>().unwrap();
    // As an adapter does, for what the service has answered elsewhere.
    let response = DiagnoseLayer::new().diagnose(record, refusal(403, vec![data(WRONG_REGION)])).await;
    assert_eq!(causes(&response), Some(vec!["wrong-region"]));
}

#[tokio::test]
async fn the_clock_is_compared_with_its_correction() {
    let mut params = AWS.to_vec();
    params.push(("ClockCorrection", "-3600"));
    let mut response = refusal(403, vec![data("<Error><Code>RequestTimeTooSkewed</Code></Error>")]);
    response.headers_mut().insert("date", "Thu, 29 Feb 2024 12:34:56 GMT".parse().unwrap());
    let response = told_by(&builder().signers(signer(&params)), request(), response).await;
    let diagnosis = response.extensions().get::<Diagnosis>().unwrap();
    assert_eq!(diagnosis.clock_difference(), Some(3600));
    assert!(matches!(diagnosis.causes(), [Cause::ClockOff { clock_correction: -3600, .. }]));
    assert!(diagnosis.causes()[0].remedy().contains("ClockCorrection"), "{}", diagnosis.causes()[0].remedy());
}

#[tokio::test]
async fn errors_and_readiness_are_those_of_the_inner_service() {
    let (inner, mut handle) = tower_test::mock::pair::<Request<Full<Bytes>>, Response<Full<Bytes>>>();
    handle.allow(0);
    let mut service = tokio_test::task::spawn(DiagnoseLayer::new().layer(inner));
    service.enter(|cx, mut service| assert!(service.poll_ready(cx).is_pending()));
    handle.allow(1);
    service.enter(|cx, mut service| assert!(service.poll_ready(cx).is_ready()));
    let response = service.enter(|_, mut service| service.call(request()));
    let answer = async {
        let (_, reply) = handle.next_request().await.unwrap();
        reply.send_error(io::Error::other("inner"));
    };
    let (response, ()) = tokio::join!(response, answer);
    assert_eq!(response.unwrap_err().to_string(), "inner");
}
