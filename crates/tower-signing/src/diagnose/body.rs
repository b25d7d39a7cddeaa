//! The body of a response that went through a [`DiagnoseService`](crate::DiagnoseService).

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::read_ahead::ReadAhead;
use crate::body::into_bytes;

pin_project! {
    /// The body of a response: as it is, or that of a refusal, of which the beginning was read.
    ///
    /// It gives the same frames, trailers and errors.
    pub struct DiagnoseBody<B>
    where
        B: Body,
    {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<B>
    where
        B: Body,
    {
        Passed {
            #[pin]
            body: B,
        },
        // In a box, since few are refused.
        Read {
            body: Box<ReadAhead<B>>,
        },
    }
}

impl<B: Body> DiagnoseBody<B> {
    pub(super) fn passed(body: B) -> Self {
        Self { kind: Kind::Passed { body } }
    }

    pub(super) fn read(body: ReadAhead<B>) -> Self {
        Self { kind: Kind::Read { body: Box::new(body) } }
    }
}

impl<B: Body> Body for DiagnoseBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().kind.project() {
            KindProjection::Passed { body } => body.poll_frame(cx).map_ok(|frame| frame.map_data(into_bytes)),
            KindProjection::Read { body } => body.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Passed { body } => body.is_end_stream(),
            Kind::Read { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Passed { body } => body.size_hint(),
            Kind::Read { body } => body.size_hint(),
        }
    }
}

impl<B: Body> fmt::Debug for DiagnoseBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.kind {
            Kind::Passed { .. } => "passed",
            Kind::Read { .. } => "read ahead",
        };
        f.debug_struct("DiagnoseBody").field("kind", &kind).finish_non_exhaustive()
    }
}
