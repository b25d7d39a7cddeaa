//! `signing proxy`: a gateway that signs what it forwards.
//!
//! ```text
//! listen ─► connections ─► SigningProxy ─► section, signature, its time ─► client
//!    ▲          │               │                      │
//! signals ──► drain           metrics ◄────────────────┘
//!                               ▲
//!                             admin
//! ```
//!
//! Who is answered and what is sent is the library's to say. Here are the sockets, the limits and the end.

mod activity;
mod admin;
mod arguments;
mod client_stream;
mod connection;
mod lasting_body;
mod listen;
mod log;
mod metrics;
mod signals;
mod signing_time;
#[cfg(unix)]
mod unix_socket;

use std::error::Error;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::time::Duration;

use axum_signing::{ProgressLayer, SigningProxy, SigningProxyBuilder, UploadBody};
use http::{HeaderName, Request, Uri};
use hyper::body::Incoming;
use tokio::runtime;
use tokio::task::JoinSet;
use tower::ServiceBuilder;
use tower_signing::{DiagnoseLayer, SignedBody};

use self::arguments::{Monitor, idle_timeout, max_head};
use self::connection::Connections;
use self::listen::{ListenAddress, Listener};
use self::log::LogLevel;
use self::metrics::Metrics;
use self::signals::Signals;
use self::signing_time::SigningTime;
use crate::arguments::{AuthArgs, BodyArgs, duration, size};
use crate::client::ClientArgs;
use crate::failure::Failure;
use crate::refusal::with_causes;

/// Forward requests to a base URL, signed, so that any program on this machine can call a signed API
///
/// Requests are answered if their Host is the listen address, localhost or an --allow-host, and if no web page sent
/// them. Both directions stream, over HTTP/1.1 and HTTP/2. The --auth file is watched: requests in flight finish
/// with the old credentials, new ones use the new. On SIGTERM or SIGINT no new connection is accepted and requests
/// in flight finish; a second signal ends them.
///
/// Uploads in chunks that an AWS SDK has signed or summed (aws-chunked) are refused with 400: turn that off in the
/// SDK.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  signing proxy --listen 127.0.0.1:8080 --base-url https://bucket.s3.eu-west-1.amazonaws.com --auth auth.conf
  curl http://127.0.0.1:8080/key

  signing proxy --listen unix:/run/me/s3.sock --base-url https://minio.internal:9000 --auth auth.conf --monitor auth:30
  curl --unix-socket /run/me/s3.sock http://localhost/bucket/key

When it is ready it logs `listening on http://ADDRESS:PORT`, with the port it got for port 0.

Exit status: 0 stopped after all requests were complete, 1 stopped before, 2 unusable arguments.")]
pub(crate) struct Args {
    /// ADDRESS:PORT or unix:PATH to listen at; may be repeated. With unix:PATH, Host may be localhost at any port
    #[arg(long, value_name = "WHERE", value_parser = ListenAddress::parse, default_value = "127.0.0.1:8080")]
    listen: Vec<ListenAddress>,
    /// URL that received paths and queries are appended to
    #[arg(long, value_name = "URL")]
    base_url: String,
    #[command(flatten)]
    auth: AuthArgs,
    /// How often the auth file is looked at, beside the events of the file system: auth:SECONDS
    #[arg(long, value_name = "auth:SECONDS", value_parser = Monitor::parse, requires = "auth")]
    monitor: Option<Monitor>,
    /// Another name that Host may have: NAME or NAME:PORT; may be repeated
    #[arg(long, value_name = "HOST", help_heading = "Who is answered")]
    allow_host: Vec<String>,
    /// Lets web pages of this origin use the proxy and its credentials; may be repeated
    #[arg(long, value_name = "ORIGIN", help_heading = "Who is answered")]
    allow_origin: Vec<String>,
    /// Request header that is not forwarded, beside those of the signing methods; may be repeated
    #[arg(long, value_name = "NAME", help_heading = "Who is answered")]
    strip_header: Vec<HeaderName>,
    /// Connections at a time; more wait to be accepted
    #[arg(long, value_name = "NUMBER", default_value = "500", help_heading = "Limits")]
    max_connections: NonZeroUsize,
    /// Bytes of a request's head, 8KiB to 1MiB: 431 beyond, and beyond 1000 headers over HTTP/1
    #[arg(long, value_name = "SIZE", value_parser = max_head, default_value = "64KiB", help_heading = "Limits")]
    max_head: u32,
    /// Bytes of a request's body, such as 100MiB: 413 beyond [default: any]
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = "Limits")]
    max_body: Option<u64>,
    /// How long nothing may move: a head, a body, the upstream, a connection without requests
    #[arg(long, value_name = "TIME", value_parser = idle_timeout, default_value = "60s", help_heading = "Limits")]
    idle_timeout: Duration,
    /// How long requests in flight may take after SIGTERM or SIGINT
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30s", help_heading = "Limits")]
    drain: Duration,
    /// Loopback ADDRESS:PORT that serves GET /health and GET /metrics
    #[arg(long, value_name = "ADDRESS", help_heading = "Records")]
    admin: Option<admin::Address>,
    /// Least level of what is logged to standard error; each request is at info, and at warn why one was refused.
    /// Whoever reads the log must keep reading: requests wait for it
    #[arg(long, value_name = "LEVEL", default_value = "info", help_heading = "Records")]
    log: LogLevel,
    #[command(flatten)]
    body: BodyArgs,
    #[command(flatten, next_help_heading = "Upstream")]
    client: ClientArgs,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    log::start(args.log);
    let runtime = runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::usage(format!("no threads can be had: {error}")))?;
    let result = runtime.block_on(serve(args));
    // A name that is still being resolved is nobody's any more.
    runtime.shutdown_background();
    result
}

