//! Bodies in memory, so that a retry can send them again.

use std::error::Error;
use std::fmt;

use async_trait::async_trait;
use http::Extensions;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use reqwest::{Body, Request, Response};
use reqwest_middleware::{Middleware, Next, Result};

use crate::error::{failed, refused};

/// Reads a streamed body into memory, so that a retry or a redirect can send it again.
///
/// Belongs above both. Bodies that are in memory already pass as they are, whatever their size; a longer stream than
/// the limit is refused before anything is sent.
#[derive(Clone, Debug)]
pub struct BufferMiddleware {
    limit: usize,
}

impl BufferMiddleware {
    /// Reads streams of up to `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { limit }
    }

    async fn read(&self, body: Body) -> Result<Body> {
        let collected = match Limited::new(body, self.limit).collect().await {
            Ok(collected) => collected,
            Err(error) if error.is::<LengthLimitError>() => {
                return Err(failed(BufferError::TooLong { limit: self.limit }));
            }
            Err(error) => return Err(refused(error)),
        };
        // Bytes have no room for them.
        if collected.trailers().is_some() {
            return Err(failed(BufferError::Trailers));
        }
        Ok(collected.to_bytes().into())
    }
}

#[async_trait]
impl Middleware for BufferMiddleware {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        if let Some(body) = request.body_mut().take_if(|body| body.as_bytes().is_none()) {
            *request.body_mut() = Some(self.read(body).await?);
        }
        next.run(request, extensions).await
    }
}

/// Why a [`BufferMiddleware`] did not pass a request on.
#[derive(Debug)]
#[non_exhaustive]
pub enum BufferError {
    /// The stream is longer than may be held.
    TooLong {
        /// So many bytes may.
        limit: usize,
    },
    /// The stream ends with trailers, which a body in memory cannot have.
    Trailers,
}

impl fmt::Display for BufferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { limit } => {
                write!(f, "the body is longer than the {limit} bytes that may be buffered")
            }
            Self::Trailers => f.write_str("the body has trailers and cannot be buffered"),
        }
    }
}

impl Error for BufferError {}
