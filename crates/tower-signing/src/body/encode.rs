//! Sends a body through an encoder.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use signing_core::BodyEncoder;

use super::measure::Measure;
use super::source::Source;
use super::{FRAMES_PER_POLL, HASHED_PER_POLL};
use crate::{BoxError, SigningError};

/// What is encoded between two moments of giving way: a chunk of the usual size. That is counted over several polls,
/// since a client takes what it gets until there is no more.
const ENCODED_AT_ONCE: usize = 2 * HASHED_PER_POLL;

/// A body on its way through an encoder.
///
/// The end of the encoding is written once the body has ended where it must: a body that breaks off, or goes on
/// too long, never looks whole.
pub(super) struct Encoding {
    encoder: Box<dyn BodyEncoder>,
    measure: Measure,
    /// What is not encoded yet of the last frame.
    taken: Bytes,
    encoded: VecDeque<Bytes>,
    /// Encoded bytes that were not given on yet, if that is known.
    left: Option<u64>,
    trailers: Option<HeaderMap>,
    /// What may still be encoded before it gives way.
    budget: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Running,
    Finished,
    /// Nothing follows, and what was sent is not whole.
    Failed,
}

impl Encoding {
    /// `has_trailers`: some are sure to follow, which over HTTP/1.1 need a body of no exact size.
    pub(super) fn new(encoder: Box<dyn BodyEncoder>, length: u64, has_trailers: bool) -> Self {
        Self {
            left: encoder.encoded_length().filter(|_| !has_trailers),
            encoder,
            measure: Measure::new(length),
            taken: Bytes::new(),
            encoded: VecDeque::new(),
            trailers: None,
            budget: ENCODED_AT_ONCE,
            state: State::Running,
        }
    }

    pub(super) fn poll_frame<B>(
        &mut self,
        source: Pin<&mut Source<B>>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>>
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        let frame = ready!(self.poll_next(source, cx));
        if frame.is_err() {
            self.state = State::Failed;
            self.encoded.clear();
        }
        Poll::Ready(frame.transpose())
    }

    fn poll_next<B>(
        &mut self,
        mut source: Pin<&mut Source<B>>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Frame<Bytes>>, BoxError>>
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        let mut frames = 0;
        loop {
            if let Some(data) = self.encoded.pop_front() {
                if let Some(left) = &mut self.left {
                    *left = left.saturating_sub(data.len() as u64);
                }
                return Poll::Ready(Ok(Some(Frame::data(data))));
            }
            match self.state {
                State::Running => {}
                State::Finished => return Poll::Ready(Ok(self.trailers.take().map(Frame::trailers))),
                State::Failed => return Poll::Ready(Ok(None)),
            }
            if self.budget == 0 || frames > FRAMES_PER_POLL {
                self.budget = ENCODED_AT_ONCE;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if !self.taken.is_empty() {
                let piece = self.taken.split_to(self.taken.len().min(self.budget));
                self.budget -= piece.len();
                self.encoder.push(piece, &mut self.encoded);
            } else if self.measure.is_ended() {
                self.release()?;
            } else {
                frames += 1;
                let frame = ready!(source.as_mut().poll_frame(cx)).transpose()?;
                self.taken = self.measure.take(frame)?.unwrap_or_default();
            }
        }
    }

    /// What was held back until the body had ended, then the end.
    fn release(&mut self) -> Result<(), SigningError> {
        let trailers = match self.measure.release().map(Frame::into_data) {
            Some(Ok(data)) => {
                self.taken = data;
                return Ok(());
            }
            Some(Err(frame)) => frame.into_trailers().ok(),
            None => None,
        };
        self.trailers = self.encoder.finish(trailers, &mut self.encoded)?;
        self.state = State::Finished;
        Ok(())
    }

    pub(super) fn is_end_stream(&self) -> bool {
        self.state == State::Finished && self.encoded.is_empty() && self.trailers.is_none()
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}
