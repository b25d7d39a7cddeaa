//! The key of each generation, and the thread that swaps them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use signing_core::{AuthParams, Registry, Signer};
use tower_signing::SignerStore;

const INTERVAL: Duration = Duration::from_millis(10);

/// The key of one generation: its id names it, and secret and token are its own.
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: String,
}

impl Key {
    pub(crate) fn of(generation: u64) -> Self {
        Self {
            id: format!("AKID{generation:08}"),
            secret: format!("secret/of+generation{generation:08}"),
            token: format!("token-of-generation-{generation:08}"),
        }
    }
}

pub(crate) fn signer(generation: u64) -> Signer {
    let key = Key::of(generation);
    let params: AuthParams = [
        ("Method", "aws-signature-v4"),
        ("AccessKeyId", &key.id),
        ("SecretAccessKey", &key.secret),
        ("SessionToken", &key.token),
        ("Region", "eu-west-1"),
        ("Service", "s3"),
    ]
    .into_iter()
    .collect();
    Registry::new().signer(&params).unwrap()
}

/// A thread of its own, so that swaps fall anywhere into a request.
pub(crate) struct Rotation {
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<u64>,
}

impl Rotation {
    /// Replaces the signer of generation 1 by the next, and so on.
    pub(crate) fn start(store: SignerStore) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&is_over);
        let thread = thread::spawn(move || {
            let mut generation = 1;
            while !ends.load(Ordering::Relaxed) {
                thread::sleep(INTERVAL);
                generation += 1;
                assert_eq!(store.replace(signer(generation)).number, generation);
            }
            generation
        });
        Self { is_over, thread }
    }

    /// How many generations there were.
    pub(crate) fn stop(self) -> u64 {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}
