//! What signing costs on the wire: each client with the layer, beside the same client whose requests bear the same
//! headers as constants.
//!
//! `cargo bench --bench throughput` prints, per case and client, the median speeds, and the median of their ratios with
//! its quartiles. The contenders take turns within each round, so a machine whose speed drifts slows them alike. The
//! clients share one thread, and the server has another. A hash is work that constant headers do not have; the last
//! column is the ratio if it were all that signing adds.

mod case;
#[path = "../../tests/chunked/decoder.rs"]
mod decoder;
mod sender;
mod server;
mod verify;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use tokio::runtime::{Builder, Runtime};

use case::Case;
use sender::{Headers, Sender};
use server::Server;

const ROUNDS: usize = 31;
/// How long each contender's turn is.
const TURN: Duration = Duration::from_millis(100);

const CLIENTS: [(&str, sender::New); 3] =
    [("hyper", sender::hyper), ("reqwest", sender::reqwest), ("axum", sender::axum)];

fn main() {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let server = Server::start();
    // All are checked before the first is timed.
    let contests = case::all().into_iter().map(|case| {
        let case = Arc::new(case);
        let pairs = CLIENTS.map(|(name, new)| Pair::new(&runtime, &server, &case, name, new));
        (case, pairs)
    });
    let contests: Vec<_> = contests.collect();
    println!(
        "{:30} {:8} {:>12} {:>12} {:>12} {:>12}  {:22} {:>10}",
        "case",
        "client",
        "signed /s",
        "constant /s",
        "signed MiB/s",
        "const MiB/s",
        "signed/constant",
        "hash alone"
    );
    for (case, mut pairs) in contests {
        for round in 0..=ROUNDS {
            for at in 0..pairs.len() {
                let turn = (round + at) % pairs.len();
                // The first round warms up.
                pairs[turn].run(&runtime, &case, round % 2 == 0, round > 0);
            }
        }
        for pair in pairs {
            pair.print(&case);
        }
    }
}

/// One client, signed and with constant headers.
struct Pair {
    client: &'static str,
    signed: Sender,
    constant: Sender,
    rounds: Vec<Round>,
}

/// Requests for each second, and seconds for the hash of one body.
struct Round {
    signed: f64,
    constant: f64,
    hash: f64,
}

impl Pair {
    /// Checks one request of each, too.
    fn new(
        runtime: &Runtime,
        server: &Server,
        case: &Arc<Case>,
        client: &'static str,
        new: sender::New,
    ) -> Self {
        let at = format!("{}, {client}", case.name);
        let signed = new(case, server.address, Headers::Signed(case.layer()));
        let seen = server.record(runtime, signed());
        verify::signed(case, &seen).unwrap_or_else(|reason| panic!("{at}: {reason}"));

        let constant = new(case, server.address, Headers::Constant(verify::added(&seen.head)));
        let beside = server.record(runtime, constant());
        assert!(beside.body == case.body, "{at}: the constant one has another body");
        assert_eq!(seen.head_length(), beside.head_length(), "{at}: the heads differ in length");
        Self { client, signed, constant, rounds: Vec::new() }
    }

    fn run(&mut self, runtime: &Runtime, case: &Case, signed_first: bool, counts: bool) {
        let rate = |sender| runtime.block_on(rate(sender, case.in_flight));
        let (signed, constant) = if signed_first {
            let signed = rate(&self.signed);
            (signed, rate(&self.constant))
        } else {
            let constant = rate(&self.constant);
            (rate(&self.signed), constant)
        };
        let start = Instant::now();
        black_box(Sha256::digest(&case.body));
        let hash = start.elapsed().as_secs_f64();
        if counts {
            self.rounds.push(Round { signed, constant, hash });
        }
    }

    fn print(&self, case: &Case) {
        let quartiles = |value: fn(&Round) -> f64| {
            let mut values: Vec<_> = self.rounds.iter().map(value).collect();
            values.sort_by(f64::total_cmp);
            [1, 2, 3].map(|quarter| values[values.len() * quarter / 4])
        };
        let [_, signed, _] = quartiles(|round| round.signed);
        let [_, constant, _] = quartiles(|round| round.constant);
        let [lower, ratio, upper] = quartiles(|round| round.signed / round.constant);
        let [_, hash, _] = quartiles(|round| 1.0 / (1.0 + round.constant * round.hash));
        let mib = case.body.len() as f64 / f64::from(1 << 20);
        let ratio = format!("{ratio:.3} ({lower:.3}-{upper:.3})");
        let hash = if case.is_large_and_hashed() { format!("{hash:.3}") } else { "-".into() };
        println!(
            "{:30} {:8} {signed:12.0} {constant:12.0} {:12.1} {:12.1}  {ratio:22} {hash:>10}",
            case.name,
            self.client,
            signed * mib,
            constant * mib
        );
    }
}

/// Requests for each second, with so many under way at once.
async fn rate(sender: &Sender, in_flight: usize) -> f64 {
    let start = Instant::now();
    let workers = (0..in_flight).map(|_| {
        let sender = Arc::clone(sender);
        tokio::spawn(async move {
            let mut requests = 0;
            while start.elapsed() < TURN {
                sender().await.expect("an answer");
                requests += 1;
            }
            requests
        })
    });
    let mut requests = 0;
    for worker in workers.collect::<Vec<_>>() {
        requests += worker.await.expect("a worker that ends");
    }
    f64::from(requests) / start.elapsed().as_secs_f64()
}
