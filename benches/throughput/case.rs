//! The requests.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::Request;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{Either, Full};
use signing_core::{AuthParams, Registry};
use tower_signing::SigningLayer;

pub(crate) const KEY_ID: &str = "AKIDEXAMPLE";
pub(crate) const SECRET: &str = "not-a-real-key";
pub(crate) const REGION: &str = "us-east-1";
/// 2024-02-29T12:34:56Z
pub(crate) const NOW: u64 = 1_709_210_096;

const MIB: usize = 1024 * 1024;
const FRAME: usize = 64 * 1024;

pub(crate) struct Case {
    pub(crate) name: &'static str,
    method: &'static str,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    pub(crate) service: &'static str,
    /// The parameter `Payload`.
    pub(crate) payload: &'static str,
    pub(crate) body: Bytes,
    is_stream: bool,
    /// How many requests are under way at once.
    pub(crate) in_flight: usize,
}

pub(crate) fn all() -> Vec<Case> {
    let large: Vec<u8> = (0..8 * MIB).map(|at| (at ^ at >> 8 ^ at >> 16) as u8).collect();
    let upload = Case {
        name: "PUT 8 MiB in memory, hashed",
        method: "PUT",
        path: "/bucket/some/key",
        headers: &[("content-type", "application/octet-stream")],
        service: "s3",
        payload: "signed",
        body: large.into(),
        is_stream: false,
        in_flight: 4,
    };
    let large = upload.body.clone();
    vec![
        Case {
            name: "GET, no body",
            method: "GET",
            path: "/bucket/some/key",
            headers: &[],
            service: "s3",
            payload: "signed",
            body: Bytes::new(),
            is_stream: false,
            in_flight: 16,
        },
        Case {
            name: "POST 512 B of JSON, hashed",
            method: "POST",
            path: "/",
            headers: &[
                ("content-type", "application/x-amz-json-1.0"),
                ("x-amz-target", "DynamoDB_20120810.GetItem"),
            ],
            service: "dynamodb",
            payload: "signed",
            body: format!("{{\"key\":\"{}\"}}", "x".repeat(502)).into(),
            is_stream: false,
            in_flight: 16,
        },
        upload,
        Case {
            name: "PUT 8 MiB stream, chunked",
            method: "PUT",
            path: "/bucket/some/key",
            headers: &[("content-type", "application/octet-stream")],
            service: "s3",
            payload: "chunked",
            body: large.clone(),
            is_stream: true,
            in_flight: 4,
        },
        Case {
            name: "PUT 8 MiB in memory, unsigned",
            method: "PUT",
            path: "/bucket/some/key",
            headers: &[("content-type", "application/octet-stream")],
            service: "s3",
            payload: "unsigned",
            body: large,
            is_stream: false,
            in_flight: 4,
        },
    ]
}

impl Case {
    pub(crate) fn layer(&self) -> SigningLayer {
        let given = [
            ("Method", "aws-signature-v4"),
            ("AccessKeyId", KEY_ID),
            ("SecretAccessKey", SECRET),
            ("Region", REGION),
            ("Service", self.service),
            ("Payload", self.payload),
        ];
        let params: AuthParams = given.into_iter().collect();
        let signer = Registry::new().signer(&params).expect("valid parameters");
        // One that stands still, so that the check knows the date.
        SigningLayer::builder().clock(|| UNIX_EPOCH + Duration::from_secs(NOW)).signers(signer)
    }

    pub(crate) fn head(&self, server: SocketAddr) -> Request<()> {
        let mut request = Request::builder().method(self.method).uri(format!("http://{server}{}", self.path));
        for &(name, value) in self.headers {
            request = request.header(name, value);
        }
        request.body(()).expect("a valid request")
    }

    pub(crate) fn upload(&self) -> Upload {
        let body = self.body.clone();
        if self.is_stream { Either::Right(Frames(body)) } else { Either::Left(Full::new(body)) }
    }

    pub(crate) fn is_large_and_hashed(&self) -> bool {
        self.body.len() > MIB && self.payload != "unsigned"
    }
}

/// In memory, or a stream.
pub(crate) type Upload = Either<Full<Bytes>, Frames>;

/// A stream of known length.
pub(crate) struct Frames(Bytes);

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let length = self.0.len().min(FRAME);
        let data = self.0.split_to(length);
        Poll::Ready((length > 0).then(|| Ok(Frame::data(data))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.len() as u64)
    }
}
