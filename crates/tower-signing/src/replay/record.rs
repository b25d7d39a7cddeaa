//! What is kept of a body, to be sent again.

use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;

use crate::body::spool::{Frames, SpoolReader, SpoolSettings, SpoolWriter, Spooled};
use crate::{SigningError, SigningErrorKind};

/// How much may be kept, and where.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) buffer: u64,
    pub(super) spool: SpoolSettings,
}

impl Limits {
    /// Whether a body of so many bytes can be kept.
    fn check(&self, length: u64) -> Result<(), SigningError> {
        let limit = self.buffer;
        if length <= limit {
            return Ok(());
        }
        if self.spool.per_body() == 0 {
            let message = format!(
                "the body is longer than {limit} bytes, the limit for what is held to be sent again (`buffer_limit`)"
            );
            return Err(SigningError::new(SigningErrorKind::Body, message));
        }
        self.spool.check(length)
    }
}

/// All that a body has given so far, unless it was too much.
pub(super) enum Record {
    Memory(Frames),
    Spool(Box<SpoolWriter>),
    /// Nothing is kept, for this reason.
    Dropped(Arc<SigningError>),
}

/// A part of a record.
pub(super) enum Recorded {
    Data(Bytes),
    File(SpoolReader),
}

impl Record {
    /// Of a body with at least `length` bytes.
    pub(super) fn new(length: u64, limits: &Limits) -> Self {
        match limits.check(length) {
            Ok(()) => Self::Memory(Frames::new(0)),
            Err(error) => Self::dropped(error),
        }
    }

    pub(super) fn is_kept(&self) -> bool {
        !matches!(self, Self::Dropped(_))
    }

    /// Waits for the disk, where there is one.
    pub(super) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Self::Spool(writer) = self
            && let Err(error) = ready!(writer.poll_ready(cx))
        {
            *self = Self::dropped(error);
        }
        Poll::Ready(())
    }

    /// Keeps all of a body that is in memory anyway, as one frame.
    pub(super) fn hold(&mut self, data: Bytes) {
        if let Self::Memory(frames) = self {
            frames.push(data);
        }
    }

    /// Keeps `data`, the next part of a body that has at least `length` bytes.
    pub(super) fn push(&mut self, data: Bytes, length: u64, limits: &Limits) {
        let kept = match self {
            Self::Memory(frames) if length <= limits.buffer => {
                frames.push(data);
                Ok(())
            }
            Self::Memory(frames) => {
                let frames = mem::replace(frames, Frames::new(0));
                limits.check(length).and_then(|()| spool(frames, data, limits)).map(|spool| *self = spool)
            }
            Self::Spool(writer) => writer.push(data),
            Self::Dropped(_) => Ok(()),
        };
        if let Err(error) = kept {
            *self = Self::dropped(error);
        }
    }

    /// What stands at `position`, which is not the end.
    pub(super) fn at(&self, position: u64) -> Result<Recorded, SigningError> {
        const HELD: &str = "what comes before the end of a record is in it";
        Ok(match self {
            Self::Memory(frames) => Recorded::Data(frames.at(position).expect(HELD)),
            Self::Spool(writer) => match writer.at(position).expect(HELD) {
                Spooled::Memory(data) => Recorded::Data(data),
                Spooled::File(reader) => Recorded::File(reader),
            },
            Self::Dropped(reason) => {
                let message = "the body cannot be sent again";
                return Err(SigningError::with_source(reason.kind(), message, Arc::clone(reason)));
            }
        })
    }

    fn dropped(reason: SigningError) -> Self {
        tracing::debug!(%reason, "a body is sent once: it is not kept to be sent again");
        Self::Dropped(Arc::new(reason))
    }
}

fn spool(frames: Frames, data: Bytes, limits: &Limits) -> Result<Record, SigningError> {
    let mut writer = SpoolWriter::new(&limits.spool, None, 0);
    for data in frames.into_frames().chain([data]) {
        writer.push(data)?;
    }
    Ok(Record::Spool(Box::new(writer)))
}
