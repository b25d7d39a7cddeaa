//! Several tasks that send to all services without a pause.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::task::{JoinError, JoinSet};
use tower_signing::{BoxError, SignedBody, SigningService};

use crate::requests::{Answer, Body, Kind, send};
use crate::servers::Server;
use crate::services::OLD;

/// A hyper client whose requests are signed.
pub(crate) type SigningClient = SigningService<Client<HttpConnector, SignedBody<Body>>>;

const TASKS_PER_KIND: usize = 2;

/// The tasks, until they are stopped.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    tasks: JoinSet<Tally>,
}

/// What became of the requests.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) with_old_keys: u64,
    pub(crate) with_new_keys: u64,
    pub(crate) failed: u64,
    pub(crate) first_failure: Option<String>,
}

impl Load {
    pub(crate) fn start(client: &SigningClient, servers: &Arc<[Server]>) -> Self {
        let stop = Arc::default();
        let mut tasks = JoinSet::new();
        for kind in Kind::ALL {
            for _ in 0..TASKS_PER_KIND {
                tasks.spawn(keep_sending(kind, client.clone(), Arc::clone(servers), Arc::clone(&stop)));
            }
        }
        Self { stop, tasks }
    }

    /// Lets every task finish its round.
    pub(crate) async fn stop(mut self) -> Result<Tally, JoinError> {
        self.stop.store(true, Relaxed);
        let mut total = Tally::default();
        while let Some(tally) = self.tasks.join_next().await {
            total.add(tally?);
        }
        Ok(total)
    }
}

async fn keep_sending(
    kind: Kind,
    client: SigningClient,
    servers: Arc<[Server]>,
    stop: Arc<AtomicBool>,
) -> Tally {
    let mut tally = Tally::default();
    while !stop.load(Relaxed) {
        for server in &*servers {
            match send_and_check(kind, &client, server).await {
                Ok(OLD) => tally.with_old_keys += 1,
                Ok(_) => tally.with_new_keys += 1,
                Err(error) => tally.fail(format!("{}: {error}", server.service.method)),
            }
        }
    }
    tally
}

/// The generation of the keys that the request was signed with. It must have been in use while the request
/// was under way: not replaced before, and not put in place after.
async fn send_and_check(kind: Kind, client: &SigningClient, server: &Server) -> Result<u64, BoxError> {
    let earliest = client.store().generation().number;
    let answer = send(client.clone(), kind.request(server)?).await?;
    let latest = client.store().generation().number;
    match answer {
        Answer::Verified { generation } if (earliest..=latest).contains(&generation) => Ok(generation),
        Answer::Verified { .. } => Err("signed with keys that were not in use".into()),
        Answer::Refused { reason } => Err(reason.into()),
    }
}

impl Tally {
    pub(crate) fn sent(&self) -> u64 {
        self.with_old_keys + self.with_new_keys + self.failed
    }

    fn fail(&mut self, reason: String) {
        self.failed += 1;
        self.first_failure.get_or_insert(reason);
    }

    fn add(&mut self, other: Self) {
        self.with_old_keys += other.with_old_keys;
        self.with_new_keys += other.with_new_keys;
        self.failed += other.failed;
        self.first_failure = self.first_failure.take().or(other.first_failure);
    }
}
