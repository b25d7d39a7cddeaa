//! Real files, real events and real time, in a folder of its own for each test.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError},
    },
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{
    Applied, PAUSE, Source, Watch,
    directories::{Directories, directories_of},
    spawn, spawn_with,
};
use crate::config::Snapshot;

/// More than any reaction takes, on a busy machine too.
const DEADLINE: Duration = Duration::from_secs(5);

/// A poll interval longer than any test: what is noticed, an event has told.
const NO_POLL: Duration = Duration::from_secs(3600);

// What raises events.

#[test]
fn a_file_rewritten_in_place() {
    let folder = Folder::new();
    folder.write("config", "one");
    let watched = watch(&folder.path("config"));
    folder.write("config", "two");
    watched.applies(&["two"]);
    folder.write("config", "three");
    watched.applies(&["three"]);
}

#[test]
fn a_file_renamed_over() {
    let folder = Folder::new();
    folder.write("config", "one");
    let watched = watch(&folder.path("config"));
    for content in ["two", "three"] {
        folder.write("config.new", content);
        fs::rename(folder.path("config.new"), folder.path("config")).unwrap();
        watched.applies(&[content]);
    }
}

#[test]
fn a_file_that_was_missing() {
    let folder = Folder::new();
    let watched = watch(&folder.path("later/config"));
    fs::create_dir(folder.path("later")).unwrap();
    folder.write("later/config", "one");
    watched.applies(&["one"]);
}

#[test]
fn a_deleted_file_that_comes_back() {
    let folder = Folder::new();
    folder.write("config", "one");
    let watched = watch(&folder.path("config"));

    fs::remove_file(folder.path("config")).unwrap();
    watched.applies(&["NotFound"]);
    folder.write("config", "one"); // which is still live
    watched.applies_nothing();

    fs::remove_file(folder.path("config")).unwrap();
    watched.applies(&["NotFound"]);
    folder.write("config", "two");
    watched.applies(&["two"]);
}

#[test]
fn a_file_that_the_config_has_begun_to_name() {
    let folder = Folder::new();
    fs::create_dir(folder.path("keys")).unwrap();
    folder.write("keys/key", "one");
    folder.write("config", "");
    let watched = watch(&folder.path("config"));
    folder.write("config", "file:keys/key");
    watched.applies(&["file:keys/key", "one"]);
    folder.write("keys/key", "two");
    watched.applies(&["file:keys/key", "two"]);
}

