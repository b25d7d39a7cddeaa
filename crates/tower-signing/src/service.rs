//! The middleware itself.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use crate::body::SignedBody;
use crate::future::ResponseFuture;
use crate::plan::Shared;
use crate::{BoxError, SignerStore};

/// Signs each request and passes it to the inner service. Made by a [`SigningLayer`](crate::SigningLayer).
///
/// See the [crate's documentation](crate) for where it belongs in a stack.
#[derive(Clone)]
pub struct SigningService<S> {
    inner: S,
    shared: Arc<Shared>,
}

impl<S> SigningService<S> {
    pub(crate) fn new(inner: S, shared: Arc<Shared>) -> Self {
        Self { inner, shared }
    }

    /// The signers it uses, to replace them or to look at their generation.
    pub fn store(&self) -> &SignerStore {
        &self.shared.store
    }
}

impl<S, B, R> Service<Request<B>> for SigningService<S>
where
    S: Service<Request<SignedBody<B>>, Response = Response<R>> + Clone,
    S::Error: Into<BoxError>,
    B: Body,
    B::Error: Into<BoxError>,
{
    type Response = Response<R>;
    type Error = BoxError;
    type Future = ResponseFuture<S, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ResponseFuture::new(&mut self.inner, request, &self.shared)
    }
}

impl<S: fmt::Debug> fmt::Debug for SigningService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningService").field("inner", &self.inner).field("store", self.store()).finish()
    }
}
