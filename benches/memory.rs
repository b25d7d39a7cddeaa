//! The memory that a long upload takes.
//!
//! `cargo bench --bench memory` sends 10 GiB through the layer and hyper's HTTP/1.1 client to a listener on loopback that
//! reads and forgets, once for each form, and prints by how much the process grew meanwhile. Linux only: elsewhere the
//! system does not tell.

use std::convert::Infallible;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;
use std::time::Instant;

use bytes::Bytes;
use http::Request;
use http_body::{Body, Frame, SizeHint};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use signing_core::{AuthParams, Registry};
use tokio::runtime::Builder;
use tower::{Layer, ServiceExt};
use tower_signing::SigningLayer;

const GIB: u64 = 1024 * 1024 * 1024;
const LENGTH: u64 = 10 * GIB;
const FRAME: usize = 64 * 1024;

fn main() {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    println!("{:20} {:>12} {:>12} {:>10}", "10 GiB", "before KiB", "more KiB", "MiB/s");
    for payload in ["unsigned", "chunked", "chunked-trailer", "unsigned-trailer"] {
        // So that what the process needs anyway is there before it counts.
        runtime.block_on(upload(payload, GIB / 16));
        let before = peak_anew();
        let start = Instant::now();
        runtime.block_on(upload(payload, LENGTH));
        let speed = (LENGTH >> 20) as f64 / start.elapsed().as_secs_f64();
        println!("{payload:20} {before:12} {:12} {speed:10.0}", peak() - before);
    }
}

async fn upload(payload: &str, length: u64) {
    let address = listener();
    let given = [
        ("Method", "aws-signature-v4"),
        ("AccessKeyId", "AKIDEXAMPLE"),
        ("SecretAccessKey", "not-a-real-key"),
        ("Region", "us-east-1"),
        ("Service", "s3"),
        ("Payload", payload),
    ];
    let params: AuthParams = given.into_iter().collect();
    let layer = SigningLayer::new(Registry::new().signer(&params).expect("valid parameters"));
    let client = layer.layer(Client::builder(TokioExecutor::new()).build_http());
    let body = Stream { left: length, frame: vec![7; FRAME].into() };
    let request = Request::put(format!("http://{address}/bucket/key")).body(body).expect("a valid request");
    let response = client.oneshot(request).await.expect("an answer");
    assert_eq!(response.status(), 200);
}

/// Takes one request, and answers when it has all of it.
fn listener() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a connection");
        answer(stream);
    });
    address
}

fn answer(mut stream: TcpStream) {
    let mut buffer = vec![0; 256 * 1024];
    let mut head = Vec::new();
    let end = loop {
        let count = stream.read(&mut buffer).expect("a head");
        head.extend_from_slice(&buffer[..count]);
        if let Some(at) = head.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let text = String::from_utf8_lossy(&head[..end]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: u64 = length.and_then(|length| length.parse().ok()).expect("an exact length");
    let mut left = length - (head.len() - end) as u64;
    while left > 0 {
        left -= stream.read(&mut buffer).expect("the body") as u64;
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").expect("someone listens");
}

/// The same frame, again and again.
struct Stream {
    left: u64,
    frame: Bytes,
}

impl Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let length = self.left.min(self.frame.len() as u64);
        self.left -= length;
        Poll::Ready((length > 0).then(|| Ok(Frame::data(self.frame.slice(..length as usize)))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// The most memory that the process has had since the last time, in KiB; from now on it counts anew.
fn peak_anew() -> u64 {
    // Sets the peak to what is resident now.
    fs::write("/proc/self/clear_refs", "5").expect("a Linux system");
    peak()
}

fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("a Linux system");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}
