use std::fs;
use std::future::poll_fn;
use std::io::{self, IoSlice, Write};
use std::path::Path;
use std::sync::mpsc::{self, Sender};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::runtime::{Builder, Runtime};

use super::blocking::Blocking;
use super::file::{self, Spool};
use super::{BLOCK, Frames, SpoolReader, SpoolSettings, SpoolWriter, Spooled};
use crate::{SigningError, SigningErrorKind};

/// Several blocks and a bit, in frames of all sizes.
fn frames() -> Vec<Bytes> {
    let sizes = [1, 1023, 1024, 5, 0, 70_000, 3, 1_500_000, 900, 900, 20_000];
    let long = (0..60_u32).map(|at| sizes[at as usize % sizes.len()]);
    long.enumerate().map(|(at, size)| (0..size).map(|byte| (at + byte / 7) as u8).collect()).collect()
}

fn settings(dir: &Path) -> SpoolSettings {
    SpoolSettings::new(Some(dir.to_owned()), u64::MAX, u64::MAX)
}

async fn push(writer: &mut SpoolWriter, data: Bytes) -> Result<(), SigningError> {
    poll_fn(|cx| writer.poll_ready(cx)).await?;
    writer.push(data)
}

async fn spool(mut writer: SpoolWriter, frames: &[Bytes]) -> Result<(Spool, Option<Sha256>), SigningError> {
    for frame in frames {
        push(&mut writer, frame.clone()).await?;
    }
    poll_fn(|cx| writer.poll_finish(cx)).await
}

async fn read(mut reader: SpoolReader) -> Vec<u8> {
    let mut read = Vec::new();
    while let Some(data) = poll_fn(|cx| reader.poll_next(cx)).await {
        read.extend_from_slice(&data.unwrap());
    }
    read
}

/// Waits until nothing of the total is in use.
async fn given_back(settings: &SpoolSettings) {
    let until = tokio::time::Instant::now() + Duration::from_secs(60);
    while settings.used() > 0 {
        assert!(tokio::time::Instant::now() < until, "{} bytes are still reserved", settings.used());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn refused(result: Result<(Spool, Option<Sha256>), SigningError>) -> (SigningErrorKind, String) {
    let error = result.map(drop).unwrap_err();
    (error.kind(), error.to_string())
}

#[tokio::test]
async fn what_is_pushed_is_read_and_hashed_once() {
    let dir = tempfile::tempdir().unwrap();
    let (settings, frames) = (settings(dir.path()), frames());
    let whole = frames.concat();
    for already_hashed in [0, 1, 70_000, 3_000_000, whole.len()] {
        let hasher = Sha256::new().chain_update(&whole[..already_hashed]);
        let writer = SpoolWriter::new(&settings, Some(hasher), already_hashed as u64);
        let (spool, hasher) = spool(writer, &frames).await.unwrap();
        assert_eq!(hasher.unwrap().finalize(), Sha256::digest(&whole));
        assert_eq!(spool.reader().remaining(), whole.len() as u64);
        // Two readers at once, at different places.
        let (mut first, second) = (spool.reader(), spool.clone().reader());
        let start = poll_fn(|cx| first.poll_next(cx)).await.unwrap().unwrap();
        drop(spool);
        assert!(read(second).await == whole);
        assert!([&start[..], &read(first).await].concat() == whole);
    }
    given_back(&settings).await;
}

#[tokio::test]
async fn an_empty_body_is_an_empty_spool() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, hasher) = spool(SpoolWriter::new(&settings(dir.path()), None, 0), &[]).await.unwrap();
    assert!(hasher.is_none());
    assert!(read(spool.reader()).await.is_empty());
}

#[tokio::test]
async fn what_is_not_written_yet_can_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let frames = frames();
    let whole = frames.concat();
    let mut writer = SpoolWriter::new(&settings(dir.path()), None, 0);
    let mut pushed = 0;
    for frame in frames {
        pushed += frame.len();
        push(&mut writer, frame).await.unwrap();
        for position in [0, pushed / 2, pushed.saturating_sub(1)] {
            let found = match writer.at(position as u64) {
                Some(Spooled::Memory(data)) => data,
                Some(Spooled::File(mut reader)) => poll_fn(|cx| reader.poll_next(cx)).await.unwrap().unwrap(),
                None => Bytes::new(),
            };
            assert!(!found.is_empty() && whole[position..pushed].starts_with(&found));
        }
        assert!(writer.at(pushed as u64).is_none());
    }
}

