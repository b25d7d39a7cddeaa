//! Tower middleware that signs outbound HTTP requests.
#![doc = ""]

mod body;
mod config;
mod error;
mod future;
mod layer;
mod options;
mod plan;
#[cfg(feature = "watch")]
mod rotate;
mod scope;
mod service;
mod signers;
mod store;
mod url;
#[cfg(feature = "watch")]
mod watch;

pub use body::SignedBody;
pub use config::{ConfigError, ConfigFault};
pub use error::{BoxError, SigningError, SigningErrorKind};
pub use future::ResponseFuture;
pub use layer::{SigningLayer, SigningLayerBuilder};
pub use options::SigningOptions;
pub use scope::{Match, MatchError};
pub use service::SigningService;
pub use signers::{SectionConflict, Signers};
pub use store::{Generation, SignerStore};

pub use signing_core as core;
