//! The loopback servers. They answer 200 and the keys' generation, or 401 or 403 and a reason.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use crate::services::{Key, NEW, OLD, SERVICES, Service};
use crate::verify::{Refusal, Verdict};

/// Tells the client which keys its request was signed with.
pub(crate) const GENERATION_HEADER: &str = "x-key-generation";

/// A server that runs until the process ends.
pub(crate) struct Server {
    pub(crate) service: &'static Service,
    /// Such as `http://127.0.0.1:40123`.
    pub(crate) origin: String,
    state: Arc<State>,
}

/// What the connections of one server share.
struct State {
    service: &'static Service,
    /// Old and new: while keys are replaced, a service takes both.
    keys: [Key; 2],
    verified_with_old: AtomicU64,
    verified_with_new: AtomicU64,
    refused: AtomicU64,
}

/// Starts one server for each service, on ports that the system chooses.
pub(crate) async fn start() -> io::Result<Vec<Server>> {
    let mut servers = Vec::new();
    for service in &SERVICES {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let state = Arc::new(State {
            service,
            keys: [Key::new(service.name, OLD), Key::new(service.name, NEW)],
            verified_with_old: AtomicU64::new(0),
            verified_with_new: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        });
        tokio::spawn(accept(listener, Arc::clone(&state)));
        servers.push(Server { service, origin, state });
    }
    Ok(servers)
}

/// How many requests were verified with the old and the new keys, and how many refused.
pub(crate) fn totals(servers: &[Server]) -> [u64; 3] {
    let sum =
        |counter: fn(&State) -> &AtomicU64| servers.iter().map(|it| counter(&it.state).load(Relaxed)).sum();
    [sum(|it| &it.verified_with_old), sum(|it| &it.verified_with_new), sum(|it| &it.refused)]
}

/// Waits until every server has seen the keys of this generation.
pub(crate) async fn seen_everywhere(servers: &[Server], generation: u64) {
    while servers.iter().any(|server| server.state.verified_with(generation).load(Relaxed) == 0) {
        sleep(Duration::from_millis(10)).await;
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    // An error is one of the connection that was about to come; the next may do better.
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&state)));
        }
    }
}

async fn serve(stream: TcpStream, state: Arc<State>) {
    let service = service_fn(|request| answer(request, &state));
    // The client notices a broken connection, and counts it.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(request: Request<Incoming>, state: &State) -> Result<Response<Full<Bytes>>, Infallible> {
    let verdict = match read(request).await {
        Ok(received) => (state.service.verify)(&received, &state.keys),
        Err(refusal) => Err(refusal),
    };
    state.count(&verdict);
    let mut response = Response::new(Full::default());
    match verdict {
        Ok(generation) => {
            response.headers_mut().insert(GENERATION_HEADER, generation.into());
        }
        Err(refusal) => {
            *response.status_mut() = refusal.status;
            *response.body_mut() = Full::from(refusal.reason);
        }
    }
    Ok(response)
}

/// Waits for the whole body: nothing is verified before it is known.
async fn read(request: Request<Incoming>) -> Result<Request<Bytes>, Refusal> {
    let (head, body) = request.into_parts();
    let cut_off = |_| Refusal { status: StatusCode::BAD_REQUEST, reason: "the body was cut off" };
    let body = body.collect().await.map_err(cut_off)?.to_bytes();
    Ok(Request::from_parts(head, body))
}

impl State {
    fn count(&self, verdict: &Verdict) {
        let counter = match verdict {
            Ok(generation) => self.verified_with(*generation),
            Err(_) => &self.refused,
        };
        counter.fetch_add(1, Relaxed);
    }

    fn verified_with(&self, generation: u64) -> &AtomicU64 {
        if generation == OLD { &self.verified_with_old } else { &self.verified_with_new }
    }
}