#[tokio::test]
async fn a_body_may_have_as_many_bytes_as_its_limit() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path()).with_per_body(10);
    let hello: Vec<_> = ["hello", "world"].map(Bytes::from).into();
    spool(SpoolWriter::new(&settings, None, 0), &hello).await.unwrap();
    let more = [&hello[..], &["!".into()]].concat();
    let (kind, text) = refused(spool(SpoolWriter::new(&settings, None, 0), &more).await);
    assert_eq!(kind, SigningErrorKind::Body);
    assert!(text.contains("longer than 10 bytes") && text.contains("`spool_limit`"), "{text}");
}

#[tokio::test]
async fn all_bodies_share_the_total() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path()).with_total(10);
    let (one, two) = ([Bytes::from("sixsix")], [Bytes::from("fivef")]);
    let (first, _) = spool(SpoolWriter::new(&settings.clone(), None, 0), &one).await.unwrap();
    let (kind, text) = refused(spool(SpoolWriter::new(&settings, None, 0), &two).await);
    assert_eq!(kind, SigningErrorKind::Spool);
    assert!(text.contains("10 bytes") && text.contains("`total_spool_limit`"), "{text}");
    let reader = first.reader();
    drop(first);
    assert_eq!(settings.used(), 6, "the reader still needs the file");
    // Another limit, such as that of a new generation of the file, is one for the same space.
    let (lower, higher) = (settings.clone().with_total(10), settings.clone().with_total(11));
    refused(spool(SpoolWriter::new(&lower, None, 0), &two).await);
    drop(spool(SpoolWriter::new(&higher, None, 0), &two).await.unwrap());
    drop(reader);
    given_back(&settings).await;
    spool(SpoolWriter::new(&settings, None, 0), &two).await.unwrap();
}

#[tokio::test]
async fn space_can_be_taken_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path()).with_total(10);
    let mut first = SpoolWriter::new(&settings, None, 0);
    first.reserve(6).unwrap();
    let mut second = SpoolWriter::new(&settings, None, 0);
    assert_eq!(second.reserve(5).unwrap_err().kind(), SigningErrorKind::Spool);
    let (kept, _) = spool(first, &[Bytes::from("six"), Bytes::from("six")]).await.unwrap();
    assert_eq!(settings.used(), 6, "what was taken is used first");
    drop((kept, second));
    given_back(&settings).await;
    // What is longer than was said takes more.
    let mut writer = SpoolWriter::new(&settings, None, 0);
    writer.reserve(1).unwrap();
    let (kept, _) = spool(writer, &[Bytes::from("s"), Bytes::from("ix")]).await.unwrap();
    assert_eq!(settings.used(), 3);
    drop(kept);
    given_back(&settings).await;
}

#[tokio::test]
async fn a_folder_that_is_missing_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("missing");
    let error = spool(SpoolWriter::new(&settings(&missing), None, 0), &frames()).await.map(drop).unwrap_err();
    assert_eq!(error.kind(), SigningErrorKind::Spool);
    let text = error.to_string();
    assert!(text.contains("missing") && text.contains("`spool_dir`"), "{text}");
    let source = std::error::Error::source(&error).unwrap().downcast_ref::<io::Error>().unwrap();
    assert_eq!(source.kind(), io::ErrorKind::NotFound);
}

#[tokio::test]
async fn after_an_error_there_is_no_spool() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("missing");
    let mut writer = SpoolWriter::new(&settings(&missing), None, 0);
    writer.push(Bytes::from("hello")).unwrap();
    assert!(poll_fn(|cx| writer.poll_finish(cx)).await.is_err());
    fs::create_dir(missing).unwrap();
    assert!(poll_fn(|cx| writer.poll_finish(cx)).await.is_err(), "a part is lost");
}

#[test]
fn without_a_runtime_the_error_says_so() {
    let mut writer = SpoolWriter::new(&settings(Path::new(".")), None, 0);
    writer.push(Bytes::from("hello")).unwrap();
    let mut cx = Context::from_waker(Waker::noop());
    let Poll::Ready(Err(error)) = writer.poll_finish(&mut cx) else { panic!("not an error") };
    assert_eq!(error.kind(), SigningErrorKind::Spool);
    assert!(error.to_string().contains("Tokio runtime"), "{error}");
}

