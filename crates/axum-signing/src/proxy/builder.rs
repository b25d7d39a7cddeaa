//! How a proxy is built.

use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use tower_signing::{SigningLayer, SigningLayerBuilder};

use super::ProxyMetrics;
use super::guard::Guard;
use super::host::{AllowedHost, AllowedOrigin};
use super::service::{Settings, SigningProxy};
use super::target::BaseUrl;

/// How long nothing may move, unless said otherwise: 60 s.
const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// Longer than anybody waits, short enough to be added to any instant.
const LONGEST_IDLE_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Builds a [`SigningProxy`].
///
/// ```
/// use axum_signing::SigningProxy;
///
/// let builder = SigningProxy::builder("https://minio.internal:9000/bucket")?
///     .listen_addresses([([127, 0, 0, 1], 8080).into()])?
///     .allow_host("signing.internal")?
///     .allow_origin("http://localhost:3000")?;
/// # Ok::<(), axum_signing::ProxyConfigError>(())
/// ```
#[must_use]
#[derive(Debug)]
pub struct SigningProxyBuilder {
    base: BaseUrl,
    listeners: Vec<SocketAddr>,
    guard: Guard,
    stripped: Vec<HeaderName>,
    idle_timeout: Duration,
    body_limit: Option<u64>,
    metrics: ProxyMetrics,
}

impl SigningProxyBuilder {
    pub(crate) fn new(base_url: &str) -> Result<Self, ProxyConfigError> {
        Ok(Self {
            base: BaseUrl::parse(base_url)?,
            listeners: Vec::new(),
            guard: Guard::default(),
            stripped: Vec::new(),
            idle_timeout: DEFAULT_IDLE_TIMEOUT,
            body_limit: None,
            metrics: ProxyMetrics::default(),
        })
    }

    /// The builder of a layer whose signers are bound to the base URL: those without a `Match` sign for it, and
    /// none signs for anything else.
    #[expect(clippy::missing_panics_doc, reason = "it does not")]
    pub fn layer(&self) -> SigningLayerBuilder {
        let layer = SigningLayer::builder().base_url(self.base.as_str());
        layer.expect("a base URL was parsed as a `Match` when the builder was made")
    }

    /// Where the server listens: each address, and `localhost` at its port, is what `Host` may name. For an
    /// unspecified address (`0.0.0.0`, `[::]`) that is loopback; allow other names by
    /// [`allow_host`](Self::allow_host).
    ///
    /// Without this, behind a Unix socket or below a router, `localhost` is allowed at any port.
    ///
    /// # Errors
    ///
    /// The base URL leads back to one of them.
    pub fn listen_addresses(
        mut self,
        addresses: impl IntoIterator<Item = SocketAddr>,
    ) -> Result<Self, ProxyConfigError> {
        for address in addresses {
            let hosts = AllowedHost::of_listener(address);
            if hosts.iter().any(|host| host.covers(self.base.authority())) {
                return Err(ProxyConfigError::new("the base URL", "is an address that the proxy listens at"));
            }
            self.listeners.push(address);
            self.guard.hosts.extend(hosts);
        }
        Ok(self)
    }

    /// One more name that `Host` may have: `name` at any port, or `name:port`.
    ///
    /// # Errors
    ///
    /// The text is neither.
    pub fn allow_host(mut self, host: &str) -> Result<Self, ProxyConfigError> {
        self.guard.hosts.push(AllowedHost::parse(host)?);
        Ok(self)
    }

    /// Lets pages of this origin (`https://app.example`) use the proxy, and with it the credentials.
    ///
    /// Preflight requests are forwarded like all others: what scripts may read is for the upstream to say, or
    /// for a CORS layer above.
    ///
    /// # Errors
    ///
    /// The text is not an origin; `null` is none.
    pub fn allow_origin(mut self, origin: &str) -> Result<Self, ProxyConfigError> {
        self.guard.origins.push(AllowedOrigin::parse(origin)?);
        Ok(self)
    }

    /// One more header that is not forwarded, nor as a trailer, such as that of a token which the upstream must only get from us.
    pub fn strip_header(mut self, name: HeaderName) -> Self {
        self.stripped.push(name);
        self
    }

    /// How long nothing may move, in either direction; default 60 s. A long upload or download is no reason to
    /// end it as long as it moves. For bodies that are held before they are sent, that takes a
    /// [`ProgressLayer`](super::ProgressLayer) above the client.
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.idle_timeout = limit.min(LONGEST_IDLE_TIMEOUT);
        self
    }

    /// How many bytes the body of a request may have; default: any number. A longer one is 413, before it is sent
    /// if its length was announced.
    ///
    /// Over HTTP/1.1, a client that is still sending may see a broken connection in place of an early answer such as
    /// this: hyper closes a connection whose request it has not read to its end, and what was not read makes that a
    /// reset. The command `signing proxy` reads on for a moment; over HTTP/2 the answer arrives.
    pub fn body_limit(mut self, bytes: u64) -> Self {
        self.body_limit = Some(bytes);
        self
    }

    /// Counts into these metrics.
    pub fn metrics(mut self, metrics: ProxyMetrics) -> Self {
        self.metrics = metrics;
        self
    }

    /// Forwards through `service`, a signed client: [`layer`](Self::layer) around a client.
    pub fn build<S>(mut self, service: S) -> SigningProxy<S> {
        if self.listeners.is_empty() {
            self.guard.hosts.push(AllowedHost::localhost(None));
        }
        let settings = Settings {
            base: self.base,
            guard: self.guard,
            stripped: self.stripped.into(),
            idle_timeout: self.idle_timeout,
            body_limit: self.body_limit,
            metrics: self.metrics,
        };
        SigningProxy::new(service, Arc::new(settings))
    }
}

/// What a [`SigningProxyBuilder`] cannot use.
#[derive(Debug)]
pub struct ProxyConfigError {
    what: &'static str,
    reason: &'static str,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl ProxyConfigError {
    pub(crate) fn new(what: &'static str, reason: &'static str) -> Self {
        Self { what, reason, source: None }
    }

    pub(crate) fn with_source(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for ProxyConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.what, self.reason)
    }
}

impl Error for ProxyConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_to_itself_is_refused() {
        let check = |base: &str, address: &str| {
            let builder = SigningProxyBuilder::new(base).unwrap();
            builder.listen_addresses([address.parse().unwrap()]).map(drop).map_err(|error| error.to_string())
        };
        let refused = Err("the base URL is an address that the proxy listens at".to_owned());
        assert_eq!(check("http://127.0.0.1:8080/x", "127.0.0.1:8080"), refused);
        assert_eq!(check("http://localhost:8080", "127.0.0.1:8080"), refused);
        assert_eq!(check("http://localhost", "0.0.0.0:80"), refused);
        assert_eq!(check("http://localhost:8081", "127.0.0.1:8080"), Ok(()));
        assert_eq!(check("https://s3.eu-west-1.amazonaws.com", "127.0.0.1:443"), Ok(()));
    }
}
