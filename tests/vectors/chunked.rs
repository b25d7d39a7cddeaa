//! aws-chunked uploads, through the layer: the head's signature, and every byte of the encoded body.

use std::convert::Infallible;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, StreamBody};
use serde_json::Value;
use sha2::{Digest, Sha256};
use signing_core::{AuthParams, Registry};
use tower::{Layer, ServiceExt, service_fn};
use tower_signing::{BoxError, SignedBody, SigningLayer};

use crate::input;
use crate::text::{base64, pairs, text};

/// Made by signing; the vectors hold them as the SDK's caller set them.
const SET_BY_US: [&str; 4] =
    ["content-encoding", "content-length", "x-amz-decoded-content-length", "x-amz-trailer"];

/// Frames are of this size, so that none ends where a chunk does.
const FRAME: usize = 1000;

/// What arrived, if it is to be compared at all.
pub(crate) fn sent(case: &Value) -> Option<Result<(Parts, Vec<u8>), BoxError>> {
    case.pointer("/expected/encoded_body_sha256")?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    Some(runtime.block_on(send(case)))
}

async fn send(case: &Value) -> Result<(Parts, Vec<u8>), BoxError> {
    let mut auth = input::aws(case);
    let mode = match text(case, "/params/mode") {
        "signed" => "chunked",
        "signed-trailer" => "chunked-trailer",
        mode => mode,
    };
    auth.push(("Payload", mode.into()));
    auth.push(("ChunkSize", case["params"]["chunk_size"].to_string()));
    if let Some(trailer) = case.pointer("/params/trailers/0/0").and_then(Value::as_str) {
        auth.push(("Checksum", trailer.trim_start_matches("x-amz-checksum-").into()));
    }
    let params: AuthParams = auth.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let seconds = case["time"]["unix"].as_u64().ok_or("no time")?;
    let layer = SigningLayer::builder()
        .clock(move || UNIX_EPOCH + Duration::from_secs(seconds))
        .signers(Registry::new().signer(&params)?);
    let inner = service_fn(|request: Request<SignedBody<_>>| async move {
        let (head, body) = request.into_parts();
        let length = body.size_hint().exact();
        let body = body.collect().await?.to_bytes();
        assert_eq!(length, Some(body.len() as u64), "the length is exact before the first byte is sent");
        Ok::<_, BoxError>(Response::new((head, body.to_vec())))
    });
    Ok(layer.layer(inner).oneshot(request(case)?).await?.into_body())
}

fn request(case: &Value) -> Result<Request<impl Body<Data = Bytes, Error = Infallible> + use<>>, BoxError> {
    let whole = body(case);
    let given = pairs(case, "/request/headers");
    let mut request =
        Request::builder().method(text(case, "/request/method")).uri(text(case, "/request/url"));
    for (name, value) in &given {
        if !SET_BY_US.contains(&&*name.to_ascii_lowercase()) {
            request = request.header(*name, *value);
        }
    }
    // The length is known from here. Where the SDK signed it, ours is signed, too, and replaced.
    let is_signed = given.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let size = if is_signed {
        request = request.header("content-length", whole.len());
        None
    } else {
        Some(whole.len() as u64)
    };
    let frames: Vec<_> =
        whole.chunks(FRAME).map(|data| Ok(Frame::data(Bytes::copy_from_slice(data)))).collect();
    Ok(request.body(Sized { body: StreamBody::new(futures_util::stream::iter(frames)), size })?)
}

fn body(case: &Value) -> Vec<u8> {
    match case.pointer("/request/body_repeat") {
        Some(repeat) => {
            let count = repeat["count"].as_u64().unwrap_or(0);
            base64(text(repeat, "/unit_base64")).repeat(usize::try_from(count).expect("it fits"))
        }
        None => base64(text(case, "/request/body_base64")),
    }
}

/// Whether what arrived is what the SDK sent.
pub(crate) fn compare(case: &Value, head: &Parts, body: &[u8]) -> Result<(), String> {
    let fail = |what: &str, want: &str, got: &str| Err(format!("{what}: want {want}, got {got}"));
    let header = |name: &str| {
        let values: Vec<_> =
            head.headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?")).collect();
        values.join(",")
    };
    let set = pairs(case, "/expected/headers");
    let kept = pairs(case, "/request/headers");
    for (name, want) in kept.iter().chain(&set) {
        let is_length = name.eq_ignore_ascii_case("content-length");
        // A client sets it, unless it is signed.
        if is_length && !text(case, "/expected/canonical_request").contains("\ncontent-length:") {
            continue;
        }
        let got = header(name);
        if got != *want {
            return fail(name, want, &got);
        }
    }
    let want = case["expected"]["encoded_body_length"].as_u64().unwrap_or(0);
    if body.len() as u64 != want {
        return fail("encoded length", &want.to_string(), &body.len().to_string());
    }
    let got: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    let want = text(case, "/expected/encoded_body_sha256");
    if got == want { Ok(()) } else { fail("encoded body", want, &got) }
}

/// A stream that says its size, or keeps it to itself.
struct Sized<B> {
    body: B,
    size: Option<u64>,
}

impl<B: Body + Unpin> Body for Sized<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        std::pin::Pin::new(&mut self.body).poll_frame(cx)
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.size.map_or_else(Default::default, http_body::SizeHint::with_exact)
    }
}
