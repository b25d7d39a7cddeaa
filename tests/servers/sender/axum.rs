//! The client for handlers of `axum`.

use std::pin::Pin;

use axum::body::Body;
use axum_signing::{HttpClient, SignedClient};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use signing_core::Registry;
use tower::Layer;
use tower_signing::{SignedBody, SigningLayer};

use super::{Answer, Kind, Params, Sender, body, signers};

pub(crate) struct Axum {
    kind: Kind,
    client: HttpClient<SignedBody<Body>>,
}

impl Axum {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, client: HttpClient::new() }
    }
}

impl Sender for Axum {
    fn name(&self) -> &'static str {
        match self.kind {
            Kind::Bytes => "axum",
            Kind::Stream => "axum-stream",
        }
    }

    fn send(
        &self,
        params: Params,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>> {
        Box::pin(async move {
            let layer = SigningLayer::new(signers(&Registry::new(), &params, request.uri())?);
            let request = request.map(|bytes| Body::new(body(bytes, self.kind)));
            let client = SignedClient::new(layer.layer(self.client.clone()));
            let (head, body) = client.call(request).await?.into_parts();
            Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
        })
    }
}
