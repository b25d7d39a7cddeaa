//! The future of one request: reads the body if it must, signs, then waits for the response.

use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use signing_core::Payload;
use tower_service::Service;

use crate::body::{Read, ReadBody, SignedBody, Source, Whole};
use crate::left::Left;
use crate::plan::{AfterRead, LaterSigning, Plan, Rung, Shared, Signing};
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
        // In a box, since it is large, and most requests do without it.
        Reading {
            reading: Pin<Box<Reading<S, B>>>,
        },
        Calling {
            #[pin]
            response: F,
            left: Left,
        },
        Failed {
            error: Option<BoxError>,
        },
    }
}

pin_project! {
    /// A body that is read before its head is signed.
    struct Reading<S, B> {
        #[pin]
        body: ReadBody<B>,
        then: AfterRead,
        // Taken when the body was read.
        unsigned: Option<Unsigned<S>>,
    }
}

/// A head that waits for its body, and the service that is ready for both.
struct Unsigned<S> {
    service: S,
    head: Parts,
    signing: LaterSigning,
}

impl<S, B> ResponseFuture<S, B>
where
    S: Service<Request<SignedBody<B>>> + Clone,
    B: Body,
    B::Error: Into<BoxError>,
{
    /// `service` has been polled ready. It is called here if the body need not be read first.
    pub(crate) fn new(service: &mut S, request: Request<B>, shared: &Arc<Shared>) -> Self {
        let state = State::begin(service, request, shared).unwrap_or_else(|error| {
            // Whatever it has reserved to be ready is given back with it.
            *service = service.clone();
            State::Failed { error: Some(error.into()) }
        });
        Self { state }
    }
}

impl<S, B> State<S, B, S::Future>
where
    S: Service<Request<SignedBody<B>>>,
{
    fn begin(service: &mut S, request: Request<B>, shared: &Arc<Shared>) -> Result<Self, SigningError>
    where
        S: Clone,
        B: Body,
        B::Error: Into<BoxError>,
    {
        let current = shared.store.load();
        let Some(plan) = Plan::new(shared, &current, &request)? else {
            let response = service.call(request.map(SignedBody::through));
            return Ok(Self::Calling { response, left: Left::default() });
        };
        let (head, body) = request.into_parts();
        match plan.rung(&head, &body)? {
            Rung::Through(payload) => {
                let body = match payload.length() {
                    // It has said that it ends before it was polled.
                    Some(0) => SignedBody::empty(),
                    Some(length) => SignedBody::measured(body, length),
                    None => SignedBody::through(body),
                };
                let rung = if payload.hash().is_some() { "known" } else { "nothing" };
                Self::call(service, head, body, plan.signing(), &payload, rung)
            }
            Rung::Encoded(length) => {
                Self::call_encoded(service, head, Source::Caller { body }, plan.signing(), length)
            }
            Rung::Read { limit, overflow, then } => {
                // Readiness belongs to this instance; the clone stays behind for the next call.
                let spare = service.clone();
                let service = mem::replace(service, spare);
                let unsigned = Unsigned { service, head, signing: plan.into_later() };
                let body = ReadBody::new(body, limit, overflow, then == AfterRead::Hash);
                Ok(Self::Reading { reading: Box::pin(Reading { body, then, unsigned: Some(unsigned) }) })
            }
        }
    }

    /// Signs the head and calls the service; it is not called if that fails.
    fn call(
        service: &mut S,
        mut head: Parts,
        body: SignedBody<B>,
        signing: Signing<'_>,
        payload: &Payload,
        rung: &'static str,
    ) -> Result<Self, SigningError> {
        let left = signing.sign(&mut head, payload, rung)?;
        let response = service.call(Request::from_parts(head, body));
        Ok(Self::Calling { response, left })
    }

    /// The same for a body of `length` bytes that is encoded while it is sent.
    fn call_encoded(
        service: &mut S,
        mut head: Parts,
        source: Source<B>,
        signing: Signing<'_>,
        length: u64,
    ) -> Result<Self, SigningError> {
        let (encoder, left) = signing.sign_encoded(&mut head, length)?;
        let body = SignedBody::encoded(source, length, encoder);
        let response = service.call(Request::from_parts(head, body));
        Ok(Self::Calling { response, left })
    }

    /// The body was read, all of it or as much as could be held.
    fn call_with(unsigned: Unsigned<S>, read: Read<B>, then: AfterRead) -> Result<Self, SigningError> {
        let Unsigned { mut service, head, signing } = unsigned;
        let (service, signing) = (&mut service, signing.signing());
        let Whole { collected, hash, rung } = match read {
            Read::Whole(whole) => whole,
            Read::Part { source, length } => {
                return Self::call_encoded(service, head, source, signing, length);
            }
        };
        let length = collected.len();
        match then {
            AfterRead::Encoding => {
                Self::call_encoded(service, head, Source::Collected { collected }, signing, length)
            }
            AfterRead::Hash => {
                let payload = match hash {
                    Some(hash) => Payload::hashed(hash, Some(length)),
                    None => Payload::unread(Some(length)),
                };
                Self::call(service, head, SignedBody::collected(collected), signing, &payload, rung)
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
                StateProjection::Reading { reading } => {
                    let reading = reading.as_mut().project();
                    let read = ready!(reading.body.poll_read(cx))?;
                    let unsigned = reading.unsigned.take().expect("the state changes once the body was read");
                    State::call_with(unsigned, read, *reading.then)?
                }
                StateProjection::Calling { response, left } => {
                    let mut response = ready!(response.poll(cx)).map_err(Into::into)?;
                    left.put_into(&mut response);
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
