//! Work that may block, on threads made for it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::SigningError;

/// Work on a blocking thread. Dropped, it does not begin if it has not yet.
pub(super) struct Blocking<T>(JoinHandle<T>);

impl<T: Send + 'static> Blocking<T> {
    /// # Errors
    ///
    /// There is no Tokio runtime here.
    pub(super) fn spawn(work: impl FnOnce() -> T + Send + 'static) -> Result<Self, SigningError> {
        let runtime = Handle::try_current().map_err(|error| {
            SigningError::spool("spooling a body takes the blocking threads of a Tokio runtime", error)
        })?;
        Ok(Self(runtime.spawn_blocking(work)))
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, SigningError>> {
        Pin::new(&mut self.0).poll(cx).map_err(|error| {
            SigningError::spool("spooling a body was broken off by its Tokio runtime", error)
        })
    }
}

impl<T> Drop for Blocking<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
