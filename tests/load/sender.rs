//! The clients, with the layer innermost.

use std::pin::Pin;

use axum::body::Body as AxumBody;
use axum_signing::SignedClient;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Either, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use reqwest_signing::SigningMiddleware;
use tower::{Layer, ServiceExt};
use tower_signing::{BoxError, SigningLayer};

use crate::LONGEST;
use crate::support::Pieces;

/// In memory, or a stream.
pub(crate) type Upload = Either<Full<Bytes>, Pieces>;

/// Sends a request, and reads the answer.
pub(crate) type Sender = Box<dyn Fn(Request<Upload>) -> Sending>;
pub(crate) type Sending = Pin<Box<dyn Future<Output = Result<Bytes, BoxError>> + Send>>;

pub(crate) type New = fn(SigningLayer) -> Sender;

pub(crate) fn hyper(layer: SigningLayer) -> Sender {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = layer.layer(Client::builder(TokioExecutor::new()).build(connector));
    Box::new(move |request| {
        let client = client.clone();
        Box::pin(async { Ok(successful(client.oneshot(request).await?)?.collect().await?.to_bytes()) })
    })
}

pub(crate) fn axum(layer: SigningLayer) -> Sender {
    let client = SignedClient::over_http(layer).timeout(LONGEST);
    Box::new(move |request| {
        let (client, request) = (client.clone(), request.map(AxumBody::new));
        Box::pin(async move { Ok(successful(client.call(request).await?)?.collect().await?.to_bytes()) })
    })
}

pub(crate) fn reqwest(layer: SigningLayer) -> Sender {
    // Nothing of the machine's: a proxy would see what is for loopback.
    let builder = reqwest_signing::client_builder(reqwest::Client::builder().no_proxy()).unwrap();
    let client = builder.with(SigningMiddleware::from(layer)).build();
    Box::new(move |request| {
        let client = client.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body = match body {
                Either::Left(full) => full.collect().await?.to_bytes().into(),
                Either::Right(pieces) => reqwest::Body::wrap(pieces),
            };
            let request: reqwest::Request = Request::from_parts(head, body).try_into()?;
            Ok(client.execute(request).await?.error_for_status()?.bytes().await?)
        })
    })
}

fn successful<B>(response: Response<B>) -> Result<B, BoxError> {
    let status = response.status();
    if status.is_success() { Ok(response.into_body()) } else { Err(status.to_string().into()) }
}