async fn serve(args: &Args) -> Result<ExitCode, Failure> {
    let mut signals = Signals::new()?;
    let listeners = args.listen.iter().map(Listener::bind).collect::<Result<Vec<_>, _>>()?;
    let builder = args.builder(&listeners)?;
    let base_url = args.base_url.parse::<Uri>().map_err(|error| unusable("--base-url", &error))?;

    let signing_time = SigningTime::default();
    let mut layer = args.body.apply(signing_time.clock(builder.layer()))?;
    if let Some(Monitor(interval)) = args.monitor {
        layer = layer.monitor(interval);
    }
    let layer = args.auth.layer(layer, &base_url)?;
    let store = layer.store().clone();
    let options = args.auth.options();
    let client = args.client.client()?;
    let timer = signing_time.clone();
    let signed = ServiceBuilder::new()
        .map_request(move |mut request: Request<UploadBody<Incoming>>| {
            SigningTime::forget();
            request.extensions_mut().insert(options.clone());
            request
        })
        .layer(DiagnoseLayer::new())
        .layer(layer)
        .map_request(move |request: Request<SignedBody<UploadBody<Incoming>>>| {
            timer.observe();
            request
        })
        .layer(ProgressLayer::new())
        .service(client);
    let proxy = builder.build(signed);

    let connections = Connections::new(args.max_connections, args.max_head, args.idle_timeout);
    let requests = proxy.metrics().clone();
    if let Some(address) = &args.admin {
        let metrics = Metrics::new(requests.clone(), store, connections.clone(), signing_time);
        admin::serve(address, metrics, connections.clone()).await?;
    }
    let mut accepting = JoinSet::new();
    for listener in listeners {
        listener.announce(args.log);
        accepting.spawn(connections.clone().accept_from(listener, proxy.clone()));
    }

    signals.next().await;
    tracing::info!(
        in_flight = connections.in_flight(),
        "stopping: no new connections, requests in flight finish"
    );
    connections.drain();
    tokio::select! {
        () = async { accepting.join_all().await; connections.closed().await } => {}
        () = tokio::time::sleep(args.drain) => {}
        () = signals.next() => {}
    }
    let cut_off = connections.in_flight();
    if cut_off > 0 {
        tracing::warn!(requests = cut_off, "stopped before these requests were complete");
        return Ok(ExitCode::FAILURE);
    }
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

impl Args {
    fn builder(&self, listeners: &[Listener]) -> Result<SigningProxyBuilder, Failure> {
        let builder =
            SigningProxy::builder(&self.base_url).map_err(|error| unusable("--base-url", &error))?;
        let addresses: Vec<_> = listeners.iter().filter_map(Listener::tcp_address).collect();
        let mut builder = builder
            .listen_addresses(addresses.iter().copied())
            .map_err(|error| unusable("--base-url", &error))?;
        if addresses.len() < listeners.len() {
            // What clients of a Unix socket put into their URLs.
            builder = builder.allow_host("localhost").map_err(|error| unusable("localhost", &error))?;
        }
        for host in &self.allow_host {
            builder = builder
                .allow_host(host)
                .map_err(|error| unusable(&format!("--allow-host {host}"), &error))?;
        }
        for origin in &self.allow_origin {
            let flag = format!("--allow-origin {origin}");
            builder = builder.allow_origin(origin).map_err(|error| unusable(&flag, &error))?;
        }
        for name in &self.strip_header {
            builder = builder.strip_header(name.clone());
        }
        if let Some(limit) = self.max_body {
            builder = builder.body_limit(limit);
        }
        Ok(builder.idle_timeout(self.idle_timeout))
    }
}

fn unusable(flag: &str, error: &(dyn Error + 'static)) -> Failure {
    Failure::usage(format!("{flag}: {}", with_causes(error)))
}
