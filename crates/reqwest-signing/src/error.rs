//! Errors in the form that reqwest-middleware has for them.

use std::error::Error as StdError;

use reqwest_middleware::Error;
use tower_signing::{BoxError, SigningError};

/// The reason why a request was not signed, wherever in `error` it stands; `None` if that is not what failed.
///
/// ```
/// use reqwest_signing::signing_error;
/// use tower_signing::SigningErrorKind;
///
/// fn is_misrouted(error: &reqwest_middleware::Error) -> bool {
///     signing_error(error).is_some_and(|error| error.kind() == SigningErrorKind::Route)
/// }
/// ```
pub fn signing_error(error: &Error) -> Option<&SigningError> {
    let mut next: Option<&(dyn StdError + 'static)> = match error {
        Error::Middleware(error) => Some(error.as_ref()),
        Error::Reqwest(error) => Some(error),
    };
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// An error of a middleware's own.
pub(crate) fn failed(error: impl StdError + Send + Sync + 'static) -> Error {
    Error::Middleware(error.into())
}

/// What the layer failed with: its own error, or that of the caller's body.
pub(crate) fn refused(error: BoxError) -> Error {
    let error = match error.downcast::<SigningError>() {
        // A retry hides the outermost error from whoever looks for sources: this one can be spared.
        Ok(error) => {
            return Error::Middleware(anyhow::Error::new(*error).context("the request was not sent"));
        }
        Err(error) => error,
    };
    match error.downcast::<reqwest::Error>() {
        Ok(error) => Error::Reqwest(*error),
        Err(error) => Error::Middleware(anyhow::Error::from_boxed(error)),
    }
}
