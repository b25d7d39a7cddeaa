//! Servers on loopback: one that verifies what arrives, and whatever else is to be served.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower::{Service, service_fn};
use tower_signing::BoxError;

use crate::scheme::Scheme;

/// Verifies each request, and answers with the digest of the body that it got: 200, or 401 with the reason.
pub(crate) struct Server {
    pub(crate) endpoint: String,
    arrived: Arc<AtomicUsize>,
    _serving: Serving,
}

impl Server {
    pub(crate) async fn start(scheme: Arc<Scheme>) -> Self {
        let (listener, endpoint) = listen().await;
        let arrived = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&arrived);
        let service = service_fn(move |request: Request<Incoming>| {
            count.fetch_add(1, Ordering::SeqCst);
            let scheme = Arc::clone(&scheme);
            async move { Ok(answer(&scheme, request).await) }
        });
        Self { endpoint, arrived, _serving: serve(listener, service) }
    }

    /// How many requests have arrived, if only their heads.
    pub(crate) fn arrived(&self) -> usize {
        self.arrived.load(Ordering::SeqCst)
    }
}

async fn answer(scheme: &Scheme, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let (status, text) = match body.collect().await {
        Err(_) => (400, "the body broke off".into()),
        Ok(body) => match scheme.verify(&head, &body.to_bytes()) {
            Ok(content) => (200, digest(&content)),
            Err(reason) => (401, reason.into()),
        },
    };
    let mut response = Response::new(text.into());
    *response.status_mut() = status.try_into().unwrap();
    response
}

/// What the server says of a body.
pub(crate) fn digest(content: &[u8]) -> Bytes {
    format!("{} bytes, {:x?}", content.len(), Sha256::digest(content)).into()
}

/// Serves until it is dropped. Connections that stand end with their clients.
pub(crate) struct Serving(JoinHandle<()>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(crate) async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    (listener, endpoint)
}

/// Serves both versions of HTTP.
pub(crate) fn serve<S, B>(listener: TcpListener, service: S) -> Serving
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    Serving(tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                // What breaks off is seen at the other end.
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    }))
}
