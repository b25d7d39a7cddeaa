//! Servers on loopback that tell what they saw, and the check of a signature.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use reqwest_middleware::ClientWithMiddleware;
use reqwest_signing::SigningMiddleware;
use tokio::net::TcpListener;
use tower_signing::signing_core::{AuthParams, Registry, Signer};
use tower_signing::{Signers, SigningLayer};

/// How long a test waits for what must come. Nothing takes nearly as long, unless it never comes.
const DEADLINE: Duration = Duration::from_secs(60);

#[track_caller]
pub(crate) fn within<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let caller = std::panic::Location::caller();
    async move { tokio::time::timeout(DEADLINE, future).await.unwrap_or_else(|_| panic!("not in time: {caller}")) }
}

/// 2024-02-29T12:34:56Z
pub(crate) const NOW: u64 = 1_709_210_096;

pub(crate) fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(NOW)
}

pub(crate) fn params(key_id: &str) -> AuthParams {
    let secret = format!("secret of {key_id}");
    [
        ("Method", "aws-signature-v4"),
        ("AccessKeyId", key_id),
        ("SecretAccessKey", secret.as_str()),
        ("Region", "eu-west-1"),
        ("Service", "s3"),
    ]
    .into_iter()
    .collect()
}

pub(crate) fn signer(key_id: &str) -> Signer {
    Registry::new().signer(&params(key_id)).unwrap()
}

pub(crate) fn signing(signers: impl Into<Signers>) -> SigningMiddleware {
    SigningLayer::builder().clock(now).signers(signers).into()
}

/// A client that signs with `AKIDONE` at [`NOW`].
pub(crate) fn client() -> ClientWithMiddleware {
    client_with(signing(signer("AKIDONE")))
}

pub(crate) fn client_with(signing: SigningMiddleware) -> ClientWithMiddleware {
    // Nothing of the machine's: a proxy would see what is for loopback.
    reqwest_signing::client_builder(reqwest::Client::builder().no_proxy()).unwrap().with(signing).build()
}

/// A request as the server saw it, with its whole body.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) head: Parts,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn key_id(&self) -> &str {
        let value = self.header("authorization").unwrap_or("unsigned");
        value
            .strip_prefix("AWS4-HMAC-SHA256 Credential=")
            .map_or(value, |rest| rest.split('/').next().unwrap())
    }

    /// Signed as S3 wants it, with the whole body.
    #[track_caller]
    pub(crate) fn assert_signed(&self) {
        assert_eq!(verify(&self.head, SignableBody::Bytes(&self.body)), Ok(()));
    }
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

pub(crate) type Answer = Response<Full<Bytes>>;

pub(crate) fn answer(status: u16) -> Answer {
    Response::builder().status(status).body(Full::default()).unwrap()
}

pub(crate) fn redirect(status: u16, location: &str) -> Answer {
    Response::builder().status(status).header("location", location).body(Full::default()).unwrap()
}

impl Server {
    /// Answers `ok` to all.
    pub(crate) async fn new() -> Self {
        Self::answering(|_, _| answer(200)).await
    }

    /// `handler` gets the number of the request, from 0, and the request.
    pub(crate) async fn answering(
        handler: impl Fn(usize, &Seen) -> Answer + Clone + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&seen);
        let serve = service_fn(move |request: Request<Incoming>| {
            let (record, handler) = (Arc::clone(&record), handler.clone());
            async move {
                let (head, body) = request.into_parts();
                let body = body.collect().await?.to_bytes();
                let mut record = record.lock().unwrap();
                let seen = Seen { head, body };
                let answer = handler(record.len(), &seen);
                record.push(seen);
                Ok::<_, hyper::Error>(answer)
            }
        });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), serve.clone());
                tokio::spawn(connection);
            }
        });
        Self { address, seen }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    #[track_caller]
    pub(crate) fn only(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1);
        seen.remove(0)
    }
}

/// Signs what arrived with the `aws-sigv4` crate and compares.
pub(crate) fn verify(head: &Parts, body: SignableBody<'_>) -> Result<(), String> {
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let credential = text("authorization").strip_prefix("AWS4-HMAC-SHA256 Credential=").ok_or("not SigV4")?;
    let (key_id, rest) = credential.split_once('/').ok_or("no key id")?;
    let names = rest.split_once("SignedHeaders=").and_then(|(_, rest)| rest.split_once(", Signature="));
    let (names, signature) = names.ok_or("no signature")?;
    // Tests stay within the minute of `NOW`.
    let second = text("x-amz-date").strip_prefix("20240229T1234").and_then(|rest| rest.strip_suffix('Z'));
    let second: u64 = second.and_then(|second| second.parse().ok()).ok_or("another date")?;

    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let token = Some(text("x-amz-security-token").to_owned()).filter(|token| !token.is_empty());
    let identity = Credentials::new(key_id, format!("secret of {key_id}"), token, None, "test").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("eu-west-1")
        .name("s3")
        .time(UNIX_EPOCH + Duration::from_secs(NOW - 56 + second))
        .settings(settings)
        .build()
        .map_err(|error| error.to_string())?
        .into();
    let host = text("host");
    let mut headers = vec![("host", host)];
    let added = ["host", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"];
    for (name, value) in &head.headers {
        if names.split(';').any(|signed| signed == name.as_str()) && !added.contains(&name.as_str()) {
            headers.push((name.as_str(), value.to_str().map_err(|error| error.to_string())?));
        }
    }
    let url = format!("http://{host}{}", head.uri);
    let request = SignableRequest::new(head.method.as_str(), &url, headers.into_iter(), body);
    let request = request.map_err(|error| error.to_string())?;
    let expected = sign(request, &params).map_err(|error| error.to_string())?.into_parts().1;
    if expected == signature { Ok(()) } else { Err("the signature does not match".into()) }
}

/// A stream of these pieces.
pub(crate) fn stream(pieces: &'static [&'static str]) -> reqwest::Body {
    let pieces = pieces.iter().map(|piece| Ok::<_, Infallible>(Bytes::from_static(piece.as_bytes())));
    reqwest::Body::wrap_stream(futures_util::stream::iter(pieces))
}

/// A config file of this name, which no other test uses.
pub(crate) fn config(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}
