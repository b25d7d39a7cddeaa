//! A body whose beginning was read before whoever it is for reads it.

use std::collections::VecDeque;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::body::into_bytes;

/// A body may be all empty frames.
const MOST_FRAMES: usize = 4096;

/// Frames as they came, then the rest of the body.
pub(super) struct ReadAhead<B: Body> {
    /// What was read and not given on. An error is the last of it.
    frames: VecDeque<Result<Frame<Bytes>, B::Error>>,
    /// The bytes that were read, together.
    text: Vec<u8>,
    /// `None` once it has ended, or failed.
    rest: Option<Pin<Box<B>>>,
}

impl<B: Body> ReadAhead<B> {
    pub(super) fn new(body: B) -> Self {
        let rest = (!body.is_end_stream()).then(|| Box::pin(body));
        Self { frames: VecDeque::new(), text: Vec::new(), rest }
    }

    /// Reads until there are `enough` bytes, or no more.
    pub(super) fn poll_fill(&mut self, cx: &mut Context<'_>, enough: usize) -> Poll<()> {
        while self.text.len() < enough && self.frames.len() < MOST_FRAMES && self.rest.is_some() {
            let frame = ready!(self.poll_rest(cx));
            if let Some(Ok(frame)) = &frame
                && let Some(data) = frame.data_ref()
            {
                self.text.extend_from_slice(&data[..data.len().min(enough - self.text.len())]);
            }
            self.frames.extend(frame);
        }
        Poll::Ready(())
    }

    /// The bytes that were read.
    pub(super) fn take_text(&mut self) -> Vec<u8> {
        mem::take(&mut self.text)
    }

    pub(super) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.frames.pop_front() {
            Some(frame) => Poll::Ready(Some(frame)),
            None => self.poll_rest(cx),
        }
    }

    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let Some(rest) = &mut self.rest else { return Poll::Ready(None) };
        let frame =
            ready!(rest.as_mut().poll_frame(cx)).map(|frame| frame.map(|frame| frame.map_data(into_bytes)));
        if matches!(frame, None | Some(Err(_))) {
            self.rest = None;
        }
        Poll::Ready(frame)
    }

    pub(super) fn is_end_stream(&self) -> bool {
        self.frames.is_empty() && self.rest.as_ref().is_none_or(|rest| rest.is_end_stream())
    }

    /// What is exact lets a server tell the length in its head, and then it asks for nothing behind the data: neither for
    /// trailers nor for the error that says that this is not all.
    pub(super) fn size_hint(&self) -> SizeHint {
        let data = self.frames.iter().map(|frame| frame.as_ref().ok().and_then(Frame::data_ref));
        let lengths = data.clone().flatten().map(|data| data.len() as u64);
        let read = lengths.sum::<u64>();
        let rest = self.rest.as_ref().map_or_else(|| SizeHint::with_exact(0), |rest| rest.size_hint());
        let mut hint = SizeHint::new();
        if let Some(upper) = rest.upper().filter(|_| data.clone().all(|data| data.is_some())) {
            hint.set_upper(read.saturating_add(upper));
        }
        hint.set_lower(read.saturating_add(rest.lower()));
        hint
    }
}
