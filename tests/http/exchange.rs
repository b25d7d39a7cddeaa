//! A server on loopback that tells what arrives, and a client with the layer above it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Request, Response};
use http_body::Body;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use signing_core::{AuthParams, Explanation, Masking, Registry};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tower::{Layer, ServiceExt};
use tower_signing::{BoxError, SignedBody, SigningLayer, SigningOptions};

use crate::support::DEADLINE;

/// Any body, so that one function sends them all.
pub(crate) type AnyBody = UnsyncBoxBody<Bytes, BoxError>;

pub(crate) fn boxed<B>(body: B) -> AnyBody
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    body.map_err(Into::into).boxed_unsync()
}

/// A request as the server saw it. The body, with its trailers, is an error if it broke off.
pub(crate) struct Arrived {
    pub(crate) head: Parts,
    pub(crate) body: Result<(Bytes, Option<HeaderMap>), hyper::Error>,
}

/// A server on loopback that speaks both versions.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) connections: Arc<AtomicUsize>,
    arrived: mpsc::UnboundedReceiver<Arrived>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, arrived) = mpsc::unbounded_channel();
        let connections = Arc::new(AtomicUsize::new(0));
        let accepted = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                accepted.fetch_add(1, Ordering::SeqCst);
                let sender = sender.clone();
                let answer = service_fn(move |request: Request<Incoming>| {
                    let sender = sender.clone();
                    async move {
                        let (head, body) = request.into_parts();
                        let body = body.collect().await.map(|body| {
                            let trailers = body.trailers().cloned();
                            (body.to_bytes(), trailers)
                        });
                        // Fails once the test is over.
                        let _ = sender.send(Arrived { head, body });
                        Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
                    }
                });
                tokio::spawn(async move {
                    // A connection that breaks off is what some of the tests are about.
                    let builder = auto::Builder::new(TokioExecutor::new());
                    let _ = builder.serve_connection(TokioIo::new(stream), answer).await;
                });
            }
        });
        Self { address, connections, arrived }
    }

    pub(crate) fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.address)
    }

    pub(crate) async fn next(&mut self) -> Arrived {
        timeout(DEADLINE, self.arrived.recv()).await.expect("nothing arrived").unwrap()
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Version {
    Http1,
    Http2,
}

pub(crate) const VERSIONS: [Version; 2] = [Version::Http1, Version::Http2];

/// Sends one request through the layer and hyper's client; the explanation tells what was signed.
pub(crate) async fn send(
    version: Version,
    params: &AuthParams,
    mut request: Request<AnyBody>,
) -> Result<Explanation, BoxError> {
    let client = Client::builder(TokioExecutor::new())
        .http2_only(version == Version::Http2)
        .build_http::<SignedBody<AnyBody>>();
    // A Host header of another name than the URL's wants the URL to be named.
    let origin = format!("http://{}", request.uri().authority().expect("an absolute URL"));
    let builder = SigningLayer::builder().base_url(&origin).unwrap();
    let layer = builder.signers(Registry::new().signer(params).unwrap());
    request.extensions_mut().insert(SigningOptions::new().explain(Masking::Masked));
    let answer = timeout(DEADLINE, layer.layer(client).oneshot(request)).await.expect("no answer in time");
    Ok(answer?.extensions_mut().remove().expect("an explanation was asked for"))
}