// Other systems may tell nothing when a watched directory itself goes; there it is up to polling,
// see below.
#[cfg(target_os = "linux")]
#[test]
fn a_directory_deleted_and_created_again() {
    let folder = Folder::new();
    folder.create_directory("mount", "one");
    let watched = watch(&folder.path("mount/config"));
    for content in ["two", "three"] {
        fs::remove_dir_all(folder.path("mount")).unwrap();
        watched.applies(&["NotFound"]);
        folder.create_directory("mount", content);
        watched.applies(&[content]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_renamed_away_and_another_put_there() {
    let folder = Folder::new();
    folder.create_directory("mount", "one");
    let watched = watch(&folder.path("mount/config"));
    for content in ["two", "three"] {
        folder.create_directory("next", content);
        fs::rename(folder.path("mount"), folder.path(&format!("before {content}"))).unwrap();
        fs::rename(folder.path("next"), folder.path("mount")).unwrap();
        watched.applies(&[content]);
    }
    folder.write("mount/config", "four");
    watched.applies(&["four"]);
}

#[cfg(unix)]
#[test]
fn a_kubernetes_mount_updated_twice() {
    let folder = Folder::new();
    let mount = |version: &str| {
        fs::create_dir(folder.path(version)).unwrap();
        folder.write(&format!("{version}/config"), &format!("{version}\nfile:key"));
        folder.write(&format!("{version}/key"), version);
        folder.link_over("..data", version);
    };
    mount("..v1");
    folder.link_over("config", "..data/config");
    folder.link_over("key", "..data/key");
    let watched = watch(&folder.path("config"));
    for (before, version) in [("..v1", "..v2"), ("..v2", "..v3")] {
        mount(version);
        fs::remove_dir_all(folder.path(before)).unwrap();
        watched.applies(&[&format!("{version}\nfile:key"), version]);
    }
}

#[cfg(unix)]
#[test]
fn a_linked_directory_on_the_way() {
    let folder = Folder::new();
    folder.create_directory("a", "one");
    folder.create_directory("b", "two");
    fs::create_dir(folder.path("links")).unwrap();
    folder.link_over("links/current", "../a");
    let watched = watch(&folder.path("links/current/config"));
    folder.link_over("links/current", "../b");
    watched.applies(&["two"]);
    folder.write("b/config", "three");
    watched.applies(&["three"]);
}

#[test]
fn a_file_among_others_that_keep_changing() {
    let folder = Folder::new();
    folder.write("config", "one");
    let watched = watch(&folder.path("config"));
    let (began, reads) = (Instant::now(), watched.reads());
    thread::scope(|scope| {
        let (running, stopped) = mpsc::channel::<()>();
        let folder = &folder;
        scope.spawn(move || {
            while stopped.try_recv() == Err(TryRecvError::Empty) {
                folder.write("log", "line");
            }
        });
        folder.write("config", "two");
        watched.applies(&["two"]);
        folder.write("config", "three");
        watched.applies(&["three"]);
        drop(running);
    });
    watched.paused_between_reads(began, reads);
}

// What polling finds by itself.

#[test]
fn polling_finds_changes_without_events() {
    let folder = Folder::new();
    folder.create_directory("mount", "one");
    let watched = poll(&folder.path("mount/config"));
    folder.write("mount/config", "two");
    watched.applies(&["two"]);
    fs::remove_dir_all(folder.path("mount")).unwrap();
    watched.applies(&["NotFound"]);
    folder.create_directory("mount", "three");
    watched.applies(&["three"]);
}

// Windows does not rename a directory while one in it is watched.
#[cfg(unix)]
#[test]
fn polling_finds_a_replaced_ancestor_beside_events() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("mount/inner")).unwrap();
    folder.write("mount/inner/config", "one");
    let watched = watch_files(&folder.path("mount/inner/config"), Duration::from_millis(500));
    fs::create_dir_all(folder.path("next/inner")).unwrap();
    folder.write("next/inner/config", "two");
    fs::rename(folder.path("mount"), folder.path("before")).unwrap();
    fs::rename(folder.path("next"), folder.path("mount")).unwrap();
    watched.applies(&["two"]);
}

// What is applied.

#[test]
fn a_change_before_the_start() {
    let folder = Folder::new();
    folder.write("config", "one");
    let config = folder.path("config");
    let last_applied = read_all(&config);
    folder.write("config", "two");
    let watched = start(move || read_all(&config), |source| spawn(source, last_applied, NO_POLL));
    watched.applies(&["two"]);
}

#[test]
fn only_what_two_reads_in_a_row_agree_on() {
    let watched = script(&["", "a", "ab", "abc", "abc", "abd", "abc", "x", "y", "y"]);
    watched.applies(&["abc"]);
    watched.applies(&["y"]);
    watched.applies_nothing();
}

#[test]
fn only_the_end_of_a_slow_write() {
    const CONTENT: &str = "a file that is written in many pieces";
    let folder = Folder::new();
    folder.write("config", "");
    let watched = watch(&folder.path("config"));
    // If this machine stops the writer for as long as the reads are apart, the piece written last
    // is rightly taken for the end, and the attempt says nothing.
    while write_slowly(&folder.path("config"), CONTENT) >= PAUSE {
        while watched.applied.recv_timeout(5 * PAUSE).is_ok() {}
        folder.write("config", "");
        while watched.applied.recv_timeout(5 * PAUSE).is_ok() {}
    }
    watched.applies(&[CONTENT]);
    watched.applies_nothing();
}

#[test]
fn nothing_if_the_same_is_written_again() {
    let folder = Folder::new();
    folder.write("config", "one");
    let watched = watch(&folder.path("config"));
    let reads = watched.reads();
    folder.write("config", "one");
    watched.reads_more_often_than(reads);
    watched.applies_nothing();
}

#[test]
fn a_fault_once_until_something_else_was_found() {
    let watched = script(&[
        "good", "bad", "bad", "bad", "bad", "bad 2", "bad 2", "good", "good", "bad 2", "bad 2", "good",
        "good", "good", "better", "better",
    ]);
    watched.applies(&["bad"]);
    watched.applies(&["bad 2"]);
    watched.applies(&["bad 2"]); // "good" was live all the time
    watched.applies(&["better"]);
    watched.applies_nothing();
}

// When the thread rests, and when it ends.

#[test]
fn reading_does_not_cause_reading() {
    let folder = Folder::new();
    folder.write("config", "one\nfile:key");
    folder.write("key", "secret");
    let watched = watch(&folder.path("config"));
    thread::sleep(Duration::from_secs(1));
    assert!(watched.reads() <= 5, "{} reads", watched.reads());
}

#[test]
fn an_interval_of_zero_does_not_spin() {
    let watched = start(
        || snapshot("same"),
        |source| spawn_with(source, snapshot("same"), Duration::ZERO, |_| Directories::unwatched()),
    );
    let (began, reads) = (Instant::now(), watched.reads());
    thread::sleep(5 * PAUSE);
    watched.paused_between_reads(began, reads);
}

#[test]
fn the_thread_ends_with_the_watch() {
    let folder = Folder::new();
    folder.write("config", "one");
    watch(&folder.path("config")).ends();
}

#[test]
fn the_thread_ends_while_content_keeps_changing() {
    let mut count = 0;
    let changing = move || {
        count += 1;
        snapshot(&count.to_string())
    };
    let watched = start(changing, |source| spawn(source, snapshot("0"), NO_POLL));
    watched.applies_nothing();
    watched.ends();
}

// Which directories are watched.

#[test]
fn the_directory_of_a_plain_file() {
    let folder = Folder::new();
    folder.write("config", "");
    folder.check_directories("config", &[""]);
}

#[test]
fn the_nearest_directory_that_exists() {
    let folder = Folder::new();
    folder.create_directory("a", "");
    folder.check_directories("a/b/c/d", &["a"]);
    folder.check_directories("a/config/c/d", &["a"]);
}

#[cfg(unix)]
#[test]
fn the_directory_of_every_link() {
    let folder = Folder::new();
    for directory in ["mount", "mount/..v1", "other", "links"] {
        folder.create_directory(directory, "");
    }
    folder.link_over("mount/..data", "..v1");
    folder.link_over("mount/config", "..data/config");
    folder.check_directories("mount/config", &["mount", "mount/..v1"]);

    let absolute = folder.path("mount");
    folder.link_over("links/mount", absolute.to_str().unwrap());
    folder.check_directories("links/mount/config", &["links", "mount", "mount/..v1"]);

    // A link's parent is where it leads to, not where it stands.
    folder.link_over("links/version", "../mount/..v1");
    folder.check_directories("links/version/../../other/config", &["links", "other"]);

    folder.link_over("links/dangling", "../other/missing/config");
    folder.check_directories("links/dangling", &["links", "other"]);
}

#[cfg(unix)]
#[test]
fn a_loop_of_links_ends() {
    let folder = Folder::new();
    folder.link_over("a", "b");
    folder.link_over("b", "a");
    folder.check_directories("a", &[""]);
    folder.check_directories("a/config", &[""]);
}

// Windows does not rename a directory while one in it is watched.
#[cfg(unix)]
#[test]
fn a_directory_with_a_new_ancestor_is_watched_anew() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("mount/inner")).unwrap();
    let config = folder.path("mount/inner/config");
    let (mut directories, changes) = watched_directories();
    directories.watch(&[&config]);
    fs::rename(folder.path("mount"), folder.path("before")).unwrap();
    fs::create_dir_all(folder.path("mount/inner")).unwrap();
    directories.watch(&[&config]);
    while changes.try_recv().is_ok() {}
    fs::write(&config, "one").unwrap();
    changes.recv_timeout(DEADLINE).unwrap();
}

