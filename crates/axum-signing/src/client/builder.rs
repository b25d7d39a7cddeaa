//! One request on its way to be sent.

use std::any::Any;
use std::fmt;

use axum_core::body::Body;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, request};
use tokio::time::{Instant, timeout_at};

use super::read::{ReadError, read};
use super::{ClientError, SignedClient};

/// How much of a refusal's text an error keeps.
const PIECE: usize = 4 * 1024;

/// A request that is being put together. Made by a [`SignedClient`].
///
/// What is wrong with it is told when it is sent. All three ways to send it take a status other than 2xx as an error;
/// for a response of any status, use [`SignedClient::call`].
#[must_use = "a request does nothing until it is sent"]
pub struct RequestBuilder {
    client: SignedClient,
    head: request::Builder,
    body: Result<Body, ClientError>,
}

impl RequestBuilder {
    pub(crate) fn new(client: SignedClient, head: request::Builder) -> Self {
        Self { client, head, body: Ok(Body::empty()) }
    }

    /// Adds a header.
    pub fn header(
        mut self,
        name: impl TryInto<HeaderName, Error: Into<http::Error>>,
        value: impl TryInto<HeaderValue, Error: Into<http::Error>>,
    ) -> Self {
        self.head = self.head.header(name, value);
        self
    }

    /// Sets an extension, such as [`SigningOptions`](tower_signing::SigningOptions).
    pub fn extension(mut self, extension: impl Clone + Any + Send + Sync) -> Self {
        self.head = self.head.extension(extension);
        self
    }

    /// Sets the body: bytes, text, or a stream ([`Body::from_stream`], [`Body::new`]).
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = Ok(body.into());
        self
    }

    /// Sets the body to `value` as JSON, and its `Content-Type`.
    #[cfg(feature = "json")]
    pub fn json(mut self, value: &(impl serde_core::Serialize + ?Sized)) -> Self {
        self.body = serde_json::to_vec(value).map(Body::from).map_err(ClientError::unwritable);
        self.header(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
    }

    /// Sends it, and gives back a successful response, whose body streams.
    ///
    /// # Errors
    ///
    /// The request is none, there is no response in time, or its status is not 2xx.
    pub async fn send(self) -> Result<Response<Body>, ClientError> {
        let deadline = self.client.deadline();
        self.send_until(deadline).await
    }

    /// Sends it, and reads the whole response.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send); or the body breaks off, is longer than the
    /// [limit](SignedClient::response_limit), or does not come in time.
    pub async fn receive_bytes(self) -> Result<Bytes, ClientError> {
        let (deadline, limit) = (self.client.deadline(), self.client.response_limit);
        let mut body = self.send_until(deadline).await?.into_body();
        let mut bytes = Vec::new();
        let end = timeout_at(deadline, read(&mut body, limit, &mut bytes)).await;
        match end.map_err(|_| ClientError::timeout())? {
            Ok(()) => Ok(bytes.into()),
            Err(ReadError::TooLong) => Err(ClientError::too_long(limit)),
            Err(ReadError::BrokenOff(error)) => Err(ClientError::broken_off(error)),
        }
    }

    /// Sends it, reads the whole response and parses it as JSON, whatever `Content-Type` it has.
    ///
    /// # Errors
    ///
    /// As for [`receive_bytes`](Self::receive_bytes); or it is not the JSON that `T` is made of.
    #[cfg(feature = "json")]
    pub async fn receive_json<T: serde_core::de::DeserializeOwned>(self) -> Result<T, ClientError> {
        let bytes = self.receive_bytes().await?;
        serde_json::from_slice(&bytes).map_err(|error| ClientError::unreadable(&error))
    }

    async fn send_until(self, deadline: Instant) -> Result<Response<Body>, ClientError> {
        let request = self.head.body(self.body?).map_err(ClientError::request)?;
        let mut response = self.client.call_until(deadline, request).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let diagnosis = response.extensions_mut().remove();
        let mut piece = Vec::new();
        // The status is told however much of the text there is.
        let _ = timeout_at(deadline, read(&mut response.into_body(), PIECE, &mut piece)).await;
        Err(ClientError::status_of(status, piece.into(), diagnosis))
    }
}

impl fmt::Debug for RequestBuilder {
    /// Without URL and headers, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBuilder").field("method", &self.head.method_ref()).finish_non_exhaustive()
    }
}
