//! A hyper client with the layer on top, and what may happen to a body below it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use signing_core::{AuthParams, Registry};
use tower::{Layer, ServiceExt, service_fn};
use tower_signing::{BoxError, SignedBody, SigningLayer};

use crate::server::Server;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    /// HTTP/2 without TLS, and without asking first.
    Http2,
}

/// `size` bytes that differ from frame to frame, made as they are asked for.
pub(crate) struct Upload {
    size: u64,
    left: u64,
    frame: Bytes,
}

impl Upload {
    /// Frames have an odd size, so that none ends where a chunk does.
    pub(crate) fn new(size: u64) -> Self {
        let frame: Vec<_> = (0..100_003_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        Self { size, left: size, frame: frame.into() }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// All of it, where it is small.
    pub(crate) fn bytes(mut self) -> Vec<u8> {
        std::iter::from_fn(|| self.next()).flatten().collect()
    }

    fn next(&mut self) -> Option<Bytes> {
        let length = self.left.min(self.frame.len() as u64);
        self.left -= length;
        (length > 0).then(|| self.frame.slice(..length as usize))
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Ready(self.next().map(|data| Ok(Frame::data(data))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// A body on a bad line: one bit of it changes.
pub(crate) struct Wire<B> {
    body: B,
    /// How many bytes come before the one that is changed.
    changed_at: Option<u64>,
}

impl<B: Body<Data = Bytes> + Unpin> Body for Wire<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        let Some(Ok(frame)) = frame else { return Poll::Ready(frame) };
        Poll::Ready(Some(Ok(frame.map_data(|data| self.change(data)))))
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
}

impl<B> Wire<B> {
    fn change(&mut self, data: Bytes) -> Bytes {
        let Some(at) = self.changed_at else { return data };
        match at.checked_sub(data.len() as u64) {
            Some(later) => {
                self.changed_at = Some(later);
                data
            }
            None => {
                self.changed_at = None;
                let mut changed = BytesMut::from(&*data);
                changed[at as usize] ^= 1;
                changed.freeze()
            }
        }
    }
}

/// Sends requests to one server, over one protocol, with one form of body.
pub(crate) struct S3<'s> {
    server: &'s Server,
    protocol: Protocol,
    params: Vec<(&'static str, String)>,
    changed_at: Option<u64>,
}

impl<'s> S3<'s> {
    pub(crate) fn new(server: &'s Server, protocol: Protocol) -> Self {
        let params = vec![
            ("Method", "aws-signature-v4".to_owned()),
            ("AccessKeyId", server.key_id.clone()),
            ("SecretAccessKey", server.secret.clone()),
            ("Region", "us-east-1".into()),
            ("Service", "s3".into()),
        ];
        Self { server, protocol, params, changed_at: None }
    }

    pub(crate) fn param(mut self, name: &'static str, value: &str) -> Self {
        self.params.retain(|(other, _)| *other != name);
        self.params.push((name, value.to_owned()));
        self
    }

    /// One bit of the sent body changes on the way.
    pub(crate) fn changed_at(mut self, at: u64) -> Self {
        self.changed_at = Some(at);
        self
    }

    pub(crate) async fn put(&self, path: &str, body: Upload) -> Result<StatusCode, BoxError> {
        Ok(self.send(self.request("PUT", path, body)).await?.0)
    }

    /// The object, or what the server says instead.
    pub(crate) async fn get(&self, path: &str) -> Result<(StatusCode, Bytes), BoxError> {
        self.send(self.request("GET", path, Upload::new(0))).await
    }

    fn request(&self, method: &str, path: &str, body: Upload) -> Request<Upload> {
        let url = format!("{}{path}", self.server.endpoint);
        Request::builder().method(method).uri(url).body(body).unwrap()
    }

    async fn send(&self, request: Request<Upload>) -> Result<(StatusCode, Bytes), BoxError> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client: Client<_, Wire<SignedBody<Upload>>> = Client::builder(TokioExecutor::new())
            .http2_only(self.protocol == Protocol::Http2)
            .build(connector);
        let changed_at = self.changed_at;
        let below = service_fn(move |request: Request<SignedBody<Upload>>| {
            let client = client.clone();
            async move {
                let request = request.map(|body| Wire { body, changed_at });
                Ok::<Response<Incoming>, BoxError>(client.request(request).await?)
            }
        });
        let params: AuthParams = self.params.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let layer = SigningLayer::new(Registry::new().signer(&params)?);
        let response = layer.layer(below).oneshot(request).await?;
        let status = response.status();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }
}
