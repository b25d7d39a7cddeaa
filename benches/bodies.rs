//! What the layer adds to hashing a body, and to writing it to a file.
//!
//! `cargo bench --bench bodies` prints, per case, the median speeds, and the median of their ratios. The contenders take
//! turns within each round, so a machine whose speed drifts slows them alike. Targets: at least 80 % of writing and
//! hashing alone for a spooled body, 95 % of hashing alone for one in memory and for one that is chunked.

use std::convert::Infallible;
use std::fs::File;
use std::future::{Ready, ready};
use std::hint::black_box;
use std::io::Write;
use std::pin::pin;
use std::time::Instant;

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, StreamBody};
use sha2::{Digest, Sha256};
use signing_core::{AuthParams, Registry};
use tokio::runtime::{Builder, Runtime};
use tower::{Layer, ServiceExt, service_fn};
use tower_signing::{BoxError, SignedBody, SigningLayer};

const ROUNDS: usize = 11;
const MIB: usize = 1024 * 1024;
const LENGTH: usize = 256 * MIB;
const FRAME: usize = 64 * 1024;

fn main() {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    // Not all zeros, which some file systems do not store.
    let data: Vec<u8> = (0..LENGTH).map(|at| (at ^ at >> 8 ^ at >> 16) as u8).collect();
    let data = Bytes::from(data);
    let signed = layer("signed");
    let frames = || {
        let frames = (0..LENGTH).step_by(FRAME).map(|at| data.slice(at..at + FRAME));
        StreamBody::new(stream::iter(frames.map(|data| Ok::<_, Infallible>(Frame::data(data)))))
    };
    println!("{:36} {:>10} {:>10} {:>8}", "256 MiB", "raw MiB/s", "ours MiB/s", "ours/raw");
    compare(
        "spool: a stream of 64 KiB frames",
        || write_and_hash(&data),
        || send(&runtime, &signed, frames()),
    );
    compare(
        "bytes: one frame in memory",
        || Sha256::digest(&data),
        || send(&runtime, &signed, Full::new(data.clone())),
    );
    // The checksum of the second is work that the raw hash does not have.
    for payload in ["chunked", "chunked-trailer"] {
        let layer = layer(payload);
        compare(
            &format!("{payload}: 64 KiB frames"),
            || Sha256::digest(&data),
            || {
                let mut body = pin!(send(&runtime, &layer, frames()));
                runtime.block_on(async {
                    while let Some(frame) = body.frame().await {
                        black_box(frame.expect("a body that is as long as it says"));
                    }
                });
            },
        );
    }
}

fn layer(payload: &'static str) -> SigningLayer {
    let given = [
        ("Method", "aws-signature-v4"),
        ("AccessKeyId", "AKIDEXAMPLE"),
        ("SecretAccessKey", "not-a-real-key"),
        ("Payload", payload),
    ];
    let params: AuthParams = given.into_iter().collect();
    let signer = Registry::new().signer(&params).expect("valid parameters");
    SigningLayer::builder().buffer_limit(MIB as u64).spool_limit(LENGTH as u64).signers(signer)
}

/// What nobody can save: the system's calls and SHA-256, one after the other.
fn write_and_hash(data: &Bytes) -> File {
    let mut file = tempfile::tempfile().expect("a temporary file");
    let mut hasher = Sha256::new();
    for block in data.chunks(MIB) {
        file.write_all(block).expect("space for a file");
        hasher.update(block);
    }
    black_box(hasher.finalize());
    file
}

/// Through the layer, to a service that only looks at the head. The body comes back as it would be sent.
fn send<B>(runtime: &Runtime, layer: &SigningLayer, body: B) -> SignedBody<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let inner = service_fn(|request: Request<SignedBody<B>>| -> Ready<Result<_, BoxError>> {
        black_box(&request.headers()["x-amz-content-sha256"]);
        ready(Ok(Response::new(request.into_body())))
    });
    let request = Request::put("https://bucket.s3.us-east-1.amazonaws.com/key")
        .header("content-length", LENGTH)
        .body(body);
    let request = request.expect("a valid request");
    let response = runtime.block_on(layer.layer(inner).oneshot(request));
    response.expect("a request that can be signed").into_body()
}

fn compare<R, O>(name: &str, raw: impl Fn() -> R, ours: impl Fn() -> O) {
    let (mut raws, mut ratios, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (raw, ours) = match round % 2 {
            0 => {
                let raw = speed(&raw);
                (raw, speed(&ours))
            }
            _ => {
                let ours = speed(&ours);
                (speed(&raw), ours)
            }
        };
        // The first round warms up.
        if round > 0 {
            raws.push(raw);
            all.push(ours);
            ratios.push(ours / raw);
        }
    }
    println!("{name:36} {:10.0} {:10.0} {:8.2}", median(raws), median(all), median(ratios));
}

/// In MiB for each second. To delete a file that is full is the next one's matter, and not measured.
fn speed<R>(work: impl Fn() -> R) -> f64 {
    let start = Instant::now();
    let made = black_box(work());
    let elapsed = start.elapsed();
    drop(made);
    (LENGTH / MIB) as f64 / elapsed.as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
