//! A stream that is sent aws-chunked.

use std::convert::Infallible;
use std::fmt::Debug;

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use bytes::Bytes;
use futures_util::stream;
use http::Request;
use http_body::{Body, Frame};
use http_body_util::{BodyExt, StreamBody};
use sha2::{Digest, Sha256};
use signing_core::{AuthParams, Registry};
use tower::Service;
use tower_signing::{BoxError, SigningLayer};

use super::aws::{KEY_ID, REGION, SECRET, check_chunked_head, from_iso, hex_hash};
use super::service::{Signed, wait};
use super::{Case, Each, Who};

/// As hyper hands them out, and as long as a chunk.
const FRAME: usize = 64 * 1024;

/// The case e: the raw hash of `length` bytes, and the layer until the last of them has left it.
pub(crate) fn stream(length: usize) -> Case {
    let data: Vec<u8> = (0..length).map(|at| (at ^ at >> 8 ^ at >> 16) as u8).collect();
    let data = Bytes::from(data);
    let params: AuthParams = [
        ("Method", "aws-signature-v4"),
        ("AccessKeyId", KEY_ID),
        ("SecretAccessKey", SECRET),
        ("Payload", "chunked"),
    ]
    .into_iter()
    .collect();
    let layer = SigningLayer::new(Registry::new().signer(&params).expect("valid parameters"));
    let mut service = Signed::new(&layer);
    check(&mut service, request(&data), &data);
    let hashed = data.clone();
    Case {
        key: "e",
        title: "PUT of a stream, aws-chunked",
        contenders: vec![
            (Who::Raw, Box::new(Each { make: || (), work: move |(): &mut ()| Sha256::digest(&hashed) })),
            (
                Who::Service,
                Box::new(Each {
                    make: move || Some(request(&data)),
                    work: move |request: &mut Option<Request<_>>| {
                        let mut body = service.call(request).into_body();
                        let mut sent = 0;
                        while let Some(frame) = wait(body.frame()) {
                            sent +=
                                frame.expect("a body that does not fail").data_ref().map_or(0, Bytes::len);
                        }
                        sent
                    },
                }),
            ),
        ],
    }
}

fn request(data: &Bytes) -> Request<impl Body<Data = Bytes, Error = Infallible> + Send + use<>> {
    let (data, length) = (data.clone(), data.len());
    let starts = (0..length).step_by(FRAME);
    let frames = starts.map(move |at| Ok(Frame::data(data.slice(at..length.min(at + FRAME)))));
    Request::put("https://bucket.s3.us-east-1.amazonaws.com/some/key")
        .header("content-length", length)
        .body(StreamBody::new(stream::iter(frames)))
        .expect("a valid request")
}

/// The signature in the head, and every chunk's from that on.
fn check<S, B>(service: &mut Signed<S, B>, first: Request<B>, data: &Bytes)
where
    S: Service<Request<B>, Error: Debug>,
    B: Body,
    B::Error: Into<BoxError>,
{
    let (head, body) = service.call(&mut Some(first)).into_parts();
    check_chunked_head(&head);
    let date = head.headers["x-amz-date"].to_str().expect("a date");
    let authorization = head.headers["authorization"].to_str().expect("ASCII");
    let (_, signature) = authorization.rsplit_once("Signature=").expect("a signature");
    let mut previous = signature.to_owned();
    let key = generate_signing_key(SECRET, std::time::UNIX_EPOCH + from_iso(date), REGION, "s3");
    let scope = format!("{}/{REGION}/s3/aws4_request", &date[..8]);
    let empty = hex_hash(b"");
    let sent = wait(body.collect()).expect("a body that does not fail");
    let mut sent = sent.to_bytes();
    let mut decoded = Sha256::new();
    loop {
        let end = sent.windows(2).position(|pair| pair == b"\r\n").expect("a chunk's first line");
        let line = String::from_utf8(sent.split_to(end + 2).to_vec()).expect("ASCII");
        let (size, signature) = line.trim_end().split_once(";chunk-signature=").expect("a signed chunk");
        let size = usize::from_str_radix(size, 16).expect("a size");
        let chunk = sent.split_to(size);
        assert_eq!(&sent.split_to(2)[..], b"\r\n");
        let hash = hex_hash(&chunk);
        let text = format!("AWS4-HMAC-SHA256-PAYLOAD\n{date}\n{scope}\n{previous}\n{empty}\n{hash}");
        assert_eq!(signature, calculate_signature(&key, text.as_bytes()), "case e: a chunk's signature");
        previous = signature.to_owned();
        decoded.update(&chunk);
        if size == 0 {
            break;
        }
    }
    assert_eq!(decoded.finalize(), Sha256::digest(data), "case e: what is sent is not what was given");
}
