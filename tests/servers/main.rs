//! Servers that nobody here wrote verify what the layer and the command sign.
//!
//! `tests/servers/run.sh` installs them, starts them and runs these tests. Without it they are left out, and say so.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod azurite;
mod client;
mod ministack;
mod relay;
mod s3s_fs;
mod sender;
mod server;
#[path = "../support/shared_key.rs"]
mod shared_key;
mod trial;
mod uploads;
