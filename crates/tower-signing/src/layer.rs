//! The layer and how it is built.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;
#[cfg(feature = "watch")]
use std::{path::Path, time::Duration};

use signing_core::Registry;
use tower_layer::Layer;

use crate::body::spool::SpoolSettings;
use crate::plan::Shared;
#[cfg(feature = "watch")]
use crate::{ConfigError, config::ConfigFile, rotate};
use crate::{Match, MatchError, SignerStore, Signers, SigningService};

/// How many bytes of a stream are held to be hashed, unless said otherwise: 8 MiB.
pub(crate) const DEFAULT_BUFFER_LIMIT: u64 = 8 * 1024 * 1024;
/// How often files are looked at, unless said otherwise.
#[cfg(feature = "watch")]
const DEFAULT_MONITOR: Duration = Duration::from_secs(30);

/// Signs every request that passes. Cheap to clone; clones share their signers.
///
/// ```no_run
/// use tower_signing::SigningLayer;
///
/// let layer = SigningLayer::from_file("auth.conf")?;
/// # Ok::<(), tower_signing::ConfigError>(())
/// ```
///
/// See the [crate's documentation](crate) for what the file holds and where the layer belongs.
#[derive(Clone)]
pub struct SigningLayer {
    shared: Arc<Shared>,
}

impl SigningLayer {
    /// Signs with one signer, or a set of them, that the code has built.
    ///
    /// A signer without a `Match` signs for the hosts that its method knows as its service's, and for this
    /// machine. For others, give a [base URL](SigningLayerBuilder::base_url) or a [`Match`].
    pub fn new(signers: impl Into<Signers>) -> Self {
        Self::builder().signers(signers)
    }

    /// Reads a config file, and watches it from then on.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or something in it is wrong; the error tells all of it.
    #[cfg(feature = "watch")]
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        Self::builder().from_file(path)
    }

    /// Takes the table at `key` of a configuration that the application has loaded: its scalars are the
    /// `[auth]` section, its tables the named ones.
    ///
    /// The `config` crate has given types to the values by then: write secrets that look like numbers in
    /// quotes. Values may be references, except to files.
    ///
    /// # Errors
    ///
    /// There is no such table, or something in it is wrong.
    #[cfg(feature = "config")]
    pub fn from_config(config: &config::Config, key: &str) -> Result<Self, crate::ConfigError> {
        Self::builder().from_config(config, key)
    }

    /// To set more than where the signers come from.
    pub fn builder() -> SigningLayerBuilder {
        SigningLayerBuilder::default()
    }

    /// The signers in use, to replace them or to look at their generation.
    pub fn store(&self) -> &SignerStore {
        &self.shared.store
    }
}

impl<S> Layer<S> for SigningLayer {
    type Service = SigningService<S>;

    fn layer(&self, inner: S) -> SigningService<S> {
        SigningService::new(inner, Arc::clone(&self.shared))
    }
}

impl fmt::Debug for SigningLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningLayer").field("store", self.store()).finish_non_exhaustive()
    }
}

/// Builds a [`SigningLayer`]. What a `[signing]` section says wins over what is set here.
///
/// ```
/// use std::time::Duration;
/// use signing_core::{AuthParams, Registry};
/// use tower_signing::SigningLayer;
///
/// let params: AuthParams = [
///     ("Method", "aws-signature-v4"),
///     ("AccessKeyId", "minio"),
///     ("SecretAccessKey", "minio-secret"),
///     ("Region", "us-east-1"),
///     ("Service", "s3"),
/// ]
/// .into_iter()
/// .collect();
/// let layer = SigningLayer::builder()
///     .base_url("https://minio.internal:9000")?
///     .buffer_limit(1024 * 1024)
///     .signers(Registry::new().signer(&params)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub struct SigningLayerBuilder {
    registry: Registry,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    base_url: Option<Match>,
    buffer_limit: u64,
    spool: SpoolSettings,
    #[cfg(feature = "watch")]
    monitor: Duration,
}

