//! A body that can be sent again.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::record::Limits;
use super::source::{Next, Source};
use crate::BoxError;
use crate::body::spool::SpoolReader;

/// A body whose clones all begin at its first byte. Made by a [`ReplayLayer`](crate::ReplayLayer).
///
/// Frames are shared between clones, not copied; those below 1 KiB are joined for all but the clone that reads them
/// first. Its errors are those of the body it was made from, for the clone that comes upon them; for others, and
/// where the body was too long to be kept, a [`SigningError`](crate::SigningError).
pub struct ReplayBody<B> {
    /// None for an empty body.
    source: Option<Arc<Source<B>>>,
    clone: u64,
    position: u64,
    reader: Option<SpoolReader>,
    is_done: bool,
}

impl<B: Body> ReplayBody<B> {
    pub(super) fn new(body: B, limits: &Limits) -> Self {
        let source = (!body.is_end_stream()).then(|| Arc::new(Source::new(body, limits)));
        Self::of(source)
    }
}

impl<B> ReplayBody<B> {
    /// Whether a clone gets the whole body, as far as is known by now.
    ///
    /// It does not if the body has failed, or is longer than what may be kept of it: then the attempt that reads
    /// it first goes on, and all others fail. Ask before an attempt is repeated.
    pub fn is_replayable(&self) -> bool {
        self.source.as_ref().is_none_or(|source| source.is_replayable())
    }

    fn of(source: Option<Arc<Source<B>>>) -> Self {
        let clone = source.as_ref().map_or(0, |source| source.next_clone());
        Self { source, clone, position: 0, reader: None, is_done: false }
    }
}

impl<B> Clone for ReplayBody<B> {
    /// The whole body, from its first byte, wherever this one stands.
    fn clone(&self) -> Self {
        Self::of(self.source.clone())
    }
}

impl<B> Drop for ReplayBody<B> {
    fn drop(&mut self) {
        if let Some(source) = &self.source {
            source.forget(self.clone);
        }
    }
}

impl<B> Body for ReplayBody<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        let Some(source) = this.source.as_ref().filter(|_| !this.is_done) else { return Poll::Ready(None) };
        loop {
            if let Some(reader) = &mut this.reader {
                source.check()?;
                if let Some(data) = ready!(reader.poll_next(cx)).transpose()? {
                    this.position += data.len() as u64;
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
                this.reader = None;
            }
            match ready!(source.poll_next(this.position, this.clone, cx))? {
                Next::Data(data) => {
                    this.position += data.len() as u64;
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
                Next::File(reader) => this.reader = Some(reader),
                Next::End(trailers) => {
                    this.is_done = true;
                    return Poll::Ready(trailers.map(|trailers| Ok(Frame::trailers(trailers))));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.is_done || self.source.as_ref().is_none_or(|source| source.is_end(self.position))
    }

    fn size_hint(&self) -> SizeHint {
        let Some(source) = &self.source else { return SizeHint::with_exact(0) };
        let whole = source.size();
        let mut hint = SizeHint::new();
        hint.set_lower(whole.lower().saturating_sub(self.position));
        if let Some(upper) = whole.upper() {
            hint.set_upper(upper.saturating_sub(self.position));
        }
        hint
    }
}

impl<B> fmt::Debug for ReplayBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayBody")
            .field("position", &self.position)
            .field("is_replayable", &self.is_replayable())
            .finish_non_exhaustive()
    }
}
