//! A server on loopback that a proxy forwards to, and the proof of what it got.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
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
use http::{Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;

/// How long a test waits for what must come. Nothing takes nearly as long, unless it never comes.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

#[track_caller]
pub(crate) fn within<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let caller = std::panic::Location::caller();
    async move { tokio::time::timeout(DEADLINE, future).await.unwrap_or_else(|_| panic!("not in time: {caller}")) }
}

/// Waits until `is_so`.
#[track_caller]
pub(crate) fn until(mut is_so: impl FnMut() -> bool) -> impl Future<Output = ()> {
    within(async move {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
}

pub(crate) type Answer = Response<UnsyncBoxBody<Bytes, hyper::Error>>;

pub(crate) fn answer(status: StatusCode, text: impl Into<Bytes>) -> Answer {
    let body = Full::new(text.into()).map_err(|never: Infallible| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

/// Serves both versions of HTTP, for as long as the test's runtime lives.
pub(crate) async fn upstream<H, F>(handler: H) -> SocketAddr
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let handler = handler.clone();
            stream.set_nodelay(true).unwrap();
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let response = handler(request);
                    async { Ok::<_, Infallible>(response.await) }
                });
                // What a client breaks is for the test to see, at the other end.
                let _ = auto::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    address
}

/// A request that came to its end.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) head: Parts,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// What an upstream has seen so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record(Arc<Mutex<Vec<Seen>>>);

impl Record {
    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    #[track_caller]
    pub(crate) fn take_one(&self) -> Seen {
        let mut seen = std::mem::take(&mut *self.0.lock().unwrap());
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.remove(0)
    }

    pub(crate) fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// Reads each request to its end, notes it and answers `ok`.
pub(crate) async fn recorder() -> (SocketAddr, Record) {
    recorder_that(|_| answer(StatusCode::OK, "ok")).await
}

/// Answers 200 with the key id where the signature is right, 403 with the reason where it is not.
pub(crate) async fn verifier() -> (SocketAddr, Record) {
    recorder_that(|seen| match verify(&seen.head, &seen.body) {
        Ok(key_id) => answer(StatusCode::OK, key_id),
        Err(reason) => answer(StatusCode::FORBIDDEN, reason),
    })
    .await
}

async fn recorder_that(respond: fn(&Seen) -> Answer) -> (SocketAddr, Record) {
    let record = Record::default();
    let noted = record.clone();
    let address = upstream(move |request| {
        let record = record.clone();
        async move {
            let (head, body) = request.into_parts();
            let Ok(body) = body.collect().await else {
                return answer(StatusCode::BAD_REQUEST, "half a body");
            };
            let seen = Seen { head, body: body.to_bytes() };
            record.0.lock().unwrap().push(seen.clone());
            respond(&seen)
        }
    })
    .await;
    (address, noted)
}

pub(crate) fn secret_of(key_id: &str) -> String {
    format!("secret-of-{key_id}")
}

/// An `[auth]` section that [`verify`] agrees with.
pub(crate) fn sigv4(key_id: &str) -> String {
    let secret = secret_of(key_id);
    format!(
        "[auth]\nMethod = aws-signature-v4\nRegion = eu-west-1\nService = s3\nAccessKeyId = {key_id}\nSecretAccessKey = {secret}\n"
    )
}

/// Signs what arrived with the `aws-sigv4` crate and compares. Returns the key id.
pub(crate) fn verify(head: &Parts, body: &[u8]) -> Result<String, String> {
    let mut values = head.headers.get_all("authorization").iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err("not signed once".into()) };
    let value = value.to_str().map_err(|error| error.to_string())?;
    let credential = value.strip_prefix("AWS4-HMAC-SHA256 Credential=").ok_or("not SigV4")?;
    let (key_id, rest) = credential.split_once('/').ok_or("no key id")?;
    let names = rest.split_once("SignedHeaders=").and_then(|(_, rest)| rest.split_once(", Signature="));
    let (names, signature) = names.ok_or("no signature")?;
    let date = head.headers.get("x-amz-date").and_then(|date| date.to_str().ok()).ok_or("no date")?;
    let now = instant(date);
    let age = SystemTime::now().duration_since(now).unwrap_or_else(|ahead| ahead.duration());
    if age > Duration::from_secs(60) {
        return Err("the date is not the present".into());
    }

    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let identity = Credentials::new(key_id, secret_of(key_id), None, None, "test").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("eu-west-1")
        .name("s3")
        .time(now)
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
    let request =
        SignableRequest::new(head.method.as_str(), &url, headers.into_iter(), SignableBody::Bytes(body));
    let request = request.map_err(|error| error.to_string())?;
    let expected = sign(request, &params).map_err(|error| error.to_string())?.into_parts().1;
    if expected == signature { Ok(key_id.to_owned()) } else { Err("the signature does not match".into()) }
}

/// Of `20240229T123456Z`.
fn instant(date: &str) -> SystemTime {
    let number = |range: std::ops::Range<usize>| date[range].parse::<i64>().unwrap();
    let (year, month, day) = (number(0..4), number(4..6), number(6..8));
    // Years that begin in March, so that the leap day is the last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    let seconds = days * 86_400 + number(9..11) * 3_600 + number(11..13) * 60 + number(13..15);
    UNIX_EPOCH + Duration::from_secs(seconds.try_into().unwrap())
}
