//! The contract of the command `signing`, through the binary itself.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod check;
mod command;
mod explain;
mod presign;
mod sign_auth;
mod sign_errors;
mod sign_lines;
mod sign_stream;
