//! The middleware.

use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::body::DiagnoseBody;
use super::future::DiagnoseFuture;
use crate::SigningOptions;

/// Says why a service refused a signature. Made by a [`DiagnoseLayer`](crate::DiagnoseLayer).
#[derive(Clone, Debug)]
pub struct DiagnoseService<S> {
    inner: S,
    time_limit: Duration,
}

impl<S> DiagnoseService<S> {
    pub(super) fn new(inner: S, time_limit: Duration) -> Self {
        Self { inner, time_limit }
    }
}

impl<S, B, R> Service<Request<B>> for DiagnoseService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body,
{
    type Response = Response<DiagnoseBody<R>>;
    type Error = S::Error;
    type Future = DiagnoseFuture<S::Future, R>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        request.extensions_mut().get_or_insert_default::<SigningOptions>().record_refusal();
        DiagnoseFuture::new(self.inner.call(request), self.time_limit)
    }
}
