//! What goes on over one connection.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use http::Version;
use tokio::time::Instant;

/// Counts the requests of one connection, and notes who moved last.
#[derive(Debug)]
pub(super) struct Activity {
    state: Mutex<State>,
    /// How many requests of all connections are in flight.
    total: Arc<AtomicUsize>,
}

#[derive(Clone, Copy, Debug)]
struct State {
    in_flight: usize,
    /// Requests for which the client waits, not the upstream.
    waiting_for_upstream: usize,
    /// The client takes nothing at the moment.
    is_writing: bool,
    is_http2: bool,
    moved_at: Instant,
}

impl Activity {
    /// That of a connection which was accepted just now.
    pub(super) fn new(total: Arc<AtomicUsize>) -> Arc<Self> {
        let state = State {
            in_flight: 0,
            waiting_for_upstream: 0,
            is_writing: false,
            is_http2: false,
            moved_at: Instant::now(),
        };
        Arc::new(Self { state: Mutex::new(state), total })
    }

    /// A request came. It lasts until what is returned is dropped.
    pub(super) fn begin(self: &Arc<Self>, version: Version) -> InFlight {
        self.total.fetch_add(1, Relaxed);
        self.update(|state| {
            state.in_flight += 1;
            state.is_http2 = version == Version::HTTP_2;
        });
        InFlight(Arc::clone(self))
    }

    /// Something is written, or cannot be.
    pub(super) fn set_writing(&self, is_writing: bool) {
        self.update(|state| state.is_writing = is_writing);
    }

    /// Since when there has been nothing to answer or to send, if there is nothing.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        let state = self.state();
        (state.in_flight == 0 && !state.is_writing).then_some(state.moved_at)
    }

    /// Since when the client has taken nothing of its answers, if it is the client that all wait for.
    pub(super) fn stuck_since(&self) -> Option<Instant> {
        let state = self.state();
        (state.in_flight > 0 && state.waiting_for_upstream == 0).then_some(state.moved_at)
    }

    pub(super) fn is_http2(&self) -> bool {
        self.state().is_http2
    }

    fn state(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Each change is a movement.
    fn update(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        state.moved_at = Instant::now();
    }
}

/// One request, until the last byte of its answer is with the system.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Activity>);

impl InFlight {
    /// Bytes of the answer were taken.
    pub(super) fn moved(&self) {
        self.0.update(|_| {});
    }

    /// From now until what is returned is dropped, the upstream is to move.
    pub(super) fn wait_for_upstream(&self) -> Waiting {
        self.0.update(|state| state.waiting_for_upstream += 1);
        Waiting(Arc::clone(&self.0))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.update(|state| state.in_flight -= 1);
        self.0.total.fetch_sub(1, Relaxed);
    }
}

/// The upstream has its own time to move, which the proxy measures.
#[derive(Debug)]
pub(super) struct Waiting(Arc<Activity>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.update(|state| state.waiting_for_upstream -= 1);
    }
}
