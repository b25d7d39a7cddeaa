//! The future of one request: waits for the client below, then for its response, and never for ever.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_service::Service;
use tower_signing::BoxError;

use super::exchange::Exchange;
use super::failure::Failure;
use super::idle::IdleTimer;
use super::transfer::Transfer;
use super::{DownloadBody, FailureKind, UploadBody, headers};

pin_project! {
    /// The response future of [`SigningProxy`](super::SigningProxy). Dropping it ends the upstream request.
    pub struct ResponseFuture<S, B>
    where
        S: Service<Request<UploadBody<B>>>,
    {
        #[pin]
        state: State<S, B, S::Future>,
        #[pin]
        idle: IdleTimer,
        // Taken by the response.
        exchange: Option<Exchange>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, B, F> {
        Refused {
            failure: Option<Failure>,
        },
        Waiting {
            service: S,
            // Taken when the service is ready.
            request: Option<Request<UploadBody<B>>>,
        },
        Calling {
            #[pin]
            response: F,
        },
    }
}

impl<S, B> ResponseFuture<S, B>
where
    S: Service<Request<UploadBody<B>>>,
{
    pub(crate) fn new(
        service: S,
        outbound: Result<Request<UploadBody<B>>, Failure>,
        exchange: Exchange,
        idle_timeout: Duration,
    ) -> Self {
        let state = match outbound {
            Ok(request) => State::Waiting { service, request: Some(request) },
            Err(failure) => State::Refused { failure: Some(failure) },
        };
        Self { state, idle: IdleTimer::new(idle_timeout), exchange: Some(exchange) }
    }
}

impl<S, B, R> Future for ResponseFuture<S, B>
where
    S: Service<Request<UploadBody<B>>, Response = Response<R>>,
    S::Error: Into<BoxError>,
    R: Body,
    R::Error: Into<BoxError>,
{
    type Output = Result<Response<DownloadBody<R>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let result = loop {
            let step = match this.state.as_mut().project() {
                StateProjection::Refused { failure } => {
                    break Err(failure.take().expect("polled after it was done"));
                }
                StateProjection::Waiting { service, request } => service.poll_ready(cx).map_ok(|()| {
                    let request = request.take().expect("the state changes once the service was ready");
                    Step::Called(service.call(request))
                }),
                StateProjection::Calling { response } => response.poll(cx).map_ok(Step::Answered),
            };
            let transfer = this.exchange.as_ref().expect("polled after it was done").transfer();
            match step {
                Poll::Ready(Ok(Step::Called(response))) => this.state.set(State::Calling { response }),
                Poll::Ready(Ok(Step::Answered(response))) => break checked(response),
                Poll::Ready(Err(error)) => break Err(failed(&error.into(), transfer)),
                Poll::Pending => {
                    ready!(this.idle.as_mut().poll(cx, transfer));
                    break Err(timed_out(transfer, this.idle.limit()));
                }
            }
        };
        // What is left of the upstream request ends here, not when the future is dropped.
        this.state.set(State::Refused { failure: None });
        let mut exchange = this.exchange.take().expect("polled after it was done");
        Poll::Ready(Ok(match result {
            Err(failure) => refusal(failure, exchange),
            Ok(response) => {
                let (head, body) = response.into_parts();
                exchange.answered(head.status, body.is_end_stream());
                let limit = this.idle.limit();
                // Version, extensions and reason phrase are of the other connection.
                let mut response =
                    Response::new(DownloadBody::upstream(body, IdleTimer::new(limit), exchange));
                *response.status_mut() = head.status;
                *response.headers_mut() = head.headers;
                headers::prepare_response(response.headers_mut());
                response
            }
        }))
    }
}

/// What comes of polling a service, if not an error.
enum Step<F, R> {
    Called(F),
    Answered(Response<R>),
}

/// An upstream that switches protocols was not asked to.
fn checked<R>(response: Response<R>) -> Result<Response<R>, Failure> {
    if !response.status().is_informational() {
        return Ok(response);
    }
    let message = "the upstream switched protocols without being asked";
    Err(Failure::new(FailureKind::Upstream, StatusCode::BAD_GATEWAY, message))
}

fn failed(error: &BoxError, transfer: &Transfer) -> Failure {
    if transfer.upload_is_too_large() {
        return Failure::too_large();
    }
    if transfer.upload_broke_off() {
        let message = "the request's body broke off";
        return Failure::new(FailureKind::Upload, StatusCode::BAD_REQUEST, message);
    }
    Failure::of_service(error)
}

fn timed_out(transfer: &Transfer, limit: Duration) -> Failure {
    if transfer.waits_for_client() {
        let message = format!("nothing more came of the request's body for {limit:?}");
        return Failure::new(FailureKind::Upload, StatusCode::REQUEST_TIMEOUT, message);
    }
    let message = format!("the upstream kept still for {limit:?}");
    Failure::new(FailureKind::Timeout, StatusCode::GATEWAY_TIMEOUT, message)
}

fn refusal<R: Body>(failure: Failure, mut exchange: Exchange) -> Response<DownloadBody<R>> {
    let status = failure.status;
    let mut response = Response::new(DownloadBody::text(exchange.refused(failure)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

impl<S, B> fmt::Debug for ResponseFuture<S, B>
where
    S: Service<Request<UploadBody<B>>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Refused { .. } => "refused",
            State::Waiting { .. } => "waiting for the client",
            State::Calling { .. } => "calling",
        };
        f.debug_struct("ResponseFuture").field("state", &state).finish_non_exhaustive()
    }
}
