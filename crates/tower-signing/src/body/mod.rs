//! The body that is sent: the caller's own, or what was read of it to be hashed.

mod measure;
mod read;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use smallvec::SmallVec;

pub(crate) use read::ReadBody;

use crate::BoxError;
use measure::Measure;

/// How many frames one poll takes at most without giving one on.
const FRAMES_PER_POLL: usize = 512;

pin_project! {
    /// The body of a signed request.
    ///
    /// Passes the caller's body through, or gives back the frames that were read to hash them: the same
    /// memory, but for frames below 1 KiB, which were joined. Its size is exact once a body without trailers was read.
    pub struct SignedBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<B> {
        Through {
            #[pin]
            body: B,
        },
        Measured {
            #[pin]
            body: B,
            measure: Measure,
        },
        Buffered {
            buffered: Buffered,
        },
    }
}

/// A whole body in memory, in the frames that it came in.
pub(crate) struct Buffered {
    frames: smallvec::IntoIter<[Bytes; 1]>,
    left: u64,
    trailers: Option<HeaderMap>,
}

impl Buffered {
    fn new(frames: SmallVec<[Bytes; 1]>, length: u64, trailers: Option<HeaderMap>) -> Self {
        Self { frames: frames.into_iter(), left: length, trailers }
    }

    /// All bytes that are still to come.
    pub(crate) fn len(&self) -> u64 {
        self.left
    }

    /// Exact, unless trailers follow: over HTTP/1.1 they need a chunked body, and an exact size makes a client
    /// send `Content-Length` instead.
    fn size_hint(&self) -> SizeHint {
        if self.trailers.is_none() {
            return SizeHint::with_exact(self.left);
        }
        let mut hint = SizeHint::new();
        hint.set_lower(self.left);
        hint
    }

    fn next_frame(&mut self) -> Option<Frame<Bytes>> {
        match self.frames.next() {
            Some(data) => {
                self.left -= data.len() as u64;
                Some(Frame::data(data))
            }
            None => self.trailers.take().map(Frame::trailers),
        }
    }
}

impl<B> SignedBody<B> {
    /// The caller's body, as it is.
    pub(crate) fn through(body: B) -> Self {
        Self { kind: Kind::Through { body } }
    }

    /// The caller's body, held to the length that the head says.
    pub(crate) fn measured(body: B, length: u64) -> Self {
        Self { kind: Kind::Measured { body, measure: Measure::new(length) } }
    }

    pub(crate) fn buffered(buffered: Buffered) -> Self {
        Self { kind: Kind::Buffered { buffered } }
    }
}

impl<B> Body for SignedBody<B>
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
        match self.project().kind.project() {
            KindProjection::Through { body } => {
                let frame = ready!(body.poll_frame(cx)).transpose().map_err(Into::into)?;
                Poll::Ready(frame.map(|frame| Ok(frame.map_data(into_bytes))))
            }
            KindProjection::Measured { mut body, measure } => {
                // What is held back, or empty, gives nothing on: give way at times.
                let mut frames = 0;
                while !measure.is_ended() {
                    frames += 1;
                    if frames > FRAMES_PER_POLL {
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    let frame = ready!(body.as_mut().poll_frame(cx)).transpose().map_err(Into::into)?;
                    match measure.take(frame.map(|frame| frame.map_data(into_bytes))) {
                        Ok(None) => {}
                        Ok(Some(data)) => return Poll::Ready(Some(Ok(Frame::data(data)))),
                        Err(error) => return Poll::Ready(Some(Err(error.into()))),
                    }
                }
                Poll::Ready(measure.release().map(Ok))
            }
            KindProjection::Buffered { buffered } => Poll::Ready(buffered.next_frame().map(Ok)),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Through { body } => body.is_end_stream(),
            Kind::Measured { body, measure } => {
                measure.is_released() && (measure.is_ended() || body.is_end_stream())
            }
            Kind::Buffered { buffered } => buffered.frames.len() == 0 && buffered.trailers.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Through { body } => body.size_hint(),
            Kind::Measured { measure, .. } => SizeHint::with_exact(measure.left()),
            Kind::Buffered { buffered } => buffered.size_hint(),
        }
    }
}

impl<B> fmt::Debug for SignedBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.kind {
            Kind::Through { .. } => "through",
            Kind::Measured { .. } => "measured",
            Kind::Buffered { .. } => "buffered",
        };
        f.debug_struct("SignedBody").field("kind", &kind).finish_non_exhaustive()
    }
}

/// No copy where the data are `Bytes` already.
fn into_bytes(mut data: impl Buf) -> Bytes {
    data.copy_to_bytes(data.remaining())
}
