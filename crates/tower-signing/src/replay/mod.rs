//! Bodies that can be sent again, for a retry.
//!
//! ```text
//! body ─► Source ─► the clone that has read all that there is
//!           │ kept: frames in memory, then a spool
//!           └─► clones that begin anew, until they have caught up
//! ```
//!
//! - **The first attempt does not wait** for the record, but for a disk that is slower than the network.
//! - **Any clone can drive the body.** It is polled by whoever has read all that is kept, under a waker that wakes
//!   every clone that waits. So an attempt that is dropped takes nothing along.
//! - **What cannot be kept is sent once.** The record is dropped, the attempt under way goes on.

mod body;
mod layer;
mod record;
mod service;
mod source;
mod wakers;

pub use body::ReplayBody;
pub use layer::ReplayLayer;
pub use service::ReplayService;
