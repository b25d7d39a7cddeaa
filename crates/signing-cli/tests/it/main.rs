//! The contract of the command `signing`, through the binary itself.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod check;
mod command;
mod diagnose;
mod diagnose_input;
mod diagnose_secrets;
mod explain;
mod flags;
mod help;
mod presign;
mod proxy;
mod proxy_admin;
mod proxy_arguments;
mod proxy_diagnose;
mod proxy_forward;
mod proxy_guard;
mod proxy_limits;
mod proxy_rotation;
#[cfg(unix)]
mod proxy_shutdown;
#[cfg(unix)]
mod proxy_unix;
mod readme;
mod send;
mod send_diagnose;
mod send_faults;
mod send_redirects;
mod send_streams;
mod server;
mod sign_auth;
mod sign_errors;
mod sign_lines;
mod sign_stream;
mod signed;
mod upstream;
