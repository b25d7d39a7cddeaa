//! Notices that the files of a configuration have changed, and applies what they hold now.
//!
//! It knows which files there are, not what they mean: reading and applying is the [`Source`]'s.
//!
//! ```text
//! event in a directory ─┐
//!                       ├─► read ─► 100 ms ─► read ─► the same, and new? ─► apply
//! poll, every interval ─┘             ▲                     │ not the same
//!                                     └─────────────────────┘
//! ```
//!
//! - **Events are hints.** They say when to look, never what has changed. Directories are watched,
//!   not files, for a watch on a file dies when another is renamed over it: the directory of each
//!   file, and that of each link on the way to it. Names are not filtered, for the only name that
//!   changes when Kubernetes updates a mount is that of such a link, `..data`.
//! - **Polling runs beside the events, always.** A watch can go dead in silence (the parent of a
//!   directory renamed, a file system unmounted), and some file systems tell nothing of what
//!   another machine writes. A poll makes the watches anew and compares content.
//! - **One read is not believed.** Many a prefix of a valid file is a valid file. So a change
//!   counts once two reads at least [`PAUSE`] apart agree on all files.
//! - **Every content is applied once.** What is live is not applied again, nor what was rejected
//!   until something else has been found in between.
//!
//! All this happens in one thread of its own, without an async runtime, beside the one in which
//! `notify` waits for the system.

mod directories;
#[cfg(test)]
mod tests;

use std::{
    convert::Infallible,
    io,
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread,
    time::{Duration, Instant},
};

use self::directories::Directories;
use crate::config::Snapshot;

/// The least time between two reads. So long does content stand still before it is believed, and
/// so seldom do events cause a read, however many there are.
const PAUSE: Duration = Duration::from_millis(100);

/// What is watched, and what a change of it leads to.
pub(crate) trait Source: Send + 'static {
    /// Reads the config and then every file it names.
    fn read(&mut self) -> Snapshot;

    /// Parses, validates and swaps in what `snapshot` holds, or reports why not.
    ///
    /// Called only with content that two reads agree on and that is neither live nor just rejected.
    fn apply(&mut self, snapshot: &Snapshot) -> Applied;

    /// What is live has come back after something was rejected.
    fn restored(&mut self) {}
}

/// What became of a snapshot.
///
/// This decides what happens when the last good content comes back: after [`Kept`](Self::Kept) it
/// is still live, so it is not applied again and makes no new generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// The snapshot is live.
    Swapped,
    /// The snapshot was rejected; what was live before still is.
    Kept,
}

/// Keeps the thread alive.
///
/// Dropping it ends the thread: at once if that is waiting, else after the `read` or `apply` it is
/// in. The drop itself waits for nothing.
#[derive(Debug)]
pub(crate) struct Watch {
    signals: Sender<Signal>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        // Fails if the source has panicked, and then there is no thread to end.
        let _ = self.signals.send(Signal::Stop);
    }
}

/// Starts the thread that keeps what `source` has applied up to date with its files.
///
/// `last_applied` is what the present state was built from: nothing is applied until the content
/// differs from it. The files are read at the start, so that no change since is missed, after
/// events and every `interval`, which is raised to [`PAUSE`] if it is shorter.
///
/// # Errors
///
/// The system refuses a thread. If it refuses only to watch directories, polling goes on alone, and
/// a warning says so.
pub(crate) fn spawn(source: impl Source, last_applied: Snapshot, interval: Duration) -> io::Result<Watch> {
    spawn_with(source, last_applied, interval, |signals| {
        Directories::new(move || {
            // Fails once the thread has ended, and then no change matters.
            let _ = signals.send(Signal::Changed);
        })
    })
}

fn spawn_with(
    source: impl Source,
    last_applied: Snapshot,
    interval: Duration,
    directories: impl FnOnce(Sender<Signal>) -> Directories,
) -> io::Result<Watch> {
    let (signals, received) = mpsc::channel();
    let files = Files {
        source,
        directories: directories(signals.clone()),
        signals: received,
        interval: interval.max(PAUSE),
    };
    thread::Builder::new().name("signing-watch".to_owned()).spawn(move || {
        let Err(Stopped) = keep_up_to_date(files, last_applied);
    })?;
    Ok(Watch { signals })
}

/// What wakes the thread.
enum Signal {
    /// Something in a watched directory has changed.
    Changed,
    /// The [`Watch`] was dropped.
    Stop,
}

/// The thread has been told to end.
struct Stopped;

/// The loop of the thread.
fn keep_up_to_date<S: Source>(mut files: Files<S>, mut live: Snapshot) -> Result<Infallible, Stopped> {
    // What was found last, if that was rejected. Good content clears it: the same fault after that
    // is a new one, and worth a report.
    let mut rejected: Option<Snapshot> = None;
    loop {
        let known = rejected.as_ref().unwrap_or(&live);
        let found = files.read_until_stable(known)?;
        if found.is_same(&live) {
            if rejected.take().is_some() {
                files.source.restored();
            }
        } else if !found.is_same(known) {
            match files.source.apply(&found) {
                Applied::Swapped => (live, rejected) = (found, None),
                Applied::Kept => rejected = Some(found),
            }
        }
        files.wait()?;
    }
}

/// A [`Source`], and what tells when to read it.
struct Files<S> {
    source: S,
    directories: Directories,
    signals: Receiver<Signal>,
    interval: Duration,
}

impl<S: Source> Files<S> {
    /// Reads until two reads in a row agree, of which `known` may be the first.
    fn read_until_stable(&mut self, known: &Snapshot) -> Result<Snapshot, Stopped> {
        let mut earlier = self.read(known);
        if earlier.is_same(known) {
            return Ok(earlier);
        }
        loop {
            self.pause()?;
            let later = self.read(&earlier);
            if later.is_same(&earlier) {
                return Ok(later);
            }
            earlier = later;
        }
    }

    /// Reads once, after watching the directories of the files that are in `earlier`.
    ///
    /// In this order no change is lost: one before the watches is in the read, one after them
    /// raises an event. And a read that finds other files differs from `earlier`, so another one
    /// follows, for which their directories are watched.
    fn read(&mut self, earlier: &Snapshot) -> Snapshot {
        let paths: Vec<_> = earlier.paths().collect();
        self.directories.watch(&paths);
        self.source.read()
    }

    /// Sleeps until there is reason to read: the next poll, or an event and the pause after it.
    fn wait(&self) -> Result<(), Stopped> {
        if self.changed_within(self.interval)? {
            self.pause()?;
        }
        Ok(())
    }

    /// Sleeps for [`PAUSE`], and forgets the events of that time: the read that follows sees what
    /// they were about.
    ///
    /// It does not wait for events to cease, for a log in the same directory may never let them.
    fn pause(&self) -> Result<(), Stopped> {
        let end = Instant::now() + PAUSE;
        while self.changed_within(end.saturating_duration_since(Instant::now()))? {}
        Ok(())
    }

    /// Sleeps until the next event, or for `timeout` if there is none.
    fn changed_within(&self, timeout: Duration) -> Result<bool, Stopped> {
        match self.signals.recv_timeout(timeout) {
            Ok(Signal::Changed) => Ok(true),
            Err(RecvTimeoutError::Timeout) => Ok(false),
            Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => Err(Stopped),
        }
    }
}
