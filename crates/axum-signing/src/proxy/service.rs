//! The proxy itself.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::request::Parts;
use http::{HeaderName, Request, Response, Version};
use http_body::Body;
use tower_service::Service;
use tower_signing::BoxError;

use super::exchange::Exchange;
use super::failure::Failure;
use super::future::ResponseFuture;
use super::guard::Guard;
use super::target::BaseUrl;
use super::transfer::Transfer;
use super::upload::End;
use super::{DownloadBody, ProxyConfigError, ProxyMetrics, SigningProxyBuilder, UploadBody, headers};

/// Forwards each request to a base URL through a signed client. Cheap to clone.
///
/// See the [crate's documentation](crate) for what it refuses, strips and passes.
#[derive(Clone)]
pub struct SigningProxy<S> {
    service: S,
    settings: Arc<Settings>,
}

/// What all clones share.
pub(crate) struct Settings {
    pub(crate) base: BaseUrl,
    pub(crate) guard: Guard,
    pub(crate) stripped: Arc<[HeaderName]>,
    pub(crate) idle_timeout: Duration,
    pub(crate) body_limit: Option<u64>,
    pub(crate) metrics: ProxyMetrics,
}

impl SigningProxy<()> {
    /// Begins a proxy to `base_url`: http or https, with a path or without.
    ///
    /// # Errors
    ///
    /// The text is no such URL, or has user info, a query, a fragment, or dot segments.
    pub fn builder(base_url: &str) -> Result<SigningProxyBuilder, ProxyConfigError> {
        SigningProxyBuilder::new(base_url)
    }
}

impl<S> SigningProxy<S> {
    pub(crate) fn new(service: S, settings: Arc<Settings>) -> Self {
        Self { service, settings }
    }

    /// What it has done so far.
    pub fn metrics(&self) -> &ProxyMetrics {
        &self.settings.metrics
    }
}

impl Settings {
    /// The request that is signed and sent for the one that came: its method, and what is left of its URL,
    /// headers and body. Nothing of its extensions, which choose signers below; its
    /// only one is for [`ProgressLayer`](super::ProgressLayer).
    fn outbound<B: Body>(
        &self,
        head: Parts,
        body: B,
        transfer: Arc<Transfer>,
    ) -> Result<Request<UploadBody<B>>, Failure> {
        self.guard.check(&head)?;
        let target = self.base.join(&head.uri)?;
        let length = headers::content_length(&head.headers, body.size_hint().exact())?;
        if self.body_limit.is_some_and(|limit| length.is_some_and(|length| length > limit)) {
            return Err(Failure::too_large());
        }
        let end = if head.version == Version::HTTP_2 { End::Told } else { End::Silent };
        let stripped = Arc::clone(&self.stripped);
        let body = UploadBody::new(body, length, self.body_limit, end, stripped, Arc::clone(&transfer));
        let mut request = Request::new(body);
        request.extensions_mut().insert(transfer);
        *request.method_mut() = head.method;
        *request.uri_mut() = target;
        *request.headers_mut() = head.headers;
        headers::prepare_request(request.headers_mut(), &self.stripped)?;
        Ok(request)
    }
}

impl<S, B, R> Service<Request<B>> for SigningProxy<S>
where
    S: Service<Request<UploadBody<B>>, Response = Response<R>> + Clone,
    S::Error: Into<BoxError>,
    B: Body,
    B::Error: Into<BoxError>,
    R: Body,
    R::Error: Into<BoxError>,
{
    type Response = Response<DownloadBody<R>>;
    type Error = Infallible;
    type Future = ResponseFuture<S, B>;

    /// Always ready: what is refused needs no client, and a client that is not ready is waited for by the
    /// future, within the idle time.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (head, body) = request.into_parts();
        let transfer = Arc::new(Transfer::new(self.settings.metrics.clone()));
        let exchange = Exchange::begin(&head, Arc::clone(&transfer));
        let outbound = self.settings.outbound(head, body, transfer);
        ResponseFuture::new(self.service.clone(), outbound, exchange, self.settings.idle_timeout)
    }
}

impl<S: fmt::Debug> fmt::Debug for SigningProxy<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningProxy")
            .field("service", &self.service)
            .field("base_url", &self.settings.base.as_str())
            .finish_non_exhaustive()
    }
}
