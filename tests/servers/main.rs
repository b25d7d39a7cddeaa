//! Servers that nobody here wrote verify what the layer signs.
//!
//! `tests/servers/run.sh` installs them, starts them and runs these tests. Without it they are left out, and say so.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;
mod server;
mod uploads;
