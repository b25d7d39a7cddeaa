//! The directories in which a change can alter what a path leads to, and the system's watches on
//! them.

use std::{
    collections::BTreeSet,
    fs, mem,
    path::{self, Component, Path, PathBuf},
};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

/// As many links as Linux follows in one path before it calls them a loop.
const MAX_LINKS: usize = 40;

/// The directories that are watched.
pub(super) struct Directories {
    /// `None` if the system has no watcher to give; polling is all there is then.
    watcher: Option<RecommendedWatcher>,
    watched: BTreeSet<PathBuf>,
    /// Whether a directory that cannot be watched was reported. Every poll tries again, but one
    /// report is enough.
    warned: bool,
}

impl Directories {
    /// Calls `on_change`, in a thread of the watcher's, after every change in a watched directory.
    pub(super) fn new(on_change: impl Fn() + Send + 'static) -> Self {
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if is_change(&event) {
                on_change();
            }
        })
        .inspect_err(|error| tracing::warn!(%error, "no watcher, only polling notices changes"));
        Self { watcher: watcher.ok(), ..Self::unwatched() }
    }

    /// Watches nothing, whatever it is told.
    pub(super) fn unwatched() -> Self {
        Self { watcher: None, watched: BTreeSet::new(), warned: false }
    }

    /// Watches the directories that matter to `paths` now, and no others.
    pub(super) fn watch(&mut self, paths: &[&Path]) {
        let Some(watcher) = &mut self.watcher else {
            return;
        };
        // Every watch is made anew: one on a directory that was replaced stays with the old one.
        for directory in mem::take(&mut self.watched) {
            // Fails for a directory that is gone, because its watch is gone too.
            let _ = watcher.unwatch(&directory);
        }
        // A link can be changed after it was looked at and before its directory is watched, so it
        // takes a second look, and further ones until there is nothing to add.
        loop {
            let wanted = directories_of(paths);
            if wanted.is_subset(&self.watched) {
                return;
            }
            for directory in wanted {
                if self.watched.contains(&directory) {
                    continue;
                }
                let watching = watcher.watch(&directory, RecursiveMode::NonRecursive);
                if let Err(error) = watching
                    && directory.is_dir()
                    && !mem::replace(&mut self.warned, true)
                {
                    tracing::warn!(%error, "no watch on a directory, only polling notices changes");
                }
                self.watched.insert(directory);
            }
        }
    }
}

/// Whether `event` can mean that a path leads to other content now.
///
/// An access cannot, and heeding it would mean to wake up at every read of our own. (When a writer
/// closes its file, that is an access too, but its writes came before.) An error can: events may
/// have been lost.
fn is_change(event: &notify::Result<Event>) -> bool {
    !matches!(event, Ok(event) if matches!(event.kind, EventKind::Access(_)))
}

/// The directories that matter to any of `paths`, each without a link in its own path.
pub(super) fn directories_of(paths: &[&Path]) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for path in paths {
        follow(path, &mut found);
    }
    found
}

/// Goes along `path` as the system does when it opens it, and notes each directory where the way
/// depends on one entry: the one that holds a link, the one that holds the file, and the last one
/// that exists if the way ends early.
fn follow(path: &Path, found: &mut BTreeSet<PathBuf>) {
    // Fails for an empty path, or if there is no current directory: nothing to watch then.
    let Ok(mut ahead) = path::absolute(path) else {
        return;
    };
    let mut here = PathBuf::new(); // never holds a link, so `..` leads to its parent
    let mut links = 0;
    loop {
        let mut components = ahead.components();
        let Some(component) = components.next() else {
            return;
        };
        let rest = components.as_path();
        ahead = match component {
            Component::Prefix(_) | Component::RootDir => {
                here.push(component);
                rest.to_owned()
            }
            Component::CurDir => rest.to_owned(),
            Component::ParentDir => {
                here.pop();
                rest.to_owned()
            }
            Component::Normal(name) => {
                let next = here.join(name);
                if links < MAX_LINKS
                    && let Ok(target) = fs::read_link(&next)
                {
                    found.insert(here.clone());
                    links += 1;
                    target.join(rest)
                } else if !rest.as_os_str().is_empty() && next.is_dir() {
                    here = next;
                    rest.to_owned()
                } else {
                    found.insert(here);
                    return;
                }
            }
        };
    }
}
