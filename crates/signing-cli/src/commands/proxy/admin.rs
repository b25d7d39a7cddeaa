//! Health and metrics, at an address of their own that only this machine reaches.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use http::header::{ALLOW, CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use super::connection::Connections;
use super::listen::bind_tcp;
use super::metrics::{self, Metrics};
use crate::failure::Failure;

/// Few need to know.
const MOST_CONNECTIONS: usize = 64;
/// How long a request may take to come, and a connection be kept without one.
const IDLE: Duration = Duration::from_secs(60);
/// How long nothing is accepted after that failed.
const RECOVERY: Duration = Duration::from_millis(100);

/// Where it listens: on loopback.
#[derive(Clone, Copy, Debug)]
pub(super) struct Address(SocketAddr);

impl FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let address: SocketAddr =
            text.parse().map_err(|_| "must be ADDRESS:PORT with an IP address, such as 127.0.0.1:9090")?;
        if !address.ip().is_loopback() {
            return Err("must be a loopback address, such as 127.0.0.1:9090: it is for this machine only");
        }
        Ok(Self(address))
    }
}

/// Answers until the process ends.
pub(super) async fn serve(
    address: &Address,
    metrics: Metrics,
    connections: Connections,
) -> Result<(), Failure> {
    let fault = |error| Failure::usage(format!("--admin {}: {error}", address.0));
    let listener = bind_tcp(address.0).map_err(fault)?;
    let address = listener.local_addr().map_err(fault)?;
    tracing::info!("admin on http://{address}");
    let admin = Admin { address, metrics, connections };
    tokio::spawn(accept(listener, Arc::new(admin)));
    Ok(())
}

async fn accept(listener: TcpListener, admin: Arc<Admin>) {
    let permits = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let permit = Arc::clone(&permits).acquire_owned().await;
        let Ok((stream, _)) = listener.accept().await else {
            sleep(RECOVERY).await;
            continue;
        };
        let admin = Arc::clone(&admin);
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let response = admin.answer(&request);
                async { Ok::<_, Infallible>(response) }
            });
            let mut server = http1::Builder::new();
            server.timer(TokioTimer::new()).header_read_timeout(IDLE);
            // Whoever breaks off has no need to know any more.
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
            drop(permit);
        });
    }
}

struct Admin {
    address: SocketAddr,
    metrics: Metrics,
    connections: Connections,
}

impl Admin {
    fn answer<B>(&self, request: &Request<B>) -> Response<String> {
        if let Err((status, reason)) = check_sender(request.headers(), self.address) {
            return text(status, reason);
        }
        let path = request.uri().path();
        if !["/health", "/metrics"].contains(&path) {
            return text(StatusCode::NOT_FOUND, "there are /health and /metrics\n");
        }
        if ![Method::GET, Method::HEAD].contains(request.method()) {
            let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "this is to be read only\n");
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        if path == "/health" { self.health() } else { self.metrics() }
    }

    fn health(&self) -> Response<String> {
        let (status, word) = if self.connections.is_draining() {
            (StatusCode::SERVICE_UNAVAILABLE, "draining")
        } else {
            (StatusCode::OK, "ok")
        };
        let generation = self.metrics.generation();
        let body = format!("{{\"status\":\"{word}\",\"generation\":{generation}}}\n");
        typed(status, "application/json", body)
    }

    fn metrics(&self) -> Response<String> {
        match self.metrics.text() {
            Ok(text) => typed(StatusCode::OK, metrics::CONTENT_TYPE, text),
            Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be written\n"),
        }
    }
}

/// No page may read this, neither one of another origin nor one that had its own name resolved to this machine.
///
/// Stricter than the proxy's guard and apart from it: no flag opens this to another name or origin.
fn check_sender(headers: &HeaderMap, address: SocketAddr) -> Result<(), (StatusCode, &'static str)> {
    let own = [address.to_string(), format!("localhost:{}", address.port())];
    let mut hosts = headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.as_bytes(),
        _ => return Err((StatusCode::BAD_REQUEST, "the request must name one host\n")),
    };
    if !own.iter().any(|own| own.as_bytes().eq_ignore_ascii_case(host)) {
        return Err((StatusCode::MISDIRECTED_REQUEST, "this is not the host that the request names\n"));
    }
    let is_of_a_page = headers.get_all("sec-fetch-site").iter().any(|site| site != "none");
    if is_of_a_page || headers.contains_key(ORIGIN) {
        return Err((StatusCode::FORBIDDEN, "the request was sent by a web page\n"));
    }
    Ok(())
}

fn text(status: StatusCode, body: &str) -> Response<String> {
    typed(status, "text/plain; charset=utf-8", body.to_owned())
}

fn typed(status: StatusCode, content_type: &'static str, body: String) -> Response<String> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