impl Default for SigningLayerBuilder {
    fn default() -> Self {
        Self {
            registry: Registry::new(),
            clock: Box::new(SystemTime::now),
            base_url: None,
            buffer_limit: DEFAULT_BUFFER_LIMIT,
            spool: SpoolSettings::new(None, 0, SpoolSettings::DEFAULT_TOTAL),
            #[cfg(feature = "watch")]
            monitor: DEFAULT_MONITOR,
        }
    }
}

impl SigningLayerBuilder {
    /// The methods that may be named; default: the built-in ones.
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = registry;
        self
    }

    /// What tells the time; default: the system's clock.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Binds every signer that has no `Match` of its own to these URLs. `*` is any URL.
    ///
    /// # Errors
    ///
    /// The text is no [`Match`].
    pub fn base_url(mut self, url: &str) -> Result<Self, MatchError> {
        self.base_url = Some(url.parse()?);
        Ok(self)
    }

    /// How many bytes of a streamed body are held in memory where a signature covers the body; default 8 MiB.
    /// A body that is in memory as one frame is hashed where it is, whatever its size.
    pub fn buffer_limit(mut self, bytes: u64) -> Self {
        self.buffer_limit = bytes;
        self
    }

    /// How many bytes of a longer streamed body are held in a temporary file; default 0: none, and a longer body is
    /// refused, or encoded if it is an upload to S3. The file has no name and goes with the request.
    pub fn spool_limit(mut self, bytes: u64) -> Self {
        self.spool = self.spool.with_per_body(bytes);
        self
    }

    /// How many bytes all such files may hold together, of this layer and its clones; default 4 GiB.
    pub fn total_spool_limit(mut self, bytes: u64) -> Self {
        self.spool = self.spool.with_total(bytes);
        self
    }

    /// Where such files are made; default: the system's folder for temporary files, which may be memory.
    pub fn spool_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.spool = self.spool.with_dir(folder.into());
        self
    }

    /// How often files are looked at beside the events of the file system; default 30 s. It is read once:
    /// a later change of `monitor` in the file counts from the next start.
    #[cfg(feature = "watch")]
    pub fn monitor(mut self, interval: Duration) -> Self {
        self.monitor = interval;
        self
    }

    /// Ends with signers that the code has built.
    pub fn signers(self, signers: impl Into<Signers>) -> SigningLayer {
        self.store(SignerStore::new(signers))
    }

    /// Ends with a store that is filled elsewhere, or shared with other layers.
    pub fn store(self, store: SignerStore) -> SigningLayer {
        SigningLayer { shared: Arc::new(self.shared(store)) }
    }

    /// Ends with a config file, which is watched by a thread of its own until the last layer, and the last
    /// service made by it, is dropped.
    ///
    /// # Errors
    ///
    /// The file cannot be read, something in it is wrong, or the system refuses a thread.
    #[cfg(feature = "watch")]
    pub fn from_file(self, path: impl AsRef<Path>) -> Result<SigningLayer, ConfigError> {
        let file = ConfigFile::new(path.as_ref(), self.registry.clone(), self.base_url.is_some());
        let (store, watch) = rotate::load_and_watch(file, self.monitor)?;
        let mut shared = self.shared(store);
        shared._watch = Some(watch);
        Ok(SigningLayer { shared: Arc::new(shared) })
    }

    fn shared(self, store: SignerStore) -> Shared {
        Shared {
            store,
            registry: self.registry,
            clock: self.clock,
            base_url: self.base_url,
            buffer_limit: self.buffer_limit,
            spool: self.spool,
            #[cfg(feature = "watch")]
            _watch: None,
        }
    }

    /// Ends with a table of a configuration: [`SigningLayer::from_config`].
    ///
    /// # Errors
    ///
    /// There is no such table, or something in it is wrong.
    #[cfg(feature = "config")]
    pub fn from_config(self, config: &config::Config, key: &str) -> Result<SigningLayer, crate::ConfigError> {
        let signers =
            crate::config::signers_from_table(config, key, &self.registry, self.base_url.is_some())?;
        Ok(self.signers(signers))
    }
}

impl fmt::Debug for SigningLayerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningLayerBuilder")
            .field("registry", &self.registry)
            .field("base_url", &self.base_url)
            .field("buffer_limit", &self.buffer_limit)
            .finish_non_exhaustive()
    }
}
