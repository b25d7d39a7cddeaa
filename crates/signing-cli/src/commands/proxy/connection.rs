//! Connections: how many there are, what each may do, and when it ends.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, Version};
use http_body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::select;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;
use tower_signing::BoxError;

use super::activity::Activity;
use super::client_stream::ClientStream;
use super::lasting_body::LastingBody;
use super::listen::{Listener, Stream};
use crate::client::MAX_HEADERS;

/// How long an idle connection is kept when the proxy drains, so that a request which is on its way is answered.
const LINGER: Duration = Duration::from_secs(1);
/// How long nothing is accepted after that failed, as it does when the process has no file descriptor left.
const RECOVERY: Duration = Duration::from_millis(100);
/// Between two looks at requests that are about to end.
const MOMENT: Duration = Duration::from_millis(1);
/// Requests at a time over one HTTP/2 connection.
const MAX_STREAMS: u32 = 100;

/// All connections of the proxy. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    permits: Arc<Semaphore>,
    tasks: TaskTracker,
    in_flight: Arc<AtomicUsize>,
    drain: CancellationToken,
    server: auto::Builder<TokioExecutor>,
    idle_timeout: Duration,
}

impl Connections {
    pub(super) fn new(most: NonZeroUsize, max_head: u32, idle_timeout: Duration) -> Self {
        let mut server = auto::Builder::new(TokioExecutor::new());
        // A head that does not come is a connection without a request, which ends after the idle time, whatever
        // the version of HTTP. hyper's timer knows HTTP/1 only, and not before its first bytes.
        let buffer = usize::try_from(max_head).unwrap_or(usize::MAX);
        server
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(None)
            .max_buf_size(buffer)
            .max_headers(MAX_HEADERS);
        server
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(max_head)
            .max_concurrent_streams(MAX_STREAMS);
        Self {
            permits: Arc::new(Semaphore::new(most.get().min(Semaphore::MAX_PERMITS))),
            tasks: TaskTracker::new(),
            in_flight: Arc::default(),
            drain: CancellationToken::new(),
            server,
            idle_timeout,
        }
    }

    /// How many are open.
    pub(super) fn open(&self) -> usize {
        self.tasks.len()
    }

    /// How many requests are not answered in full, to the last byte.
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.load(Relaxed)
    }

    /// From now on nothing is accepted, and each connection ends with the request that it serves.
    pub(super) fn drain(&self) {
        self.drain.cancel();
        self.tasks.close();
    }

    pub(super) fn is_draining(&self) -> bool {
        self.drain.is_cancelled()
    }

    /// Waits for the last connection to end, and with it the last request.
    pub(super) async fn closed(&self) {
        self.tasks.wait().await;
        // Those of HTTP/2 are tasks of hyper's, which may end a moment after their connection.
        while self.in_flight() > 0 {
            sleep(MOMENT).await;
        }
    }

    /// Serves whoever connects, until the proxy drains. Whoever comes beyond the limit waits in the system's queue.
    pub(super) async fn accept_from<S, R>(self, listener: Listener, service: S)
    where
        S: Service<Request<Incoming>, Response = Response<R>, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send,
        R: Body<Data = Bytes> + Send + 'static,
        R::Error: Into<BoxError>,
    {
        loop {
            let accepted = async {
                let permit = Arc::clone(&self.permits).acquire_owned().await;
                (listener.accept().await, permit)
            };
            let (accepted, permit) = select! {
                () = self.drain.cancelled() => break,
                accepted = accepted => accepted,
            };
            match accepted {
                Ok(stream) => {
                    let connection = self.clone().serve(stream, service.clone());
                    self.tasks.spawn(async {
                        connection.await;
                        drop(permit);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "no connection could be accepted");
                    sleep(RECOVERY).await;
                }
            }
        }
        // They believe that they are connected. Closing the listener would break them off.
        for stream in listener.into_waiting() {
            self.tasks.spawn(self.clone().serve(stream, service.clone()));
        }
    }

    async fn serve<S, R>(self, stream: Stream, service: S)
    where
        S: Service<Request<Incoming>, Response = Response<R>, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send,
        R: Body<Data = Bytes> + Send + 'static,
        R::Error: Into<BoxError>,
    {
        let activity = Activity::new(Arc::clone(&self.in_flight));
        let (requests, drain) = (Arc::clone(&activity), self.drain.clone());
        let service = service_fn(move |request: Request<Incoming>| {
            let version = request.version();
            let in_flight = requests.begin(version);
            let waiting = in_flight.wait_for_upstream();
            let response = service.clone().call(request);
            let drain = drain.clone();
            async move {
                let mut response = response.await?.map(|body| LastingBody::new(body, in_flight));
                drop(waiting);
                if drain.is_cancelled() && version <= Version::HTTP_11 {
                    // The client learns that its next request needs another connection.
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, Infallible>(response)
            }
        });
        let stream = ClientStream::new(stream, self.idle_timeout, Arc::clone(&activity));
        let mut connection = pin!(self.server.serve_connection(TokioIo::new(stream), service));
        // No connection is idle since before this.
        let mut watched_since = Instant::now();
        let mut limit = self.idle_timeout;
        let mut is_draining = false;
        let mut is_ending = false;
        loop {
            let now = Instant::now();
            let idle_at = activity.idle_since().unwrap_or(now).max(watched_since) + limit;
            let stuck_at = activity.stuck_since().unwrap_or(now) + self.idle_timeout;
            select! {
                result = connection.as_mut() => {
                    if let Err(error) = result {
                        tracing::debug!(%error, "a connection broke off");
                    }
                    return;
                }
                () = self.drain.cancelled(), if !is_draining => {
                    is_draining = true;
                    limit = LINGER.min(limit);
                    watched_since = Instant::now();
                    // HTTP/2 says which requests it will still answer; HTTP/1 ends with a response that says so.
                    if activity.is_http2() {
                        connection.as_mut().graceful_shutdown();
                    }
                }
                () = sleep_until(idle_at.min(stuck_at)) => {
                    let now = Instant::now();
                    if activity.stuck_since().is_some_and(|since| since + self.idle_timeout <= now) {
                        tracing::info!("a connection ends: its client took nothing of its answers for the idle time");
                        return;
                    }
                    let is_idle = activity.idle_since().is_some_and(|since| since.max(watched_since) + limit <= now);
                    if is_idle && is_ending {
                        return;
                    }
                    if is_idle {
                        connection.as_mut().graceful_shutdown();
                        // What is left, such as half a head, has this long to go by itself.
                        is_ending = true;
                        limit = LINGER.min(limit);
                        watched_since = now;
                    }
                }
            }
        }
    }
}
