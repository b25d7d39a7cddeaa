//! The whole layer over a service that does nothing.

use std::convert::Infallible;
use std::fmt::Debug;
use std::future::{Ready, ready};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Request, Response};
use http_body_util::{Empty, Full};
use tower::{Layer, Service};
use tower_signing::{SignedBody, SigningLayer};

use super::aws::AwsCase;
use super::{Contender, Each};

/// Keeps the request, so that whoever measures drops it, or does not.
pub(crate) struct Keeper<B>(Arc<Mutex<Option<Request<SignedBody<B>>>>>);

impl<B> Keeper<B> {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }
}

impl<B> Clone for Keeper<B> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<B> Service<Request<SignedBody<B>>> for Keeper<B> {
    type Response = Response<Empty<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<SignedBody<B>>) -> Self::Future {
        *self.0.lock().expect("nobody panics with it") = Some(request);
        ready(Ok(Response::new(Empty::new())))
    }
}

/// A service that signs, and what is below it.
pub(crate) struct Signed<S, B> {
    service: S,
    below: Keeper<B>,
}

impl<S, B> Signed<S, B>
where
    S: Service<Request<B>, Error: Debug>,
{
    pub(crate) fn new(layer: &impl Layer<Keeper<B>, Service = S>) -> Self {
        let below = Keeper::new();
        Self { service: layer.layer(below.clone()), below }
    }

    /// One request through the layer, until there is a response.
    pub(crate) fn call(&mut self, request: &mut Option<Request<B>>) -> Request<SignedBody<B>> {
        let request = request.take().expect("one request for each call");
        wait(self.service.call(request)).expect("a request that can be signed");
        let mut kept = self.below.0.lock().expect("nobody panics with it");
        kept.take().expect("the layer has passed it on")
    }
}

pub(crate) fn of_aws(case: &AwsCase) -> Box<dyn Contender> {
    over(case, SigningLayer::new(case.signer()))
}

/// A layer that signs this case, or several around each other.
pub(crate) fn over<L>(case: &AwsCase, layer: L) -> Box<dyn Contender>
where
    L: Layer<Keeper<Full<Bytes>>>,
    L::Service: Service<Request<Full<Bytes>>, Error: Debug> + Send + 'static,
{
    let mut service = Signed::new(&layer);
    case.check(&service.call(&mut Some(request(case))).into_parts().0, "SigningService::call");
    let case = case.clone();
    Box::new(Each {
        make: move || Some(request(&case)),
        work: move |request: &mut Option<Request<Full<Bytes>>>| service.call(request),
    })
}

pub(crate) fn request(case: &AwsCase) -> Request<Full<Bytes>> {
    Request::from_parts(case.fresh_head(), Full::new(case.body.clone()))
}

/// Polls until it is done: hashing gives way every 32 KiB, and little else makes these futures wait.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Some(output) = future.as_mut().now_or_never() {
            return output;
        }
    }
}
