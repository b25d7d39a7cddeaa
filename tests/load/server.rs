//! A server on loopback that verifies what arrives, and resets one connection for each hundred requests.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tower_signing::BoxError;

use crate::keys::Key;
use crate::support::{Authorization, Secrets, verify_sigv4};

pub(crate) const REQUESTS_PER_RESET: usize = 100;

pub(crate) struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

/// Requests go by their numbers.
#[derive(Clone, Default)]
pub(crate) struct Seen {
    /// Sorted.
    pub(crate) arrived: Vec<usize>,
    pub(crate) reset: BTreeSet<usize>,
    /// Why, for each whose signature is wrong.
    pub(crate) refused: Vec<String>,
    /// Those that signed at least one of them.
    pub(crate) generations: BTreeSet<u64>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        tokio::spawn(serve(listener, Arc::clone(&seen)));
        Self { address, seen }
    }

    pub(crate) fn url(&self, number: usize) -> String {
        format!("http://{}/bucket/{number}", self.address)
    }

    pub(crate) fn seen(&self) -> Seen {
        let mut seen = self.seen.lock().unwrap().clone();
        seen.arrived.sort_unstable();
        seen
    }
}

async fn serve(listener: TcpListener, seen: Arc<Mutex<Seen>>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        // What is closed is reset.
        stream.set_zero_linger().unwrap();
        let seen = Arc::clone(&seen);
        let service = service_fn(move |request| answer(request, Arc::clone(&seen)));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

/// The number of the request, or an error, which closes the connection.
async fn answer(
    request: Request<Incoming>,
    seen: Arc<Mutex<Seen>>,
) -> Result<Response<Full<Bytes>>, BoxError> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let number = head.uri.path().strip_prefix("/bucket/").ok_or("another path")?.to_owned();
    let verified = verify(&head, &body);

    let mut seen = seen.lock().unwrap();
    seen.arrived.push(number.parse()?);
    match verified {
        Ok(generation) => _ = seen.generations.insert(generation),
        Err(reason) => seen.refused.push(format!("{number}: {reason}")),
    }
    if seen.arrived.len().is_multiple_of(REQUESTS_PER_RESET) {
        seen.reset.insert(number.parse()?);
        return Err("reset on purpose".into());
    }
    Ok(Response::new(number.into()))
}

/// The generation whose key signed this request, if id, secret and token are all of it.
fn verify(head: &Parts, body: &[u8]) -> Result<u64, String> {
    let given = Authorization::of(head).ok_or("not one Authorization header of SigV4")?;
    let generation = given.key_id.strip_prefix("AKID").and_then(|number| number.parse().ok());
    let generation = generation.ok_or("an unknown key id")?;
    let key = Key::of(generation);
    let known = Secrets { key_id: &key.id, secret: &key.secret, token: Some(&key.token) };
    verify_sigv4(head, body, known)?;
    Ok(generation)
}
