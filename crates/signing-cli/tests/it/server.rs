//! A server on loopback that sees what a client sends, and verifies its signature with the `aws-sigv4` crate.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use crate::command::SECRET;

pub(crate) const KEY_ID: &str = "AKIDEXAMPLE";

/// What a client has sent, as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) head: Parts,
    /// Of a long body, only its beginning.
    pub(crate) body: Vec<u8>,
    pub(crate) length: u64,
    /// In hexadecimal.
    pub(crate) hash: String,
}

/// Runs until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    scheme: &'static str,
    seen: Arc<Mutex<Vec<Seen>>>,
    _runtime: Runtime,
}

type Answer = dyn Fn(&Seen) -> Response<Answering> + Send + Sync;

impl Server {
    /// Over plain TCP, HTTP/1.1 or HTTP/2 as the client begins.
    pub(crate) fn start(answer: impl Fn(&Seen) -> Response<Answering> + Send + Sync + 'static) -> Self {
        Self::new(None, answer)
    }

    /// Over TLS, as `localhost`. The certificate is returned as PEM.
    pub(crate) fn start_tls(
        answer: impl Fn(&Seen) -> Response<Answering> + Send + Sync + 'static,
    ) -> (Self, String) {
        let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = rustls::pki_types::PrivateKeyDer::Pkcs8(issued.signing_key.serialize_der().into());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![issued.cert.der().clone()], key)
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        (Self::new(Some(TlsAcceptor::from(Arc::new(config))), answer), issued.cert.pem())
    }

    fn new(
        tls: Option<TlsAcceptor>,
        answer: impl Fn(&Seen) -> Response<Answering> + Send + Sync + 'static,
    ) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let seen = Arc::default();
        let log = Arc::clone(&seen);
        let answer: Arc<Answer> = Arc::new(answer);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, log, answer) = (tls.clone(), Arc::clone(&log), Arc::clone(&answer));
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, log, answer).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, log, answer).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, scheme, seen, _runtime: runtime }
    }

    /// The URL of `path_and_query` here. (A certificate is for `localhost`.)
    pub(crate) fn url(&self, path_and_query: &str) -> String {
        let host = if self.scheme == "https" { "localhost" } else { "127.0.0.1" };
        format!("{}://{host}:{}{path_and_query}", self.scheme, self.address.port())
    }

    /// All requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    log: Arc<Mutex<Vec<Seen>>>,
    answer: Arc<Answer>,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
        async move {
            let Some(seen) = see(request).await else {
                // It broke off: nobody is there to read an answer.
                return Ok::<_, Infallible>(text(400, "broken off"));
            };
            log.lock().unwrap().push(seen.clone());
            Ok(answer(&seen))
        }
    });
    // A client that goes away is no fault of the server's.
    drop(auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await);
}

async fn see(request: Request<Incoming>) -> Option<Seen> {
    const KEPT: usize = 64 * 1024;
    let (head, mut body) = request.into_parts();
    let (mut kept, mut length, mut hasher) = (Vec::new(), 0, Sha256::new());
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.ok()?.into_data() else { continue };
        length += data.len() as u64;
        hasher.update(&data);
        kept.extend_from_slice(&data[..data.len().min(KEPT - kept.len())]);
    }
    let hash = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Some(Seen { head, body: kept, length, hash })
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn target(&self) -> &str {
        self.head.uri.path_and_query().map_or("/", |target| target.as_str())
    }

    /// Signs what arrived a second time, with another library, and compares.
    pub(crate) fn verify(&self) -> Result<(), String> {
        let given = self.header("authorization").ok_or("no Authorization")?;
        let rest = given.strip_prefix("AWS4-HMAC-SHA256 Credential=").ok_or("another scheme")?;
        let (credential, rest) = rest.split_once(", SignedHeaders=").ok_or("no SignedHeaders")?;
        let (names, signature) = rest.split_once(", Signature=").ok_or("no Signature")?;
        let [KEY_ID, _, region, service, "aws4_request"] = credential.split('/').collect::<Vec<_>>()[..]
        else {
            return Err(format!("the credential {credential}"));
        };
        let date = self.header("x-amz-date").ok_or("no date")?;
        let identity = Credentials::new(KEY_ID, SECRET, None, None, "test").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(service)
            .time(instant(date))
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let authority = self.head.uri.authority().map(|authority| authority.as_str());
        let host = self.header("host").or(authority).ok_or("no host")?;
        let mut headers = vec![("host", host)];
        for (name, value) in &self.head.headers {
            let name = name.as_str();
            if names.split(';').any(|signed| signed == name) && !matches!(name, "host" | "x-amz-date") {
                headers.push((name, std::str::from_utf8(value.as_bytes()).unwrap()));
            }
        }
        let url = format!("http://{host}{}", self.target());
        let body = SignableBody::Precomputed(self.hash.clone());
        let request =
            SignableRequest::new(self.head.method.as_str(), &url, headers.into_iter(), body).unwrap();
        let expected = sign(request, &params).unwrap().into_parts().1;
        if expected == signature { Ok(()) } else { Err("the signature does not match".into()) }
    }

    /// Whether anything of ours that signs or identifies is there.
    pub(crate) fn is_bare(&self) -> bool {
        let names = ["authorization", "cookie", "proxy-authorization", "x-amz-date", "x-amz-content-sha256"];
        names.iter().all(|name| self.header(name).is_none())
            && !format!("{:?}", self.head).contains("hunter2")
    }
}

