//! The body that all clones share.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use bytes::{Buf, Bytes};
use http::HeaderMap;
use http_body::{Body, SizeHint};

use super::record::{Limits, Record, Recorded};
use super::wakers::Wakers;
use crate::body::spool::SpoolReader;
use crate::{BoxError, SigningError, SigningErrorKind};

/// A body, and what is kept of it. Whoever has read all that there is polls the body for more.
pub(super) struct Source<B> {
    state: Mutex<State<B>>,
    limits: Limits,
    /// As the body said before it was polled.
    size: SizeHint,
    wakers: Arc<Wakers>,
    /// The waker of the body, which is [`Wakers`].
    waker: Waker,
    clones: AtomicU64,
}

struct State<B> {
    /// There until it has ended.
    body: Option<Pin<Box<B>>>,
    record: Record,
    /// How many bytes the body has given.
    length: u64,
    trailers: Option<HeaderMap>,
    has_failed: bool,
}

/// What a clone gets next.
pub(super) enum Next {
    Data(Bytes),
    /// A part that is to be read from the file.
    File(SpoolReader),
    /// There are no more data.
    End(Option<HeaderMap>),
}

impl<B: Body> Source<B> {
    pub(super) fn new(body: B, limits: &Limits) -> Self {
        let size = body.size_hint();
        let state = State {
            record: Record::new(size.lower(), limits),
            body: Some(Box::pin(body)),
            length: 0,
            trailers: None,
            has_failed: false,
        };
        let wakers = Arc::<Wakers>::default();
        Self {
            state: Mutex::new(state),
            limits: limits.clone(),
            size,
            waker: Waker::from(Arc::clone(&wakers)),
            wakers,
            clones: AtomicU64::new(0),
        }
    }
}

impl<B> Source<B> {
    /// The name of a new clone.
    pub(super) fn next_clone(&self) -> u64 {
        self.clones.fetch_add(1, Ordering::Relaxed)
    }

    /// A clone is gone.
    pub(super) fn forget(&self, clone: u64) {
        self.wakers.remove(clone);
    }

    pub(super) fn size(&self) -> &SizeHint {
        &self.size
    }

    pub(super) fn is_replayable(&self) -> bool {
        let state = self.lock();
        state.record.is_kept() && !state.has_failed
    }

    /// Whether nothing follows what stands before `position`.
    pub(super) fn is_end(&self, position: u64) -> bool {
        let state = self.lock();
        position == state.length && state.body.is_none() && state.trailers.is_none() && !state.has_failed
    }

    fn lock(&self) -> MutexGuard<'_, State<B>> {
        self.state.lock().unwrap_or_else(|poisoned| {
            // The body has panicked: what it gave is not all of it.
            let mut state = PoisonError::into_inner(poisoned);
            state.has_failed = true;
            state
        })
    }
}

impl<B> Source<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    /// Nothing that was read may be given on any more.
    pub(super) fn check(&self) -> Result<(), SigningError> {
        if self.lock().has_failed { Err(failed_before()) } else { Ok(()) }
    }

    /// What stands at `position` of the body.
    pub(super) fn poll_next(
        &self,
        position: u64,
        clone: u64,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Next, BoxError>> {
        let mut state = self.lock();
        if state.has_failed {
            return Poll::Ready(Err(failed_before().into()));
        }
        if position < state.length {
            return Poll::Ready(Ok(match state.record.at(position)? {
                Recorded::Data(data) => Next::Data(data),
                Recorded::File(reader) => Next::File(reader),
            }));
        }
        // Before the body is polled: it may wake from within.
        self.wakers.add(clone, cx.waker());
        let next = ready!(state.poll_live(self, &mut Context::from_waker(&self.waker)));
        drop(state);
        self.wakers.remove(clone);
        self.wakers.wake_all();
        Poll::Ready(next)
    }
}

impl<B> State<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    fn poll_live(&mut self, source: &Source<B>, cx: &mut Context<'_>) -> Poll<Result<Next, BoxError>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(Ok(Next::End(self.trailers.clone())));
        };
        ready!(self.record.poll_ready(cx));
        let frame = match ready!(body.as_mut().poll_frame(cx)).transpose() {
            Ok(frame) => frame,
            Err(error) => return Poll::Ready(Err(self.fail(error))),
        };
        let is_last = body.is_end_stream();
        Poll::Ready(match frame.map(|frame| frame.into_data().map_err(|frame| frame.into_trailers())) {
            Some(Ok(mut data)) => {
                // No copy where the data are `Bytes` already.
                let data = data.copy_to_bytes(data.remaining());
                let is_whole = is_last && self.length == 0;
                self.length += data.len() as u64;
                if is_whole {
                    self.record.hold(data.clone());
                } else if !data.is_empty() {
                    self.record.push(data.clone(), self.length.max(source.size.lower()), &source.limits);
                }
                // One that ends too early, or too late, is asked once more, and fails then.
                if is_last && self.is_as_long_as(&source.size) {
                    self.body = None;
                }
                Ok(Next::Data(data))
            }
            Some(Err(trailers)) => self.end(trailers.ok(), source),
            None => self.end(None, source),
        })
    }

    fn end(&mut self, trailers: Option<HeaderMap>, source: &Source<B>) -> Result<Next, BoxError> {
        if !self.is_as_long_as(&source.size) {
            // Another attempt must not take what there is for the whole body.
            let error = SigningError::new(SigningErrorKind::Body, "the body is not as long as it declared");
            return Err(self.fail(error));
        }
        self.body = None;
        self.trailers.clone_from(&trailers);
        Ok(Next::End(trailers))
    }

    fn is_as_long_as(&self, declared: &SizeHint) -> bool {
        declared.exact().is_none_or(|declared| declared == self.length)
    }

    fn fail(&mut self, error: impl Into<BoxError>) -> BoxError {
        self.has_failed = true;
        self.body = None;
        error.into()
    }
}

fn failed_before() -> SigningError {
    SigningError::new(SigningErrorKind::Body, "the body cannot be sent again: it failed in another attempt")
}
