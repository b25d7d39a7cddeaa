//! The future of one request: reads the body if it must, signs, then waits for the response.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use signing_core::{Encoded, Explanation, Payload};
use tower_service::Service;

use crate::body::{Read, ReadBody, SignedBody, Source, Whole};
use crate::plan::{AfterRead, Plan, Rung, Signing};
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
            then: AfterRead,
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
                    Err(error) => State::failed(error),
                    Ok(Rung::Read { limit, overflow, then }) => State::Reading {
                        body: ReadBody::new(body, limit, overflow, then == AfterRead::Hash),
                        then,
                        unsigned: Some(Unsigned { service, head, signing }),
                    },
                    Ok(Rung::Encoded(length)) => {
                        let unsigned = Unsigned { service, head, signing };
                        unsigned.call_encoded(Source::Caller { body }, length).unwrap_or_else(State::failed)
                    }
                    Ok(Rung::Through(payload)) => {
                        let body = match payload.length() {
                            Some(length) => SignedBody::measured(body, length),
                            None => SignedBody::through(body),
                        };
                        let rung = if payload.hash().is_some() { "known" } else { "nothing" };
                        let unsigned = Unsigned { service, head, signing };
                        unsigned.call(&payload, body, rung).unwrap_or_else(State::failed)
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
        rung: &'static str,
    ) -> Result<State<S, B, S::Future>, SigningError>
    where
        S: Service<Request<SignedBody<B>>>,
    {
        let explanation = self.signing.sign(&mut self.head, payload, rung)?;
        let response = self.service.call(Request::from_parts(self.head, body));
        Ok(State::Calling { response, explanation })
    }

    /// The same for a body of `length` bytes that is encoded while it is sent.
    fn call_encoded<B>(
        mut self,
        source: Source<B>,
        length: u64,
    ) -> Result<State<S, B, S::Future>, SigningError>
    where
        S: Service<Request<SignedBody<B>>>,
    {
        let Encoded { encoder, explanation, .. } = self.signing.sign_encoded(&mut self.head, length)?;
        let body = SignedBody::encoded(source, length, encoder);
        let response = self.service.call(Request::from_parts(self.head, body));
        Ok(State::Calling { response, explanation })
    }

    /// The body was read, all of it or as much as could be held.
    fn call_with<B>(self, read: Read<B>, then: AfterRead) -> Result<State<S, B, S::Future>, SigningError>
    where
        S: Service<Request<SignedBody<B>>>,
    {
        let Whole { collected, hash, rung } = match read {
            Read::Whole(whole) => whole,
            Read::Part { source, length } => return self.call_encoded(source, length),
        };
        let length = collected.len();
        match then {
            AfterRead::Encoding => self.call_encoded(Source::Collected { collected }, length),
            AfterRead::Hash => {
                let payload = match hash {
                    Some(hash) => Payload::hashed(hash, Some(length)),
                    None => Payload::unread(Some(length)),
                };
                self.call(&payload, SignedBody::collected(collected), rung)
            }
        }
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
                StateProjection::Reading { body, then, unsigned } => {
                    let read = ready!(body.poll_read(cx))?;
                    let unsigned = unsigned.take().expect("the state changes once the body was read");
                    unsigned.call_with(read, *then)?
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
