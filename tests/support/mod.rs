//! What several of these tests need: the six methods, a settable clock, a recording service, a body in
//! pieces, a log that can be read, and a verification of SigV4 that is not ours.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::request::Parts;
use http_body::{Body, Frame};
use signing_core::{AuthParams, Registry, Signer};
use tokio::sync::mpsc;
use tower_signing::{BoxError, SigningError};
use tracing_subscriber::filter::LevelFilter;

/// How long a test waits for what must come. Nothing takes nearly as long, unless it never comes.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// One of the six methods, with credentials that are good for `url`.
#[derive(Clone, Copy)]
pub(crate) struct Scheme {
    pub(crate) method: &'static str,
    pub(crate) url: &'static str,
    /// Without `Method`.
    pub(crate) pairs: &'static [(&'static str, &'static str)],
    /// The names of those that are secret.
    pub(crate) secrets: &'static [&'static str],
}

pub(crate) const AWS: Scheme = Scheme {
    method: "aws-signature-v4",
    url: "https://sqs.eu-west-1.amazonaws.com/queue?b=2&a=1",
    pairs: &[
        ("AccessKeyId", "AKIDOFTHETESTS"),
        ("SecretAccessKey", "wJ7r/XUtn+FEMIqK7MDENGbPxRfiCYzQ9k0="),
        ("SessionToken", "FwoGZXIvYXdzEBYaDHqa0/9kq+Zt=="),
    ],
    secrets: &["SecretAccessKey", "SessionToken"],
};

pub(crate) const SCHEMES: [Scheme; 6] = [
    AWS,
    Scheme {
        method: "azure-batch",
        url: "https://acct.westus2.batch.azure.com/jobs?api-version=2024-07-01.20.0",
        pairs: &[
            ("AccountName", "acct"),
            ("SecretAccessKey", "k7Qm+2Zs0Vb/9fTtXy1LcRpWnEoHdJuAiGg4MzBqN8w="),
        ],
        secrets: &["SecretAccessKey"],
    },
    Scheme {
        method: "azure-event-hub",
        url: "https://ns.servicebus.windows.net/hub/messages",
        pairs: &[
            ("SharedAccessKeyName", "send"),
            ("SecretAccessKey", "Hub5+pQx/8rZtKcYwVnE2mBsLdJgFa0oUi7RvNq3T1s="),
        ],
        secrets: &["SecretAccessKey"],
    },
    Scheme {
        method: "azure-iot-hub",
        url: "https://hub.azure-devices.net/twins/d1?api-version=2021-04-12",
        pairs: &[
            ("SharedAccessKeyName", "service"),
            ("SecretAccessKey", "IoT9/xLw+3vBnMqRtYzKcJhGfDsAp0oEiU6rWlVbN4k="),
        ],
        secrets: &["SecretAccessKey"],
    },
    Scheme {
        method: "cybersource-http",
        url: "https://apitest.cybersource.com/pts/v2/payments?x=1",
        pairs: &[
            ("MerchantId", "acme"),
            ("MerchantKeyID", "08c94330-f618-42a3-b09d-e1e43be5efda"),
            ("MerchantSecretKey", "Cyb3+rSource/Zq8WvXnLmKpTtYsGhJdFb0aEoRiUuA="),
        ],
        secrets: &["MerchantSecretKey"],
    },
    Scheme {
        method: "auth-token",
        url: "https://partner.example/v1/orders",
        pairs: &[
            ("Header", "x-api-key"),
            ("Token", "t0k+Zp4/mWqXn9RvLsKdJh=="),
            ("Match", "https://partner.example/v1"),
        ],
        secrets: &["Token"],
    },
];

impl Scheme {
    /// As a config section has them, `Match` included.
    pub(crate) fn params(&self) -> AuthParams {
        [("Method", self.method)].iter().chain(self.pairs).copied().collect()
    }

    pub(crate) fn signer(&self) -> Signer {
        let mut params = self.params();
        params.remove("Match");
        Registry::new().signer(&params).expect("the parameters are good")
    }

