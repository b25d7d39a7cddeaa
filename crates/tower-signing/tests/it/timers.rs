//! Timers beside a large body, on the one thread that there is.

use std::convert::Infallible;
use std::fs;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, StreamBody};
use tokio::task::JoinHandle;
use tower::{Layer, ServiceExt, service_fn};
use tower_signing::{BoxError, SignedBody, SigningLayer};

use crate::{AWS, builder, signer};

const URL: &str = "https://sqs.eu-west-1.amazonaws.com/";
const PERIOD: Duration = Duration::from_millis(2);
const MOST: Duration = Duration::from_millis(10);

/// How long this thread could not run since others did, where the system tells: that is no one's fault here.
fn waited_for_the_processor() -> Duration {
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let waited = told.split(' ').nth(1).and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(waited.unwrap_or(0))
}

/// How late the latest timer was while `layer` signed a request with this body in a task of its own.
async fn latest<B>(layer: &SigningLayer, body: B) -> Duration
where
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let inner = service_fn(|_: Request<SignedBody<B>>| async { Ok::<_, BoxError>(Response::new(())) });
    watch(tokio::spawn(layer.layer(inner).oneshot(Request::put(URL).body(body).unwrap()))).await
}

/// How late the latest timer was while this task ran.
async fn watch(task: JoinHandle<Result<Response<()>, BoxError>>) -> Duration {
    let mut latest = Duration::ZERO;
    while !task.is_finished() {
        let (start, waited) = (Instant::now(), waited_for_the_processor());
        tokio::time::sleep(PERIOD).await;
        let waited = waited_for_the_processor() - waited;
        latest = latest.max(start.elapsed().saturating_sub(PERIOD + waited));
    }
    task.await.unwrap().unwrap();
    latest
}

/// The machine may be busy with other things: that it can go well is what is shown.
async fn check<B>(layer: &SigningLayer, body: impl Fn() -> B)
where
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let mut seen = Vec::new();
    while seen.last().is_none_or(|latest| *latest > MOST) {
        assert!(seen.len() < 10, "a timer was too late in each run: {seen:?}");
        seen.push(latest(layer, body()).await);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn timers_are_not_late_while_a_gibibyte_is_hashed() {
    let body = Bytes::from(vec![0; 1 << 30]);
    check(&builder().signers(signer(AWS)), || Full::new(body.clone())).await;
}

/// How late the latest timer was while a task took all of an encoded body, as fast as it came.
async fn latest_beside_an_upload(body: Bytes) -> Duration {
    let inner = service_fn(|request: Request<SignedBody<Full<Bytes>>>| async move {
        let mut body = request.into_body();
        while let Some(frame) = body.frame().await {
            frame?;
        }
        Ok::<_, BoxError>(Response::new(()))
    });
    let params = [AWS, &[("Payload", "chunked")]].concat();
    let layer = builder().signers(signer(&params));
    let request = Request::put("https://b.s3.us-east-1.amazonaws.com/k").body(Full::new(body)).unwrap();
    watch(tokio::spawn(layer.layer(inner).oneshot(request))).await
}

#[tokio::test(flavor = "current_thread")]
async fn timers_are_not_late_while_an_upload_is_encoded() {
    let body = Bytes::from(vec![0; 1 << 28]);
    let mut seen = Vec::new();
    while seen.last().is_none_or(|latest| *latest > MOST) {
        assert!(seen.len() < 10, "a timer was too late in each run: {seen:?}");
        seen.push(latest_beside_an_upload(body.clone()).await);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn timers_are_not_late_while_a_stream_is_spooled() {
    let dir = tempfile::tempdir().unwrap();
    let layer = builder().buffer_limit(1 << 20).spool_limit(1 << 30).spool_dir(dir.path());
    let frame = Bytes::from(vec![0; 1 << 20]);
    check(&layer.signers(signer(AWS)), || {
        let frames =
            std::iter::repeat_n(frame.clone(), 256).map(|data| Ok::<_, Infallible>(Frame::data(data)));
        StreamBody::new(futures::stream::iter(frames))
    })
    .await;
}