#[test]
fn a_directory_that_no_longer_matters_is_not_watched() {
    let folder = Folder::new();
    folder.create_directory("a", "");
    folder.create_directory("b", "");
    let (mut directories, changes) = watched_directories();
    directories.watch(&[&folder.path("a/config")]);
    directories.watch(&[&folder.path("b/config")]);
    while changes.recv_timeout(PAUSE).is_ok() {}
    folder.write("a/config", "one");
    assert_eq!(changes.recv_timeout(PAUSE), Err(RecvTimeoutError::Timeout));
    folder.write("b/config", "one");
    changes.recv_timeout(DEADLINE).unwrap();
}

// What the tests are made of.

struct Folder {
    _directory: TempDir,
    /// Without links, which the way to the system's temporary folder may hold.
    root: PathBuf,
}

impl Folder {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        Self { _directory: directory, root }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).unwrap();
    }

    /// Creates the directory with a file `config` in it.
    fn create_directory(&self, name: &str, config: &str) {
        fs::create_dir(self.path(name)).unwrap();
        self.write(&format!("{name}/config"), config);
    }

    /// Makes `name` a link to `target`, in one step if there is one already.
    #[cfg(unix)]
    fn link_over(&self, name: &str, target: &str) {
        let new = self.path(&format!("{name}.new"));
        std::os::unix::fs::symlink(target, &new).unwrap();
        fs::rename(new, self.path(name)).unwrap();
    }

    #[track_caller]
    fn check_directories(&self, path: &str, expected: &[&str]) {
        let expected: BTreeSet<_> = expected.iter().map(|name| self.path(name)).collect();
        assert_eq!(directories_of(&[&self.path(path)]), expected);
    }
}

