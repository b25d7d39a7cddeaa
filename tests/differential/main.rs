//! Random requests: against the `aws-sigv4` crate, and properties that need no second opinion.
//!
//! The seed is fixed, so a failure comes again. Where the peer differs by design, `peer` says why, by name.

mod against_peer;
mod peer;
mod properties;
mod request;
mod robustness;
mod setup;

use proptest::test_runner::{Config, RngSeed};

/// So many cases, the same ones each time, and no file where failures are kept.
fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(20_240_229), ..Config::default() }
}
