//! The order of a stack: what must see, or make, each attempt stands where.
//!
//! ```text
//! trace ──► timeout ──► DiagnoseLayer ──► decompression ──► follow-redirect ──► retry ──► SigningLayer ──► client
//! ```
//!
//! Start it with `cargo run --example tower_stack`. It needs no network and ends by itself.

use std::future::{Ready, ready};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use signing_core::{AuthParams, Registry};
use tokio::net::TcpListener;
use tower::retry::{Policy, RetryLayer};
use tower::timeout::TimeoutLayer;
use tower::{ServiceBuilder, ServiceExt};
use tower_http::decompression::DecompressionLayer;
use tower_http::follow_redirect::FollowRedirectLayer;
use tower_http::trace::TraceLayer;
use tower_signing::{BoxError, DiagnoseLayer, SigningLayer};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// 2024-02-29T12:34:56Z. A second passes with each request.
const START: u64 = 1_709_210_096;

/// "a report, sent compressed", as gzip has it.
const REPORT: &[u8] = &[
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x4b, 0x54, 0x28, 0x4a, 0x2d, 0xc8, 0x2f,
    0x2a, 0xd1, 0x51, 0x28, 0x4e, 0xcd, 0x2b, 0x51, 0x48, 0xce, 0xcf, 0x2d, 0x28, 0x4a, 0x2d, 0x2e, 0x4e,
    0x4d, 0xe1, 0x02, 0x00, 0x8c, 0x31, 0xc3, 0x6f, 0x1a, 0x00, 0x00, 0x00,
];

/// Sends a request once more if the server is unavailable.
#[derive(Clone)]
struct OnceMore(bool);

impl Policy<Request<Full<Bytes>>, Response<Incoming>, BoxError> for OnceMore {
    type Future = Ready<()>;

    fn retry(
        &mut self,
        _: &mut Request<Full<Bytes>>,
        result: &mut Result<Response<Incoming>, BoxError>,
    ) -> Option<Ready<()>> {
        let is_unavailable =
            result.as_ref().is_ok_and(|response| response.status() == StatusCode::SERVICE_UNAVAILABLE);
        (is_unavailable && !std::mem::replace(&mut self.0, true)).then(|| ready(()))
    }

    fn clone_request(&mut self, request: &Request<Full<Bytes>>) -> Option<Request<Full<Bytes>>> {
        Some(request.clone())
    }
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().without_time().with_writer(io::stdout))
        .with(Targets::new().with_target("tower_http", LevelFilter::DEBUG))
        .init();
    let clock = Arc::new(AtomicU64::new(START));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}/latest", listener.local_addr()?);
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
        // Outermost: one span for what the caller asked for, and no header of a signature to be recorded. What adds
        // tracing headers to the request belongs here too; below the signature it would change what was signed.
        .layer(TraceLayer::new_for_http())
        // The caller waits for all attempts and hops together. tower's, since the one of tower-http makes up a
        // response, which looks like the server's. A timeout for each attempt would stand below the retry.
        .layer(TimeoutLayer::new(Duration::from_secs(30)))
        // Says why a signature was refused, of the last attempt. What a service answers may be compressed, so it stands
        // above the decompression.
        .layer(DiagnoseLayer::new())
        // It adds `Accept-Encoding`, so it stands above the signature; and above the redirects, so that only the last
        // response is decompressed.
        .layer(DecompressionLayer::new())
        // Above the signature, each hop is signed for its own URL, and a host that the keys are not for gets nothing.
        // The client below must not follow by itself. (hyper-util's does not.)
        .layer(FollowRedirectLayer::new())
        // Above the signature, each attempt has a time and a signature of its own; below the redirects, a failing hop
        // is tried again, not the way to it. For streams, a `ReplayLayer` stands above it: `examples/retry.rs`.
        .layer(RetryLayer::new(OnceMore(false)))
        // Innermost. Below it nothing may change the URL, a header or the body.
        .layer(signing)
        .service(Client::builder(TokioExecutor::new()).build_http());

    let response = client.oneshot(Request::get(url).body(Full::default())?).await?;
    let status = response.status();
    // An error of decompression, or of the connection.
    let report = response.into_body().collect().await?.to_bytes();
    println!("client: {status}: {}", String::from_utf8_lossy(&report).trim_end());
    Ok(())
}

/// `/latest` leads to `/report`, which is unavailable once, and compressed.
async fn serve(listener: TcpListener, clock: Arc<AtomicU64>) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let clock = Arc::clone(&clock);
        let service = service_fn(move |request| ready(answer(&request, &clock)));
        tokio::spawn(
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
        );
    }
}

fn answer(request: &Request<Incoming>, clock: &AtomicU64) -> Result<Response<Full<Bytes>>, http::Error> {
    let response = match (request.uri().path(), clock.fetch_add(1, Ordering::SeqCst) - START) {
        ("/latest", _) => Response::builder().status(307).header("location", "/report").body(Full::default()),
        (_, ..=1) => Response::builder().status(503).body(Full::default()),
        _ => Response::builder().header("content-encoding", "gzip").body(Full::from(REPORT)),
    }?;
    let header =
        |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("nothing");
    // The end of the signature tells the attempts apart.
    let signature = header("authorization").rsplit('=').next().unwrap_or_default();
    println!(
        "server: {} signed at {} as {:.8}…: {}",
        request.uri(),
        header("x-amz-date"),
        signature,
        response.status()
    );
    Ok(response)
}
