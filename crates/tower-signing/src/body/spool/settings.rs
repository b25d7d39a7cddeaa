//! Where bodies are spooled, and how much of them.

use std::env;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::budget::{Budget, Share};
use crate::{SigningError, SigningErrorKind};

/// Where and how much bodies may be spooled; clones share the total.
#[derive(Clone, Debug)]
pub(crate) struct SpoolSettings {
    dir: Option<Arc<Path>>,
    per_body: u64,
    total: Budget,
}

impl SpoolSettings {
    /// What all bodies may take at once, unless said otherwise: 4 GiB.
    pub(crate) const DEFAULT_TOTAL: u64 = 4 * 1024 * 1024 * 1024;

    /// Without a folder, the system's for temporary files. A body may have `per_body` bytes, and all that are
    /// spooled at once `total`.
    pub(crate) fn new(dir: Option<PathBuf>, per_body: u64, total: u64) -> Self {
        Self { dir: dir.map(Arc::from), per_body, total: Budget::new(total) }
    }

    pub(crate) fn with_dir(self, dir: PathBuf) -> Self {
        Self { dir: Some(dir.into()), ..self }
    }

    pub(crate) fn with_per_body(self, per_body: u64) -> Self {
        Self { per_body, ..self }
    }

    /// What is in use by now counts on.
    pub(crate) fn with_total(self, total: u64) -> Self {
        Self { total: self.total.with_limit(total), ..self }
    }

    /// How many bytes one body may have; with none, nothing is spooled.
    pub(crate) fn per_body(&self) -> u64 {
        self.per_body
    }

    /// Whether a body of so many bytes could be spooled, if it was the only one.
    ///
    /// # Errors
    ///
    /// The limit that it is over.
    pub(crate) fn check(&self, length: u64) -> Result<(), SigningError> {
        let limit = self.per_body;
        if length > limit {
            let message = format!(
                "the body is longer than {limit} bytes, the limit for a spooled body (`spool_limit`)"
            );
            return Err(SigningError::new(SigningErrorKind::Body, message));
        }
        self.total.check(length)
    }

    #[cfg(test)]
    pub(super) fn used(&self) -> u64 {
        self.total.used()
    }

    pub(super) fn share(&self) -> Share {
        Share::new(self.total.clone())
    }

    /// A file without a name, or one that goes when it is closed.
    pub(super) fn create(&self) -> io::Result<File> {
        match &self.dir {
            Some(dir) => tempfile::tempfile_in(dir),
            None => tempfile::tempfile(),
        }
    }

    /// What is said when a file could not be made or written: the disk may be full, or the folder missing.
    pub(super) fn fault(&self, error: io::Error) -> SigningError {
        let message = match &self.dir {
            Some(dir) => format!("the body cannot be spooled in {} (`spool_dir`)", dir.display()),
            None => {
                format!(
                    "the body cannot be spooled in {} (`spool_dir` names another folder)",
                    env::temp_dir().display()
                )
            }
        };
        SigningError::spool(message, error)
    }
}
