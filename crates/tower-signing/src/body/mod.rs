//! The body that is sent: where its bytes come from, and what is done with them on the way.

mod encode;
mod measure;
mod read;
mod source;
pub(crate) mod spool;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use signing_core::BodyEncoder;

pub(crate) use read::{Overflow, Read, ReadBody, Whole};
pub(crate) use source::{Collected, Source};

use crate::BoxError;
use encode::Encoding;
use measure::Measure;

/// How many frames one poll takes at most without giving one on.
const FRAMES_PER_POLL: usize = 512;

/// What one poll hashes at most. More would make the timers of a busy executor late; this is about 20 µs
/// with SHA extensions.
const HASHED_PER_POLL: usize = 32 * 1024;

/// The body of a signed request.
///
/// Passes the caller's body through, encodes it on the way, or gives back what was read to hash it: the same
/// memory, but for frames below 1 KiB, which were joined, or what was written to a file. Its size is exact where
/// the signature says it, or once a body without trailers was read.
pub struct SignedBody<B> {
    /// In a box: a client moves a request some twenty times, and small ones cost less than the box. `None`: it is empty.
    sent: Option<Pin<Box<Sent<B>>>>,
}

pin_project! {
    struct Sent<B> {
        #[pin]
        source: Source<B>,
        shape: Shape,
    }
}

/// What is done with a body on its way.
enum Shape {
    /// Nothing.
    Plain,
    /// It is held to the length that the head says.
    Measured(Measure),
    /// The same, and it is encoded. In a box, since few are.
    Encoded(Box<Encoding>),
}

impl<B> SignedBody<B> {
    pub(crate) fn empty() -> Self {
        Self { sent: None }
    }

    /// The caller's body, as it is.
    pub(crate) fn through(body: B) -> Self {
        Self::new(Source::Caller { body }, Shape::Plain)
    }

    /// The caller's body, held to the length that the head says.
    pub(crate) fn measured(body: B, length: u64) -> Self {
        Self::new(Source::Caller { body }, Shape::Measured(Measure::new(length)))
    }

    /// A body that was read.
    pub(crate) fn collected(collected: Collected) -> Self {
        Self::new(Source::Collected { collected }, Shape::Plain)
    }

    /// Whether the bytes that are sent are others than those of the caller's body (`aws-chunked`, for one).
    ///
    /// If not, an adapter that still holds the caller's body may send that instead, as long as it gives the same bytes
    /// again: clients repeat a body of a type of their own where they cannot repeat this one.
    pub fn is_encoded(&self) -> bool {
        self.sent.as_ref().is_some_and(|sent| matches!(sent.shape, Shape::Encoded(_)))
    }

    /// A body of `length` bytes, which are sent through `encoder`.
    pub(crate) fn encoded(source: Source<B>, length: u64, encoder: Box<dyn BodyEncoder>) -> Self {
        let encoding = Encoding::new(encoder, length, source.has_trailers());
        Self::new(source, Shape::Encoded(Box::new(encoding)))
    }

    fn new(source: Source<B>, shape: Shape) -> Self {
        Self { sent: Some(Box::pin(Sent { source, shape })) }
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
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(sent) = &mut self.sent else { return Poll::Ready(None) };
        let mut this = sent.as_mut().project();
        let measure = match this.shape {
            Shape::Plain => return this.source.poll_frame(cx),
            Shape::Encoded(encoding) => return encoding.poll_frame(this.source, cx),
            Shape::Measured(measure) => measure,
        };
        // What is held back, or empty, gives nothing on: give way at times.
        let mut frames = 0;
        while !measure.is_ended() {
            frames += 1;
            if frames > FRAMES_PER_POLL {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let frame = ready!(this.source.as_mut().poll_frame(cx)).transpose();
            match frame.and_then(|frame| Ok(measure.take(frame)?)) {
                Ok(None) => {}
                Ok(Some(data)) => return Poll::Ready(Some(Ok(Frame::data(data)))),
                Err(error) => {
                    measure.fail();
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
        Poll::Ready(measure.release().map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        let Some(sent) = &self.sent else { return true };
        match &sent.shape {
            Shape::Plain => sent.source.is_end_stream(),
            Shape::Measured(measure) => {
                measure.is_released() && (measure.is_ended() || sent.source.is_end_stream())
            }
            Shape::Encoded(encoding) => encoding.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        let Some(sent) = &self.sent else { return SizeHint::with_exact(0) };
        match &sent.shape {
            Shape::Plain => sent.source.size_hint(),
            Shape::Measured(measure) => SizeHint::with_exact(measure.left()),
            Shape::Encoded(encoding) => encoding.size_hint(),
        }
    }
}

impl<B> fmt::Debug for SignedBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(sent) = &self.sent else { return f.write_str("SignedBody(empty)") };
        let shape = match &sent.shape {
            Shape::Plain => "plain",
            Shape::Measured(_) => "measured",
            Shape::Encoded(_) => "encoded",
        };
        f.debug_struct("SignedBody").field("source", &sent.source).field("shape", &shape).finish()
    }
}

/// No copy where the data are `Bytes` already.
pub(crate) fn into_bytes(mut data: impl Buf) -> Bytes {
    data.copy_to_bytes(data.remaining())
}
