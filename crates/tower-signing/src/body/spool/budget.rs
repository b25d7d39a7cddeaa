//! The space that all spooled bodies share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{SigningError, SigningErrorKind};

/// How many bytes all spools may hold at once, and how many they do. Clones count together.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    limit: u64,
    used: Arc<AtomicU64>,
}

impl Budget {
    pub(super) fn new(limit: u64) -> Self {
        Self { limit, used: Arc::default() }
    }

    /// The same space with another limit.
    pub(super) fn with_limit(&self, limit: u64) -> Self {
        Self { limit, used: Arc::clone(&self.used) }
    }

    /// # Errors
    ///
    /// There are not so many bytes in all.
    pub(super) fn check(&self, bytes: u64) -> Result<(), SigningError> {
        if bytes <= self.limit { Ok(()) } else { Err(self.exhausted()) }
    }

    fn exhausted(&self) -> SigningError {
        let limit = self.limit;
        let message =
            format!("no space is left of the {limit} bytes for all spooled bodies (`total_spool_limit`)");
        SigningError::new(SigningErrorKind::Spool, message)
    }

    #[cfg(test)]
    pub(super) fn used(&self) -> u64 {
        self.used.load(Ordering::Acquire)
    }
}

/// What one spool has of a [`Budget`]. It is given back on drop.
#[derive(Debug)]
pub(super) struct Share {
    budget: Budget,
    bytes: AtomicU64,
}

impl Share {
    pub(super) fn new(budget: Budget) -> Self {
        Self { budget, bytes: AtomicU64::new(0) }
    }

    pub(super) fn grow(&self, bytes: u64) -> Result<(), SigningError> {
        let Budget { limit, used } = &self.budget;
        let more = |used: u64| used.checked_add(bytes).filter(|used| used <= limit);
        used.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).map_err(|_| self.budget.exhausted())?;
        self.bytes.fetch_add(bytes, Ordering::AcqRel);
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(*self.bytes.get_mut(), Ordering::AcqRel);
    }
}
