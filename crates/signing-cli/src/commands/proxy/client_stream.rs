//! A client's socket, and clients that do not read.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::activity::Activity;

/// How long what a client still sends is thrown away after the last answer.
const LINGER: Duration = Duration::from_secs(1);

/// Writing fails when the client takes nothing for the idle time.
///
/// Closing reads on for a moment: a system that closes a socket with unread bytes resets the connection, and the
/// client loses the answer that says why its upload was refused.
pub(super) struct ClientStream<S> {
    stream: S,
    limit: Duration,
    timer: Pin<Box<Sleep>>,
    state: State,
    activity: Arc<Activity>,
}

/// What the timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Writing,
    Closing,
}

impl<S> ClientStream<S> {
    pub(super) fn new(stream: S, limit: Duration, activity: Arc<Activity>) -> Self {
        Self { stream, limit, timer: Box::pin(sleep(limit)), state: State::Idle, activity }
    }
}

impl<S: AsyncWrite + Unpin> ClientStream<S> {
    fn timed<T>(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let this = self.get_mut();
        if let Poll::Ready(result) = write(Pin::new(&mut this.stream), cx) {
            if this.state == State::Writing {
                this.state = State::Idle;
                this.activity.set_writing(false);
            }
            return Poll::Ready(result);
        }
        if this.state != State::Writing {
            this.state = State::Writing;
            this.activity.set_writing(true);
            this.timer.as_mut().reset(Instant::now() + this.limit);
        }
        ready!(this.timer.as_mut().poll(cx));
        tracing::info!("a connection ends: its client read nothing for the idle time");
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ClientStream<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buf)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for ClientStream<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        self.timed(cx, |stream, cx| stream.poll_write(cx, data))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.timed(cx, |stream, cx| stream.poll_write_vectored(cx, data))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.timed(cx, |stream, cx| stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.state != State::Closing {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
            this.state = State::Closing;
            this.timer.as_mut().reset(Instant::now() + LINGER);
        }
        let mut waste = [0; 16 * 1024];
        loop {
            if this.timer.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Ok(()));
            }
            let mut waste = ReadBuf::new(&mut waste);
            // The answer was sent: what the client breaks now is its own.
            if ready!(Pin::new(&mut this.stream).poll_read(cx, &mut waste)).is_err()
                || waste.filled().is_empty()
            {
                return Poll::Ready(Ok(()));
            }
        }
    }
}
