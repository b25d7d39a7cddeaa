//! The layer, and how much it may keep.

use std::path::PathBuf;

use tower_layer::Layer;

use super::record::Limits;
use super::service::ReplayService;
use crate::body::spool::SpoolSettings;
use crate::layer::DEFAULT_BUFFER_LIMIT;

/// Lets any body be sent again: `Request<B>` becomes `Request<`[`ReplayBody<B>`](crate::ReplayBody)`>`.
///
/// Belongs above a retry. Clones of the layer, and the services made by them, share the space for spooled bodies.
///
/// See the [crate's documentation](crate#replay) for what is kept of a body.
#[derive(Clone, Debug)]
#[must_use]
pub struct ReplayLayer {
    limits: Limits,
}

impl ReplayLayer {
    /// Keeps up to 8 MiB of a body, in memory.
    pub fn new() -> Self {
        let spool = SpoolSettings::new(None, 0, SpoolSettings::DEFAULT_TOTAL);
        Self { limits: Limits { buffer: DEFAULT_BUFFER_LIMIT, spool } }
    }

    /// How many bytes of a body are kept in memory; default 8 MiB. A body that is in memory anyway, as one frame,
    /// is kept up to its [`spool_limit`](Self::spool_limit) or this limit, whichever is more.
    pub fn buffer_limit(mut self, bytes: u64) -> Self {
        self.limits.buffer = bytes;
        self
    }

    /// How long a body may be that goes to a temporary file once it is over the
    /// [`buffer_limit`](Self::buffer_limit); default 0: none does. It takes a Tokio runtime.
    pub fn spool_limit(mut self, bytes: u64) -> Self {
        self.limits.spool = self.limits.spool.with_per_body(bytes);
        self
    }

    /// How many bytes all temporary files may have at once; default 4 GiB.
    pub fn total_spool_limit(mut self, bytes: u64) -> Self {
        self.limits.spool = self.limits.spool.with_total(bytes);
        self
    }

    /// Where temporary files are made; default: the system's folder for them. They have no names.
    pub fn spool_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.limits.spool = self.limits.spool.with_dir(path.into());
        self
    }
}

impl Default for ReplayLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for ReplayLayer {
    type Service = ReplayService<S>;

    fn layer(&self, inner: S) -> ReplayService<S> {
        ReplayService::new(inner, self.limits.clone())
    }
}