fn watched_directories() -> (Directories, Receiver<()>) {
    let (signals, changes) = mpsc::channel();
    let directories = Directories::new(move || {
        let _ = signals.send(());
    });
    (directories, changes)
}

/// Writes `content` in pieces, and returns the longest time for which the file stood still.
fn write_slowly(path: &Path, content: &str) -> Duration {
    let mut longest = Duration::ZERO;
    let mut before = Instant::now();
    for end in 1..=content.len() {
        fs::write(path, &content[..end]).unwrap();
        longest = longest.max(before.elapsed());
        before = Instant::now();
        if end < content.len() {
            thread::sleep(PAUSE / 5);
        }
    }
    longest
}

/// Watches `config` and the files it names, by events alone.
fn watch(config: &Path) -> Watched {
    watch_files(config, NO_POLL)
}

fn watch_files(config: &Path, interval: Duration) -> Watched {
    let (config, last_applied) = (config.to_owned(), read_all(config));
    start(move || read_all(&config), |source| spawn(source, last_applied, interval))
}

/// Watches `config` and the files it names, by polling alone.
fn poll(config: &Path) -> Watched {
    let (config, last_applied) = (config.to_owned(), read_all(config));
    start(
        move || read_all(&config),
        |source| spawn_with(source, last_applied, PAUSE, |_| Directories::unwatched()),
    )
}

/// Reads the contents one after the other, and then the last one again and again. The first is
/// live.
fn script(contents: &[&str]) -> Watched {
    let mut contents: Vec<_> = contents.iter().rev().map(|content| content.to_string()).collect();
    let live = snapshot(contents.last().unwrap());
    let read = move || {
        let content = snapshot(contents.last().unwrap());
        if contents.len() > 1 {
            contents.pop();
        }
        content
    };
    start(read, |source| spawn_with(source, live, PAUSE, |_| Directories::unwatched()))
}

