//! Reads a body into memory and hashes it on the way.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use http::HeaderMap;
use http_body::Body;
use pin_project_lite::pin_project;
use sha2::{Digest, Sha256};
use signing_core::PayloadHash;
use smallvec::SmallVec;

use super::{Buffered, into_bytes};
use crate::{BoxError, SigningError, SigningErrorKind};

/// What one poll hashes at most. More would make the timers of a busy executor late; this is about 20 µs
/// with SHA extensions.
const HASHED_PER_POLL: usize = 32 * 1024;

/// What a frame costs of that at least: a stream of tiny or empty frames is work, too.
const FRAME_COST: usize = 64;

/// Frames below this are joined. Each one kept apart costs memory beside its bytes, and may keep a larger
/// allocation alive that it is a part of.
const SMALL_FRAME: usize = 1024;

pin_project! {
    /// A body that is being read. Frames are kept as they came, unless they are small.
    pub(crate) struct ReadBody<B> {
        #[pin]
        body: B,
        frames: SmallVec<[Bytes; 1]>,
        // Small frames that came after the last of `frames`.
        joined: BytesMut,
        trailers: Option<HeaderMap>,
        // What is not hashed yet of the last frame.
        unhashed: Bytes,
        hasher: Sha256,
        length: u64,
        declared: Option<u64>,
        limit: u64,
    }
}

impl<B> ReadBody<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    /// A stream may have `limit` bytes; a body that is in memory anyway, as one frame, any number.
    pub(crate) fn new(body: B, limit: u64) -> Self {
        Self {
            declared: body.size_hint().exact(),
            body,
            frames: SmallVec::new(),
            joined: BytesMut::new(),
            trailers: None,
            unhashed: Bytes::new(),
            hasher: Sha256::new(),
            length: 0,
            limit,
        }
    }

    /// The whole body and its hash. Not to be called again after that.
    pub(crate) fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(Buffered, PayloadHash), BoxError>> {
        let mut budget = HASHED_PER_POLL;
        loop {
            let mut this = self.as_mut().project();
            let step = this.unhashed.len().min(budget);
            this.hasher.update(&this.unhashed[..step]);
            this.unhashed.advance(step);
            budget -= step;
            if budget == 0 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let Some(frame) = ready!(this.body.as_mut().poll_frame(cx)).transpose().map_err(Into::into)?
            else {
                return Poll::Ready(self.finish());
            };
            match frame.into_data() {
                Ok(data) => {
                    let data = into_bytes(data);
                    budget = budget.saturating_sub(FRAME_COST.saturating_sub(data.len()));
                    self.as_mut().take(data)?;
                }
                Err(frame) => *this.trailers = frame.into_trailers().ok(),
            }
        }
    }

    fn take(self: Pin<&mut Self>, data: Bytes) -> Result<(), SigningError> {
        let this = self.project();
        *this.length += data.len() as u64;
        let is_first = this.frames.is_empty() && this.joined.is_empty();
        let is_whole = is_first && this.body.is_end_stream();
        let to_come = this.body.size_hint().lower();
        if !is_whole && this.length.saturating_add(to_come) > *this.limit {
            let message = format!(
                "the body is a stream of more than {} bytes, the limit for what is held to be hashed (`buffer_limit`)",
                this.limit
            );
            return Err(SigningError::new(SigningErrorKind::Body, message));
        }
        this.unhashed.clone_from(&data);
        if data.len() < SMALL_FRAME && !is_whole {
            this.joined.extend_from_slice(&data);
        } else {
            flush(this.joined, this.frames);
            this.frames.push(data);
        }
        Ok(())
    }

    fn finish(self: Pin<&mut Self>) -> Result<(Buffered, PayloadHash), BoxError> {
        let this = self.project();
        if this.declared.is_some_and(|declared| declared != *this.length) {
            return Err(
                SigningError::new(SigningErrorKind::Body, "the body is not as long as it declared").into()
            );
        }
        flush(this.joined, this.frames);
        let hash = PayloadHash::from_bytes(mem::take(this.hasher).finalize().into());
        let buffered = Buffered::new(mem::take(this.frames), *this.length, this.trailers.take());
        Ok((buffered, hash))
    }
}

fn flush(joined: &mut BytesMut, frames: &mut SmallVec<[Bytes; 1]>) {
    if !joined.is_empty() {
        frames.push(joined.split().freeze());
    }
}
