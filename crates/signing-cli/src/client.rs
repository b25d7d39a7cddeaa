//! The HTTP client below: HTTP/1.1 and HTTP/2 over TCP or TLS.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use http_body::Body;
use hyper_rustls::{HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::GaiResolver;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tower::ServiceExt;
use tower::timeout::Timeout;
use tower::util::{BoxCloneSyncService, MapErr};
use tower_signing::BoxError;

use crate::arguments::duration;
use crate::failure::Failure;

/// How long a connection is still before the system asks whether the other side is there.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// Headers of one head over HTTP/1, ours or theirs: ten times what is usual. For each head that is read, room for all of
/// them is made, so that it cannot be any number.
pub(crate) const MAX_HEADERS: usize = 1000;

/// How to reach servers.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ClientArgs {
    /// Trust the certificates in this PEM file, and no others
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// How long a connection may take to stand, TLS included
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "10s")]
    connect_timeout: Duration,
    /// Speak HTTP/1.1 only
    #[arg(long = "http1.1")]
    http1: bool,
    /// Speak HTTP/2 from the first byte, without asking, also over plain http
    #[arg(long, conflicts_with = "http1")]
    http2_prior_knowledge: bool,
}

/// TCP and TLS, within the connect timeout.
pub(crate) type Connector = BoxCloneSyncService<Uri, Connection, BoxError>;

/// A connection that stands.
pub(crate) type Connection = MaybeHttpsStream<TokioIo<TcpStream>>;

/// There is no address for a host name.
#[derive(Debug)]
pub(crate) struct Unresolved(io::Error);

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("its name has no address")
    }
}

impl Error for Unresolved {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

impl ClientArgs {
    /// A client that keeps connections open between requests.
    pub(crate) fn client<B>(&self) -> Result<Client<Connector, B>, Failure>
    where
        B: Body + Send,
        B::Data: Send,
        B::Error: Into<BoxError>,
    {
        self.client_telling(|_| {})
    }

    /// The same; `tell` sees each new connection.
    pub(crate) fn client_telling<B>(&self, tell: fn(&Connection)) -> Result<Client<Connector, B>, Failure>
    where
        B: Body + Send,
        B::Data: Send,
        B::Error: Into<BoxError>,
    {
        let mut builder = Client::builder(TokioExecutor::new());
        builder.http1_max_headers(MAX_HEADERS);
        builder.http2_only(self.http2_prior_knowledge).timer(TokioTimer::new()).pool_timer(TokioTimer::new());
        Ok(builder.build(self.connector(tell)?))
    }

    fn connector(&self, tell: fn(&Connection)) -> Result<Connector, Failure> {
        let resolver = MapErr::new(GaiResolver::new(), Unresolved as fn(io::Error) -> Unresolved);
        let mut tcp = HttpConnector::new_with_resolver(resolver);
        tcp.enforce_http(false);
        // Without it, a small streamed body waits 40 ms for the server's acknowledgement of the head.
        tcp.set_nodelay(true);
        // A server that is gone without a word is noticed in the end.
        tcp.set_keepalive(Some(KEEPALIVE));
        let builder = HttpsConnectorBuilder::new().with_tls_config(self.tls()?).https_or_http();
        let tls = if self.http1 {
            builder.enable_http1().wrap_connector(tcp)
        } else if self.http2_prior_knowledge {
            builder.enable_http2().wrap_connector(tcp)
        } else {
            builder.enable_all_versions().wrap_connector(tcp)
        };
        let told = Timeout::new(tls, self.connect_timeout).map_response(move |connection| {
            tell(&connection);
            connection
        });
        Ok(BoxCloneSyncService::new(told))
    }

    /// With what the system trusts (`SSL_CERT_FILE` and `SSL_CERT_DIR` are heeded), or what the user names.
    fn tls(&self) -> Result<ClientConfig, Failure> {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring speaks the default versions");
        let roots = match &self.cacert {
            Some(path) => read_roots(path)?,
            None => system_roots(),
        };
        Ok(builder.with_root_certificates(roots).with_no_client_auth())
    }
}

fn read_roots(path: &Path) -> Result<RootCertStore, Failure> {
    let fault = |what: &str| Failure::usage(format!("{}: {what}", path.display()));
    let mut roots = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(path).map_err(|error| fault(&format!("cannot be read: {error}")))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|_| fault("is no PEM file of certificates"))?;
        roots.add(certificate).map_err(|_| fault("holds a certificate that cannot be used"))?;
    }
    if roots.is_empty() { Err(fault("holds no certificate")) } else { Ok(roots) }
}

/// What cannot be read is left out: a server that needed it is refused, with the reason.
fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}
