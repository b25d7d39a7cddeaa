//! Six services, one config file, one line in the client, and new keys while requests are under way.
//!
//! ```text
//! auth.conf ──► SigningLayer ──► hyper client ──► six servers, each of which verifies one method
//!     ▲
//!     └─ rewritten with new keys while the client is busy
//! ```
//!
//! Start it with `cargo run --example quickstart`. It needs no network and ends by itself. The servers verify
//! with code that is not this project's (see `verify`), and show that they can refuse: some requests are
//! changed after they were signed. The exit status is 0 only if every request was verified that should be,
//! every changed one was refused, and none failed while the keys were replaced.

mod config;
mod load;
mod requests;
mod servers;
mod services;
mod table;
mod tamper;
mod verify;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};
use tower::ServiceBuilder;
use tower_signing::{BoxError, SigningLayer};

use crate::load::{Load, SigningClient};
use crate::requests::{Kind, send};
use crate::servers::Server;
use crate::services::{NEW, OLD};
use crate::table::{Expected, Table};

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let servers: Arc<[Server]> = servers::start().await?.into();
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("auth.conf");
    config::write(&path, &servers, OLD)?;

    // This is all that a client needs: the layer, as the last one before the wire.
    let layer = SigningLayer::from_file(&path)?;
    let client = ServiceBuilder::new().layer(layer.clone()).service(requests::hyper_client());

    let verified = try_every_method(&layer, &client, &servers).await?;
    let rotated = rotate_under_load(&layer, &client, &servers, &path).await?;
    Ok(if verified && rotated { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Sends each kind of request to each service, and some that are changed on the way. Prints the answers and
/// returns whether they are the right ones.
async fn try_every_method(
    layer: &SigningLayer,
    client: &SigningClient,
    servers: &[Server],
) -> Result<bool, BoxError> {
    let mut table = Table::default();
    for server in servers {
        for kind in Kind::ALL {
            let answer = send(client.clone(), kind.request(server)?).await?;
            table.push(server.service, kind.describe(), answer, Expected::Verified);
        }
        for tampering in server.service.tampering {
            let tampered_client = ServiceBuilder::new()
                .layer(layer.clone())
                .map_request(|request| tampering.apply(request))
                .service(requests::hyper_client());
            let answer = send(tampered_client, Kind::Post.request(server)?).await?;
            table.push(server.service, &tampering.describe(), answer, Expected::Refused);
        }
    }
    println!("{table}");
    Ok(table.is_as_expected())
}

/// How long the client is busy before the keys are replaced, and how long with the new ones.
const BEFORE: Duration = Duration::from_millis(500);
const AFTER: Duration = Duration::from_millis(1_500);
/// New keys are in use after 0.2 s. A machine that is busy with other things is given more time.
const PATIENCE: Duration = Duration::from_secs(10);

/// Rewrites the config file while several tasks send to all services. Prints what became of the requests and
/// returns whether all is well.
async fn rotate_under_load(
    layer: &SigningLayer,
    client: &SigningClient,
    servers: &Arc<[Server]>,
    path: &Path,
) -> Result<bool, BoxError> {
    let mut generations = layer.store().subscribe();
    let load = Load::start(client, servers);
    sleep(BEFORE).await;

    config::write(path, servers, NEW)?;
    let rewritten = Instant::now();
    let deadline = rewritten + PATIENCE;
    timeout_at(deadline, generations.changed()).await.map_err(|_| "the new keys were not noticed")??;
    let delay = rewritten.elapsed().as_secs_f64();
    sleep(AFTER).await;
    let seen = timeout_at(deadline, servers::seen_everywhere(servers, NEW)).await.is_ok();

    let tally = load.stop().await?;
    println!("rotation: generation {OLD} -> {} after {delay:.1} s", layer.store().generation().number);
    println!(
        "          {} requests during the rotation, {} failed; {} with the old keys, {} with the new ones",
        tally.sent(),
        tally.failed,
        tally.with_old_keys,
        tally.with_new_keys,
    );
    if let Some(failure) = &tally.first_failure {
        println!("          the first failure: {failure}");
    }
    if !seen {
        println!("          not every server has seen the new keys");
    }
    let [old, new, refused] = servers::totals(servers);
    println!(
        "servers:  {old} requests verified with the old keys, {new} with the new ones, {refused} refused"
    );
    Ok(tally.failed == 0 && seen)
}
