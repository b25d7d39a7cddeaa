//! Middleware for [`reqwest`] that signs outbound requests with credentials that rotate while it runs.
//!
//! ```no_run
//! use reqwest_signing::SigningMiddleware;
//!
//! # #[cfg(feature = "watch")]
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let client = reqwest_signing::client_builder(reqwest::Client::builder())?
//!     .with(SigningMiddleware::from_file("auth.conf")?)
//!     .build();
//!
//! let response = client.get("https://bucket.s3.eu-west-1.amazonaws.com/key").send().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Every request is signed by the section of the file that its URL belongs to, or is not sent at all. The file, its
//! rotation, and where credentials may go: [`tower_signing`]. Without a file, give [`SigningMiddleware`] a signer, or
//! a [`SigningLayer`](tower_signing::SigningLayer) that is set up in code.
//!
//! # Where it belongs
//!
//! Last, right above the client:
//!
//! ```text
//! RedirectMiddleware ─► BufferMiddleware ─► retry ─► SigningMiddleware ─► reqwest::Client
//!    each hop            streams, if they            each attempt is
//!    from here           must be retried             signed anew
//! ```
//!
//! ```
//! use reqwest_retry::{RetryTransientMiddleware, policies::ExponentialBackoff};
//! use reqwest_signing::{BufferMiddleware, SigningMiddleware};
//! use tower_signing::signing_core::Signer;
//!
//! # fn run(signer: Signer) -> Result<(), reqwest::Error> {
//! let retry = ExponentialBackoff::builder().build_with_max_retries(3);
//! let client = reqwest_signing::client_builder(reqwest::Client::builder())?
//!     .with(BufferMiddleware::new(8 * 1024 * 1024))
//!     .with(RetryTransientMiddleware::new_with_policy(retry))
//!     .with(SigningMiddleware::new(signer))
//!     .build();
//! # Ok(())
//! # }
//! ```
//!
//! What the client itself adds comes after the signature and is not covered by it:
//!
//! - **`default_headers`** fill in what a request has not. A service that wants some of its headers signed (AWS: every
//!   `x-amz-*`) refuses such a request: set them on the request, or by a middleware above. They also go to every host
//!   that a redirect names, which nothing above can prevent: put no credentials there.
//! - **`Accept`**, `Accept-Encoding`, `User-Agent`, cookies of a `cookie_store`, and what is for a proxy.
//! - Basic and bearer authentication are headers of the request; a method that sets `Authorization` replaces it.
//!
//! # Redirects
//!
//! By default reqwest follows redirects below every middleware. It then sends a signature that was made for another
//! URL, and takes along every header that it does not know for a credential: a session token, a token of your own.
//! [`client_builder`] turns that off and follows above, by a [`RedirectMiddleware`]: see there for what goes where.
//! If the client below has followed anyway, the answer is an error, [`RedirectError::Below`].
//!
//! # Settings of one request
//!
//! [`SigningOptions`](tower_signing::SigningOptions) and a method's own settings are given by `with_extension`:
//!
//! ```
//! use reqwest_middleware::{ClientWithMiddleware, RequestBuilder};
//! use tower_signing::SigningOptions;
//!
//! fn pay(client: &ClientWithMiddleware) -> RequestBuilder {
//!     client.post("https://api.example.com/payments").with_extension(SigningOptions::new().section("payments"))
//! }
//! # let _ = pay;
//! ```
//!
//! `RequestBuilder::build` drops them; `execute_with_extensions` takes them again. An
//! [`Explanation`](tower_signing::signing_core::Explanation) that was asked for is in the extensions of the response.
//!
//! # Bodies
//!
//! What is in memory is hashed where it is and stays what it was: the request below can still be cloned. Streams
//! (`Body::wrap_stream`, `Body::wrap`, multipart forms) are read first if the signature covers them, up to the
//! [limits](tower_signing#bodies) of the layer, or encoded on the way; those that are not covered stream through.
//! A request's timeout begins when it is sent, after that reading.
//!
//! A retry above clones the request, and a stream cannot be cloned: `reqwest-retry` refuses it. A [`BufferMiddleware`]
//! above the retry reads streams into memory first. A body that is read while it is sent, as by
//! [`ReplayLayer`](tower_signing::ReplayLayer), cannot be had here: only bytes make a reqwest body cloneable.
//!
//! # URLs
//!
//! A [`Url`](reqwest::Url) resolves `./`, `../`, `%2e%2e/` and turns `\` into `/` when it is parsed: an S3 key with such
//! a segment becomes another key, before any middleware can see it. Parse such URLs by [`exact_url`], which refuses
//! them. Where such keys are needed, use [`tower_signing`] with hyper's client, which leaves URLs as they are. Repeated
//! slashes, `~`, `+` and escapes of other characters pass unchanged.
//!
//! # Errors
//!
//! [`signing_error`] finds the [`SigningError`](tower_signing::SigningError) in any error of the client, also below a
//! retry. A retry takes it for fatal. Failures of the connection are reqwest's own errors, as ever.
//!
//! # Why a signature was refused
//!
//! [`SigningMiddleware::diagnose`] reads what the service says, and leaves a
//! [`Diagnosis`](tower_signing::signing_core::diagnose::Diagnosis) in the extensions of the response.
//!
//! # Features
//!
//! - `watch` (default): `SigningMiddleware::from_file` and rotation.
//! - `aws`, `azure`, `cybersource`, `token` (default): the families of methods.
//!
//! None of them brings TLS: choose it by the features of your own dependency on `reqwest`.

mod buffer;
mod diagnose;
mod error;
mod exact_url;
mod redirect;
mod signing;

pub use buffer::{BufferError, BufferMiddleware};
pub use error::signing_error;
pub use exact_url::{UrlError, exact_url};
pub use redirect::{RedirectError, RedirectMiddleware, client_builder};
pub use signing::SigningMiddleware;

#[doc(no_inline)]
pub use tower_signing;

#[cfg(all(doctest, feature = "watch"))]
#[doc = include_str!("../README.md")]
struct Readme;
