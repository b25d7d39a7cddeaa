//! The body that is sent: the caller's own, or what was read of it to be hashed.

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

use crate::{BoxError, SigningError, SigningErrorKind};

pin_project! {
    /// The body of a signed request.
    ///
    /// Passes the caller's body through, or gives back the frames that were read to hash them: the same
    /// memory, not a copy. Its size is exact once a body was read.
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
            // What is left of the length that was signed, where one was.
            left: Option<u64>,
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
    /// The caller's body. `length`: what a signed head says of it, which the body is held to.
    pub(crate) fn through(body: B, length: Option<u64>) -> Self {
        Self { kind: Kind::Through { body, left: length } }
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
            KindProjection::Through { body, left } => {
                let frame = ready!(body.poll_frame(cx)).transpose().map_err(Into::into)?;
                let frame = frame.map(|frame| frame.map_data(into_bytes));
                if let Err(error) = count_down(left, frame.as_ref()) {
                    return Poll::Ready(Some(Err(error.into())));
                }
                Poll::Ready(frame.map(Ok))
            }
            KindProjection::Buffered { buffered } => Poll::Ready(buffered.next_frame().map(Ok)),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            // While bytes are owed, the end is for `poll_frame` to tell.
            Kind::Through { body, left } => body.is_end_stream() && matches!(left, None | Some(0)),
            Kind::Buffered { buffered } => buffered.frames.len() == 0 && buffered.trailers.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Through { left: Some(left), .. } => SizeHint::with_exact(*left),
            Kind::Through { body, left: None } => body.size_hint(),
            Kind::Buffered { buffered } => SizeHint::with_exact(buffered.left),
        }
    }
}

impl<B> fmt::Debug for SignedBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.kind {
            Kind::Through { .. } => "through",
            Kind::Buffered { .. } => "buffered",
        };
        f.debug_struct("SignedBody").field("kind", &kind).finish_non_exhaustive()
    }
}

/// No copy where the data are `Bytes` already.
fn into_bytes(mut data: impl Buf) -> Bytes {
    data.copy_to_bytes(data.remaining())
}

/// Holds a body to the length that its signed head says.
fn count_down(left: &mut Option<u64>, frame: Option<&Frame<Bytes>>) -> Result<(), SigningError> {
    let Some(left) = left else { return Ok(()) };
    let fault = |message| Err(SigningError::new(SigningErrorKind::Body, message));
    match frame {
        Some(frame) => {
            let length = frame.data_ref().map_or(0, Bytes::len) as u64;
            match left.checked_sub(length) {
                Some(rest) => *left = rest,
                None => return fault("the body is longer than its signed length"),
            }
        }
        None if *left > 0 => return fault("the body ended before its signed length"),
        None => {}
    }
    Ok(())
}
