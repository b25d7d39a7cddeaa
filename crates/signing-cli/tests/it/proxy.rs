//! `signing proxy` as a process of its own, and clients that can misbehave.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use bytes::Bytes;
use http::Response;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::command::{Folder, command};
use super::upstream::{DEADLINE, within};

/// A running proxy. Dropping it ends the process.
pub(crate) struct Proxy {
    child: Child,
    log: Arc<Mutex<String>>,
    folder: Folder,
    pub(crate) address: SocketAddr,
}

impl Proxy {
    /// A proxy before `upstream` at a free port of loopback, once it listens.
    pub(crate) fn start(upstream: SocketAddr, auth: &str, args: &[&str]) -> Self {
        Self::with_base_url(&format!("http://{upstream}"), auth, args)
    }

    pub(crate) fn with_base_url(base_url: &str, auth: &str, args: &[&str]) -> Self {
        let mut proxy = Self::spawn(base_url, auth, args);
        proxy.address = proxy.logged_address("listening on http://");
        proxy
    }

    /// One that does not tell where it listens.
    pub(crate) fn silent(upstream: SocketAddr, auth: &str, args: &[&str]) -> Self {
        Self::spawn(&format!("http://{upstream}"), auth, args)
    }

    fn spawn(base_url: &str, auth: &str, args: &[&str]) -> Self {
        let folder = Folder::with(&[("auth.conf", auth)]);
        let file = folder.text("auth.conf");
        let given = ["proxy", "--listen", "127.0.0.1:0", "--base-url", base_url, "--auth", &file];
        Self::run(folder, &[&given, args].concat())
    }

    /// The binary, whether it will listen or not.
    pub(crate) fn run(folder: Folder, args: &[&str]) -> Self {
        let mut child = command(args).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (lines, shared) = (BufReader::new(child.stderr.take().unwrap()).lines(), Arc::clone(&log));
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut log = shared.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        Self { child, log, folder, address: ([0; 4], 0).into() }
    }

    /// The address that follows `words` in the log, when it does.
    pub(crate) fn logged_address(&mut self, words: &str) -> SocketAddr {
        let line = self.logged(words);
        line.split_once(words).unwrap().1.trim().parse().unwrap()
    }

    /// The first line of the log with `words`, when it is there.
    pub(crate) fn logged(&mut self, words: &str) -> String {
        let started = Instant::now();
        loop {
            let log = self.log();
            if let Some(line) = log.lines().find(|line| line.contains(words)) {
                return line.to_owned();
            }
            assert!(started.elapsed() < DEADLINE, "no {words:?} in {log}");
            thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Another file takes the place of the auth file.
    pub(crate) fn rotate(&self, auth: &str) {
        fs::write(self.folder.path("auth.new"), auth).unwrap();
        self.folder.set_mode("auth.new", 0o600);
        fs::rename(self.folder.path("auth.new"), self.folder.path("auth.conf")).unwrap();
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Its exit status, when it ends.
    pub(crate) fn exit_status(&mut self) -> i32 {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap();
            }
            assert!(started.elapsed() < DEADLINE, "it did not end");
            thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// Its exit status, when it ends.
    #[cfg(unix)]
    pub(crate) async fn ended(&mut self) -> i32 {
        tokio::task::block_in_place(|| self.exit_status())
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sends `head` as it is, its lines parted by `\n`, with the proxy's address for `HOST`, and reads until the
    /// connection ends.
    pub(crate) async fn raw(&self, head: &str) -> String {
        let mut stream = self.send(&format!("{head}\nConnection: close\n\n")).await;
        read_to_end(&mut stream).await
    }

    pub(crate) async fn status(&self, head: &str) -> u16 {
        let answer = self.raw(head).await;
        status(&answer).unwrap_or_else(|| panic!("no answer to {head:?}: {answer:?}"))
    }

    pub(crate) async fn send(&self, text: &str) -> TcpStream {
        let mut stream = within(TcpStream::connect(self.address)).await.unwrap();
        let text = text.replace("HOST", &self.address.to_string()).replace('\n', "\r\n");
        within(stream.write_all(text.as_bytes())).await.unwrap();
        stream
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // One that has ended needs no more.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("the proxy's log:\n{}", self.log());
        }
    }
}

/// All that comes. A connection that is reset after its answer has answered, too.
pub(crate) async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = within(stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

pub(crate) fn status(answer: &str) -> Option<u16> {
    answer.split(' ').nth(1)?.parse().ok()
}

pub(crate) type TestClient = Client<HttpConnector, Full<Bytes>>;

/// A client with connections of its own.
pub(crate) fn client(is_http2: bool) -> TestClient {
    Client::builder(TokioExecutor::new()).http2_only(is_http2).build_http()
}

/// The answer over HTTP/2 to a client that takes `window` bytes of its body at a time, as they are read.
pub(crate) async fn response_in_windows_of(proxy: &Proxy, window: u32) -> Response<Incoming> {
    let stream = within(TcpStream::connect(proxy.address)).await.unwrap();
    let mut client = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
    client.initial_stream_window_size(window);
    let (mut sender, connection) = within(client.handshake(TokioIo::new(stream))).await.unwrap();
    tokio::spawn(connection);
    let request = http::Request::get(proxy.url("/windows")).body(Full::<Bytes>::default()).unwrap();
    within(sender.send_request(request)).await.unwrap()
}

/// Status and text of the answer to a POST of `body`, or a GET without.
pub(crate) async fn fetch(client: &TestClient, url: &str, body: &str) -> Result<(u16, String), String> {
    let method = if body.is_empty() { "GET" } else { "POST" };
    let request = http::Request::builder().method(method).uri(url).body(Full::from(body.to_owned())).unwrap();
    let response = within(client.request(request)).await.map_err(|error| format!("{error:?}"))?;
    let status = response.status().as_u16();
    let body = within(response.into_body().collect()).await.map_err(|error| format!("{error:?}"))?;
    Ok((status, String::from_utf8(body.to_bytes().into()).unwrap()))
}
