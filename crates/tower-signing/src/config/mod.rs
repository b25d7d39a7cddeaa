//! Config files: text to sections to signers.
//!
//! ```text
//! files ─► Snapshot ─► text ─► sections ─► references (env:, file:, base64:) ─► AuthParams ─► Signers
//!          one read    four formats                                              Registry
//! ```
//!
//! A snapshot holds the bytes of every file that a configuration depends on. Everything after it is computed
//! from those bytes (and the environment), so what is checked is what is used.

mod build;
mod error;
mod file;
mod names;
mod reference;
mod report;
mod snapshot;
#[cfg(feature = "config")]
mod table;
mod text;

pub use error::{ConfigError, ConfigFault};
pub use names::ParamClass;
pub use reference::{ValueSource, read_value};
pub use report::{ConfigReport, ParamReport, SectionReport, SectionRole, SignsAt};

pub(crate) use file::ConfigFile;
#[cfg(feature = "watch")]
pub(crate) use snapshot::Snapshot;
#[cfg(feature = "config")]
pub(crate) use table::signers_from_table;
