//! A timer that fires when nothing has moved for too long.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};

use super::transfer::Transfer;

pin_project! {
    /// Polled while there is nothing to do but wait.
    #[derive(Debug)]
    pub(crate) struct IdleTimer {
        limit: Duration,
        #[pin]
        sleep: Sleep,
    }
}

impl IdleTimer {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, sleep: sleep_until(Instant::now() + limit) }
    }

    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// Ready when `transfer` was not touched for the limit. Each frame only notes its time; the timer itself is
    /// set anew when it fires, not with every frame.
    pub(crate) fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>, transfer: &Transfer) -> Poll<()> {
        let mut this = self.project();
        loop {
            ready!(this.sleep.as_mut().poll(cx));
            let deadline = transfer.touched_at() + *this.limit;
            if deadline <= Instant::now() {
                return Poll::Ready(());
            }
            this.sleep.as_mut().reset(deadline);
        }
    }
}
