//! The middleware that signs.

use std::convert::Infallible;
use std::future::{Ready, ready};
#[cfg(feature = "watch")]
use std::path::Path;
use std::task::{Context, Poll};

use async_trait::async_trait;
use http::Extensions;
use reqwest::{Body, Request, Response};
use reqwest_middleware::{Middleware, Next, Result};
use tower_layer::Layer;
use tower_service::Service;
use tower_signing::signing_core::Explanation;
use tower_signing::{
    DiagnoseLayer, SignedBody, SignerStore, Signers, SigningLayer, SigningOptions, SigningRecord,
};

use crate::RedirectError;
use crate::diagnose::diagnosed;
use crate::error::{failed, refused};

/// Signs every request that passes, or fails without sending it. Cheap to clone; clones share their signers.
///
/// See the [crate's documentation](crate) for where it belongs.
#[derive(Clone, Debug)]
pub struct SigningMiddleware {
    layer: SigningLayer,
    diagnose: Option<DiagnoseLayer>,
}

/// A request as it is to be sent, and what its signature left.
struct Signed {
    request: Request,
    explanation: Option<Explanation>,
    record: Option<SigningRecord>,
}

impl SigningMiddleware {
    /// Signs with one signer, or a set of them: [`SigningLayer::new`].
    pub fn new(signers: impl Into<Signers>) -> Self {
        SigningLayer::new(signers).into()
    }

    /// Reads a config file, and watches it from then on: [`SigningLayer::from_file`].
    ///
    /// # Errors
    ///
    /// The file cannot be read, or something in it is wrong; the error tells all of it.
    #[cfg(feature = "watch")]
    pub fn from_file(path: impl AsRef<Path>) -> std::result::Result<Self, tower_signing::ConfigError> {
        SigningLayer::from_file(path).map(Self::from)
    }

    /// Says why a service refused a signature: as [`DiagnoseLayer`] does, in the response's extensions and in one event.
    ///
    /// ```
    /// use reqwest_signing::SigningMiddleware;
    /// use reqwest_signing::tower_signing::DiagnoseLayer;
    /// use reqwest_signing::tower_signing::signing_core::{Signer, diagnose::Diagnosis};
    ///
    /// fn middleware(signer: Signer) -> SigningMiddleware {
    ///     SigningMiddleware::new(signer).diagnose(DiagnoseLayer::new())
    /// }
    ///
    /// fn why(response: &reqwest::Response) -> Option<&Diagnosis> {
    ///     response.extensions().get()
    /// }
    /// ```
    #[must_use]
    pub fn diagnose(mut self, layer: DiagnoseLayer) -> Self {
        self.diagnose = Some(layer);
        self
    }

    /// The signers in use, to replace them or to look at their generation.
    pub fn store(&self) -> &SignerStore {
        self.layer.store()
    }

    async fn sign(&self, request: Request, extensions: &Extensions) -> Result<Signed> {
        // Shares the bytes of a body that is in memory; there is none of a stream.
        let copy = request.try_clone();
        let mut unsigned = http::Request::<Body>::try_from(request)?;
        unsigned.extensions_mut().extend(extensions.clone());
        if self.diagnose.is_some() {
            let options: &mut SigningOptions = unsigned.extensions_mut().get_or_insert_default();
            *options = options.clone().record();
        }

        let mut signed = self.layer.layer(HandBack).call(unsigned).await.map_err(refused)?;
        let explanation = signed.extensions_mut().remove();
        let record = signed.extensions_mut().remove();
        let (head, body) = signed.into_body().into_parts();
        let body = match copy {
            // Bytes, where they are what was signed: whoever stands below can clone them, a wrapped body never.
            Some(mut copy) if !body.is_encoded() => copy.body_mut().take(),
            _ => Some(Body::wrap(body)),
        };
        let url = head.uri.to_string();
        let mut request = Request::try_from(http::Request::from_parts(head, Body::default()))?;
        if request.url().as_str() != url {
            return Err(failed(crate::UrlError::Changed));
        }
        *request.body_mut() = body;
        Ok(Signed { request, explanation, record })
    }
}

impl From<SigningLayer> for SigningMiddleware {
    /// Signs as the layer does, with its signers, limits and clock.
    fn from(layer: SigningLayer) -> Self {
        Self { layer, diagnose: None }
    }
}

#[async_trait]
impl Middleware for SigningMiddleware {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let unsigned_url = request.url().clone();
        let Signed { request, explanation, record } = self.sign(request, extensions).await?;
        let url = request.url().clone();
        let sent = next.run(request, extensions).await;
        // A method may sign in the query, and reqwest's errors tell the URL.
        let mut response = sent.map_err(|error| match error.url() {
            Some(told) if *told == url => error.with_url(unsigned_url),
            _ => error,
        })?;
        if *response.url() != url {
            return Err(failed(RedirectError::Below));
        }
        if let Some(explanation) = explanation {
            response.extensions_mut().insert(explanation);
        }
        Ok(match (&self.diagnose, record) {
            (Some(layer), Some(record)) => diagnosed(layer, record, response).await,
            (None, Some(record)) => {
                response.extensions_mut().insert(record);
                response
            }
            (_, None) => response,
        })
    }
}

/// Stands where a client would, and answers with the signed request: what follows in a chain of middleware lives for
/// one call only, which no inner service of a Tower layer may.
#[derive(Clone)]
struct HandBack;

type Sendable = http::Request<SignedBody<Body>>;

impl Service<Sendable> for HandBack {
    type Response = http::Response<Sendable>;
    type Error = Infallible;
    type Future = Ready<std::result::Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::result::Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Sendable) -> Self::Future {
        ready(Ok(http::Response::new(request)))
    }
}
