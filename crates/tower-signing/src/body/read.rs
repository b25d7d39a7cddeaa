//! Reads a body, and hashes it on the way: in memory first, and into a file if it is long.

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

use super::spool::{SpoolSettings, SpoolWriter};
use super::{Collected, HASHED_PER_POLL, Source};
use crate::{BoxError, SigningError, SigningErrorKind};

/// What a frame costs of a poll's share at least: a stream of tiny or empty frames is work, too.
const FRAME_COST: usize = 64;

/// Frames below this are joined. Each one kept apart costs memory beside its bytes, and may keep a larger
/// allocation alive that it is a part of.
const SMALL_FRAME: usize = 1024;

/// What becomes of a stream that is longer than what may be held in memory.
#[derive(Debug)]
pub(crate) enum Overflow {
    /// It is an error.
    Refuse,
    /// It is this error, since its length is known.
    Fail(SigningError),
    /// It goes to a file; if its length is known, space for all of it is reserved first.
    Spool { settings: SpoolSettings, length: Option<u64> },
    /// It is not read any further: [`Read::Part`]. It is `length` bytes long, by what was said of it.
    Stop { length: u64 },
}

/// What was read.
pub(crate) enum Read<B> {
    Whole(Whole),
    /// The body is too long, of `length` bytes. This is all of it, nothing is lost.
    Part {
        source: Source<B>,
        length: u64,
    },
}

/// All of a body.
pub(crate) struct Whole {
    pub(crate) collected: Collected,
    /// If it was asked for.
    pub(crate) hash: Option<PayloadHash>,
    /// Its rung of the ladder: `bytes`, `buffer` or `spool`.
    pub(crate) rung: &'static str,
}

pin_project! {
    /// A body that is being read.
    pub(crate) struct ReadBody<B> {
        #[pin]
        source: Source<B>,
        held: Held,
        // What is not hashed yet of the last frame.
        unhashed: Bytes,
        hasher: Option<Sha256>,
        trailers: Option<Box<HeaderMap>>,
        // Bytes that were read.
        length: u64,
        declared: Option<u64>,
        limit: u64,
        overflow: Overflow,
        is_ended: bool,
    }
}

/// Where it is while it is read.
enum Held {
    Memory {
        frames: SmallVec<[Bytes; 1]>,
        /// Small frames that came after the last of `frames`.
        joined: BytesMut,
        is_whole: bool,
    },
    /// `waiting` are frames that were in memory.
    Spool { writer: Box<SpoolWriter>, waiting: smallvec::IntoIter<[Bytes; 1]> },
}

