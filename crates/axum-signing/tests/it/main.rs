//! What a user of the crate relies on, through its public API, over real connections.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(all(feature = "json", feature = "rustls"))]
mod client;
#[cfg(feature = "rustls")]
#[cfg_attr(not(feature = "json"), allow(dead_code, reason = "the tests of `client` need both features"))]
mod client_support;
#[cfg(feature = "rustls")]
mod client_tls;
mod failures;
mod forwarding;
mod guard;
mod records;
mod rotation;
mod streaming;
mod support;