fn start(
    read: impl FnMut() -> Snapshot + Send + 'static,
    spawn: impl FnOnce(TestSource) -> std::io::Result<Watch>,
) -> Watched {
    let (sender, applied) = mpsc::channel();
    let reads = Arc::new(AtomicUsize::new(0));
    let source = TestSource { read: Box::new(read), reads: Arc::clone(&reads), applied: sender };
    let watched = Watched { watch: spawn(source).unwrap(), applied, reads };
    watched.reads_more_often_than(0);
    watched
}

struct TestSource {
    read: Box<dyn FnMut() -> Snapshot + Send>,
    reads: Arc<AtomicUsize>,
    applied: Sender<Vec<String>>,
}

impl Source for TestSource {
    fn read(&mut self) -> Snapshot {
        let snapshot = (self.read)();
        self.reads.fetch_add(1, Ordering::Relaxed);
        snapshot
    }

    /// Rejects what cannot be read, and what begins with "bad".
    fn apply(&mut self, snapshot: &Snapshot) -> Applied {
        let mut verdict = Applied::Swapped;
        let contents = snapshot.files().map(|content| match content {
            Ok(bytes) => {
                if bytes.starts_with(b"bad") {
                    verdict = Applied::Kept;
                }
                String::from_utf8_lossy(bytes).into_owned()
            }
            Err(kind) => {
                verdict = Applied::Kept;
                format!("{kind:?}")
            }
        });
        // Fails once the test has ended.
        let _ = self.applied.send(contents.collect());
        verdict
    }
}

/// A thread under test, with what it has done.
struct Watched {
    watch: Watch,
    applied: Receiver<Vec<String>>,
    reads: Arc<AtomicUsize>,
}

impl Watched {
    fn reads(&self) -> usize {
        self.reads.load(Ordering::Relaxed)
    }

    /// Waits until there have been more than so many reads.
    #[track_caller]
    fn reads_more_often_than(&self, reads: usize) {
        let deadline = Instant::now() + DEADLINE;
        while self.reads() <= reads {
            assert!(Instant::now() < deadline, "no read");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Each read since `began`, when there had been so many `reads`, came after a pause.
    #[track_caller]
    fn paused_between_reads(&self, began: Instant, reads: usize) {
        let reads = self.reads() - reads;
        let pauses = began.elapsed().as_millis() / PAUSE.as_millis();
        assert!(reads as u128 <= pauses + 1, "{reads} reads, {pauses} pauses");
    }

    /// The next thing applied has these contents: the config's, and those of the files it names.
    #[track_caller]
    fn applies(&self, contents: &[&str]) {
        let contents = contents.iter().map(|content| content.to_string()).collect();
        assert_eq!(self.applied.recv_timeout(DEADLINE), Ok(contents));
    }

    /// Nothing is applied for so long that two reads would have happened.
    #[track_caller]
    fn applies_nothing(&self) {
        assert_eq!(self.applied.recv_timeout(5 * PAUSE), Err(RecvTimeoutError::Timeout));
    }

    /// The thread drops its source soon after the watch was dropped.
    #[track_caller]
    fn ends(self) {
        drop(self.watch);
        assert_eq!(self.applied.recv_timeout(DEADLINE), Err(RecvTimeoutError::Disconnected));
    }
}

fn snapshot(content: &str) -> Snapshot {
    Snapshot::new(vec![("config".into(), Ok(content.into()))])
}

/// Reads `config`, and the file that each line `file:NAME` of it names.
fn read_all(config: &Path) -> Snapshot {
    let read = |path: PathBuf| {
        let content = fs::read(&path).map_err(|error| error.kind());
        (path, content)
    };
    let mut files = vec![read(config.to_owned())];
    let text = files[0].1.clone().unwrap_or_default();
    for line in String::from_utf8_lossy(&text).lines() {
        if let Some(name) = line.strip_prefix("file:") {
            files.push(read(config.with_file_name(name)));
        }
    }
    Snapshot::new(files)
}
