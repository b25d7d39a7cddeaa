//! The client as a handler holds it.

use std::convert::Infallible;
use std::fmt;
use std::time::Duration;

use axum_core::body::Body;
use axum_core::extract::{FromRef, FromRequestParts};
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response, Uri};
use tokio::time::{Instant, timeout_at};
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;
use tower_service::Service;
use tower_signing::BoxError;

use super::{ClientError, RequestBuilder};

/// How long a request may take, unless said otherwise: 30 s.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// Longer than anybody waits, short enough to be added to any instant.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// How long the body of a refusal is waited for to explain it, which is part of the timeout.
#[cfg(feature = "rustls")]
const DIAGNOSIS_TIMEOUT: Duration = Duration::from_millis(500);
/// How many bytes of a response are held, unless said otherwise: 8 MiB.
const DEFAULT_RESPONSE_LIMIT: usize = 8 * 1024 * 1024;

/// Sends signed requests. Cheap to clone; clones share their connections and their signers.
///
/// It is state of a router, and an extractor: a handler names it as an argument where the state is a `SignedClient`,
/// or one can be taken from it by `FromRef`.
///
/// ```no_run
/// # #[cfg(feature = "rustls")]
/// # fn app() -> Result<axum::Router, tower_signing::BoxError> {
/// use axum::body::Bytes;
/// use axum::routing::get;
/// use axum_signing::{ClientError, SignedClient};
/// use tower_signing::SigningLayer;
/// # use tower_signing::signing_core::{AuthParams, Registry};
///
/// async fn report(client: SignedClient) -> Result<Bytes, ClientError> {
///     client.get("https://reports.s3.eu-west-1.amazonaws.com/today.csv").receive_bytes().await
/// }
///
/// # let params = AuthParams::new();
/// let layer = SigningLayer::new(Registry::new().signer(&params)?); // or from_file("auth.conf")
/// let app = axum::Router::new().route("/report", get(report)).with_state(SignedClient::over_http(layer));
/// # Ok(app)
/// # }
/// ```
///
/// Keys rotate below it: keep the layer, or a clone of its [`store`](tower_signing::SigningLayer::store).
#[derive(Clone)]
pub struct SignedClient {
    service: BoxCloneSyncService<Request<Body>, Response<Body>, BoxError>,
    timeout: Duration,
    pub(crate) response_limit: usize,
}

impl SignedClient {
    /// Sends through `service`: a stack with a [`SigningLayer`](tower_signing::SigningLayer) innermost, right above
    /// its HTTP client.
    ///
    /// The type of the stack is erased, so that state and handlers need not name it.
    pub fn new<S, R>(service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<R>> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
        R: http_body::Body<Data = Bytes> + Send + 'static,
        R::Error: Into<BoxError>,
    {
        let service =
            service.map_response(|response: Response<R>| response.map(Body::new)).map_err(Into::into);
        Self {
            service: BoxCloneSyncService::new(service),
            timeout: DEFAULT_TIMEOUT,
            response_limit: DEFAULT_RESPONSE_LIMIT,
        }
    }

    /// Signs with `layer`, and sends with an [`HttpClient`](super::HttpClient) as it is by default. Why a signature was
    /// refused is told by a [`DiagnoseLayer`](tower_signing::DiagnoseLayer), in the log and by [`ClientError::diagnosis`];
    /// it waits 0.5 s at most for a refusal that stalls.
    #[cfg(feature = "rustls")]
    pub fn over_http(layer: tower_signing::SigningLayer) -> Self {
        use tower_layer::Layer;
        use tower_signing::DiagnoseLayer;

        let diagnose = DiagnoseLayer::new().time_limit(DIAGNOSIS_TIMEOUT);
        Self::new(diagnose.layer(layer.layer(super::HttpClient::new())))
    }

    /// How long a request may take; default 30 s. Reading the body of a request to sign it counts, and so does all
    /// that a `receive_` method does; a body that the caller reads does not.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// How many bytes of a response the `receive_` methods hold; default 8 MiB.
    #[must_use]
    pub fn response_limit(mut self, bytes: usize) -> Self {
        self.response_limit = bytes;
        self
    }

    /// Begins a GET.
    pub fn get(&self, url: impl TryInto<Uri, Error: Into<http::Error>>) -> RequestBuilder {
        self.request(Method::GET, url)
    }

    /// Begins a PUT.
    pub fn put(&self, url: impl TryInto<Uri, Error: Into<http::Error>>) -> RequestBuilder {
        self.request(Method::PUT, url)
    }

    /// Begins a POST.
    pub fn post(&self, url: impl TryInto<Uri, Error: Into<http::Error>>) -> RequestBuilder {
        self.request(Method::POST, url)
    }

    /// Begins a request. A URL that is none is an error when it is sent.
    pub fn request(
        &self,
        method: Method,
        url: impl TryInto<Uri, Error: Into<http::Error>>,
    ) -> RequestBuilder {
        RequestBuilder::new(self.clone(), Request::builder().method(method).uri(url))
    }

    /// Sends `request` as it is, and gives the response back, whatever its status. Both bodies stream.
    ///
    /// # Errors
    ///
    /// There is no response: not signed, not sent, broken off, or not in time.
    pub async fn call(&self, request: Request<Body>) -> Result<Response<Body>, ClientError> {
        self.call_until(self.deadline(), request).await
    }

    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + self.timeout.min(LONGEST_TIMEOUT)
    }

    pub(crate) async fn call_until(
        &self,
        deadline: Instant,
        request: Request<Body>,
    ) -> Result<Response<Body>, ClientError> {
        let response = timeout_at(deadline, self.service.clone().oneshot(request)).await;
        response.map_err(|_| ClientError::timeout())?.map_err(ClientError::unanswered)
    }
}

impl<App> FromRequestParts<App> for SignedClient
where
    Self: FromRef<App>,
    App: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self::from_ref(app))
    }
}

impl fmt::Debug for SignedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedClient")
            .field("timeout", &self.timeout)
            .field("response_limit", &self.response_limit)
            .finish_non_exhaustive()
    }
}
