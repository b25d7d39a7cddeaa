//! The response body: the upstream's on its way to the client, or the proxy's own few words.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_signing::BoxError;

use super::FailureKind;
use super::exchange::Exchange;
use super::failure::cause;
use super::headers::strip_trailers;
use super::idle::IdleTimer;

pin_project! {
    /// The body of a response of a [`SigningProxy`](super::SigningProxy).
    ///
    /// It fails when the upstream breaks off or keeps still for too long, so that the server breaks off, too, and
    /// half a response does not look like a whole one.
    pub struct DownloadBody<R> {
        #[pin]
        kind: Kind<R>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<R> {
        Upstream {
            #[pin]
            body: R,
            #[pin]
            idle: IdleTimer,
            // Time counts while the client waits for the upstream, not while the upstream waits for it.
            is_waiting: bool,
            exchange: Exchange,
        },
        Text {
            text: Bytes,
        },
    }
}

impl<R: Body> DownloadBody<R> {
    pub(crate) fn upstream(body: R, idle: IdleTimer, exchange: Exchange) -> Self {
        Self { kind: Kind::Upstream { body, idle, is_waiting: false, exchange } }
    }

    pub(crate) fn text(text: Bytes) -> Self {
        Self { kind: Kind::Text { text } }
    }
}

impl<R> Body for DownloadBody<R>
where
    R: Body,
    R::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let (mut body, idle, is_waiting, exchange) = match self.project().kind.project() {
            KindProjection::Upstream { body, idle, is_waiting, exchange } => {
                (body, idle, is_waiting, exchange)
            }
            KindProjection::Text { text } if text.is_empty() => return Poll::Ready(None),
            KindProjection::Text { text } => return Poll::Ready(Some(Ok(Frame::data(std::mem::take(text))))),
        };
        let Poll::Ready(frame) = body.as_mut().poll_frame(cx) else {
            if !*is_waiting {
                *is_waiting = true;
                exchange.transfer().touch();
            }
            let limit = idle.limit();
            ready!(idle.poll(cx, exchange.transfer()));
            let reason = format!("nothing moved for {limit:?} in the midst of the response");
            exchange.broke_off(FailureKind::Timeout, &reason);
            return Poll::Ready(Some(Err(reason.into())));
        };
        *is_waiting = false;
        exchange.transfer().touch();
        Poll::Ready(match frame {
            Some(Ok(frame)) => {
                let frame = frame.map_data(|mut data| data.copy_to_bytes(data.remaining()));
                let frame = match frame.into_data() {
                    Ok(data) => {
                        exchange.transfer().add_downloaded(data.len() as u64);
                        Frame::data(data)
                    }
                    Err(frame) => {
                        exchange.complete();
                        Frame::trailers(strip_trailers(frame.into_trailers().unwrap_or_default(), &[]))
                    }
                };
                // A server that has sent the announced length does not ask for the end.
                if body.is_end_stream() {
                    exchange.complete();
                }
                Some(Ok(frame))
            }
            Some(Err(error)) => {
                let error = error.into();
                let kind = if exchange.transfer().upload_broke_off() {
                    FailureKind::Upload
                } else {
                    FailureKind::Download
                };
                exchange.broke_off(kind, &cause(&*error));
                Some(Err(error))
            }
            None => {
                exchange.complete();
                None
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Upstream { body, .. } => body.is_end_stream(),
            Kind::Text { text } => text.is_empty(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Upstream { body, .. } => body.size_hint(),
            Kind::Text { text } => SizeHint::with_exact(text.len() as u64),
        }
    }
}

impl<R> fmt::Debug for DownloadBody<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.kind {
            Kind::Upstream { .. } => "upstream",
            Kind::Text { .. } => "text",
        };
        f.debug_struct("DownloadBody").field("kind", &kind).finish_non_exhaustive()
    }
}
