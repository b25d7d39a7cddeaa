//! Tower middleware that signs outbound HTTP requests with credentials that rotate while it runs.
//!
//! ```no_run
//! use http_body_util::Full;
//! use hyper_util::client::legacy::Client;
//! use hyper_util::rt::TokioExecutor;
//! use tower::{ServiceBuilder, ServiceExt};
//! use tower_signing::SigningLayer;
//!
//! # async fn run() -> Result<(), tower_signing::BoxError> {
//! let client = Client::builder(TokioExecutor::new()).build_http::<tower_signing::SignedBody<Full<bytes::Bytes>>>();
//! let client = ServiceBuilder::new().layer(SigningLayer::from_file("auth.conf")?).service(client);
//!
//! let request = http::Request::get("http://127.0.0.1:9000/bucket/key").body(Full::default())?;
//! let response = client.oneshot(request).await?;
//! # Ok(())
//! # }
//! ```
//!
//! Every request that passes is signed by the section of the file that its URL belongs to, or is not sent at
//! all. When the file changes, requests in flight finish with the old credentials and new ones use the new.
//!
//! ```text
//! auth.conf --> watcher --> SignerStore
//!                              | one snapshot per request
//! request --> route by URL --> read the body, if the signature covers it --> sign the head --> inner service
//! ```
//!
//! # The config file
//!
//! INI (`.conf`, `.ini`, any other extension), TOML, YAML or JSON, by extension:
//!
//! ```ini
//! [auth]
//! Method = aws-signature-v4
//! AccessKeyId = AKIDEXAMPLE
//! SecretAccessKey = env:AWS_SECRET_ACCESS_KEY
//!
//! [auth.payments]
//! Match = https://api.cybersource.com/
//! Method = cybersource-http
//! MerchantId = acme
//! MerchantKeyID = 08c94330-f618-42a3-b09d-e1e43be5efda
//! MerchantSecretKey = file:/run/secrets/cybs
//!
//! [signing]
//! monitor = 30
//! ```
//!
//! - **Sections.** `[auth]` signs what no other section matches, unless it has a `Match` itself. `[auth.NAME]`
//!   without `Match` is reachable by name only, through [`SigningOptions`]. Nothing is inherited.
//!   `Method = none` lets requests pass unsigned. The methods and their parameters: [`signing_core`].
//! - **Names** of sections and parameters are not case-sensitive. Values are taken as written: in an INI file
//!   all of the line behind the first `=`, without the white space around it. Comments stand on lines of
//!   their own.
//! - **`Match`** is compared by component: scheme, host (`*.example.com` is one or more labels), port, path up
//!   to a `/`. The most telling one wins: [`Signers`]. `Match = *` is any URL, said on purpose.
//! - **References.** A value may be `env:NAME`, `file:PATH` (relative to the config file, at most 64 KiB, one
//!   final newline dropped, watched like the config), `base64:…`, or `literal:…` for a value that begins like
//!   one of these.
//! - **`[signing]`** holds `monitor` (seconds between two looks at the files, beside the file system's events;
//!   read at the start), `buffer_limit`, `spool_limit`, `total_spool_limit` (bytes) and `spool_dir` (a folder).
//! - **Errors** tell all that is wrong, each fault with file, line, section, parameter and the nearest valid
//!   name, and never a value. [`ConfigReport`] tells beside the faults what the file says, again without values.
//!
//! # Where credentials go
//!
//! A section never signs outside its `Match`, also when a request asks for it by name. Without a `Match`, a
//! signer is used over TLS for the hosts that its method knows as its service's (AWS's end points, Azure's,
//! CyberSource's, the host of a connection string), and for this machine; anywhere else, and with a `Host` header
//! that names another host than the URL, it is an error that says what to write. So a redirect that a layer above
//! follows to a stranger is not signed. Methods whose output can be used again by whoever receives it (`auth-token`,
//! a SAS token with an explicit `ResourceURI`) and methods of your own must have a `Match`, or a
//! [base URL](SigningLayerBuilder::base_url).
//!
//! # Where the layer belongs
//!
//! Innermost, right above the client. A retry or a redirect above it signs each attempt anew. What stands below
//! must change neither URL nor headers nor body: compression, default headers, tracing headers and
//! authentication belong above. `poll_ready` is the client's: while a body is read to be hashed, the
//! permit of a limit below is held.
//!
//! # Bodies
//!
//! A body takes the first of these rungs that is right for it:
//!
//! | rung | what is signed | what happens to the body |
//! | --- | --- | --- |
//! | `nothing` | not the body (SAS, token, Batch, `Payload = unsigned`) | passes through, unread |
//! | `known` | the body, and it is empty or its hash is [given](SigningOptions::payload_hash) | passes through, unread |
//! | `bytes` | the body, in memory as one frame | hashed where it is |
//! | `buffer` | the body, a stream | read and hashed up to [`buffer_limit`](SigningLayerBuilder::buffer_limit) (8 MiB), its frames kept as they came (small ones joined) |
//! | `spool` | the body, a longer stream | hashed on its way to a temporary file without a name, up to [`spool_limit`](SigningLayerBuilder::spool_limit) (0: not allowed unless it is set) |
//! | `chunked` | an upload to S3, chunk by chunk | aws-chunked while it is sent, one chunk in memory |
//!
//! With `Payload = auto`, which is the default of `aws-signature-v4`, a body is encoded only if it is an upload to S3
//! of known length and too long for the rungs above; `chunked`, `chunked-trailer` and `unsigned-trailer` ask for it,
//! and a body of unknown length is then read first to find its length.
//! [`PayloadMode`](signing_core::aws::PayloadMode) and [`Checksum`](signing_core::aws::Checksum) in the extensions of a
//! request choose for it alone. Which rung it was is told by an event at debug level, and by
//! [`Explanation::body`](signing_core::Explanation::body).
//!
//! A stream that is too long for all that is allowed is an error before anything is sent. Hashing gives way to other
//! tasks every 32 KiB; files are touched on blocking threads, so a spool needs a Tokio runtime. Where a
//! signature covers `Content-Length` (Batch), it is made explicit. A body whose length is known is held to it: its last
//! bytes go on once it has ended, so end it (drop the sender of a channel) before you wait for the response. Bodies
//! that the layer passes on are [`SignedBody`]: `Data` is [`bytes::Bytes`], errors of the caller's body pass as they are.
//!
//! # Replay
//!
//! A retry sends a clone of the request, and a stream cannot be cloned. [`ReplayLayer`] stands above the retry and
//! turns any body into a [`ReplayBody`], which can:
//!
//! ```text
//! ReplayLayer --> retry --> SigningLayer --> client
//! ```
//!
//! ```
//! use http::{Request, Response};
//! use tower::retry::{Policy, RetryLayer};
//! use tower_signing::{BoxError, ReplayBody, ReplayLayer};
//!
//! #[derive(Clone)]
//! struct Twice(bool);
//!
//! impl<B, R> Policy<Request<ReplayBody<B>>, Response<R>, BoxError> for Twice {
//!     type Future = std::future::Ready<()>;
//!
//!     fn retry(
//!         &mut self,
//!         request: &mut Request<ReplayBody<B>>,
//!         result: &mut Result<Response<R>, BoxError>,
//!     ) -> Option<Self::Future> {
//!         let is_refused = result.as_ref().is_ok_and(|response| response.status() == 503);
//!         let again = is_refused && !self.0 && request.body().is_replayable();
//!         self.0 = true;
//!         again.then(|| std::future::ready(()))
//!     }
//!
//!     fn clone_request(&mut self, request: &Request<ReplayBody<B>>) -> Option<Request<ReplayBody<B>>> {
//!         request.body().is_replayable().then(|| request.clone())
//!     }
//! }
//!
//! let layers = tower::ServiceBuilder::new().layer(ReplayLayer::new()).layer(RetryLayer::new(Twice(false)));
//! # let _ = layers;
//! ```
//!
//! The first attempt streams, and what passes is kept: in memory up to
//! [`buffer_limit`](ReplayLayer::buffer_limit), then, if [`spool_limit`](ReplayLayer::spool_limit) allows it, in a
//! temporary file without a name. A later attempt gets what was kept, then the rest as it comes. A body that is longer
//! is sent once: the attempt that reads it goes on, [`is_replayable`](ReplayBody::is_replayable) tells the retry, and
//! another attempt fails with a [`SigningError`] that names the limit.
//!
//! # Why a signature was refused
//!
//! [`DiagnoseLayer`] stands outside of the [`SigningLayer`] and reads what a service says when it refuses a request:
//!
//! ```
//! use tower::ServiceBuilder;
//! use tower_signing::signing_core::diagnose::Diagnosis;
//! use tower_signing::{DiagnoseLayer, SigningLayer};
//!
//! # fn layers(signing: SigningLayer) {
//! let layers = ServiceBuilder::new().layer(DiagnoseLayer::new()).layer(signing);
//! # let _ = layers;
//! # }
//!
//! fn why<B>(response: &http::Response<B>) -> Option<&Diagnosis> {
//!     response.extensions().get()
//! }
//! ```
//!
//! It compares that with what was signed: the service's own canonical request or string to sign where it shows them,
//! its codes and clock everywhere. The causes, each with a remedy, are in the
//! [`Diagnosis`](signing_core::diagnose::Diagnosis); one sentence is in the log.
//!
//! # Rotation
//!
//! A thread of its own watches the directories of the file and of every file it refers to, through every
//! symbolic link (Kubernetes' `..data` among them), and polls beside that. What two reads 100 ms apart agree
//! on is parsed, checked and built; if all of it is right, it is swapped in at once. If anything is wrong, the
//! last good generation stays, and a `tracing` event says why, once. [`SignerStore`] tells the generation,
//! and replaces it from code.
//!
//! # Errors
//!
//! The error is [`BoxError`], as in tower. Its leaf is [`SigningError`] if the request was not sent, or was broken off
//! because its body is not as long as its head says:
//!
//! ```
//! use tower_signing::{BoxError, SigningError, SigningErrorKind};
//!
//! fn is_misrouted(error: &BoxError) -> bool {
//!     error.downcast_ref::<SigningError>().is_some_and(|error| error.kind() == SigningErrorKind::Route)
//! }
//! ```
//!
//! # Features
//!
//! - `watch` (default): [`SigningLayer::from_file`] and rotation. Without it, [`Signers::from_file`] reads once.
//! - `config` (default): [`SigningLayer::from_config`], for applications that load their settings with the
//!   `config` crate.
//! - `aws`, `azure`, `cybersource`, `token` (default): the families of methods.

mod body;
mod config;
mod diagnose;
mod error;
mod future;
mod layer;
mod left;
mod options;
mod plan;
mod replay;
#[cfg(feature = "watch")]
mod rotate;
mod scope;
mod select;
mod service;
mod signers;
mod store;
mod url;
#[cfg(feature = "watch")]
mod watch;

pub use body::SignedBody;
pub use config::{
    ConfigError, ConfigFault, ConfigReport, ParamClass, ParamReport, SectionReport, SectionRole, SignsAt,
    ValueSource, read_value,
};
pub use diagnose::{DiagnoseBody, DiagnoseFuture, DiagnoseLayer, DiagnoseService};
pub use error::{BoxError, SigningError, SigningErrorKind};
pub use future::ResponseFuture;
pub use layer::{SigningLayer, SigningLayerBuilder};
pub use left::SigningRecord;
pub use options::SigningOptions;
pub use replay::{ReplayBody, ReplayLayer, ReplayService};
pub use scope::{Match, MatchError};
pub use select::Destination;
pub use service::SigningService;
pub use signers::{SectionConflict, Signers};
pub use store::{Generation, SignerStore};

#[doc(no_inline)]
pub use signing_core;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
