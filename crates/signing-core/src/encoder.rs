//! A body that is encoded while it is sent, because its signature is a part of it.

use std::collections::VecDeque;
use std::fmt;

use bytes::Bytes;
use http::HeaderMap;

use crate::SignError;

/// Encodes one body while it is sent. Made by [`Signer::sign_encoded`](crate::Signer::sign_encoded).
///
/// It does no I/O and waits for nothing: whoever sends the body pushes the pieces as they come, and sends what
/// comes out, in order. How the body was cut into pieces does not show in what comes out.
pub trait BodyEncoder: Send + Sync {
    /// What events and explanations call it, such as `chunked`.
    fn form(&self) -> &'static str;

    /// How many bytes will come out in all, `None` if that depends on trailers that are not known yet.
    fn encoded_length(&self) -> Option<u64>;

    /// Takes the next piece of the body and appends to `out` what can be sent now.
    ///
    /// The work grows with the piece: cut a large one, and give way to other tasks in between.
    fn push(&mut self, data: Bytes, out: &mut VecDeque<Bytes>);

    /// The body has ended. Appends the rest to `out`, and returns those of its `trailers` that the encoding does
    /// not hold.
    ///
    /// # Errors
    ///
    /// The body was not as long as it was said to be, or a trailer that was declared did not come. What was
    /// sent so far is not a whole body then, and must not be made to look like one.
    fn finish(
        &mut self,
        trailers: Option<HeaderMap>,
        out: &mut VecDeque<Bytes>,
    ) -> Result<Option<HeaderMap>, SignError>;
}

impl fmt::Debug for dyn BodyEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyEncoder")
            .field("form", &self.form())
            .field("encoded_length", &self.encoded_length())
            .finish_non_exhaustive()
    }
}
