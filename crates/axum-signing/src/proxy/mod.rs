//! A service that forwards to a base URL through a signed client.
//!
//! ```text
//! request ─► guard: who asks? ─► target ─► headers ─► UploadBody ─► signed client
//! response ◄────────────────── DownloadBody ◄── headers ◄──────────────────┘
//! ```
//!
//! `failure.rs` has every answer of the proxy's own; `exchange.rs` the record of one request, which both bodies
//! write through `transfer.rs`. `progress.rs` stands below the signing layer and sees what leaves.

mod builder;
mod download;
mod exchange;
mod failure;
mod future;
mod guard;
mod headers;
mod host;
mod idle;
mod metrics;
mod progress;
mod service;
mod target;
mod transfer;
mod upload;

pub use builder::{ProxyConfigError, SigningProxyBuilder};
pub use download::DownloadBody;
pub use failure::FailureKind;
pub use future::ResponseFuture;
pub use metrics::ProxyMetrics;
pub use progress::{ProgressBody, ProgressLayer, ProgressService};
pub use service::SigningProxy;
pub use upload::UploadBody;
