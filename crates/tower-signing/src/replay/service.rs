//! Makes bodies that can be sent again.

use std::task::{Context, Poll};

use http::Request;
use http_body::Body;
use tower_service::Service;

use super::body::ReplayBody;
use super::record::Limits;

/// Gives the inner service a body that it can send again. Made by a [`ReplayLayer`](crate::ReplayLayer).
#[derive(Clone, Debug)]
pub struct ReplayService<S> {
    inner: S,
    limits: Limits,
}

impl<S> ReplayService<S> {
    pub(super) fn new(inner: S, limits: Limits) -> Self {
        Self { inner, limits }
    }
}

impl<S, B> Service<Request<B>> for ReplayService<S>
where
    S: Service<Request<ReplayBody<B>>>,
    B: Body,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        self.inner.call(request.map(|body| ReplayBody::new(body, &self.limits)))
    }
}
