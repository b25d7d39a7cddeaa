//! The middleware that follows redirects.

use async_trait::async_trait;
use http::Extensions;
use reqwest::redirect::Policy;
use reqwest::{Request, Response};
use reqwest_middleware::{ClientBuilder, Middleware, Next, Result};

use super::target::target;
use super::turn::Spare;
use crate::RedirectError;
use crate::error::failed;

/// A builder for clients that sign: reqwest follows no redirects, a [`RedirectMiddleware`] does.
///
/// Add what else there is above the signature, then a [`SigningMiddleware`](crate::SigningMiddleware).
///
/// # Errors
///
/// reqwest cannot build the client.
pub fn client_builder(client: reqwest::ClientBuilder) -> reqwest::Result<ClientBuilder> {
    RedirectMiddleware::new().client_builder(client)
}

/// Follows redirects above the signature, so that each hop is signed for its own URL, or not sent.
///
/// What the signer sets never leaves the hop it was made for: this middleware only has the request as it was before.
/// Of the caller's own headers, another origin (scheme, host, port) gets those that describe the request or its body,
/// and none that could be a credential; they do not come back when a later hop does. Settings of the request go along.
/// A host that no section covers ends the request with an error, as it would without a redirect; to send such hops
/// unsigned, have a section with `Match = *` and `Method = none`.
///
/// - 303 becomes GET (HEAD stays), as does a POST after 301 and 302; without its body and what describes it.
/// - Otherwise method and body stay. A body that was a stream cannot be sent again: an error; see
///   [`BufferMiddleware`](crate::BufferMiddleware).
/// - From https to http is an error, and so is a `Location` with user info, with another scheme, or with a path that
///   reqwest would [rewrite](crate::exact_url).
/// - Other redirects, and those without `Location`, are returned as they are.
///
/// The timeout of a request is that of each hop.
#[derive(Clone, Debug)]
pub struct RedirectMiddleware {
    limit: usize,
}

impl RedirectMiddleware {
    /// Follows up to ten redirects.
    pub fn new() -> Self {
        Self { limit: 10 }
    }

    /// How many redirects are followed; one more is an error.
    #[must_use]
    pub fn limit(mut self, redirects: usize) -> Self {
        self.limit = redirects;
        self
    }

    /// [`client_builder`] with this middleware.
    ///
    /// # Errors
    ///
    /// reqwest cannot build the client.
    pub fn client_builder(self, client: reqwest::ClientBuilder) -> reqwest::Result<ClientBuilder> {
        let client = client.redirect(Policy::none()).build()?;
        Ok(ClientBuilder::new(client).with(self))
    }
}

impl Default for RedirectMiddleware {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Middleware for RedirectMiddleware {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let mut followed = 0;
        loop {
            let spare = Spare::of(&mut request);
            let response = next.clone().run(request, extensions).await?;
            let Some(target) = target(&response, spare.url()) else { return Ok(response) };
            if followed == self.limit {
                return Err(failed(RedirectError::TooMany { limit: self.limit }));
            }
            followed += 1;
            request = target.and_then(|target| spare.turn(response.status(), target)).map_err(failed)?;
        }
    }
}
