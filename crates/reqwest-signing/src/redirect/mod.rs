//! Redirects, followed above the signature.
//!
//! `middleware.rs` follows, `target.rs` tells where to, `turn.rs` makes the request that goes there.

mod middleware;
mod target;
mod turn;

use std::error::Error;
use std::fmt;

pub use middleware::{RedirectMiddleware, client_builder};

/// Why a redirect was not followed.
#[derive(Debug)]
#[non_exhaustive]
pub enum RedirectError {
    /// There were more than may be followed.
    TooMany {
        /// So many may.
        limit: usize,
    },
    /// The `Location` of the response cannot be followed, for this reason.
    Location(&'static str),
    /// From https to http.
    Downgrade,
    /// The body is a stream, which was sent already, and the redirect asks for it again.
    Body,
    /// The client below has followed by itself, with a signature and maybe a token that were for another URL.
    Below,
}

impl fmt::Display for RedirectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany { limit } => write!(f, "there were more than {limit} redirects"),
            Self::Location(reason) => write!(f, "the Location of a redirect {reason}"),
            Self::Downgrade => f.write_str("a redirect leads from https to http"),
            Self::Body => {
                f.write_str("a redirect asks for the body again, which was a stream; buffer it to make that possible")
            }
            Self::Below => f.write_str(
                "the client below the signature has followed a redirect by itself; build it with `client_builder`",
            ),
        }
    }
}

impl Error for RedirectError {}
