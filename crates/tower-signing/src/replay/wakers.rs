//! Who waits for a body that several read.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

/// The wakers of all clones that wait for the body's next frame. The body knows one waker, which wakes them all:
/// whichever clone is polled next goes on, also when another one is gone.
///
/// Wakers are woken and dropped without this lock: what they do then is not known.
#[derive(Debug, Default)]
pub(super) struct Wakers(Mutex<Vec<(u64, Waker)>>);

impl Wakers {
    pub(super) fn add(&self, clone: u64, waker: &Waker) {
        let mut waiting = self.lock();
        let known = waiting.iter_mut().find(|(id, _)| *id == clone);
        let replaced = match known {
            Some((_, known)) => Some(mem::replace(known, waker.clone())),
            None => {
                waiting.push((clone, waker.clone()));
                None
            }
        };
        drop(waiting);
        drop(replaced);
    }

    pub(super) fn remove(&self, clone: u64) {
        let mut waiting = self.lock();
        let at = waiting.iter().position(|(id, _)| *id == clone);
        let removed = at.map(|at| waiting.swap_remove(at));
        drop(waiting);
        drop(removed);
    }

    /// Wakes all.
    pub(super) fn wake_all(&self) {
        let waiting = mem::take(&mut *self.lock());
        for (_, waker) in waiting {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(u64, Waker)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Wakers {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_all();
    }
}
