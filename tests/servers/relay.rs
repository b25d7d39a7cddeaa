//! A relay on the way to a server, which changes one thing in a request after it was signed.
//!
//! Whatever the client, it connects to the relay in place of the server.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::{Bytes, BytesMut};
use http::uri::PathAndQuery;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tower_signing::BoxError;

use crate::sender::plain;

/// What becomes of a request on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Its path gets longer.
    Path,
    /// Its query gets another parameter.
    Query,
    /// The header gets another value.
    Header(&'static str),
    /// One bit of the body changes.
    Body,
}

pub(crate) struct Relay {
    pub(crate) endpoint: String,
    change: Arc<Mutex<Option<Change>>>,
}

impl Relay {
    /// It ends with the test's runtime.
    pub(crate) async fn start(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let change = Arc::default();
        let way = Way { server: server.to_owned(), change: Arc::clone(&change) };
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let way = way.clone();
                let service = service_fn(move |request| {
                    let way = way.clone();
                    async move { Ok::<_, Infallible>(way.pass(request).await) }
                });
                // A client that goes away is none of the relay's concern.
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { endpoint, change }
    }

    pub(crate) fn set(&self, change: Option<Change>) {
        *self.change.lock().unwrap() = change;
    }
}

#[derive(Clone)]
struct Way {
    server: String,
    change: Arc<Mutex<Option<Change>>>,
}

impl Way {
    async fn pass(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        match self.forward(request).await {
            Ok(response) => response.map(Full::new),
            Err(error) => {
                let mut response = Response::new(Full::from(error.to_string()));
                *response.status_mut() = StatusCode::BAD_GATEWAY;
                response
            }
        }
    }

    async fn forward(&self, request: Request<Incoming>) -> Result<Response<Bytes>, BoxError> {
        let (head, body) = request.into_parts();
        let mut request = Request::from_parts(head, body.collect().await?.to_bytes());
        let change = *self.change.lock().unwrap();
        if let Some(change) = change {
            apply(change, &mut request)?;
        }
        let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
        *request.uri_mut() = format!("{}{path}", self.server).parse()?;
        let (mut head, body) = plain(request).await?.into_parts();
        // Both were for the other connection.
        head.headers.remove("transfer-encoding");
        head.headers.remove("connection");
        Ok(Response::from_parts(head, body))
    }
}

fn apply(change: Change, request: &mut Request<Bytes>) -> Result<(), BoxError> {
    let (path, query) = (request.uri().path(), request.uri().query());
    match change {
        Change::Path => {
            let query = query.map(|query| format!("?{query}")).unwrap_or_default();
            *request.uri_mut() = Uri::try_from(format!("{path}x{query}"))?;
        }
        Change::Query => {
            let query = query.map(|query| format!("{query}&")).unwrap_or_default();
            *request.uri_mut() = Uri::try_from(format!("{path}?{query}x=1"))?;
        }
        Change::Header(name) => {
            let value = request.headers_mut().get_mut(name).ok_or("the header to change is not there")?;
            *value = format!("{}x", value.to_str()?).try_into()?;
        }
        Change::Body => {
            let mut body = BytesMut::from(&request.body()[..]);
            *body.last_mut().ok_or("the body to change is empty")? ^= 1;
            *request.body_mut() = body.freeze();
        }
    }
    Ok(())
}
