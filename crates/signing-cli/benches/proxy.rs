//! What `signing proxy` costs: requests per second beside a plain forward, and memory during a large upload.
//!
//! `cargo bench -p signing-cli --bench proxy` prints medians. The contenders are processes of their own and take
//! turns within each round, so a machine whose speed drifts slows them alike; the upstream and the load are here.

use std::convert::Infallible;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tower_signing::BoxError;

const ROUNDS: usize = 15;
const ROUND: Duration = Duration::from_millis(1_500);
const CONNECTIONS: usize = 16;
const UPLOAD: u64 = 10 << 30;

const SIGV4: &str = "[auth]\nMethod = aws-signature-v4\nRegion = eu-west-1\nService = s3\nAccessKeyId = AKIDBENCH\nSecretAccessKey = no-secret\n";
const NONE: &str = "[auth]\nMethod = none\n";
const BATCH: &str = "[auth]\nMethod = azure-batch\nAccountName = bench\nSecretAccessKey = bm8gc2VjcmV0\n";

fn main() -> Result<(), BoxError> {
    let arguments: Vec<_> = std::env::args().collect();
    let runtime = tokio::runtime::Runtime::new()?;
    match arguments.as_slice() {
        // This program is the plain forward, too.
        [_, word, upstream, ..] if word == "forward" => runtime.block_on(forward(upstream.parse()?)),
        _ => runtime.block_on(measure()),
    }
}

async fn measure() -> Result<(), BoxError> {
    let received = Arc::new(AtomicU64::new(0));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let upstream = listener.local_addr()?;
    let counter = Arc::clone(&received);
    tokio::spawn(serve(listener, move |request| {
        let counter = Arc::clone(&counter);
        async move {
            let mut body = request.into_body();
            while let Some(frame) = body.frame().await {
                let length = frame.map_or(0, |frame| frame.data_ref().map_or(0, Bytes::len));
                counter.fetch_add(length as u64, Relaxed);
            }
            Ok(Response::new(Full::from("ok")))
        }
    }));

    let contenders = [
        ("signed (SigV4)", Process::proxy(upstream, SIGV4)?),
        ("Method = none", Process::proxy(upstream, NONE)?),
        ("plain forward", Process::forward(upstream)?),
    ];
    let mut rates = vec![Vec::new(); contenders.len()];
    for round in 0..=ROUNDS {
        for (at, (_, process)) in contenders.iter().enumerate() {
            let rate = load(process.address).await?;
            // The first round warms up.
            if round > 0 {
                rates[at].push(rate);
            }
        }
    }
    println!("{CONNECTIONS} connections, GET, {ROUNDS} rounds of {ROUND:?} each, medians:");
    for ((name, _), rates) in contenders.iter().zip(&rates) {
        println!("{name:16} {:>8.0} requests/s", median(rates.clone()));
    }
    let ratio = |a: usize, b: usize| median(rates[a].iter().zip(&rates[b]).map(|(a, b)| a / b).collect());
    println!("signed / none    {:>8.3}", ratio(0, 1));
    println!("signed / forward {:>8.3}", ratio(0, 2));
    println!("none / forward   {:>8.3}", ratio(1, 2));
    drop(contenders);

    let process = Process::proxy(upstream, BATCH)?;
    let before = process.memory("VmRSS:")?;
    received.store(0, Relaxed);
    let started = Instant::now();
    let upload = tokio::spawn(upload(process.address));
    let mut samples = Vec::new();
    while !upload.is_finished() {
        samples.push((received.load(Relaxed), process.memory("VmRSS:")?));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    upload.await??;
    assert_eq!(received.load(Relaxed), UPLOAD, "all of it arrived");
    let seconds = started.elapsed().as_secs_f64();
    println!("upload of {} GiB through azure-batch: {seconds:.1} s", UPLOAD >> 30);
    let most = |from: u64, to: u64| {
        let within = samples.iter().filter(|(sent, _)| (from..=to).contains(sent));
        within.map(|&(_, memory)| memory).max().unwrap_or_default()
    };
    println!(
        "resident before {before} KiB; most in the first GiB {} KiB, in the last {} KiB, ever {} KiB",
        most(0, 1 << 30),
        most(UPLOAD - (1 << 30), UPLOAD),
        process.memory("VmHWM:")?
    );
    Ok(())
}

/// A contender.
struct Process {
    child: Child,
    address: SocketAddr,
    _folder: Option<tempfile::TempDir>,
}

impl Process {
    fn proxy(upstream: SocketAddr, auth: &str) -> Result<Self, BoxError> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("auth.conf");
        fs::write(&file, auth)?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_signing"));
        command.args(["proxy", "--listen", "127.0.0.1:0", "--base-url", &format!("http://{upstream}")]);
        command.arg("--auth").arg(file);
        Self::start(&mut command, Some(folder))
    }

    fn forward(upstream: SocketAddr) -> Result<Self, BoxError> {
        let mut command = Command::new(std::env::current_exe()?);
        Self::start(command.args(["forward", &upstream.to_string()]), None)
    }

    fn start(command: &mut Command, folder: Option<tempfile::TempDir>) -> Result<Self, BoxError> {
        let mut child = command.stderr(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stderr.take().ok_or("no standard error")?).lines();
        let address = loop {
            let line = lines.next().ok_or("it ended")??;
            if let Some((_, address)) = line.split_once("listening on http://") {
                break address.parse()?;
            }
        };
        // The access log costs what it costs, but somebody has to read it.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Ok(Self { child, address, _folder: folder })
    }

    /// In KiB, of `/proc`.
    fn memory(&self, name: &str) -> Result<u64, BoxError> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Requests per second.
async fn load(address: SocketAddr) -> Result<f64, BoxError> {
    let client: Client<HttpConnector, Empty<Bytes>> =
        Client::builder(TokioExecutor::new()).build(connector());
    let url: Uri = format!("http://{address}/some/key").parse()?;
    let started = Instant::now();
    let workers: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (client, url) = (client.clone(), url.clone());
            tokio::spawn(async move {
                let mut requests = 0;
                while started.elapsed() < ROUND {
                    let response = client.get(url.clone()).await?;
                    assert_eq!(response.status(), 200);
                    response.into_body().collect().await?;
                    requests += 1;
                }
                Ok::<u32, BoxError>(requests)
            })
        })
        .collect();
    let mut requests = 0;
    for worker in workers {
        requests += worker.await??;
    }
    Ok(f64::from(requests) / started.elapsed().as_secs_f64())
}

