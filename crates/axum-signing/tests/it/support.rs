//! Servers on loopback: an upstream that does what a test says, a proxy before it, and clients that can misbehave.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use axum_signing::{ProxyMetrics, SigningProxy, SigningProxyBuilder, UploadBody};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Request, Response};
use http_body::Body;
use http_body_util::channel::{Channel, Sender};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tower::Layer;
use tower_signing::signing_core::{AuthParams, Registry, Signer};
use tower_signing::{BoxError, SignedBody, SignerStore, SigningService};

/// How long a test waits for what must come. Nothing takes nearly as long, unless it never comes.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

#[track_caller]
pub(crate) fn within<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let caller = std::panic::Location::caller();
    async move { tokio::time::timeout(DEADLINE, future).await.unwrap_or_else(|_| panic!("not in time: {caller}")) }
}

pub(crate) type TestBody = UnsyncBoxBody<Bytes, BoxError>;

pub(crate) fn body<B>(body: B) -> TestBody
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    body.map_err(Into::into).boxed_unsync()
}

pub(crate) fn text(text: &'static str) -> TestBody {
    body(Full::from(text))
}

/// A body that comes as it is sent, of a length that nobody knows.
pub(crate) fn pieces() -> (Sender<Bytes, BoxError>, TestBody) {
    let (sender, pieces) = Channel::new(1);
    (sender, body(pieces))
}

pub(crate) async fn with_trailers(data: Bytes, trailers: HeaderMap) -> TestBody {
    let (mut sender, pieces) = Channel::<Bytes, BoxError>::new(2);
    sender.send_data(data).await.unwrap();
    sender.send_trailers(trailers).await.unwrap();
    body(pieces)
}

/// Serves both versions of HTTP on `listener`, for as long as the test's runtime lives.
pub(crate) fn serve<S, R>(listener: TcpListener, service: S)
where
    S: tower::Service<Request<Incoming>, Response = Response<R>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    R: Body<Data = Bytes> + Send + 'static,
    R::Error: Into<BoxError>,
{
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                // What a client breaks is for the test to see, at the other end.
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
}

pub(crate) async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// An upstream that answers with `handler`.
pub(crate) async fn upstream<H, F>(handler: H) -> SocketAddr
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<TestBody>> + Send + 'static,
{
    let (listener, address) = listen().await;
    let service = tower::service_fn(move |request| {
        let response = handler(request);
        async { Ok(response.await) }
    });
    serve(listener, service);
    address
}

/// A request as the upstream saw it: its head, and its whole body, if it came to its end.
pub(crate) type Seen = (Parts, Result<Bytes, hyper::Error>);

/// An upstream that reads each request, tells of it, and answers `ok`.
pub(crate) async fn recorder() -> (SocketAddr, mpsc::UnboundedReceiver<Seen>) {
    let (tell, seen) = mpsc::unbounded_channel();
    let address = upstream(move |request| {
        let tell = tell.clone();
        async move {
            let (head, body) = request.into_parts();
            // Apart from this future, which is dropped with its connection.
            let reading = tokio::spawn(async move {
                let body = body.collect().await.map(|body| body.to_bytes());
                tell.send((head, body)).is_ok()
            });
            reading.await.unwrap();
            Response::new(text("ok"))
        }
    })
    .await;
    (address, seen)
}

/// Signs like S3 for any host: the body is hashed, and so read before it is sent.
pub(crate) const SIGNED: &[(&str, &str)] = &[
    ("Method", "aws-signature-v4"),
    ("AccessKeyId", "AKIDONE"),
    ("SecretAccessKey", "secret of AKIDONE"),
    ("Region", "eu-west-1"),
    ("Service", "s3"),
];

/// The same, with a body that streams.
pub(crate) const STREAMED: &[(&str, &str)] = &[
    ("Method", "aws-signature-v4"),
    ("AccessKeyId", "AKIDONE"),
    ("SecretAccessKey", "secret of AKIDONE"),
    ("Region", "eu-west-1"),
    ("Service", "s3"),
    ("Payload", "unsigned"),
];

pub(crate) fn signer(params: &[(&str, &str)]) -> Signer {
    let params: AuthParams = params.iter().copied().collect();
    Registry::new().signer(&params).unwrap()
}

pub(crate) type TestClient<B> = Client<HttpConnector, SignedBody<UploadBody<B>>>;
pub(crate) type TestProxy<B> = SigningProxy<SigningService<TestClient<B>>>;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Version {
    Http1,
    Http2,
}
pub(crate) use Version::{Http1, Http2};

pub(crate) const NOW: u64 = 1_709_210_096;

/// Signs with `store` at 2024-02-29T12:34:56Z, and speaks `version` to the upstream.
pub(crate) fn signed_client<B>(
    builder: &SigningProxyBuilder,
    store: SignerStore,
    version: Version,
) -> SigningService<TestClient<B>>
where
    B: Body + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    let client = Client::builder(TokioExecutor::new()).http2_only(version == Http2).build_http();
    let layer = builder.layer().clock(|| UNIX_EPOCH + Duration::from_secs(NOW)).store(store);
    layer.layer(client)
}

pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    pub(crate) metrics: ProxyMetrics,
}

/// A proxy on loopback, set up by `set` beyond its listen address.
pub(crate) async fn proxy_with(
    base_url: &str,
    store: impl Into<SignerStoreOf>,
    version: Version,
    set: impl FnOnce(SigningProxyBuilder) -> SigningProxyBuilder,
) -> Proxy {
    let (listener, address) = listen().await;
    let builder = set(SigningProxy::builder(base_url).unwrap().listen_addresses([address]).unwrap());
    let client = signed_client(&builder, store.into().0, version);
    let proxy: TestProxy<Incoming> = builder.build(client);
    let metrics = proxy.metrics().clone();
    serve(listener, proxy);
    Proxy { address, metrics }
}

/// A store, or the parameters of its one signer.
pub(crate) struct SignerStoreOf(SignerStore);

impl From<SignerStore> for SignerStoreOf {
    fn from(store: SignerStore) -> Self {
        Self(store)
    }
}

impl From<&[(&str, &str)]> for SignerStoreOf {
    fn from(params: &[(&str, &str)]) -> Self {
        Self(SignerStore::new(signer(params)))
    }
}

pub(crate) async fn proxy_to(upstream: SocketAddr, params: &[(&str, &str)]) -> Proxy {
    proxy_with(&format!("http://{upstream}"), params, Http1, |builder| builder).await
}

impl Proxy {
    /// Sends `head` as it is, its lines parted by `\n`, with the proxy's address for `HOST`, and reads until the
    /// connection ends.
    pub(crate) async fn raw(&self, head: &str) -> String {
        let mut stream = self.send(&format!("{head}\nConnection: close\n\n")).await;
        let mut answer = Vec::new();
        // A connection that is reset after its answer has answered, too.
        let _ = within(stream.read_to_end(&mut answer)).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub(crate) async fn status(&self, head: &str) -> u16 {
        let answer = self.raw(head).await;
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
        status.unwrap_or_else(|| panic!("no answer to {head:?}: {answer:?}"))
    }

    pub(crate) async fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let text = text.replace("HOST", &self.address.to_string()).replace('\n', "\r\n");
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    /// A client on one connection of its own.
    pub(crate) fn client(&self, version: Version) -> Client<HttpConnector, TestBody> {
        Client::builder(TokioExecutor::new()).http2_only(version == Http2).build_http()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Waits for all requests to be complete.
    pub(crate) async fn settled(&self) {
        within(async {
            while self.metrics.in_flight() > 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
    }
}

pub(crate) async fn read(response: Response<impl Body<Data = Bytes, Error: std::fmt::Debug>>) -> Bytes {
    within(response.into_body().collect()).await.unwrap().to_bytes()
}

/// Signs what arrived with the `aws-sigv4` crate and compares. `body`: `None` if it was not signed.
pub(crate) fn verify(head: &Parts, body: Option<&[u8]>) -> Result<(), String> {
    let mut values = head.headers.get_all("authorization").iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err("not signed once".into()) };
    let value = value.to_str().map_err(|error| error.to_string())?;
    let credential = value.strip_prefix("AWS4-HMAC-SHA256 Credential=").ok_or("not SigV4")?;
    let (key_id, rest) = credential.split_once('/').ok_or("no key id")?;
    let names = rest.split_once("SignedHeaders=").and_then(|(_, rest)| rest.split_once(", Signature="));
    let (names, signature) = names.ok_or("no signature")?;

    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let identity = Credentials::new(key_id, format!("secret of {key_id}"), None, None, "test").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("eu-west-1")
        .name("s3")
        .time(UNIX_EPOCH + Duration::from_secs(NOW))
        .settings(settings)
        .build()
        .map_err(|error| error.to_string())?
        .into();
    let authority = head.uri.authority().map(|authority| authority.as_str());
    let host = head.headers.get("host").map_or(authority, |host| host.to_str().ok()).ok_or("no host")?;
    let mut headers = vec![("host", host)];
    let added = ["host", "x-amz-date", "x-amz-content-sha256"];
    for (name, value) in &head.headers {
        if names.split(';').any(|signed| signed == name.as_str()) && !added.contains(&name.as_str()) {
            headers.push((name.as_str(), value.to_str().map_err(|error| error.to_string())?));
        }
    }
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    let url = format!("http://{host}{target}");
    let body = body.map_or(SignableBody::UnsignedPayload, SignableBody::Bytes);
    let request = SignableRequest::new(head.method.as_str(), &url, headers.into_iter(), body);
    let request = request.map_err(|error| error.to_string())?;
    let expected = sign(request, &params).map_err(|error| error.to_string())?.into_parts().1;
    if expected == signature { Ok(()) } else { Err("the signature does not match".into()) }
}
