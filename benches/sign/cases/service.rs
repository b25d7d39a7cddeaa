//! The whole layer over a service that does nothing.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use tower::{Layer, Service};
use tower_signing::{BoxError, SignedBody, SigningLayer, SigningService};

use super::aws::AwsCase;
use super::{Contender, Each};

/// Hands the request back, so that whoever measures drops it, or does not.
#[derive(Clone)]
pub(crate) struct HandBack;

impl<B> Service<Request<B>> for HandBack {
    type Response = Response<Request<B>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ready(Ok(Response::new(request)))
    }
}

type Handed<B> = Response<Request<SignedBody<B>>>;

pub(crate) fn of_aws(case: &AwsCase) -> Box<dyn Contender> {
    over(case, SigningLayer::new(case.signer()))
}

/// A layer that signs this case.
pub(crate) fn over(case: &AwsCase, layer: SigningLayer) -> Box<dyn Contender> {
    let mut service = layer.layer(HandBack);
    let handed = call(&mut service, &mut Some(request(case)));
    case.check(&handed.into_body().into_parts().0, "SigningService::call");
    let case = case.clone();
    Box::new(Each {
        make: move || Some(request(&case)),
        work: move |request: &mut Option<Request<Full<Bytes>>>| call(&mut service, request),
    })
}

fn request(case: &AwsCase) -> Request<Full<Bytes>> {
    Request::from_parts(case.fresh_head(), Full::new(case.body.clone()))
}

/// One request through the layer, until there is a response.
pub(crate) fn call<B>(service: &mut SigningService<HandBack>, request: &mut Option<Request<B>>) -> Handed<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let request = request.take().expect("one request for each call");
    wait(service.call(request)).expect("a request that can be signed")
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
