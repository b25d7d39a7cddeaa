//! The signers in use, replaced whole while requests run.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use arc_swap::{ArcSwap, Guard};
use tokio::sync::watch;

use crate::Signers;

/// Holds the [`Signers`] in use. Clones share them; readers never wait and never see a mixture.
///
/// ```
/// use signing_core::{AuthParams, Registry};
/// use tower_signing::SignerStore;
///
/// let params = |key: &str| -> AuthParams {
///     [("Method", "aws-signature-v4"), ("AccessKeyId", key), ("SecretAccessKey", "secret")].into_iter().collect()
/// };
/// let store = SignerStore::new(Registry::new().signer(&params("AKIDONE"))?);
/// let rotated = store.replace(Registry::new().signer(&params("AKIDTWO"))?);
/// assert_eq!((rotated.number, store.generation().number), (2, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SignerStore(Arc<Shared>);

struct Shared {
    current: ArcSwap<Current>,
    /// Held while a generation gets its number and is put in place, so that numbers grow with time.
    announce: Mutex<watch::Sender<Generation>>,
}

/// One set of signers and the generation it is.
#[derive(Debug)]
pub(crate) struct Current {
    pub(crate) signers: Signers,
    pub(crate) generation: Generation,
}

/// Which set of signers is in use, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Generation {
    /// Begins at 1 and grows by 1 with each replacement.
    pub number: u64,
    /// When it was put in place.
    pub since: SystemTime,
}

impl SignerStore {
    /// The first generation.
    pub fn new(signers: impl Into<Signers>) -> Self {
        let generation = Generation { number: 1, since: SystemTime::now() };
        let current = Current { signers: signers.into(), generation };
        Self(Arc::new(Shared {
            current: ArcSwap::from_pointee(current),
            announce: Mutex::new(watch::Sender::new(generation)),
        }))
    }

    /// Puts `signers` in the place of those in use and returns their generation.
    ///
    /// Requests that were begun finish with the old ones; those begun from now on use the new ones.
    pub fn replace(&self, signers: impl Into<Signers>) -> Generation {
        let signers = signers.into();
        let announce = self.0.announce.lock().unwrap_or_else(PoisonError::into_inner);
        let number = self.0.current.load().generation.number + 1;
        let generation = Generation { number, since: SystemTime::now() };
        self.0.current.store(Arc::new(Current { signers, generation }));
        announce.send_replace(generation);
        // Whoever listens to the event may ask the store.
        drop(announce);
        tracing::info!(generation = number, "signing credentials replaced");
        generation
    }

    /// The generation in use.
    pub fn generation(&self) -> Generation {
        self.0.current.load().generation
    }

    /// Tells of each new generation. A receiver that is slow sees the newest one only.
    pub fn subscribe(&self) -> watch::Receiver<Generation> {
        self.0.announce.lock().unwrap_or_else(PoisonError::into_inner).subscribe()
    }

    /// One snapshot, to be used for a whole request, but not to be kept across an await.
    pub(crate) fn load(&self) -> Guard<Arc<Current>> {
        self.0.current.load()
    }
}

impl fmt::Debug for SignerStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignerStore").field("generation", &self.generation()).finish_non_exhaustive()
    }
}
