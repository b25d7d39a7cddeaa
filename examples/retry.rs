//! A stream that is sent until the server takes it. Each attempt is signed anew, across a second and a midnight.
//!
//! ```text
//! ReplayLayer ──► retry ──► SigningLayer ──► hyper client ──► a server that is unavailable twice
//! ```
//!
//! Start it with `cargo run --example retry`. It needs no network and ends by itself.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use signing_core::{AuthParams, Registry};
use tokio::net::TcpListener;
use tower::retry::{Policy, RetryLayer};
use tower::{ServiceBuilder, ServiceExt};
use tower_signing::{BoxError, ReplayBody, ReplayLayer, SigningLayer};

/// 2024-02-29T23:59:58Z: the second attempt falls into another second, the third one into another day.
const EVENING: u64 = 1_709_251_198;

/// Sends a request again while the server is unavailable, and its body can be had again.
#[derive(Clone)]
struct WhileUnavailable {
    attempts_left: usize,
}

impl<B, R> Policy<Request<ReplayBody<B>>, Response<R>, BoxError> for WhileUnavailable {
    type Future = Ready<()>;

    fn retry(
        &mut self,
        request: &mut Request<ReplayBody<B>>,
        result: &mut Result<Response<R>, BoxError>,
    ) -> Option<Ready<()>> {
        let is_unavailable =
            result.as_ref().is_ok_and(|response| response.status() == StatusCode::SERVICE_UNAVAILABLE);
        if !is_unavailable || !request.body().is_replayable() {
            return None;
        }
        self.attempts_left = self.attempts_left.checked_sub(1)?;
        Some(ready(()))
    }

    fn clone_request(&mut self, request: &Request<ReplayBody<B>>) -> Option<Request<ReplayBody<B>>> {
        request.body().is_replayable().then(|| request.clone())
    }
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let clock = Arc::new(AtomicU64::new(EVENING));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}/upload", listener.local_addr()?);
    tokio::spawn(serve(listener, Arc::clone(&clock)));

    let params: AuthParams = [
        ("Method", "aws-signature-v4"),
        ("AccessKeyId", "AKIDEXAMPLE"),
        ("SecretAccessKey", "not-a-real-key"),
        ("Region", "eu-central-1"),
        ("Service", "execute-api"),
    ]
    .into_iter()
    .collect();
    let signing = SigningLayer::builder()
        .clock(move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst)))
        .signers(Registry::new().signer(&params)?);
    let client = ServiceBuilder::new()
        // What is longer than 64 KiB goes to a temporary file, and what is longer than 1 MiB is sent once.
        .layer(ReplayLayer::new().buffer_limit(64 * 1024).spool_limit(1024 * 1024))
        .layer(RetryLayer::new(WhileUnavailable { attempts_left: 5 }))
        .layer(signing)
        .service(Client::builder(TokioExecutor::new()).build_http());

    // Read once, from its start to its end, whatever the number of attempts.
    let frames = (0_u8..100).map(|number| {
        if number == 0 || number == 99 {
            println!("client: frame {number} is read from the stream");
        }
        Ok::<_, Infallible>(Frame::data(Bytes::from(vec![number; 1024])))
    });
    let request = Request::post(url).body(StreamBody::new(stream::iter(frames)))?;
    let status = client.oneshot(request).await?.status();
    println!("client: {status}");
    if status.is_success() { Ok(()) } else { Err("the server has not taken the stream".into()) }
}

/// Says what it receives, and is unavailable twice. Then a second has passed.
async fn serve(listener: TcpListener, clock: Arc<AtomicU64>) -> io::Result<()> {
    let requests = Arc::new(AtomicU64::new(0));
    loop {
        let (stream, _) = listener.accept().await?;
        let (requests, clock) = (Arc::clone(&requests), Arc::clone(&clock));
        let service = service_fn(move |request| answer(request, Arc::clone(&requests), Arc::clone(&clock)));
        tokio::spawn(
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
        );
    }
}

async fn answer(
    request: Request<Incoming>,
    requests: Arc<AtomicU64>,
    clock: Arc<AtomicU64>,
) -> Result<Response<Empty<Bytes>>, BoxError> {
    let (head, body) = request.into_parts();
    let length = body.collect().await?.to_bytes().len();
    let header =
        |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20240229/eu-central-1/…
    let day = header("authorization").split('/').nth(1).unwrap_or_default();
    let status = match requests.fetch_add(1, Ordering::SeqCst) {
        0 | 1 => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    println!("server: {length} bytes, signed at {} with the key of {day}: {status}", header("x-amz-date"));
    clock.fetch_add(1, Ordering::SeqCst);
    let mut response = Response::new(Empty::new());
    *response.status_mut() = status;
    Ok(response)
}
