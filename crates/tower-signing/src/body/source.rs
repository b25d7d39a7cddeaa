//! Where the bytes of a body come from.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use smallvec::SmallVec;

use super::into_bytes;
use super::spool::SpoolReader;
use crate::BoxError;

pin_project! {
    /// A body of the caller's, or what was read of one.
    #[project = SourceProjection]
    #[project_replace = SourceReplaced]
    pub(crate) enum Source<B> {
        Caller {
            #[pin]
            body: B,
        },
        /// One that was polled and moved since: what was read of it comes first.
        Resumed {
            prefix: Collected,
            body: Pin<Box<B>>,
        },
        Collected {
            collected: Collected,
        },
    }
}

impl<B> Source<B> {
    /// A body that can be [moved](Self::take) after it was polled.
    pub(super) fn movable(body: B) -> Self {
        Self::Resumed { prefix: Collected::empty(), body: Box::pin(body) }
    }

    /// Whether trailers are sure to follow.
    pub(super) fn has_trailers(&self) -> bool {
        matches!(self, Self::Collected { collected } if collected.trailers.is_some())
    }

    /// What is left of a movable body, behind the frames that were read of it.
    pub(super) fn take(self: Pin<&mut Self>, frames: SmallVec<[Bytes; 1]>) -> Option<Self> {
        match self.project_replace(Self::Collected { collected: Collected::empty() }) {
            SourceReplaced::Resumed { body, .. } => {
                Some(Self::Resumed { prefix: Collected::memory(frames, None), body })
            }
            SourceReplaced::Caller { .. } | SourceReplaced::Collected { .. } => None,
        }
    }
}

impl<B> Body for Source<B>
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
        let frame = match self.project() {
            SourceProjection::Caller { body } => ready!(body.poll_frame(cx)),
            SourceProjection::Resumed { prefix, body } => match ready!(prefix.poll_frame(cx)) {
                None => ready!(body.as_mut().poll_frame(cx)),
                read => return Poll::Ready(read),
            },
            SourceProjection::Collected { collected } => return collected.poll_frame(cx),
        };
        Poll::Ready(frame.map(|frame| Ok(frame.map_err(Into::into)?.map_data(into_bytes))))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Caller { body } => body.is_end_stream(),
            Self::Resumed { prefix, body } => prefix.is_end_stream() && body.is_end_stream(),
            Self::Collected { collected } => collected.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Caller { body } => body.size_hint(),
            Self::Resumed { prefix, body } => {
                let (read, rest) = (prefix.len(), body.size_hint());
                let mut hint = SizeHint::new();
                hint.set_lower(rest.lower().saturating_add(read));
                if let Some(upper) = rest.upper().and_then(|upper| upper.checked_add(read)) {
                    hint.set_upper(upper);
                }
                hint
            }
            Self::Collected { collected } => collected.size_hint(),
        }
    }
}

impl<B> fmt::Debug for Source<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Caller { .. } => "caller",
            Self::Resumed { .. } => "resumed",
            Self::Collected { collected } => match collected.storage {
                Storage::Memory { .. } => "memory",
                Storage::Spool(_) => "spool",
            },
        })
    }
}

/// What was read of a body.
pub(crate) struct Collected {
    storage: Storage,
    /// In a box, since few bodies have any.
    trailers: Option<Box<HeaderMap>>,
}

enum Storage {
    /// In the frames that it came in.
    Memory {
        frames: smallvec::IntoIter<[Bytes; 1]>,
        left: u64,
    },
    Spool(SpoolReader),
}

impl Collected {
    fn empty() -> Self {
        Self::memory(SmallVec::new(), None)
    }

    pub(super) fn memory(frames: SmallVec<[Bytes; 1]>, trailers: Option<Box<HeaderMap>>) -> Self {
        let left = frames.iter().map(|data| data.len() as u64).sum();
        Self { storage: Storage::Memory { frames: frames.into_iter(), left }, trailers }
    }

    pub(super) fn spooled(spool: SpoolReader, trailers: Option<Box<HeaderMap>>) -> Self {
        Self { storage: Storage::Spool(spool), trailers }
    }

    /// All bytes that are still to come.
    pub(crate) fn len(&self) -> u64 {
        match &self.storage {
            Storage::Memory { left, .. } => *left,
            Storage::Spool(spool) => spool.remaining(),
        }
    }

    /// Exact, unless trailers follow: over HTTP/1.1 they need a chunked body, and an exact size makes a client
    /// send `Content-Length` instead.
    fn size_hint(&self) -> SizeHint {
        if self.trailers.is_none() {
            return SizeHint::with_exact(self.len());
        }
        let mut hint = SizeHint::new();
        hint.set_lower(self.len());
        hint
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let data = match &mut self.storage {
            Storage::Memory { frames, left } => {
                let data = frames.next();
                *left -= data.as_ref().map_or(0, Bytes::len) as u64;
                data
            }
            Storage::Spool(spool) => ready!(spool.poll_next(cx)).transpose()?,
        };
        Poll::Ready(
            data.map(Frame::data)
                .or_else(|| self.trailers.take().map(|trailers| Frame::trailers(*trailers)))
                .map(Ok),
        )
    }

    fn is_end_stream(&self) -> bool {
        self.trailers.is_none()
            && match &self.storage {
                Storage::Memory { frames, .. } => frames.len() == 0,
                Storage::Spool(spool) => spool.remaining() == 0,
            }
    }
}
