//! The HTTP client below: HTTP/1.1 and HTTP/2 over TCP or TLS.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum_core::body::Body;
use http::{Request, Response, Uri};
use hyper_rustls::{HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tower::timeout::Timeout;
use tower::util::BoxCloneSyncService;
use tower_service::Service;
use tower_signing::{BoxError, SignedBody};

/// How long a connection may take to stand, unless said otherwise.
const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection is still before the system asks whether the other side is there.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// TCP and TLS, within the connect timeout.
type Connector = BoxCloneSyncService<Uri, MaybeHttpsStream<TokioIo<TcpStream>>, BoxError>;

/// An HTTP client to stand below a [`SigningLayer`](tower_signing::SigningLayer). Cheap to clone; clones share their
/// connections.
///
/// Connections are kept and used again. Over TLS, the server chooses HTTP/2 or HTTP/1.1; `http` URLs are HTTP/1.1.
/// It follows no redirects, retries nothing that may have been sent, and decompresses nothing: all that belongs
/// above the layer.
///
/// `B` is the body as the layer passes it on. It needs a Tokio runtime.
pub struct HttpClient<B = SignedBody<Body>> {
    client: Client<Connector, B>,
}

impl HttpClient {
    /// To set more than the defaults.
    pub fn builder() -> HttpClientBuilder {
        HttpClientBuilder { roots: None, connect_timeout: DEFAULT_CONNECT_TIMEOUT }
    }

    /// A client that trusts what the system trusts: [`HttpClientBuilder::build`] with the defaults.
    #[expect(clippy::new_without_default, reason = "it reads the system's certificates")]
    pub fn new() -> Self {
        Self::builder().build()
    }
}

/// Builds an [`HttpClient`].
#[must_use]
#[derive(Clone, Debug)]
pub struct HttpClientBuilder {
    roots: Option<RootCertStore>,
    connect_timeout: Duration,
}

impl HttpClientBuilder {
    /// Trusts the certificates in this PEM text, and no others; default: those of the system, where
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR` are heeded.
    ///
    /// # Errors
    ///
    /// The text has no certificate, or one that cannot be used.
    pub fn roots(mut self, pem: &[u8]) -> Result<Self, RootsError> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|_| RootsError("are no PEM text"))?;
            roots.add(certificate).map_err(|_| RootsError("hold one that cannot be used"))?;
        }
        if roots.is_empty() {
            return Err(RootsError("are none"));
        }
        self.roots = Some(roots);
        Ok(self)
    }

    /// How long a connection may take to stand, TLS included; default 10 s.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// Makes the client. The system's certificates are read now; what cannot be read is left out, and a server that
    /// needed it is refused.
    pub fn build<B>(self) -> HttpClient<B>
    where
        B: http_body::Body<Data: Send> + Send,
    {
        let mut builder = Client::builder(TokioExecutor::new());
        builder.timer(TokioTimer::new()).pool_timer(TokioTimer::new());
        HttpClient { client: builder.build(self.connector()) }
    }

    fn connector(self) -> Connector {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        // Without it, a small streamed body waits 40 ms for the server's acknowledgement of the head.
        tcp.set_nodelay(true);
        // A server that is gone without a word is noticed in the end.
        tcp.set_keepalive(Some(KEEPALIVE));
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring speaks the default versions")
            .with_root_certificates(self.roots.unwrap_or_else(system_roots))
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(tcp);
        BoxCloneSyncService::new(Timeout::new(connector, self.connect_timeout))
    }
}

fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

impl<B> Service<Request<B>> for HttpClient<B>
where
    B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.client.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let response = self.client.call(request);
        Box::pin(async { Ok(response.await?.map(Body::new)) })
    }
}

impl<B> Clone for HttpClient<B> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone() }
    }
}

impl<B> fmt::Debug for HttpClient<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").finish_non_exhaustive()
    }
}

/// Certificates that cannot be trusted.
#[derive(Debug)]
pub struct RootsError(&'static str);

impl fmt::Display for RootsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the root certificates {}", self.0)
    }
}

impl Error for RootsError {}
