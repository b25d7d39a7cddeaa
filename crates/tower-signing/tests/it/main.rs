//! What a user of the crate relies on, through its public API.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod body;
mod config;
mod diagnose;
mod hostile_urls;
mod ladder;
mod options;
mod replay;
mod service;
mod spool;
mod timers;

use std::time::{Duration, UNIX_EPOCH};

use signing_core::{AuthParams, Registry, Signer};
use tower_signing::{SigningLayer, SigningLayerBuilder};

fn signer(params: &[(&str, &str)]) -> Signer {
    let params: AuthParams = params.iter().copied().collect();
    Registry::new().signer(&params).unwrap()
}

const AWS: &[(&str, &str)] =
    &[("Method", "aws-signature-v4"), ("AccessKeyId", "AKIDEXAMPLE"), ("SecretAccessKey", "secret")];

/// A layer at 2024-02-29T12:34:56Z.
fn builder() -> SigningLayerBuilder {
    SigningLayer::builder().clock(|| UNIX_EPOCH + Duration::from_secs(1_709_210_096))
}
