//! The client below the layer, the requests that it sends, and what the servers answer.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::{Request, Response, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tower::{Service, ServiceExt};
use tower_signing::BoxError;

use crate::servers::{GENERATION_HEADER, Server};

/// One type for all bodies of this client. `SigningLayer` takes any.
pub(crate) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// An ordinary hyper client.
pub(crate) fn hyper_client<B>() -> Client<HttpConnector, B>
where
    B: hyper::body::Body + Send,
    B::Data: Send,
{
    let mut connector = HttpConnector::new();
    // The later parts of a stream would wait for the server to acknowledge the first one.
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new()).build(connector)
}

/// What the body of a request is like.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Get,
    Post,
    Streamed,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Get, Self::Post, Self::Streamed];

    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST, bytes in memory",
            Self::Streamed => "POST, stream of unknown length",
        }
    }

    /// An ordinary request. Nothing in it knows that it will be signed.
    pub(crate) fn request(self, server: &Server) -> Result<Request<Body>, hyper::http::Error> {
        let url = [&server.origin, server.service.target].concat();
        let post = || Request::post(&url).header(header::CONTENT_TYPE, "application/json");
        match self {
            Self::Get => Request::get(&url).body(Empty::new().boxed_unsync()),
            Self::Post => post().body(Full::from("{\"item\": \"teapot\"}").boxed_unsync()),
            Self::Streamed => {
                let lines =
                    (1..=20).map(|line| Ok(Frame::data(Bytes::from(format!("{{\"line\": {line}}}\n")))));
                post().body(StreamBody::new(stream::iter(lines)).boxed_unsync())
            }
        }
    }
}

/// What the server says of the signature.
pub(crate) enum Answer {
    Verified { generation: u64 },
    Refused { reason: String },
}

/// Sends one request. An error is one of the connection, or the request could not be signed.
pub(crate) async fn send<S>(client: S, request: Request<Body>) -> Result<Answer, BoxError>
where
    S: Service<Request<Body>, Response = Response<Incoming>, Error = BoxError>,
{
    let response = client.oneshot(request).await?;
    let status = response.status();
    let generation = response.headers().get(GENERATION_HEADER).cloned();
    // Read to the end, so that the connection can serve the next request.
    let reason = response.into_body().collect().await?.to_bytes();
    match generation {
        Some(generation) if status.is_success() => {
            Ok(Answer::Verified { generation: generation.to_str()?.parse()? })
        }
        _ => {
            let reason = format!("{} {}", status.as_u16(), String::from_utf8_lossy(&reason));
            Ok(Answer::Refused { reason })
        }
    }
}
