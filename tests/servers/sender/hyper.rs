//! A hyper client with the layer on top.

use std::convert::Infallible;
use std::pin::Pin;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use signing_core::Registry;
use tower::{Layer, ServiceExt};
use tower_signing::{BoxError, SignedBody, SigningLayer};

use super::{Answer, Kind, Params, Sender, body, signers};

pub(crate) struct Hyper {
    methods: fn() -> Registry,
    kind: Kind,
}

impl Hyper {
    pub(crate) fn new(methods: fn() -> Registry, kind: Kind) -> Self {
        Self { methods, kind }
    }
}

impl Sender for Hyper {
    fn name(&self) -> &'static str {
        match self.kind {
            Kind::Bytes => "hyper",
            Kind::Stream => "hyper-stream",
        }
    }

    fn send(
        &self,
        params: Params,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>> {
        Box::pin(async move {
            let layer = SigningLayer::new(signers(&(self.methods)(), &params, request.uri())?);
            let client: Client<_, SignedBody<BoxBody<Bytes, Infallible>>> = client();
            read(layer.layer(client).oneshot(request.map(|bytes| body(bytes, self.kind))).await?).await
        })
    }
}

/// Sends what bears its signature already, or none.
pub(crate) async fn plain(request: Request<Bytes>) -> Answer {
    read(client().request(request.map(Full::new)).await?).await
}

fn client<B: Body<Data: Send> + Send>() -> Client<HttpConnector, B> {
    Client::builder(TokioExecutor::new()).build(HttpConnector::new())
}

async fn read(response: Response<hyper::body::Incoming>) -> Answer {
    let (head, body) = response.into_parts();
    let body = body.collect().await.map_err(BoxError::from)?.to_bytes();
    Ok(Response::from_parts(head, body))
}
