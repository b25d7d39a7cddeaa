//! Why a service refused a signature, of a response that came from reqwest.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use http::Request;
use reqwest::{Body, Response, ResponseBuilderExt};
use tower_layer::Layer;
use tower_service::Service;
use tower_signing::signing_core::diagnose::Refusal;
use tower_signing::{DiagnoseLayer, SigningRecord};

/// `response`, and what it tells in its extensions if it is a refusal.
pub(crate) async fn diagnosed(layer: &DiagnoseLayer, record: SigningRecord, response: Response) -> Response {
    // What is none stays the very response: its body need not be wrapped.
    if !Refusal::is_likely(response.status(), response.headers()) {
        return response;
    }
    // This is where reqwest looks for the URL when it takes a response back.
    let Ok(with_url) = http::Response::builder().url(response.url().clone()).body(()) else {
        return response;
    };
    let mut response = http::Response::<Body>::from(response);
    response.extensions_mut().extend(with_url.into_parts().0.extensions);
    response.extensions_mut().insert(record);
    let Ok(response) = layer.layer(Answer(Some(response))).call(Request::new(())).await;
    Response::from(response.map(Body::wrap))
}

/// Has been answered already.
struct Answer(Option<http::Response<Body>>);

impl Service<Request<()>> for Answer {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Ok(self.0.take().expect("it is called once")))
    }
}