/// Whatever ends the process, or the request, at any moment, finds no name to leave behind.
#[tokio::test]
#[cfg(unix)]
async fn the_file_has_no_name() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path());
    let (spool, _) = spool(SpoolWriter::new(&settings, None, 0), &frames()).await.unwrap();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    drop(spool);
    let mut writer = SpoolWriter::new(&settings, None, 0);
    for frame in frames() {
        push(&mut writer, frame).await.unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
    assert!(settings.used() > 0);
    drop(writer);
    given_back(&settings).await;
}

/// A runtime whose only blocking thread is busy until the sender is dropped.
fn busy_runtime() -> (Runtime, Sender<()>) {
    let runtime = Builder::new_current_thread().max_blocking_threads(1).enable_time().build().unwrap();
    let (release, wait) = mpsc::channel();
    runtime.spawn_blocking(move || wait.recv());
    (runtime, release)
}

#[test]
fn what_waits_for_a_thread_goes_with_its_owner() {
    let (runtime, release) = busy_runtime();
    runtime.block_on(async {
        let (done, told) = mpsc::channel();
        let tell = |work: &'static str| {
            let done = done.clone();
            Blocking::spawn(move || done.send(work)).unwrap()
        };
        drop(tell("dropped"));
        let mut kept = tell("kept");
        drop(release);
        poll_fn(|cx| kept.poll(cx)).await.unwrap().unwrap();
        assert_eq!(told.try_iter().collect::<Vec<_>>(), ["kept"]);
    });
}

#[test]
fn a_block_that_is_being_written_is_not_read_from_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let (runtime, release) = busy_runtime();
    runtime.block_on(async {
        let mut writer = SpoolWriter::new(&settings(dir.path()), None, 0);
        for byte in [1, 2] {
            writer.push(Bytes::from(vec![byte; BLOCK as usize])).unwrap();
        }
        // The thread is free for the first block only.
        let (release_second, wait) = mpsc::channel::<()>();
        tokio::task::spawn_blocking(move || wait.recv());
        drop(release);
        poll_fn(|cx| writer.poll_ready(cx)).await.unwrap();
        assert!(matches!(writer.at(BLOCK), Some(Spooled::Memory(data)) if data[0] == 2));
        assert!(matches!(writer.at(1), Some(Spooled::File(part)) if part.remaining() == BLOCK - 1));
        drop(release_second);
    });
}

#[test]
fn only_two_blocks_wait_for_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let (runtime, release) = busy_runtime();
    runtime.block_on(async {
        let mut writer = SpoolWriter::new(&settings(dir.path()), None, 0);
        let (mut cx, mut pushed) = (Context::from_waker(Waker::noop()), 0);
        while writer.poll_ready(&mut cx).is_ready() {
            pushed += 64 * 1024;
            writer.push(Bytes::from(vec![0; 64 * 1024])).unwrap();
            assert!(pushed <= 2 * BLOCK);
        }
        assert_eq!(pushed, 2 * BLOCK);
        drop(release);
        poll_fn(|cx| writer.poll_ready(cx)).await.unwrap();
    });
}

#[test]
fn small_frames_are_joined_and_found() {
    let mut frames = Frames::new(7);
    for _ in 0..100_000 {
        frames.push(Bytes::from("x"));
    }
    let large = Bytes::from(vec![b'y'; 5000]);
    frames.push(large.clone());
    frames.push(Bytes::from("z"));
    assert_eq!(frames.at(100_007).unwrap().as_ptr(), large.as_ptr());
    assert_eq!(frames.at(105_006).unwrap(), "y");
    assert_eq!(frames.at(105_007).unwrap(), "z");
    assert!(frames.at(6).is_none() && frames.at(105_008).is_none());
    let (mut position, mut found) = (7, 0);
    while let Some(data) = frames.at(position) {
        position += data.len() as u64;
        found += 1;
    }
    assert_eq!((position, found), (frames.end(), frames.iter().count()));
    assert!(found < 10, "{found} frames");
}

/// Takes three bytes at a time, and is interrupted between.
struct Slow(Vec<u8>, bool);

impl Write for Slow {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let taken = data.len().min(3);
        self.0.extend_from_slice(&data[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn slices_are_written_whole() {
    let mut slow = Slow(Vec::new(), false);
    file::write_all(&mut slow, &mut [b"hello", &b" world"[..], b"!"].map(IoSlice::new)).unwrap();
    assert_eq!(slow.0, b"hello world!");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let error = file::write_all(&full, &mut [IoSlice::new(b"hello")]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
}
