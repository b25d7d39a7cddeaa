//! The future of one request: reads the body if it must, signs, then waits for the response.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use signing_core::{Explanation, Payload};
use tower_service::Service;

use crate::body::{ReadBody, SignedBody};
use crate::plan::{Plan, Rung, Signing};
use crate::{BoxError, SigningError};

pin_project! {
    /// The response future of [`SigningService`](crate::SigningService).
    pub struct ResponseFuture<S, B>
    where
        S: Service<Request<SignedBody<B>>>,
    {
        #[pin]
        state: State<S, B, S::Future>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, B, F> {
        Reading {
            #[pin]
            body: ReadBody<B>,
            // Taken when the body was read.
            unsigned: Option<Unsigned<S>>,
        },
        Calling {
            #[pin]
            response: F,
            explanation: Option<Explanation>,
        },
        Failed {
            error: Option<BoxError>,
        },
    }
}

/// A head that waits for its body, and the service that is ready for both.
struct Unsigned<S> {
    service: S,
    head: Parts,
    signing: Signing,
}

impl<S, B> ResponseFuture<S, B>
where
    S: Service<Request<SignedBody<B>>>,
    B: Body,
    B::Error: Into<BoxError>,
{
    /// `service` has been polled ready.
    pub(crate) fn new(mut service: S, request: Request<B>, plan: Result<Plan, SigningError>) -> Self {
        let state = match plan {
            Err(error) => State::failed(error),
            Ok(Plan::PassThrough) => {
                let response = service.call(request.map(SignedBody::through));
                State::Calling { response, explanation: None }
            }
            Ok(Plan::Sign(signing)) => {
                let (head, body) = request.into_parts();
                match signing.rung(&head, &body) {
                    Rung::Read => State::Reading {
                        body: ReadBody::new(body, signing.buffer_limit()),
                        unsigned: Some(Unsigned { service, head, signing }),
                    },
                    Rung::Through(payload) => {
                        let body = match payload.length() {
                            Some(length) => SignedBody::measured(body, length),
                            None => SignedBody::through(body),
                        };
                        Unsigned { service, head, signing }.call(&payload, body).unwrap_or_else(State::failed)
                    }
                }
            }
        };
        Self { state }
    }
}

impl<S, B, F> State<S, B, F> {
    fn failed(error: SigningError) -> Self {
        Self::Failed { error: Some(error.into()) }
    }
}

impl<S> Unsigned<S> {
    /// Signs the head and calls the service; it is not called if that fails.
    fn call<B>(
        mut self,
        payload: &Payload,
        body: SignedBody<B>,
    ) -> Result<State<S, B, S::Future>, SigningError>
    where
        S: Service<Request<SignedBody<B>>>,
    {
        let explanation = self.signing.sign(&mut self.head, payload)?;
        let response = self.service.call(Request::from_parts(self.head, body));
        Ok(State::Calling { response, explanation })
    }
}

impl<S, B, R> Future for ResponseFuture<S, B>
where
    S: Service<Request<SignedBody<B>>, Response = Response<R>>,
    S::Error: Into<BoxError>,
    B: Body,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response<R>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProjection::Reading { body, unsigned } => {
                    let (buffered, hash) = ready!(body.poll_read(cx))?;
                    let payload = Payload::hashed(hash, Some(buffered.len()));
                    let unsigned = unsigned.take().expect("the state changes once the body was read");
                    unsigned.call(&payload, SignedBody::buffered(buffered))?
                }
                StateProjection::Calling { response, explanation } => {
                    let mut response = ready!(response.poll(cx)).map_err(Into::into)?;
                    if let Some(explanation) = explanation.take() {
                        response.extensions_mut().insert(explanation);
                    }
                    return Poll::Ready(Ok(response));
                }
                StateProjection::Failed { error } => {
                    return Poll::Ready(Err(error.take().expect("polled after it was done")));
                }
            };
            state.set(next);
        }
    }
}

impl<S, B> fmt::Debug for ResponseFuture<S, B>
where
    S: Service<Request<SignedBody<B>>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Reading { .. } => "reading the body",
            State::Calling { .. } => "calling",
            State::Failed { .. } => "failed",
        };
        f.debug_struct("ResponseFuture").field("state", &state).finish_non_exhaustive()
    }
}
