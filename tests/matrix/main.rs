//! Every client with every method and every kind of body, against a server that verifies each signature by itself.
//!
//! `cargo test --test matrix -- --nocapture` prints one table per method. The command takes part where `SIGNING_BIN`
//! names it. The columns are the kinds of bodies ([`Kind`]). In a table:
//!
//! - `ok`: the server took the signature and got the whole body, and refused the same with another secret;
//! - `no`: the body is too long to be hashed or measured first; the client said so, and sent nothing;
//! - `-`: there is no such request, for the reason below the tables.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod aws;
mod client;
mod custom;
#[path = "../chunked/decoder.rs"]
mod decoder;
mod kind;
mod scheme;
mod server;
#[path = "../support/mod.rs"]
mod support;
mod task;
mod verify;

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;

use futures_util::future::join_all;
use tower_signing::BoxError;

use client::{Answer, Client, clients};
use kind::{BUFFER_LIMIT, Kind};
use scheme::{Scheme, schemes};
use server::Server;
use task::Task;

enum Cell {
    /// Taken, and refused with another secret.
    Taken,
    /// Not sent, as it must be.
    Unsent,
    /// Why there is no such request.
    Absent(&'static str),
    Failed(String),
}

impl Cell {
    fn mark(&self) -> &'static str {
        match self {
            Self::Taken => "ok",
            Self::Unsent => "no",
            Self::Absent(_) => "-",
            Self::Failed(_) => "FAIL",
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_client_signs_every_body_by_every_method() {
    let clients = clients();
    let (mut taken, mut unsent, mut reasons, mut failures) = (0, 0, BTreeSet::new(), Vec::new());
    for scheme in schemes().map(Arc::new) {
        let rows = join_all(clients.iter().map(|client| row(&**client, &scheme))).await;
        print_line(&scheme.title, Kind::ALL.map(Kind::name));
        for (client, row) in clients.iter().zip(&rows) {
            print_line(client.name(), row.each_ref().map(Cell::mark));
        }
        println!();
        for cell in rows.into_iter().flatten() {
            match cell {
                Cell::Taken => taken += 1,
                Cell::Unsent => unsent += 1,
                Cell::Absent(reason) => drop(reasons.insert(reason)),
                Cell::Failed(how) => failures.push(how),
            }
        }
    }
    reasons.iter().for_each(|reason| println!("-   {reason}"));
    println!("ok  {taken} taken by the server, and as many refused with another secret");
    println!("no  {unsent} not sent, with the right error");
    assert!(failures.is_empty(), "{} cells are not green:\n{}", failures.len(), failures.join("\n"));
    println!("{} cells, all green", taken + unsent);
}

fn print_line(name: &str, cells: [&str; Kind::ALL.len()]) {
    println!("{name:34}{}", cells.map(|cell| format!("{cell:>11}")).concat());
}

/// All bodies of one client, at a server of its own that nobody else sends to.
async fn row(client: &dyn Client, scheme: &Arc<Scheme>) -> [Cell; Kind::ALL.len()] {
    let server = Server::start(Arc::clone(scheme)).await;
    let mut row = Kind::ALL.map(|_| Cell::Absent(""));
    for (cell, kind) in row.iter_mut().zip(Kind::ALL) {
        *cell = match client.lacks(scheme, kind) {
            Some(reason) => Cell::Absent(reason),
            None => check(client, scheme, kind, &server).await.unwrap_or_else(|how| {
                Cell::Failed(format!("{}, {}, {}: {how}", scheme.title, client.name(), kind.name()))
            }),
        };
    }
    row
}

async fn check(client: &dyn Client, scheme: &Scheme, kind: Kind, server: &Server) -> Result<Cell, String> {
    let task = Task::new(scheme, kind, &server.endpoint);
    let before = server.arrived();
    let sent = client.send(&task).await;
    let arrived = server.arrived() - before;
    if let Some(why) =
        scheme.reads_first(kind).filter(|_| !(kind == Kind::LongSized && client.reads_files_twice()))
    {
        let expected = format!(
            "the body is a stream of more than {BUFFER_LIMIT} bytes, the limit for what is held to be {why} (`buffer_limit`)"
        );
        return match sent.map_err(|error| text(&error)) {
            Err(text) if text.contains(&expected) && arrived == 0 => Ok(Cell::Unsent),
            Err(text) => Err(format!("another error, or {arrived} requests arrived: {text}")),
            Ok(answer) => Err(format!("sent: {}", answer.status)),
        };
    }
    let Answer { status, digest, sent } = sent.map_err(|error| text(&error))?;
    if status != 200 || arrived != 1 {
        return Err(format!("{status} for {arrived} requests: {}", String::from_utf8_lossy(&digest)));
    }
    if digest != server::digest(&sent) {
        return Err("another body arrived".into());
    }
    let answer = client.send(&task.with_another_secret()).await.map_err(|error| text(&error))?;
    if answer.status != 401 || server.arrived() - before != 2 {
        return Err(format!("with another secret: {}", answer.status));
    }
    Ok(Cell::Taken)
}

/// An error with all its sources.
fn text(error: &BoxError) -> String {
    let first: &dyn Error = &**error;
    let chain = std::iter::successors(Some(first), |&error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
