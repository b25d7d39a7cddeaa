//! What a user of the crate relies on, through its public API, over real connections.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bodies;
mod diagnose;
mod failures;
mod redirects;
mod requests;
mod retries;
mod support;
