//! What goes on over one connection.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use http::Version;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::Instant;

/// Counts the requests in flight.
#[derive(Debug)]
pub(super) struct Activity(Mutex<State>);

#[derive(Clone, Copy, Debug)]
struct State {
    in_flight: usize,
    /// When the last one ended.
    idle_since: Instant,
    is_http2: bool,
}

impl Activity {
    /// That of a connection which was accepted just now.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(State { in_flight: 0, idle_since: Instant::now(), is_http2: false })))
    }

    /// A request came. It lasts until what is returned is dropped.
    pub(super) fn begin(self: &Arc<Self>, version: Version) -> InFlight {
        self.update(|state| {
            state.in_flight += 1;
            state.is_http2 = version == Version::HTTP_2;
        });
        InFlight(Arc::clone(self))
    }

    /// Since when there has been no request, if there is none.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        let state = self.update(|state| *state);
        (state.in_flight == 0).then_some(state.idle_since)
    }

    pub(super) fn is_http2(&self) -> bool {
        self.update(|state| state.is_http2)
    }

    fn update<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One request.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Activity>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.update(|state| {
            state.in_flight -= 1;
            state.idle_since = Instant::now();
        });
    }
}

pin_project! {
    /// A response's body, which ends its request when it is dropped.
    pub(super) struct LastingBody<B> {
        #[pin]
        body: B,
        in_flight: InFlight,
    }
}

impl<B> LastingBody<B> {
    pub(super) fn new(body: B, in_flight: InFlight) -> Self {
        Self { body, in_flight }
    }
}

impl<B: Body> Body for LastingBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.project().body.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
