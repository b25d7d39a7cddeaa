//! The future of one response: reads the beginning of a refusal, and tells what it says.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::response::Parts;
use http::{Response, StatusCode};
use http_body::Body;
use pin_project_lite::pin_project;
use signing_core::diagnose::{Refusal, diagnose};
use tokio::runtime::Handle;
use tokio::time::{Sleep, sleep};

use super::body::DiagnoseBody;
use super::read_ahead::ReadAhead;
use crate::left::SigningRecord;

pin_project! {
    /// The response future of [`DiagnoseService`](crate::DiagnoseService).
    pub struct DiagnoseFuture<F, R>
    where
        R: Body,
    {
        #[pin]
        state: State<F, R>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F, R>
    where
        R: Body,
    {
        Calling {
            #[pin]
            response: F,
            time_limit: Duration,
        },
        // In a box, since few are refused. Taken when enough was read.
        Reading {
            reading: Option<Box<Reading<R>>>,
        },
    }
}

/// A refusal that is being read.
struct Reading<R: Body> {
    record: SigningRecord,
    head: Parts,
    body: ReadAhead<R>,
    wait: Wait,
}

/// How long.
enum Wait {
    AtMost(Duration),
    Until(Pin<Box<Sleep>>),
}

impl<F, R: Body> DiagnoseFuture<F, R> {
    pub(super) fn new(response: F, time_limit: Duration) -> Self {
        Self { state: State::Calling { response, time_limit } }
    }
}

impl<F, R, E> Future for DiagnoseFuture<F, R>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body,
{
    type Output = Result<Response<DiagnoseBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let reading = match state.as_mut().project() {
                StateProjection::Calling { response, time_limit } => {
                    let mut response = ready!(response.poll(cx))?;
                    let Some(record) = response.extensions_mut().remove() else {
                        return Poll::Ready(Ok(response.map(DiagnoseBody::passed)));
                    };
                    Reading::new(record, response, *time_limit)
                }
                StateProjection::Reading { reading } => {
                    let reading_on = reading.as_mut().expect("polled after it was done");
                    ready!(reading_on.poll_read(cx));
                    let reading = reading.take().expect("it is there");
                    return Poll::Ready(Ok(reading.told()));
                }
            };
            state.set(State::Reading { reading: Some(Box::new(reading)) });
        }
    }
}

impl<R: Body> Reading<R> {
    fn new(record: SigningRecord, response: Response<R>, time_limit: Duration) -> Self {
        let (head, body) = response.into_parts();
        Self { record, head, body: ReadAhead::new(body), wait: Wait::AtMost(time_limit) }
    }

    /// Ready when enough was read, or for long enough.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.body.poll_fill(cx, Refusal::MOST_BODY).is_ready() {
            return Poll::Ready(());
        }
        loop {
            match &mut self.wait {
                Wait::Until(sleep) => return sleep.as_mut().poll(cx),
                Wait::AtMost(_) if Handle::try_current().is_err() => return Poll::Ready(()),
                Wait::AtMost(limit) => self.wait = Wait::Until(Box::pin(sleep(*limit))),
            }
        }
    }

    /// The response, and in its extensions what it tells.
    fn told(self) -> Response<DiagnoseBody<R>> {
        let Self { record, mut head, mut body, .. } = self;
        let text = body.take_text();
        let diagnosis = diagnose(&record.signed(), &Refusal::new(head.status, &head.headers, &text));
        // Most that are 400 have another reason, which is not ours to tell.
        if head.status != StatusCode::BAD_REQUEST || !diagnosis.causes().is_empty() {
            tracing::warn!(target: "tower_signing::diagnose", "{diagnosis}");
            head.extensions.insert(diagnosis);
        }
        Response::from_parts(head, DiagnoseBody::read(body))
    }
}

impl<F, R: Body> fmt::Debug for DiagnoseFuture<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Calling { .. } => "calling",
            State::Reading { .. } => "reading a refusal",
        };
        f.debug_struct("DiagnoseFuture").field("state", &state).finish_non_exhaustive()
    }
}
