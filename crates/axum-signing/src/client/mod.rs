//! The client for handlers that call out.
//!
//! ```text
//! handler --> SignedClient --> RequestBuilder --> SigningLayer --> HttpClient, or any other service
//!                                     |
//!                                ClientError
//! ```

mod builder;
mod error;
#[cfg(feature = "rustls")]
mod http;
mod read;
mod signed;

pub use builder::RequestBuilder;
pub use error::{ClientError, ClientErrorKind};
#[cfg(feature = "rustls")]
pub use http::{HttpClient, HttpClientBuilder, RootsError};
pub use signed::SignedClient;