    /// With other values for some parameters.
    pub(crate) fn params_with(&self, changed: &[(&str, &str)]) -> AuthParams {
        let mut params = self.params();
        for &(name, value) in changed {
            params.set(name, value);
        }
        params
    }

    pub(crate) fn secret_values(&self) -> impl Iterator<Item = &'static str> {
        self.pairs.iter().filter(|(name, _)| self.secrets.contains(name)).map(|&(_, value)| value)
    }

    /// The section of a config file, in INI.
    pub(crate) fn section(&self, header: &str) -> String {
        let lines = self.pairs.iter().map(|(name, value)| format!("{name} = {value}\n"));
        format!("[{header}]\nMethod = {}\n{}", self.method, lines.collect::<String>())
    }
}

/// The layer's own error, which must be what a request failed with.
#[track_caller]
pub(crate) fn signing_error(error: &BoxError) -> &SigningError {
    error.downcast_ref().unwrap_or_else(|| panic!("not an error of the layer: {error}"))
}

/// A clock that stands still until it is set.
#[derive(Clone)]
pub(crate) struct Clock(Arc<AtomicU64>);

impl Clock {
    pub(crate) fn at(unix: u64) -> Self {
        Self(Arc::new(AtomicU64::new(unix)))
    }

    pub(crate) fn set(&self, unix: u64) {
        self.0.store(unix, Ordering::SeqCst);
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    /// For the builder of a layer.
    pub(crate) fn reader(&self) -> impl Fn() -> SystemTime + Send + Sync + 'static {
        let seconds = Arc::clone(&self.0);
        move || UNIX_EPOCH + Duration::from_secs(seconds.load(Ordering::SeqCst))
    }
}

/// A body whose frames come one by one, and whose length nobody knows. It ends when its sender is dropped.
#[derive(Debug)]
pub(crate) struct Pieces(mpsc::UnboundedReceiver<Result<Frame<Bytes>, BoxError>>);

pub(crate) type Piece = Result<Frame<Bytes>, BoxError>;

pub(crate) fn pieces() -> (mpsc::UnboundedSender<Piece>, Pieces) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (sender, Pieces(receiver))
}

/// All pieces at once.
pub(crate) fn pieces_of(frames: impl IntoIterator<Item = Piece>) -> Pieces {
    let (sender, body) = pieces();
    for frame in frames {
        sender.send(frame).expect("the body is alive");
    }
    body
}

pub(crate) fn data(text: &'static str) -> Piece {
    Ok(Frame::data(Bytes::from_static(text.as_bytes())))
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Piece>> {
        self.0.poll_recv(cx)
    }
}

/// What this process logs, from the moment it is installed.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<(Mutex<Vec<u8>>, Condvar)>);

impl Log {
    /// Once per process, for the threads that a layer starts have no other subscriber.
    pub(crate) fn install(level: LevelFilter) -> Self {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_max_level(level).with_ansi(false);
        subscriber.with_writer(move || writer.clone()).init();
        log
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.0.lock().unwrap()).into_owned()
    }

    pub(crate) fn count(&self, all: &[&str]) -> usize {
        self.text().lines().filter(|line| all.iter().all(|part| line.contains(part))).count()
    }

    /// Waits for a line that holds all these parts.
    #[track_caller]
    pub(crate) fn wait_for(&self, all: &[&str]) {
        let end = Instant::now() + DEADLINE;
        loop {
            if self.count(all) > 0 {
                return;
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "nothing was logged of {all:?} in time");
            let held = self.0.0.lock().unwrap();
            // A line that came between the look and the lock is found at the next look.
            drop(self.0.1.wait_timeout(held, left.min(Duration::from_millis(50))).unwrap());
        }
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.0.lock().unwrap().extend_from_slice(bytes);
        self.0.1.notify_all();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The parts of an `Authorization` header of SigV4.
pub(crate) struct Authorization<'h> {
    pub(crate) key_id: &'h str,
    /// `20240229`, as in the scope.
    pub(crate) day: &'h str,
    pub(crate) region: &'h str,
    pub(crate) service: &'h str,
    pub(crate) signed_headers: Vec<&'h str>,
    pub(crate) signature: &'h str,
}

