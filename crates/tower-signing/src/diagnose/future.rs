//! The future of one response: a refusal is read before it is given on.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use super::body::DiagnoseBody;
use super::reading::Reading;

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

impl<F, R: Body> fmt::Debug for DiagnoseFuture<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Calling { .. } => "calling",
            State::Reading { .. } => "reading a refusal",
        };
        f.debug_struct("DiagnoseFuture").field("state", &state).finish_non_exhaustive()
    }
}
