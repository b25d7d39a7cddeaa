//! What the client below takes of a body, told to the proxy above.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::Request;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower::Layer;
use tower_service::Service;

use super::transfer::Transfer;

/// Has a [`SigningProxy`](super::SigningProxy) see each piece of a body that leaves for the upstream.
///
/// It belongs below the signing layer, right above the client. A signature that covers the body has the layer hold
/// the body first; while the copy is sent, the proxy sees nothing move. Without this, the
/// [idle time](super::SigningProxyBuilder::idle_timeout) limits how long sending such a copy may take.
/// The examples of the [crate](crate) have it where it belongs.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProgressLayer(());

impl ProgressLayer {
    /// The layer; there is nothing to set.
    #[must_use]
    pub fn new() -> Self {
        Self(())
    }
}

impl<S> Layer<S> for ProgressLayer {
    type Service = ProgressService<S>;

    fn layer(&self, service: S) -> ProgressService<S> {
        ProgressService { service }
    }
}

/// The service of [`ProgressLayer`].
#[derive(Clone, Debug)]
pub struct ProgressService<S> {
    service: S,
}

impl<S, B> Service<Request<B>> for ProgressService<S>
where
    S: Service<Request<ProgressBody<B>>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        let transfer = request.extensions_mut().remove::<Arc<Transfer>>();
        self.service.call(request.map(|body| ProgressBody { body, transfer }))
    }
}

pin_project! {
    /// A body that [`ProgressLayer`] watches.
    pub struct ProgressBody<B> {
        #[pin]
        body: B,
        // None for a request that no proxy has sent.
        transfer: Option<Arc<Transfer>>,
    }
}

impl<B: Body> Body for ProgressBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let frame = ready!(this.body.poll_frame(cx));
        if let Some(transfer) = this.transfer {
            transfer.touch();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> fmt::Debug for ProgressBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgressBody").finish_non_exhaustive()
    }
}