impl<'h> Authorization<'h> {
    pub(crate) fn of(head: &'h Parts) -> Option<Self> {
        let mut values = head.headers.get_all("authorization").iter();
        let (Some(value), None) = (values.next(), values.next()) else { return None };
        let rest = value.to_str().ok()?.strip_prefix("AWS4-HMAC-SHA256 Credential=")?;
        let (credential, rest) = rest.split_once(", SignedHeaders=")?;
        let (names, signature) = rest.split_once(", Signature=")?;
        let [key_id, day, region, service, "aws4_request"] = credential.split('/').collect::<Vec<_>>()[..]
        else {
            return None;
        };
        Some(Self { key_id, day, region, service, signed_headers: names.split(';').collect(), signature })
    }
}

/// The host that a server sees: the one header, or `:authority`.
pub(crate) fn host_of(head: &Parts) -> &str {
    let header = head.headers.get("host").map(|host| host.to_str().expect("ASCII"));
    header.or(head.uri.authority().map(|authority| authority.as_str())).expect("every request has a host")
}

/// What a service knows about a key.
#[derive(Clone, Copy)]
pub(crate) struct Secrets<'s> {
    pub(crate) key_id: &'s str,
    pub(crate) secret: &'s str,
    pub(crate) token: Option<&'s str>,
}

/// Signs what arrived with the `aws-sigv4` crate and compares.
pub(crate) fn verify_sigv4(head: &Parts, body: &[u8], known: Secrets<'_>) -> Result<(), String> {
    let given = Authorization::of(head).ok_or("not one Authorization header of SigV4")?;
    if given.key_id != known.key_id {
        return Err(format!("signed by {}", given.key_id));
    }
    let one = |name: &str| {
        let mut values = head.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => Ok(value.to_str().expect("ASCII")),
            (first, _) => {
                Err(format!("{name} is there {} times", if first.is_some() { "several" } else { "no" }))
            }
        }
    };
    let date = one("x-amz-date")?;
    if known.token.is_some_and(|token| one("x-amz-security-token") != Ok(token)) {
        return Err("another token".into());
    }
    if known.token.is_none() && head.headers.contains_key("x-amz-security-token") {
        return Err("a token that belongs to no key of ours".into());
    }

    let mut settings = SigningSettings::default();
    if given.service == "s3" {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    let identity =
        Credentials::new(known.key_id, known.secret, known.token.map(str::to_owned), None, "test").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(given.region)
        .name(given.service)
        .time(instant(date))
        .settings(settings)
        .build()
        .map_err(|error| error.to_string())?
        .into();
    // The crate adds its own headers; the others are taken as they arrived.
    let added = ["x-amz-date", "x-amz-security-token", "x-amz-content-sha256"];
    let mut headers = vec![("host", host_of(head))];
    for (name, value) in &head.headers {
        let name = name.as_str();
        if given.signed_headers.contains(&name) && name != "host" && !added.contains(&name) {
            headers.push((name, std::str::from_utf8(value.as_bytes()).map_err(|error| error.to_string())?));
        }
    }
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    let url = format!("http://{}{target}", host_of(head));
    let request =
        SignableRequest::new(head.method.as_str(), &url, headers.into_iter(), SignableBody::Bytes(body))
            .map_err(|error| error.to_string())?;
    let signature = sign(request, &params).map_err(|error| error.to_string())?.into_parts().1;
    if signature == given.signature { Ok(()) } else { Err("the signature does not match".into()) }
}

/// The instant that `20240229T123456Z` names.
fn instant(text: &str) -> SystemTime {
    let number = |from: usize, to: usize| text[from..to].parse::<u64>().expect("digits");
    let (year, month, day) = (number(0, 4), number(4, 6), number(6, 8));
    // Days of the civil calendar, in years that begin in March.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1 - 719_468;
    let seconds = number(9, 11) * 3_600 + number(11, 13) * 60 + number(13, 15);
    UNIX_EPOCH + Duration::from_secs(days * 86_400 + seconds)
}
