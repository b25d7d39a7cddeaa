//! The clients, with the layer or with constant headers in its place.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body as AxumBody;
use axum_signing::{HttpClient, SignedClient};
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Either};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use reqwest_signing::SigningMiddleware;
use tower::{Layer, Service, ServiceExt};
use tower_signing::{BoxError, SigningLayer};

use crate::case::{Case, Upload};

/// What stands on a request beside what the caller has set.
pub(crate) enum Headers {
    Signed(SigningLayer),
    Constant(HeaderMap),
}

/// Sends one request of a case, and reads the answer.
pub(crate) type Sender = Arc<dyn Fn() -> Sending + Send + Sync>;
pub(crate) type Sending = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

pub(crate) type New = fn(&Arc<Case>, SocketAddr, Headers) -> Sender;

pub(crate) fn hyper(case: &Arc<Case>, server: SocketAddr, headers: Headers) -> Sender {
    match headers {
        Headers::Signed(layer) => over(case, server, layer.layer(client())),
        Headers::Constant(headers) => over(case, server, client().map_request(adding(headers))),
    }
}

fn client<B: Body<Data: Send> + Send>() -> Client<HttpConnector, B> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new()).build(connector)
}

fn over<S>(case: &Arc<Case>, server: SocketAddr, service: S) -> Sender
where
    S: Service<Request<Upload>, Response = Response<Incoming>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
{
    let (case, head) = (Arc::clone(case), case.head(server));
    Arc::new(move || {
        let (service, request) = (service.clone(), head.clone().map(|()| case.upload()));
        Box::pin(async { finish(service.oneshot(request).await.map_err(Into::into)?).await })
    })
}

pub(crate) fn axum(case: &Arc<Case>, server: SocketAddr, headers: Headers) -> Sender {
    let client = match headers {
        Headers::Signed(layer) => SignedClient::over_http(layer),
        Headers::Constant(headers) => {
            SignedClient::new(HttpClient::builder().build().map_request(adding(headers)))
        }
    };
    let (case, head) = (Arc::clone(case), case.head(server));
    Arc::new(move || {
        let body = match case.upload() {
            Either::Left(full) => AxumBody::new(full),
            Either::Right(frames) => AxumBody::new(frames),
        };
        let (client, request) = (client.clone(), head.clone().map(|()| body));
        Box::pin(async move { finish(client.call(request).await?).await })
    })
}

pub(crate) fn reqwest(case: &Arc<Case>, server: SocketAddr, headers: Headers) -> Sender {
    let builder = reqwest::Client::builder().no_proxy().tcp_nodelay(true);
    let client = reqwest_signing::client_builder(builder).expect("a client");
    let (client, constant) = match headers {
        Headers::Signed(layer) => (client.with(SigningMiddleware::from(layer)), HeaderMap::new()),
        Headers::Constant(headers) => (client, headers),
    };
    let (client, add) = (client.build(), adding(constant));
    let (case, head) = (Arc::clone(case), case.head(server));
    Arc::new(move || {
        let body = match case.upload() {
            Either::Left(_) => reqwest::Body::from(case.body.clone()),
            Either::Right(frames) => reqwest::Body::wrap(frames),
        };
        let (client, request) = (client.clone(), add(head.clone().map(|()| body)));
        Box::pin(async move {
            let response = client.execute(request.try_into()?).await?.error_for_status()?;
            response.bytes().await?;
            Ok(())
        })
    })
}

/// Puts these headers on a request, as a signature does.
fn adding<B>(headers: HeaderMap) -> impl Fn(Request<B>) -> Request<B> + Clone {
    let headers = Arc::new(headers);
    move |mut request| {
        for (name, value) in &*headers {
            request.headers_mut().insert(name.clone(), value.clone());
        }
        request
    }
}

async fn finish<B>(response: Response<B>) -> Result<(), BoxError>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let (head, body) = response.into_parts();
    body.collect().await.map_err(Into::into)?;
    if head.status.is_success() { Ok(()) } else { Err(head.status.to_string().into()) }
}
