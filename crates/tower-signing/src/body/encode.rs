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

/// What one poll encodes at most without giving anything on: a chunk of the usual size. That is twice as much as
/// where a body is only hashed; here a client writes to its socket in between, and gives way there.
const ENCODED_PER_POLL: usize = 2 * HASHED_PER_POLL;

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
    is_finished: bool,
}

impl Encoding {
    pub(super) fn new(encoder: Box<dyn BodyEncoder>, length: u64) -> Self {
        Self {
            left: encoder.encoded_length(),
            encoder,
            measure: Measure::new(length),
            taken: Bytes::new(),
            encoded: VecDeque::new(),
            trailers: None,
            is_finished: false,
        }
    }

    pub(super) fn poll_frame<B>(
        &mut self,
        mut source: Pin<&mut Source<B>>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>>
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        let (mut budget, mut frames) = (ENCODED_PER_POLL, 0);
        loop {
            if let Some(data) = self.encoded.pop_front() {
                if let Some(left) = &mut self.left {
                    *left = left.saturating_sub(data.len() as u64);
                }
                return Poll::Ready(Some(Ok(Frame::data(data))));
            }
            if self.is_finished {
                return Poll::Ready(self.trailers.take().map(|trailers| Ok(Frame::trailers(trailers))));
            }
            if budget == 0 || frames > FRAMES_PER_POLL {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if !self.taken.is_empty() {
                let piece = self.taken.split_to(self.taken.len().min(budget));
                budget -= piece.len();
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
        self.is_finished = true;
        Ok(())
    }

    pub(super) fn is_end_stream(&self) -> bool {
        self.is_finished && self.encoded.is_empty() && self.trailers.is_none()
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}
