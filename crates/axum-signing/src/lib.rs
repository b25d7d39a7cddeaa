//! Signed outbound HTTP for axum and hyper servers: [`SignedClient`], for handlers that call out, and
//! [`SigningProxy`], a service that signs what it forwards.
//!
//! # A client for handlers
//!
//! A [`SignedClient`] is state of a router, and an argument of its handlers. Its type names no stack: any Tower service
//! can stand [below](SignedClient::new).
//!
//! ```no_run
//! # #[cfg(all(feature = "json", feature = "rustls"))]
//! # fn app(params: tower_signing::signing_core::AuthParams) -> Result<axum::Router, tower_signing::BoxError> {
//! use axum::Router;
//! use axum::routing::get;
//! use axum_signing::{ClientError, SignedClient};
//! use tower_signing::SigningLayer;
//! # use tower_signing::signing_core::Registry;
//!
//! async fn stock(client: SignedClient) -> Result<String, ClientError> {
//!     let order = [("item", "lamp")];
//!     let left: u32 = client.post("https://api.example.com/stock").json(&order).receive_json().await?;
//!     Ok(format!("{left} lamps"))
//! }
//!
//! // Or `from_file("auth.conf")`, with the feature `watch` of tower-signing.
//! let layer = SigningLayer::new(Registry::new().signer(&params)?);
//! let app = Router::new().route("/stock", get(stock)).with_state(SignedClient::over_http(layer));
//! # Ok(app)
//! # }
//! ```
//!
//! - [`call`](SignedClient::call) sends any [`http::Request`] and passes any response; both bodies stream.
//! - [`send`](RequestBuilder::send), [`receive_bytes`](RequestBuilder::receive_bytes) and `receive_json` take a status
//!   other than 2xx as an error, with the first 4 KiB of what the server said. A [`ClientError`] that a handler returns is
//!   a 500, 502 or 504.
//! - A request takes no longer than the [timeout](SignedClient::timeout), and no more is held of a response than the
//!   [limit](SignedClient::response_limit).
//! - Keys rotate below: by the file, or by [`SigningLayer::store`](tower_signing::SigningLayer::store). What one request
//!   says for itself ([`SigningOptions`](tower_signing::SigningOptions)) is an [extension](RequestBuilder::extension).
//!
//! # Where the layer belongs
//!
//! Innermost in the stack that is given to [`SignedClient::new`], right above the HTTP client:
//!
//! ```text
//! SignedClient --> timeout --> decompression --> redirects --> retry --> SigningLayer --> HttpClient
//! ```
//!
//! A retry or a redirect above it is signed anew, for its own URL. What stands below must change neither URL nor headers
//! nor body: default headers, tracing headers, authentication and compression belong above. `HttpClient` follows no
//! redirects, decompresses nothing, and adds `Host` as it was signed. A server's own proxy that rewrites `Host` or paths
//! breaks signatures; a tunnel does not.
//!
//! # Features
//!
//! None is on by default; tower-signing has features of its own.
//!
//! - `rustls`: `HttpClient` and `SignedClient::over_http`: HTTP/1.1 and HTTP/2 over TCP or TLS, with ring and the system's
//!   certificates.
//! - `json`: `RequestBuilder::json` and `receive_json`.
//!
//! # A proxy
//!
//! Any HTTP client that reaches a [`SigningProxy`] gets its requests signed: it talks to the proxy as if it were the
//! service, and needs no credentials. The proxy is a Tower service that never fails, so a hyper server takes it, and so does
//! axum's `Router::nest_service` or `fallback_service`.
//!
//! ```no_run
//! use axum_signing::{ProgressLayer, SigningProxy};
//! use hyper_util::client::legacy::Client;
//! use hyper_util::rt::{TokioExecutor, TokioIo};
//! use hyper_util::server::conn::auto;
//! use hyper_util::service::TowerToHyperService;
//! use tower::ServiceBuilder;
//! # use tower_signing::signing_core::{AuthParams, Registry};
//!
//! # async fn run(params: AuthParams) -> Result<(), tower_signing::BoxError> {
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//! let builder = SigningProxy::builder("http://minio.internal:9000")?.listen_addresses([listener.local_addr()?])?;
//!
//! // Or `from_file("auth.conf")`, with the feature `watch` of tower-signing.
//! let layer = builder.layer().signers(Registry::new().signer(&params)?);
//! let client = Client::builder(TokioExecutor::new()).build_http();
//! let proxy = builder.build(ServiceBuilder::new().layer(layer).layer(ProgressLayer::new()).service(client));
//!
//! loop {
//!     let (stream, _) = listener.accept().await?;
//!     let service = TowerToHyperService::new(proxy.clone());
//!     tokio::spawn(async move {
//!         auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await
//!     });
//! }
//! # }
//! ```
//!
//! The client below is any service for a [`Request<UploadBody<B>>`](UploadBody) whose error is a
//! [`BoxError`](tower_signing::BoxError), or becomes one: a [`SigningLayer`](tower_signing::SigningLayer) around
//! hyper-util's client with the TLS of your choice. Take the layer from [`SigningProxyBuilder::layer`]: it is
//! bound to the base URL, so that no signer signs for anything else. Methods, files and rotation are features of
//! tower-signing, which the application depends on itself.
//!
//! In a router, `B` is axum's body:
//!
//! ```
//! use axum::Router;
//! use axum_signing::{ProgressLayer, SigningProxy};
//! use hyper_util::client::legacy::Client;
//! use hyper_util::rt::TokioExecutor;
//! use tower::ServiceBuilder;
//! # use tower_signing::signing_core::{AuthParams, Registry};
//!
//! # fn app(params: AuthParams) -> Result<Router, tower_signing::BoxError> {
//! let builder = SigningProxy::builder("http://minio.internal:9000/bucket")?.allow_host("app.example")?;
//! let layer = builder.layer().signers(Registry::new().signer(&params)?);
//! let client = Client::builder(TokioExecutor::new()).build_http();
//! let proxy = builder.build(ServiceBuilder::new().layer(layer).layer(ProgressLayer::new()).service(client));
//! let app = Router::new().nest_service("/s3", proxy);
//! # Ok(app)
//! # }
//! ```
//!
//! # Who is answered
//!
//! A proxy that signs for whoever reaches it is an oracle. A page in a browser on the same machine reaches it, under
//! any host name that its owner has resolved to 127.0.0.1. So, before anything else and for every method:
//!
//! - `Host`, and `:authority` or the authority of an absolute URL, must be a
//!   [listen address](SigningProxyBuilder::listen_addresses), `localhost`, or an
//!   [allowed host](SigningProxyBuilder::allow_host): 421 otherwise; 400 if it is missing or repeated, or for a URL
//!   of another host over HTTP/1.
//! - Any `Origin`, `null` included, and any `Sec-Fetch-Site` but `none` is 403, unless the origin is
//!   [allowed](SigningProxyBuilder::allow_origin). A `same-origin` without `Origin` is judged by the origin that
//!   `Host` makes.
//! - `CONNECT`, `*`, and all else that is no path is 400.
//!
//! Browsers send `Sec-Fetch-Site` only to https and to this machine. Behind a plain http listener at a wider
//! address, a page cannot read an answer but can cause a GET: listen on loopback, or ask for more above.
//! Programs on this machine are trusted; a Unix socket narrows them to those who may open it.
//!
//! # What is sent
//!
//! The target is the base URL with the received path and query behind it, as they are. Nothing is resolved:
//! `//other.example/x` is a path. Under a base path, a dot segment in any spelling is 400: raw, encoded, between
//! encoded slashes, behind a backslash, before a `;`. So is a presigned query anywhere.
//!
//! | header of the request | |
//! | --- | --- |
//! | `Connection` and what it names, `Keep-Alive`, `Proxy-*`, `Transfer-Encoding`, `Upgrade`, `HTTP2-Settings` | not sent |
//! | `TE` | `trailers` only |
//! | `Trailer` | sent with a body of unknown length; over HTTP/1.1 hyper sends only trailers that it names |
//! | `Host` | that of the base URL |
//! | `Authorization`, `Date`, `Digest`, `Signature`, `Signature-Input`, `ocp-date`, `v-c-date`, `v-c-merchant-id`, `x-amz-content-sha256`, `x-amz-date`, `x-amz-s3session-token`, `x-amz-security-token`, `x-ms-date` | not sent: they are the signer's to set |
//! | those [named](SigningProxyBuilder::strip_header) to the builder | not sent |
//! | `Via`, `Forwarded`, `X-Forwarded-*`, `X-Real-IP` | neither sent nor added: the proxy speaks in its own name, and what the next proxy changes cannot be signed |
//! | `Expect: 100-continue` | met by the server when the body is asked for; any other is 417 |
//! | `Content-Length` | as it was, and the body is held to it; two of them, or a wrong one, are 400 |
//! | `Cookie`, several over HTTP/2 | one |
//!
//! The checks look at the request before anything is stripped, and stripping comes before signing, so `Connection:
//! authorization, host` changes nothing. The extensions of a request, which choose signers below, are dropped: no
//! request says how it is signed. An `aws-chunked` body is 400, since it holds a client's own signatures; a
//! transfer coding other than `chunked` is 501. What a client wants upgraded is not: it gets an ordinary response.
//!
//! Trailers lose the same headers. A header that a signer alone knows, such as that of a token, has to be named to
//! the builder: the layer replaces it among the headers, and does not see the trailers. Responses lose what was for their connection; interim ones (1xx) are not passed
//! on. Redirects are: the client follows them, to the proxy or, if they are absolute, past it.
//!
//! # Bodies
//!
//! Both directions stream, over HTTP/1.1 and HTTP/2 on either side, and nothing is held here; a signature that
//! covers the body makes the layer below hold it up to its limit; [`ProgressLayer`] tells that the copy moves then. What breaks off on one side breaks off on the
//! other: half a body never looks whole. Over HTTP/2 that takes a body which tells its end by `is_end_stream`, or
//! has a `Content-Length`, since hyper ends a body silently when a client resets its stream with `NO_ERROR`; a
//! wrapper around a request's body must pass it on. When a client goes away, the server drops the future or the
//! body, and the request upstream ends.
//!
//! # What the proxy answers by itself
//!
//! One sentence of text, escaped, without queries of URLs and without secrets:
//!
//! | [`FailureKind`] | status |
//! | --- | --- |
//! | `Host` | 421 |
//! | `Origin` | 403 |
//! | `Request` | 400; 413 a body above the [limit](SigningProxyBuilder::body_limit); 414 too long with its base; 417 expectation; 501 transfer coding |
//! | `Signing` | 400 the request's URL or headers; 413 a body too large to hold; 503 expired credentials, no space for a body; 500 the configuration |
//! | `Upload` | 400 the body broke off; 408 nothing came of it for the [idle time](SigningProxyBuilder::idle_timeout) |
//! | `Upstream` | 502 |
//! | `Timeout` | 504 the upstream kept still for the idle time |
//! | `Download`, `Canceled` | none: the response has begun, or nobody is there |
//!
//! # Records
//!
//! [`SigningProxy::metrics`] counts. For each request there is one `tracing` event at level info with target
//! `axum_signing::access`: method, path, status, duration, bytes, and why it failed; neither query nor headers.
//!
//! # What it leaves to others
//!
//! The server limits connections, the size of heads and the time to send one. The client below has the connect timeout; the idle time ends what
//! it would wait for ever. The future needs a Tokio runtime with its timer.

mod client;
mod proxy;

pub use client::{ClientError, ClientErrorKind, RequestBuilder, SignedClient};
#[cfg(feature = "rustls")]
pub use client::{HttpClient, HttpClientBuilder, RootsError};
pub use proxy::{
    DownloadBody, FailureKind, ProgressBody, ProgressLayer, ProgressService, ProxyConfigError, ProxyMetrics,
    ResponseFuture, SigningProxy, SigningProxyBuilder, UploadBody,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