/// The instant that `20240229T123456Z` names.
fn instant(text: &str) -> SystemTime {
    let number = |from: usize, to: usize| text[from..to].parse::<u64>().unwrap();
    let (year, month, day) = (number(0, 4), number(4, 6), number(6, 8));
    // Days of the civil calendar, in years that begin in March.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1 - 719_468;
    UNIX_EPOCH
        + Duration::from_secs(days * 86_400 + number(9, 11) * 3_600 + number(11, 13) * 60 + number(13, 15))
}

/// The body of an answer: a text, or many bytes that are not in memory.
pub(crate) struct Answering {
    text: Option<Bytes>,
    zeros: u64,
    /// Fails when this many zeros are left.
    breaks_at: Option<u64>,
}

/// An answer of this text.
pub(crate) fn text(status: u16, text: impl Into<Bytes>) -> Response<Answering> {
    let mut response = Response::new(Answering { text: Some(text.into()), zeros: 0, breaks_at: None });
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

/// An answer of `count` zeros.
pub(crate) fn zeros(count: u64) -> Response<Answering> {
    Response::new(Answering { text: None, zeros: count, breaks_at: None })
}

/// An answer that promises `count` zeros, and breaks off when `left` are to come.
pub(crate) fn broken(count: u64, left: u64) -> Response<Answering> {
    Response::new(Answering { text: None, zeros: count, breaks_at: Some(left) })
}

/// An answer that leads elsewhere.
pub(crate) fn redirect(status: u16, location: &str) -> Response<Answering> {
    let mut response = text(status, "elsewhere");
    response.headers_mut().insert("location", location.parse().unwrap());
    response
}

/// 200 if the signature is right, or else 403 with the reason.
pub(crate) fn verified(seen: &Seen) -> Response<Answering> {
    match seen.verify() {
        Ok(()) => text(200, "verified"),
        Err(reason) => text(403, reason),
    }
}

impl Body for Answering {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        const ZEROS: Bytes = Bytes::from_static(&[0; 64 * 1024]);
        if self.breaks_at == Some(self.zeros) {
            return Poll::Ready(Some(Err(io::Error::other("broken off on purpose"))));
        }
        if self.zeros > 0 {
            let most = self.zeros - self.breaks_at.unwrap_or(0);
            let frame = ZEROS.slice(..most.min(ZEROS.len() as u64) as usize);
            self.zeros -= frame.len() as u64;
            return Poll::Ready(Some(Ok(Frame::data(frame))));
        }
        Poll::Ready(self.text.take().map(|text| Ok(Frame::data(text))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.zeros + self.text.as_ref().map_or(0, |text| text.len() as u64))
    }
}

/// Answers 403, `seconds` ahead of this machine's clock.
pub(crate) fn denying(seconds: u64) -> Server {
    Server::start(move |_| {
        let mut response = text(403, "no");
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(seconds));
        response.headers_mut().insert("date", date.parse().unwrap());
        response
    })
}
