//! The same through the config file, as editors, deployment tools and Kubernetes change it.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::time::{interval, timeout};
use tower::{Layer, ServiceExt};
use tower_signing::{SignerStore, SigningLayer};
use tracing_subscriber::filter::LevelFilter;

use crate::support::{DEADLINE, Log};
use crate::verifier::{Verifier, key_id, secret, token};
use crate::{URL, send};

static LOG: LazyLock<Log> = LazyLock::new(|| Log::install(LevelFilter::INFO));

/// A generation as the text of a config file. The token comes last: the text cut anywhere inside it is still
/// a valid file.
fn config(generation: u64, secret: &str) -> String {
    format!(
        "[auth]\nMatch = {URL}\nMethod = aws-signature-v4\nRegion = eu-west-1\nService = execute-api\n\
         SecretAccessKey = {secret}\nAccessKeyId = {}\nSessionToken = {}\n",
        key_id(generation),
        token(generation)
    )
}

/// A directory like a Kubernetes mount: `auth.conf` and `secret` lead through `..data` to a directory that is
/// replaced whole. It takes the other kinds of change, too.
struct Mount(TempDir);

impl Mount {
    fn new(text: &str) -> Self {
        let mount = Self(TempDir::new().unwrap());
        fs::write(mount.config(), text).unwrap();
        mount
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn config(&self) -> PathBuf {
        self.path("auth.conf")
    }

    /// What the log calls this config file.
    fn shown(&self) -> String {
        self.config().display().to_string()
    }

    /// Editors and deployment tools: a new file takes the place of the old one.
    fn rename(&self, text: &str) {
        fs::write(self.path("auth.conf.new"), text).unwrap();
        fs::rename(self.path("auth.conf.new"), self.config()).unwrap();
    }

    /// The secret goes into a file of its own before the config that names it.
    fn secret_file(&self, generation: u64) -> String {
        let name = format!("secret-{generation}");
        fs::write(self.path(&name), secret(generation) + "\n").unwrap();
        format!("file:{name}")
    }

    /// Kubernetes: one renamed link changes the config and the secret it names at once.
    fn swap_data(&self, generation: u64) {
        let fresh = format!("..generation-{generation}");
        fs::create_dir(self.path(&fresh)).unwrap();
        fs::write(self.path(&fresh).join("auth.conf"), config(generation, "file:secret")).unwrap();
        fs::write(self.path(&fresh).join("secret"), secret(generation)).unwrap();
        let old = fs::read_link(self.path("..data"));
        replace_link(Path::new(&fresh), &self.path("..data"));
        for name in ["secret", "auth.conf"] {
            let is_link = fs::symlink_metadata(self.path(name)).is_ok_and(|data| data.is_symlink());
            if !is_link {
                replace_link(&Path::new("..data").join(name), &self.path(name));
            }
        }
        if let Ok(old) = old {
            fs::remove_dir_all(self.path("").join(old)).unwrap();
        }
    }
}

fn replace_link(target: &Path, link: &Path) {
    let fresh = link.with_file_name("..fresh");
    symlink(target, &fresh).unwrap();
    fs::rename(fresh, link).unwrap();
}

fn layer(mount: &Mount) -> SigningLayer {
    LazyLock::force(&LOG);
    SigningLayer::builder().monitor(Duration::from_secs(2)).from_file(mount.config()).unwrap()
}

/// Waits until the store has seen so many generations, and for no more than that.
async fn wait_for_generation(store: &SignerStore, number: u64) {
    let mut seen = store.subscribe();
    let reached = timeout(DEADLINE, seen.wait_for(|generation| generation.number >= number)).await;
    let reached = reached.unwrap_or_else(|_| panic!("generation {number} did not come"));
    assert_eq!(reached.unwrap().number, number);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_swaps_through_the_file_refuse_no_request_and_mix_no_keys() {
    const SWAPS: u64 = 20;
    let mount = Mount::new(&config(1, &secret(1)));
    let layer = layer(&mount);
    let verifier = Verifier::default();
    let is_over = Arc::new(AtomicBool::new(false));
    let tasks = [(), ()].map(|()| {
        let (mut service, is_over) = (layer.layer(verifier.service()), Arc::clone(&is_over));
        tokio::spawn(async move {
            let mut ticks = interval(Duration::from_millis(1));
            let mut last = 0;
            for number in 0.. {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                ticks.tick().await;
                let generation = send(&mut service, number).await;
                assert!(generation >= last, "{generation} after {last}");
                last = generation;
            }
        })
    });
    let mut service = layer.layer(verifier.service());
    for generation in 2..=1 + SWAPS {
        match generation % 4 {
            2 => mount.rename(&config(generation, &mount.secret_file(generation))),
            3 => fs::write(mount.config(), config(generation, &mount.secret_file(generation))).unwrap(),
            // Two in a row: after the first, what was watched is gone.
            _ => mount.swap_data(generation),
        }
        wait_for_generation(layer.store(), generation).await;
        assert_eq!(send(&mut service, 1).await, generation);
    }
    is_over.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(LOG.count(&["ERROR", &mount.shown()]), 0, "{}", LOG.text());
    assert_eq!(verifier.generations(), 1 + SWAPS);
    println!("{} requests, {SWAPS} swaps", verifier.requests());
}

#[tokio::test]
async fn a_broken_file_is_told_once_and_keeps_the_last_good_keys() {
    let mount = Mount::new(&config(1, &secret(1)));
    let layer = layer(&mount);
    let shown = mount.shown();
    let mut service = layer.layer(Verifier::default().service());
    let good = config(2, &secret(2));

    // Cut off before the key id, then the same fault in another text, then another fault.
    let cut = &good[..good.find("AccessKeyId").unwrap()];
    let missing = ["ERROR", &*shown, "`AccessKeyId` is missing"];
    let torn = ["ERROR", &*shown, "a line is `[section]`"];
    mount.rename(cut);
    LOG.wait_for(&missing);
    assert_eq!(send(&mut service, 0).await, 1);
    fs::write(mount.config(), format!("{cut}# not yet\n")).unwrap();
    settle();
    mount.rename(&good[..good.find("Method").unwrap() + 3]);
    LOG.wait_for(&torn);
    assert_eq!(send(&mut service, 1).await, 1);
    assert_eq!(layer.store().generation().number, 1);

    mount.rename(&good);
    wait_for_generation(layer.store(), 2).await;
    assert_eq!(send(&mut service, 2).await, 2);
    assert_eq!(LOG.count(&missing), 1, "{}", LOG.text());
    assert_eq!(LOG.count(&torn), 1, "{}", LOG.text());
    assert_eq!(LOG.count(&["ERROR", &shown]), 2, "{}", LOG.text());

    // What was told before is news again once a good file stood in between.
    mount.rename(cut);
    let end = Instant::now() + DEADLINE;
    while LOG.count(&missing) < 2 {
        assert!(Instant::now() < end, "the fault was not told again");
        thread::yield_now();
    }
    assert_eq!(send(&mut service, 0).await, 2);
}

/// Waits until the present content has been read and judged, of which nothing can be seen from outside if its
/// fault is no news: another file, watched at the same pace, gets two faults after it, one after the other.
fn settle() {
    let other = Mount::new(&config(1, &secret(1)));
    let _watching = layer(&other);
    for (text, told) in [("[auth", "header ends with"), ("[auth]\nMethod", "a line is")] {
        other.rename(text);
        LOG.wait_for(&["ERROR", &other.shown(), told]);
    }
}

/// How a file is written: in pieces of so many bytes, with so long a rest between them.
#[derive(Clone, Copy, Debug)]
struct Pace {
    bytes: usize,
    rest: Duration,
}

/// Writes `text` in place and returns the longest time for which a part of it stood in the file.
fn write_in_pieces(path: &Path, text: &str, pace: Pace) -> Duration {
    let mut file = fs::File::create(path).unwrap();
    let mut before = Instant::now();
    let mut longest = Duration::ZERO;
    for piece in text.as_bytes().chunks(pace.bytes) {
        // It is the pace that is tested here; nothing waits for anything.
        thread::sleep(pace.rest);
        file.write_all(piece).unwrap();
        let now = Instant::now();
        longest = longest.max(now - before);
        before = now;
    }
    longest
}

/// Rewrites a file in place while requests run. `None` if the machine was too slow for the attempt to count.
async fn rewritten(pace: Pace) -> Option<()> {
    let mount = Mount::new(&config(1, &secret(1)));
    let layer = layer(&mount);
    let verifier = Verifier::default();
    let mut service = layer.layer(verifier.service());
    let path = mount.config();
    let text = config(2, &secret(2));
    let longest = Arc::new(Mutex::new(None));
    let noted = Arc::clone(&longest);
    let writing = thread::spawn(move || {
        *noted.lock().unwrap() = Some(write_in_pieces(&path, &text, pace));
    });
    // The check of each request fails if its token is one that was cut off.
    let end = Instant::now() + DEADLINE;
    let mut ticks = interval(Duration::from_millis(1));
    let mut number = 0;
    let outcome = loop {
        ticks.tick().await;
        number += 1;
        match service.clone().oneshot(crate::request(number)).await {
            Ok(answer) if answer.body() == &2 => break Ok(()),
            Ok(_) => {}
            Err(error) => break Err(error),
        }
        assert!(Instant::now() < end, "{pace:?}: the whole file was not taken");
    };
    writing.join().unwrap();
    let longest = longest.lock().unwrap().unwrap();
    if longest >= Duration::from_millis(90) {
        return None;
    }
    outcome.unwrap_or_else(|error| panic!("{pace:?}: applied half: {error}"));
    assert_eq!(layer.store().generation().number, 2, "{pace:?}");
    assert_eq!(send(&mut service, 0).await, 2);
    Some(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_rewritten_in_pieces_is_never_applied_half() {
    let length = config(2, &secret(2)).len();
    let pace = |bytes, millis| Pace { bytes, rest: Duration::from_millis(millis) };
    // Cut off at every length, with hardly a rest and with one that makes the whole span several reads; then
    // large pieces, each of which stands for most of the time that two reads are apart.
    let paces = [pace(1, 0), pace(1, 4), pace(7, 20), pace(length / 12, 60), pace(length / 4, 60)];
    let mut counted = 0;
    for pace in paces {
        // A scheduler that lets a part stand for as long as a file may has the attempt made again.
        for _ in 0..4 {
            if rewritten(pace).await.is_some() {
                counted += 1;
                break;
            }
        }
    }
    println!("{counted} of {} paces were kept", paces.len());
    assert!(counted > 0, "this machine is too busy to tell");
}
