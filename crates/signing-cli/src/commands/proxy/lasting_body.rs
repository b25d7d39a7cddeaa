//! A response that lasts until its last byte is with the system.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::activity::{InFlight, Waiting};

pin_project! {
    /// A response's body. hyper drops it when it has taken the last frame, which a slow client, or one whose
    /// HTTP/2 window is closed, has not got by then: the data themselves hold the request.
    pub(super) struct LastingBody<B> {
        #[pin]
        body: B,
        in_flight: Arc<InFlight>,
        waiting: Option<Waiting>,
    }
}

impl<B> LastingBody<B> {
    pub(super) fn new(body: B, in_flight: InFlight) -> Self {
        Self { body, in_flight: Arc::new(in_flight), waiting: None }
    }
}

impl<B: Body<Data = Bytes>> Body for LastingBody<B> {
    type Data = LastingData;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<LastingData>, B::Error>>> {
        let this = self.project();
        let Poll::Ready(frame) = this.body.poll_frame(cx) else {
            this.waiting.get_or_insert_with(|| this.in_flight.wait_for_upstream());
            return Poll::Pending;
        };
        *this.waiting = None;
        let last = |data| LastingData { data, in_flight: Arc::clone(this.in_flight) };
        Poll::Ready(frame.map(|frame| frame.map(|frame| frame.map_data(last))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Bytes that hold their request until they are written.
#[derive(Debug)]
pub(super) struct LastingData {
    data: Bytes,
    in_flight: Arc<InFlight>,
}

impl Buf for LastingData {
    fn remaining(&self) -> usize {
        self.data.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.data.chunk()
    }

    fn advance(&mut self, count: usize) {
        self.data.advance(count);
        self.in_flight.moved();
    }
}
