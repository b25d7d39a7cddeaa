//! Bodies in temporary files: for those that are too long to be held in memory.
//!
//! ```text
//! push ─► frames, about 1 MiB ─► blocking thread: write, hash ─► file without a name ─► blocking thread: read ─► poll_next
//!           the next ones are collected meanwhile                                    one block ahead
//! ```
//!
//! - **Files are touched on blocking threads only**, never on those that run futures.
//! - **The file has no name** (or, on Windows, goes when it is closed), so nothing is left behind by a crash.
//! - **Two limits**: one for each body, and one for all that share a [`SpoolSettings`]. Space is reserved before it
//!   is written, and given back when the last owner of the file is gone; a thread that is still writing is one.

mod blocking;
mod budget;
mod file;
mod frames;
mod reader;
mod settings;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use frames::Frames;
pub(crate) use reader::SpoolReader;
pub(crate) use settings::SpoolSettings;
pub(crate) use writer::{SpoolWriter, Spooled};

/// How much is written, or read, at a time.
const BLOCK: u64 = 1024 * 1024;
