//! The request body on its way to the upstream, which never sees it end before its end.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use http::HeaderName;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_signing::BoxError;

use super::headers::strip_trailers;
use super::transfer::Transfer;

pin_project! {
    /// The client's body, passed through as it comes and held to the length that its head announced.
    ///
    /// It is what the inner service of a [`SigningProxy`](super::SigningProxy) is called with.
    pub struct UploadBody<B> {
        #[pin]
        body: B,
        // What is left of the announced length, where there is one.
        left: Option<u64>,
        // What is left of the most that a body may have.
        room: Option<u64>,
        end: End,
        // What trailers lose beside the usual.
        stripped: Arc<[HeaderName]>,
        transfer: Arc<Transfer>,
    }
}

/// What it takes to believe that the body is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// That it ends: a body that broke off fails instead.
    Silent,
    /// That it also says so. Over HTTP/2 hyper ends a body in silence when the client resets the stream with
    /// `NO_ERROR`, which would make half an upload look like a whole one.
    Told,
    /// It was seen.
    Seen,
}

impl<B> UploadBody<B> {
    pub(crate) fn new(
        body: B,
        length: Option<u64>,
        limit: Option<u64>,
        end: End,
        stripped: Arc<[HeaderName]>,
        transfer: Arc<Transfer>,
    ) -> Self {
        Self { body, left: length, room: limit, end, stripped, transfer }
    }
}

impl<B> Body for UploadBody<B>
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
        let mut this = self.project();
        if *this.end == End::Seen {
            return Poll::Ready(None);
        }
        let Poll::Ready(frame) = this.body.as_mut().poll_frame(cx) else {
            this.transfer.set_waits_for_client(true);
            return Poll::Pending;
        };
        this.transfer.set_waits_for_client(false);
        this.transfer.touch();
        let broken = match frame {
            Some(Ok(frame)) => match frame.into_data() {
                Ok(mut data) => {
                    let data = data.copy_to_bytes(data.remaining());
                    let length = data.len() as u64;
                    let left = this.left.map(|left| left.checked_sub(length));
                    let room = this.room.map(|room| room.checked_sub(length));
                    match (left, room) {
                        (Some(None), _) => UploadError("the body is longer than its Content-Length").into(),
                        (_, Some(None)) => {
                            this.transfer.set_upload_is_too_large();
                            UploadError("the body is larger than the limit").into()
                        }
                        (left, room) => {
                            *this.left = left.flatten();
                            *this.room = room.flatten();
                            this.transfer.add_uploaded(length);
                            return Poll::Ready(Some(Ok(Frame::data(data))));
                        }
                    }
                }
                Err(frame) => {
                    if matches!(*this.left, None | Some(0)) {
                        *this.end = End::Seen;
                        let trailers = frame.into_trailers().unwrap_or_default();
                        return Poll::Ready(Some(Ok(Frame::trailers(strip_trailers(
                            trailers,
                            this.stripped,
                        )))));
                    }
                    UploadError("the body ended before its Content-Length").into()
                }
            },
            Some(Err(error)) => error.into(),
            None if matches!(*this.left, Some(1..)) => {
                UploadError("the body ended before its Content-Length").into()
            }
            None if *this.end == End::Told && this.left.is_none() && !this.body.is_end_stream() => {
                UploadError("the client reset the stream before the body's end").into()
            }
            None => {
                *this.end = End::Seen;
                return Poll::Ready(None);
            }
        };
        this.transfer.set_upload_broke_off();
        Poll::Ready(Some(Err(broken)))
    }

    fn is_end_stream(&self) -> bool {
        // While bytes are owed, the end is for `poll_frame` to tell.
        self.end == End::Seen || (self.body.is_end_stream() && matches!(self.left, None | Some(0)))
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(|| self.body.size_hint(), SizeHint::with_exact)
    }
}

impl<B> fmt::Debug for UploadBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadBody").field("left", &self.left).finish_non_exhaustive()
    }
}

/// The client's body is not what its head, or its protocol, said.
#[derive(Debug)]
struct UploadError(&'static str);

impl fmt::Display for UploadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for UploadError {}
