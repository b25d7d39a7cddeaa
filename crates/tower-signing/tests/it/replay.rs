//! Bodies that are sent again: whoever asks gets the whole body, or an error.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use http::{HeaderMap, HeaderValue, Request};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Empty, Full};
use tower::{Layer, ServiceExt, service_fn};
use tower_signing::{BoxError, ReplayBody, ReplayLayer, SigningError, SigningErrorKind};

/// Nothing takes nearly as long, unless it never comes.
const DEADLINE: Duration = Duration::from_secs(60);

/// What a [`Tap`] gives, and who waits for it.
#[derive(Default)]
struct Pipe {
    frames: VecDeque<Option<Result<Frame<Bytes>, &'static str>>>,
    waiting: Option<Waker>,
    polls: usize,
}

/// A body that gives what the test puts in.
#[derive(Clone, Default)]
struct Tap {
    pipe: Arc<Mutex<Pipe>>,
    size: SizeHint,
}

impl Tap {
    fn of(frames: &[&'static str]) -> Self {
        let tap = Self::default();
        frames.iter().for_each(|data| tap.data(*data));
        tap
    }

    fn declaring(mut self, exact: u64) -> Self {
        self.size = SizeHint::with_exact(exact);
        self
    }

    fn data(&self, data: impl Into<Bytes>) {
        self.put(Some(Ok(Frame::data(data.into()))));
    }

    fn end(&self) {
        self.put(None);
    }

    fn put(&self, frame: Option<Result<Frame<Bytes>, &'static str>>) {
        let mut pipe = self.pipe.lock().unwrap();
        pipe.frames.push_back(frame);
        if let Some(waker) = pipe.waiting.take() {
            waker.wake();
        }
    }

    fn polls(&self) -> usize {
        self.pipe.lock().unwrap().polls
    }
}

impl Body for Tap {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut pipe = self.pipe.lock().unwrap();
        pipe.polls += 1;
        match pipe.frames.pop_front() {
            Some(frame) => Poll::Ready(frame.map(|frame| frame.map_err(Into::into))),
            None => {
                pipe.waiting = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.size
    }
}

/// The body that a service below the layer gets.
fn replay<B: Body>(layer: &ReplayLayer, body: B) -> ReplayBody<B> {
    let service = layer.layer(service_fn(|request: Request<ReplayBody<B>>| async {
        Ok::<_, Infallible>(request.into_body())
    }));
    service.oneshot(Request::new(body)).now_or_never().expect("it does not wait").unwrap()
}

/// Memory only, this much.
fn memory(bytes: u64) -> ReplayLayer {
    ReplayLayer::new().buffer_limit(bytes)
}

async fn next<B: Body>(body: &mut ReplayBody<B>) -> Bytes
where
    B::Error: Into<BoxError>,
{
    body.frame().await.unwrap().unwrap().into_data().unwrap()
}

async fn whole<B: Body>(body: ReplayBody<B>) -> Result<Bytes, BoxError>
where
    B::Error: Into<BoxError>,
{
    Ok(body.collect().await?.to_bytes())
}

/// The kind of the error, and what it says with its source.
fn told(error: &BoxError) -> (SigningErrorKind, String) {
    let error = error.downcast_ref::<SigningError>().expect("a SigningError");
    let source = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
    (error.kind(), format!("{error}{source}"))
}

fn trailers() -> HeaderMap {
    HeaderMap::from_iter([(http::header::ETAG, HeaderValue::from_static("sum"))])
}

#[tokio::test]
async fn a_clone_gets_what_was_read_and_then_the_rest() {
    let tap = Tap::of(&["hel", "lo"]);
    let mut first = replay(&memory(100), tap.clone());
    let spare = first.clone();
    assert_eq!((next(&mut first).await, next(&mut first).await), ("hel".into(), "lo".into()));
    // The first attempt is answered before it has sent all.
    drop(first);
    let second = spare.clone();
    tap.data(" world");
    tap.put(Some(Ok(Frame::trailers(trailers()))));
    for body in [second, spare.clone(), spare] {
        let body = body.collect().await.unwrap();
        assert_eq!(body.trailers(), Some(&trailers()));
        assert_eq!(body.to_bytes(), "hello world");
    }
}

#[tokio::test]
async fn frames_are_shared_and_not_copied() {
    let data = Bytes::from(vec![7; 5000]);
    let first = replay(&memory(100), Full::new(data.clone()));
    // What is in memory anyway, as one frame, is kept.
    assert!(!first.is_replayable(), "its size is over the limit");
    let first = replay(&memory(5000), Full::new(data.clone()));
    for mut body in [first.clone(), first] {
        assert_eq!(next(&mut body).await.as_ptr(), data.as_ptr());
        assert!(body.is_end_stream());
        assert!(body.frame().await.is_none());
    }
}

#[tokio::test]
async fn a_clone_begins_at_the_first_byte_wherever_its_model_stands() {
    let tap = Tap::of(&["hel", "lo"]);
    tap.end();
    let mut first = replay(&memory(100), tap);
    next(&mut first).await;
    assert_eq!(whole(first.clone()).await.unwrap(), "hello");
    assert_eq!(whole(first).await.unwrap(), "lo");
}

#[tokio::test]
async fn nothing_is_read_that_nobody_asked_for() {
    let tap = Tap::of(&["a", "b", "c"]);
    let mut first = replay(&memory(100), tap.clone());
    let mut second = first.clone();
    assert_eq!(tap.polls(), 0);
    next(&mut first).await;
    next(&mut second).await;
    assert_eq!(tap.polls(), 1, "the second one gets what is kept");
}

/// Two attempts at once, one of which is dropped, whichever was polled last.
#[test]
fn every_clone_that_waits_is_woken() {
    for (dropped, frame) in [(0, true), (1, true), (0, false), (1, false)] {
        let tap = Tap::default();
        let body = replay(&memory(100), tap.clone());
        let mut tasks: Vec<_> = [body.clone(), body]
            .into_iter()
            .map(|body| tokio_test::task::spawn(Box::pin(whole(body))))
            .collect();
        for task in &mut tasks {
            assert!(task.poll().is_pending());
        }
        if frame {
            tap.data("x");
            assert!(tasks.iter().all(|task| task.is_woken()));
            // One takes the frame from the body, for both.
            for task in &mut tasks {
                assert!(task.poll().is_pending());
            }
        }
        drop(tasks.remove(dropped));
        let [left] = &mut tasks[..] else { panic!("one is left") };
        tap.end();
        assert!(left.is_woken());
        assert!(matches!(left.poll(), Poll::Ready(Ok(data)) if data == if frame { "x" } else { "" }));
    }
}

/// The one that takes a frame tells those that wait for it.
#[test]
fn a_frame_that_another_clone_took_wakes() {
    let tap = Tap::default();
    let mut first = replay(&memory(100), tap.clone());
    let mut waiting = tokio_test::task::spawn(Box::pin(whole(first.clone())));
    assert!(waiting.poll().is_pending());
    // The body was not asked yet by the other one, and has data then.
    tap.pipe.lock().unwrap().waiting = None;
    tap.data("x");
    assert!(!waiting.is_woken());
    assert_eq!(next(&mut first).now_or_never().unwrap(), "x");
    assert!(waiting.is_woken());
}

#[tokio::test]
async fn an_error_is_told_to_every_clone() {
    let tap = Tap::of(&["hel", "lo"]);
    tap.put(Some(Err("disk on fire")));
    let mut first = replay(&memory(100), tap);
    let mut second = first.clone();
    next(&mut second).await;
    next(&mut first).await;
    next(&mut first).await;
    let error = first.frame().await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "disk on fire");
    assert!(!second.is_replayable());
    for mut body in [second.clone(), second] {
        let (kind, text) = told(&body.frame().await.unwrap().unwrap_err());
        assert_eq!(kind, SigningErrorKind::Body);
        assert!(text.contains("failed in another attempt"), "{text}");
        assert!(!body.is_end_stream());
    }
}

#[tokio::test]
async fn a_body_that_ends_early_is_never_a_whole_one() {
    for frames in [&["hel", "lo"][..], &[]] {
        let tap = Tap::of(frames).declaring(6);
        tap.end();
        let first = replay(&memory(100), tap);
        for body in [first.clone(), first] {
            assert_eq!(body.size_hint().exact(), Some(6));
            assert!(!body.is_end_stream());
            assert_eq!(told(&whole(body).await.unwrap_err()).0, SigningErrorKind::Body);
        }
    }
}

#[tokio::test]
async fn sizes_are_those_that_remain_for_a_clone() {
    let tap = Tap::of(&["hel", "lo"]).declaring(5);
    tap.end();
    let mut first = replay(&memory(100), tap);
    assert_eq!(first.size_hint().exact(), Some(5));
    next(&mut first).await;
    assert_eq!((first.size_hint().exact(), first.clone().size_hint().exact()), (Some(2), Some(5)));
    assert!(!first.is_end_stream());
    next(&mut first).await;
    assert!(first.frame().await.is_none());
    assert_eq!((first.size_hint().exact(), first.is_end_stream()), (Some(0), true));
    assert!(!first.clone().is_end_stream());
    let mut unknown = Tap::of(&["hello"]);
    unknown.size.set_lower(2);
    unknown.size.set_upper(10);
    let mut first = replay(&memory(100), unknown);
    next(&mut first).await;
    assert_eq!((first.size_hint().lower(), first.size_hint().upper()), (0, Some(5)));
}

#[tokio::test]
async fn an_empty_body_ends_before_it_is_read() {
    let empty = replay(&memory(0), Empty::<Bytes>::new());
    for body in [empty.clone(), empty] {
        assert!(body.is_end_stream() && body.is_replayable());
        assert_eq!(body.size_hint().exact(), Some(0));
        assert_eq!(whole(body).await.unwrap(), "");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_sent_once() {
    let tap = Tap::of(&["hello", " ", "world"]);
    tap.end();
    let mut first = replay(&memory(6), tap);
    let mut behind = first.clone();
    next(&mut behind).await;
    assert_eq!((next(&mut first).await, next(&mut first).await), ("hello".into(), " ".into()));
    assert!(first.is_replayable(), "six bytes are not too many");
    assert_eq!(next(&mut first).await, "world");
    assert!(!first.is_replayable());
    assert!(first.frame().await.is_none(), "the attempt under way goes on");
    for mut body in [behind.clone(), behind] {
        let (kind, text) = told(&body.frame().await.unwrap().unwrap_err());
        assert_eq!(kind, SigningErrorKind::Body);
        assert!(text.contains("cannot be sent again: ") && text.contains("6 bytes"), "{text}");
        assert!(text.contains("`buffer_limit`"), "{text}");
    }
}

#[tokio::test]
async fn a_size_over_the_limits_says_so_from_the_start() {
    let layers = [
        (memory(4), false),
        (memory(5), true),
        (memory(0).spool_limit(4), false),
        (memory(0).spool_limit(5), true),
        (memory(0).spool_limit(5).total_spool_limit(4), false),
        (memory(5).spool_limit(1), true),
    ];
    for (layer, is_replayable) in layers {
        let tap = Tap::of(&["hello"]).declaring(5);
        tap.end();
        let first = replay(&layer, tap);
        assert_eq!(first.is_replayable(), is_replayable, "{layer:?}");
        let spare = first.clone();
        assert_eq!(whole(first).await.unwrap(), "hello");
        assert_eq!(whole(spare).await.is_ok(), is_replayable, "{layer:?}");
    }
}

/// Memory for 3000 bytes, then a file in this folder.
fn spooling(dir: &tempfile::TempDir) -> ReplayLayer {
    memory(3000).spool_limit(64 << 20).spool_dir(dir.path())
}

/// Frames from one byte to two megabytes, ten of them in all.
fn long() -> (Vec<Bytes>, Bytes) {
    let sizes = [1, 2000, 3, 1_500_000, 70_000, 900, 2_000_000, 1, 1, 40_000];
    let frames: Vec<Bytes> = (0_u8..)
        .zip(sizes)
        .map(|(at, size)| (0..size).map(|byte: usize| at.wrapping_add((byte / 11) as u8)).collect())
        .collect();
    let whole = frames.concat().into();
    (frames, whole)
}

#[tokio::test]
async fn what_does_not_fit_in_memory_is_spooled() {
    let dir = tempfile::tempdir().unwrap();
    let (frames, expected) = long();
    for stopped_after in 0..=frames.len() {
        let tap = Tap::default();
        frames.iter().for_each(|data| tap.data(data.clone()));
        tap.put(Some(Ok(Frame::trailers(trailers()))));
        let mut first = replay(&spooling(&dir), tap);
        let spare = first.clone();
        for frame in &frames[..stopped_after] {
            assert_eq!(next(&mut first).await, frame);
        }
        drop(first);
        assert!(spare.is_replayable());
        for body in [spare.clone(), spare] {
            let body = body.collect().await.unwrap();
            assert_eq!(body.trailers(), Some(&trailers()));
            assert!(body.to_bytes() == expected);
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn a_spool_has_its_limits_and_gives_its_space_back() {
    let dir = tempfile::tempdir().unwrap();
    let (frames, expected) = long();
    let tap = || {
        let tap = Tap::default();
        frames.iter().for_each(|data| tap.data(data.clone()));
        tap.end();
        tap
    };
    let length = expected.len() as u64;
    for (per_body, total, name, kind) in [
        (length - 1, u64::MAX, "`spool_limit`", SigningErrorKind::Body),
        (u64::MAX, length - 1, "`total_spool_limit`", SigningErrorKind::Spool),
    ] {
        let first = replay(&spooling(&dir).spool_limit(per_body).total_spool_limit(total), tap());
        let spare = first.clone();
        assert!(whole(first).await.unwrap() == expected, "the attempt under way goes on");
        assert!(!spare.is_replayable());
        let (found, text) = told(&whole(spare).await.unwrap_err());
        assert_eq!(found, kind);
        assert!(text.contains(name), "{text}");
    }
    // Its clones share the total; one body after the other has it.
    let layer = spooling(&dir).spool_limit(length).total_spool_limit(length);
    let until = tokio::time::Instant::now() + DEADLINE;
    for _ in 0..3 {
        loop {
            let first = replay(&layer.clone(), tap());
            let spare = first.clone();
            whole(first).await.unwrap();
            if spare.is_replayable() {
                assert!(whole(spare).await.unwrap() == expected);
                break;
            }
            // The file of the last one is closed on another thread.
            assert!(tokio::time::Instant::now() < until, "the space is not given back");
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn without_a_folder_the_body_is_sent_once_and_the_error_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let (frames, expected) = long();
    let tap = Tap::default();
    frames.iter().for_each(|data| tap.data(data.clone()));
    tap.end();
    let first = replay(&spooling(&dir).spool_dir(dir.path().join("missing")), tap);
    let spare = first.clone();
    assert!(whole(first).await.unwrap() == expected);
    let (kind, text) = told(&whole(spare).await.unwrap_err());
    assert_eq!(kind, SigningErrorKind::Spool);
    assert!(text.contains("missing (`spool_dir`)"), "{text}");
}

/// Attempts come and go at random, while the body comes piece by piece: each gets a beginning of it, and those that
/// live on get all.
#[tokio::test]
async fn whatever_the_order_every_clone_gets_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let (frames, expected) = long();
    for seed in 1..=40 {
        let mut state = seed as u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % below
        };
        let tap = Tap::default();
        let spare = replay(&spooling(&dir), tap.clone());
        let mut to_come: VecDeque<_> = frames.iter().cloned().collect();
        let mut readers: Vec<(ReplayBody<Tap>, usize)> = vec![(spare.clone(), 0), (spare.clone(), 0)];
        let mut complete = 0;
        while complete < 3 {
            match random(12) {
                0 => match to_come.pop_front() {
                    Some(data) => tap.data(data),
                    None => tap.end(),
                },
                1 if readers.len() < 4 => readers.push((spare.clone(), 0)),
                2 if readers.len() > 1 => drop(readers.swap_remove(random(readers.len()))),
                3 => tokio::task::yield_now().await,
                _ if readers.is_empty() => readers.push((spare.clone(), 0)),
                _ => {
                    let at = random(readers.len());
                    let (body, position) = &mut readers[at];
                    let mut cx = Context::from_waker(Waker::noop());
                    match Pin::new(body).poll_frame(&mut cx) {
                        Poll::Pending => {}
                        Poll::Ready(Some(frame)) => {
                            let data = frame.unwrap().into_data().unwrap();
                            assert!(expected[*position..].starts_with(&data));
                            *position += data.len();
                        }
                        Poll::Ready(None) => {
                            assert_eq!(*position, expected.len());
                            readers.swap_remove(at);
                            complete += 1;
                        }
                    }
                }
            }
        }
    }
}

/// As hedging does it: two attempts on two threads, each woken as it should be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attempts_on_several_threads_get_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let (frames, expected) = long();
    for _ in 0..20 {
        let tap = Tap::default();
        let body = replay(&spooling(&dir), tap.clone());
        let attempts: Vec<_> = (0..3).map(|_| tokio::spawn(whole(body.clone()))).collect();
        let cancelled = tokio::spawn(whole(body));
        for (at, frame) in frames.iter().enumerate() {
            tap.data(frame.clone());
            if at == 4 {
                cancelled.abort();
            }
            tokio::task::yield_now().await;
        }
        tap.end();
        for attempt in attempts {
            let got = tokio::time::timeout(DEADLINE, attempt).await.expect("it is woken");
            assert!(got.unwrap().unwrap() == expected);
        }
    }
}

#[tokio::test]
async fn whoever_polled_last_is_woken() {
    let tap = Tap::default();
    let mut body = replay(&memory(100), tap.clone());
    let mut elsewhere = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut body).poll_frame(&mut elsewhere).is_pending());
    let mut reading = tokio_test::task::spawn(poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)));
    assert!(reading.poll().is_pending());
    assert!(!reading.is_woken());
    tap.data("x");
    assert!(reading.is_woken());
    assert!(reading.poll().is_ready());
}

/// Gives a frame, panics, and would go on.
struct Panics(u8);

impl Body for Panics {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.0 += 1;
        assert_ne!(self.0, 2, "on purpose");
        Poll::Ready((self.0 < 4).then(|| Ok(Frame::data(Bytes::from("x")))))
    }
}

#[tokio::test]
async fn a_body_that_has_panicked_is_not_sent_again() {
    let body = replay(&ReplayLayer::new(), Panics(0));
    let clone = body.clone();
    tokio::spawn(body.collect()).await.map(drop).unwrap_err();
    assert!(!clone.is_replayable());
    clone.collect().await.map(drop).unwrap_err();
}