async fn upload(address: SocketAddr) -> Result<(), BoxError> {
    let client: Client<HttpConnector, Zeros> = Client::builder(TokioExecutor::new()).build(connector());
    let request = Request::put(format!("http://{address}/jobs")).body(Zeros(UPLOAD))?;
    let response = client.request(request).await?;
    if response.status() == 200 { Ok(()) } else { Err(response.status().to_string().into()) }
}

/// So many bytes, in frames of 64 KiB.
struct Zeros(u64);

static FRAME: [u8; 64 * 1024] = [0; 64 * 1024];

impl Body for Zeros {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.0 == 0 {
            return Poll::Ready(None);
        }
        self.0 -= FRAME.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&FRAME)))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0)
    }
}

fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector
}

/// What every proxy of hyper's does at least: the same request to another authority, and its response.
async fn forward(upstream: SocketAddr) -> Result<(), BoxError> {
    let client: Client<HttpConnector, Incoming> = Client::builder(TokioExecutor::new()).build(connector());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    eprintln!("listening on http://{}", listener.local_addr()?);
    serve(listener, move |mut request| {
        let client = client.clone();
        async move {
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
            *request.uri_mut() = format!("http://{upstream}{path}").parse()?;
            request.headers_mut().remove("host");
            Ok(client.request(request).await?)
        }
    })
    .await
}

async fn serve<H, F, B>(listener: TcpListener, handler: H) -> Result<(), BoxError>
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Result<Response<B>, BoxError>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let handler = handler.clone();
        tokio::spawn(async move {
            // The load ends its connections as it likes.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(handler)).await;
        });
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
