//! Why a service refused a signature, told where the request was sent.
//!
//! ```text
//! request ──► DiagnoseService ──► SigningService ──► client
//!               asks for a record   keeps it, and leaves it with a response that may be a refusal
//! response ◄── reads the refusal's beginning, tells why, and gives all of it on
//! ```

mod body;
mod future;
mod layer;
mod read_ahead;
mod reading;
mod service;

pub use body::DiagnoseBody;
pub use future::DiagnoseFuture;
pub use layer::DiagnoseLayer;
pub use service::DiagnoseService;