impl<B> ReadBody<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    /// A stream may have `limit` bytes in memory; a body that is there anyway, as one frame, any number.
    pub(crate) fn new(body: B, limit: u64, overflow: Overflow, wants_hash: bool) -> Self {
        let declared = body.size_hint().exact();
        let source = match overflow {
            Overflow::Stop { .. } => Source::movable(body),
            Overflow::Refuse | Overflow::Fail(_) | Overflow::Spool { .. } => Source::Caller { body },
        };
        Self {
            source,
            held: Held::Memory { frames: SmallVec::new(), joined: BytesMut::new(), is_whole: false },
            unhashed: Bytes::new(),
            hasher: wants_hash.then(Sha256::new),
            trailers: None,
            length: 0,
            declared,
            limit,
            overflow,
            is_ended: false,
        }
    }

    /// Not to be called again after it was ready.
    pub(crate) fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Read<B>, BoxError>> {
        let mut budget = HASHED_PER_POLL;
        loop {
            let mut this = self.as_mut().project();
            if *this.is_ended {
                return self.poll_finish(cx);
            }
            if let Some(hasher) = this.hasher {
                let step = this.unhashed.len().min(budget);
                hasher.update(&this.unhashed[..step]);
                this.unhashed.advance(step);
                budget -= step;
            }
            if budget == 0 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if let Held::Spool { writer, waiting } = this.held {
                ready!(writer.poll_ready(cx))?;
                if let Some(data) = waiting.next() {
                    writer.push(data)?;
                    continue;
                }
            }
            let Some(frame) = ready!(this.source.as_mut().poll_frame(cx)).transpose()? else {
                *this.is_ended = true;
                continue;
            };
            match frame.into_data() {
                Ok(data) => {
                    let hashed = if this.hasher.is_some() { data.len() } else { 0 };
                    budget = budget.saturating_sub(FRAME_COST.saturating_sub(hashed));
                    if let Some(part) = self.as_mut().take(data)? {
                        return Poll::Ready(Ok(part));
                    }
                }
                Err(frame) => *this.trailers = frame.into_trailers().ok().map(Box::new),
            }
        }
    }

    /// Keeps a frame; or else gives the whole body back, if it is too long.
    fn take(self: Pin<&mut Self>, data: Bytes) -> Result<Option<Read<B>>, SigningError> {
        let this = self.project();
        let before = *this.length;
        *this.length += data.len() as u64;
        let (frames, joined, is_whole) = match this.held {
            Held::Spool { writer, .. } => return writer.push(data).map(|()| None),
            Held::Memory { frames, joined, is_whole } => (frames, joined, is_whole),
        };
        let is_first = frames.is_empty() && joined.is_empty();
        *is_whole = is_first && this.source.is_end_stream();
        let to_come = this.source.size_hint().lower();
        if !*is_whole && this.length.saturating_add(to_come) > *this.limit {
            flush(joined, frames);
            frames.push(data);
            let frames = mem::take(frames);
            match mem::replace(this.overflow, Overflow::Refuse) {
                Overflow::Refuse => return Err(too_long(*this.limit, this.hasher.is_some())),
                Overflow::Fail(error) => return Err(error),
                Overflow::Stop { length } => {
                    let source = this.source.take(frames);
                    return Ok(source.map(|source| Read::Part { source, length }));
                }
                Overflow::Spool { settings, length } => {
                    let mut writer = Box::new(SpoolWriter::new(&settings, this.hasher.take(), before));
                    writer.reserve(length.unwrap_or(0))?;
                    *this.held = Held::Spool { writer, waiting: frames.into_iter() };
                    return Ok(None);
                }
            }
        }
        this.unhashed.clone_from(&data);
        if data.len() < SMALL_FRAME && !*is_whole {
            joined.extend_from_slice(&data);
        } else {
            flush(joined, frames);
            frames.push(data);
        }
        Ok(None)
    }

    fn poll_finish(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Read<B>, BoxError>> {
        let this = self.project();
        if this.declared.is_some_and(|declared| declared != *this.length) {
            let message = "the body is not as long as it declared";
            return Poll::Ready(Err(SigningError::new(SigningErrorKind::Body, message).into()));
        }
        let (collected, hasher, rung) = match this.held {
            Held::Memory { frames, joined, is_whole } => {
                flush(joined, frames);
                let collected = Collected::memory(mem::take(frames), this.trailers.take());
                (collected, this.hasher.take(), if *is_whole { "bytes" } else { "buffer" })
            }
            Held::Spool { writer, .. } => {
                let (spool, hasher) = ready!(writer.poll_finish(cx))?;
                (Collected::spooled(spool.reader(), this.trailers.take()), hasher, "spool")
            }
        };
        let hash = hasher.map(|hasher| PayloadHash::from_bytes(hasher.finalize().into()));
        Poll::Ready(Ok(Read::Whole(Whole { collected, hash, rung })))
    }
}

fn too_long(limit: u64, is_hashed: bool) -> SigningError {
    let (why, remedy) = if is_hashed {
        ("hashed", "")
    } else {
        ("measured", "a Content-Length or an exact size spares it, and ")
    };
    let message = format!(
        "the body is a stream of more than {limit} bytes, the limit for what is held to be {why} (`buffer_limit`); \
         {remedy}`spool_limit` allows longer ones in a file"
    );
    SigningError::new(SigningErrorKind::Body, message)
}

fn flush(joined: &mut BytesMut, frames: &mut SmallVec<[Bytes; 1]>) {
    if !joined.is_empty() {
        frames.push(joined.split().freeze());
    }
}
