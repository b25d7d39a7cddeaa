//! `reqwest` with `SigningMiddleware`.

use std::pin::Pin;

use bytes::Bytes;
use http::{Request, Response};
use reqwest::{Body, Client};
use reqwest_signing::SigningMiddleware;
use signing_core::Registry;

use super::{Answer, Kind, Params, Sender, body, signers};

pub(crate) struct Reqwest(pub(crate) Kind);

impl Sender for Reqwest {
    fn name(&self) -> &'static str {
        match self.0 {
            Kind::Bytes => "reqwest",
            Kind::Stream => "reqwest-stream",
        }
    }

    /// Its `Url` resolves them.
    fn keeps_dot_segments(&self) -> bool {
        false
    }

    fn send(
        &self,
        params: Params,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>> {
        Box::pin(async move {
            let middleware = SigningMiddleware::new(signers(&Registry::new(), &params, request.uri())?);
            let client =
                reqwest_signing::client_builder(Client::builder().no_proxy())?.with(middleware).build();
            let request = request.map(|bytes| match self.0 {
                Kind::Bytes => Body::from(bytes),
                Kind::Stream => Body::wrap(body(bytes, Kind::Stream)),
            });
            let response = client.execute(request.try_into()?).await?;
            let answer = Response::builder().status(response.status());
            Ok(answer.body(response.bytes().await?)?)
        })
    }
}
