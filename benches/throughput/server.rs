//! A server on loopback that reads and forgets, or tells what it read.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use crate::sender::Sending;

/// Has a thread of its own, for as long as the process lives.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    records: Arc<AtomicBool>,
    seen: mpsc::Receiver<Seen>,
}

pub(crate) struct Seen {
    pub(crate) head: Parts,
    pub(crate) body: Bytes,
}

impl Seen {
    /// As it was on the wire: request line, headers, empty line.
    pub(crate) fn head_length(&self) -> usize {
        let line = format!("{} {} HTTP/1.1\r\n\r\n", self.head.method, self.head.uri).len();
        let headers = self.head.headers.iter();
        line + headers.map(|(name, value)| name.as_str().len() + ": \r\n".len() + value.len()).sum::<usize>()
    }
}

impl Server {
    pub(crate) fn start() -> Self {
        let (tell, seen) = mpsc::channel();
        let records = Arc::new(AtomicBool::new(false));
        let (tell_address, address) = mpsc::channel();
        let is_recorded = Arc::clone(&records);
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
                tell_address.send(listener.local_addr().expect("it is bound")).expect("it is waited for");
                loop {
                    let (stream, _) = listener.accept().await.expect("a connection");
                    stream.set_nodelay(true).expect("a socket");
                    let (tell, is_recorded) = (tell.clone(), Arc::clone(&is_recorded));
                    let service = service_fn(move |request| {
                        let tell = is_recorded.load(Ordering::SeqCst).then(|| tell.clone());
                        answer(request, tell)
                    });
                    tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
                }
            });
        });
        Self { address: address.recv().expect("a server that runs"), records, seen }
    }

    /// What arrives of this request.
    pub(crate) fn record(&self, runtime: &Runtime, sending: Sending) -> Seen {
        self.records.store(true, Ordering::SeqCst);
        runtime.block_on(sending).expect("an answer");
        self.records.store(false, Ordering::SeqCst);
        self.seen.recv().expect("a server that runs")
    }
}

async fn answer(
    request: Request<Incoming>,
    tell: Option<mpsc::Sender<Seen>>,
) -> Result<Response<Empty<Bytes>>, hyper::Error> {
    let (head, mut body) = request.into_parts();
    match tell {
        Some(tell) => {
            let body = body.collect().await?.to_bytes();
            tell.send(Seen { head, body }).expect("it is waited for");
        }
        None => {
            while let Some(frame) = body.frame().await {
                frame?;
            }
        }
    }
    Ok(Response::new(Empty::new()))
}
