//! Requests that are right but for one fault, refused by servers that verify signatures or by oracles that recompute what
//! a service signs; the first cause that is told has to be the one that was injected.
//!
//! `cargo test --test faults -- --nocapture` prints the table. Faults for servers are run where `tests/servers/run.sh` has
//! started these; elsewhere the table says that they were not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod aws;
mod azure;
mod base;
mod case;
mod cybersource;
mod leaks;
mod oracle;
#[path = "../servers/server.rs"]
mod server;
mod servers;
#[path = "../support/shared_key.rs"]
mod shared_key;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod token;

use case::Group;
use table::Table;

#[test]
fn the_first_cause_is_the_one_that_was_injected() {
    let groups = [aws::groups(), azure::groups(), cybersource::groups(), token::groups(), servers::groups()];
    let rows = groups.iter().flatten().flat_map(Group::run).collect();
    let table = Table(rows);
    table.print();
    assert_eq!(table.leaks(), 0, "a diagnosis shows a secret");
    assert!(table.told().run >= 60, "too few faults were run");
    assert!(table.told().is_at_least(95), "too many causes are wrong");
    assert!(table.untold().is_at_least(95), "too much is told that is not known");
}
