//! Why a service refused a signature, of a response that came from reqwest.

use reqwest::{Body, Response, ResponseBuilderExt};
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
    Response::from(layer.diagnose(record, response).await.map(Body::wrap))
}
