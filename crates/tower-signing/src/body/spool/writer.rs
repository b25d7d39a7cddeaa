//! Writes a body to a spool, and hashes it on the way.

use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::BLOCK;
use super::blocking::Blocking;
use super::budget::Share;
use super::file::{Spool, SpoolFile};
use super::frames::Frames;
use super::reader::SpoolReader;
use super::settings::SpoolSettings;
use crate::{SigningError, SigningErrorKind};

/// Writes a body to an unlinked temporary file on blocking threads, hashing there.
pub(crate) struct SpoolWriter {
    settings: SpoolSettings,
    share: Arc<Share>,
    /// What was pushed, and is not being written yet.
    collected: Frames,
    /// Made with the first block.
    file: Option<Arc<SpoolFile>>,
    /// The hasher comes and goes with the blocks.
    hasher: Option<Sha256>,
    already_hashed: u64,
    /// Space that was taken before it was needed.
    reserved: u64,
    writing: Option<Writing>,
    has_failed: bool,
}

/// A block on its way to the file.
struct Writing {
    frames: Arc<Frames>,
    task: Blocking<Result<Written, SigningError>>,
}

struct Written {
    file: Arc<SpoolFile>,
    hasher: Option<Sha256>,
}

impl SpoolWriter {
    /// Opens nothing yet. The first `already_hashed` bytes that will be pushed were hashed by `hasher` before.
    pub(crate) fn new(settings: &SpoolSettings, hasher: Option<Sha256>, already_hashed: u64) -> Self {
        Self {
            share: Arc::new(settings.share()),
            settings: settings.clone(),
            collected: Frames::new(0),
            file: None,
            hasher,
            already_hashed,
            reserved: 0,
            writing: None,
            has_failed: false,
        }
    }

    /// Takes the space for a body of `length` bytes at once, so that two bodies that fit one by one do not both fail
    /// half-way.
    ///
    /// # Errors
    ///
    /// A limit is reached.
    pub(crate) fn reserve(&mut self, length: u64) -> Result<(), SigningError> {
        self.settings.check(length)?;
        self.share.grow(length)?;
        self.reserved = length;
        Ok(())
    }

    /// Waits until the disk has kept up.
    pub(crate) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SigningError>> {
        if self.collected.len() >= BLOCK {
            ready!(self.poll_written(cx))?;
            self.write()?;
        }
        Poll::Ready(Ok(()))
    }

    /// Takes the next bytes, after [`poll_ready`](Self::poll_ready).
    ///
    /// # Errors
    ///
    /// A limit is reached, or there is no Tokio runtime.
    pub(crate) fn push(&mut self, data: Bytes) -> Result<(), SigningError> {
        let length = data.len() as u64;
        self.settings.check(self.collected.end().saturating_add(length))?;
        let spared = self.reserved.min(length);
        self.share.grow(length - spared)?;
        self.reserved -= spared;
        self.collected.push(data);
        if self.collected.len() >= BLOCK && self.writing.is_none() {
            self.write()?;
        }
        Ok(())
    }

    /// Writes what is left. Not to be called again after that.
    pub(crate) fn poll_finish(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(Spool, Option<Sha256>), SigningError>> {
        loop {
            ready!(self.poll_written(cx))?;
            match &self.file {
                Some(file) if self.collected.len() == 0 => {
                    let spool = Spool::new(Arc::clone(file), self.collected.end());
                    return Poll::Ready(Ok((spool, self.hasher.take())));
                }
                _ => self.write()?,
            }
        }
    }

    /// What stands at `position`: it can be read before the writer has finished. Nothing stands at the end.
    pub(crate) fn at(&self, position: u64) -> Option<Spooled> {
        let written = self.writing.as_ref().map_or(self.collected.start(), |block| block.frames.start());
        if let Some(file) = self.file.as_ref().filter(|_| position < written) {
            return Some(Spooled::File(SpoolReader::new(Arc::clone(file), position..written)));
        }
        let writing = self.writing.as_ref().and_then(|block| block.frames.at(position));
        writing.or_else(|| self.collected.at(position)).map(Spooled::Memory)
    }

    fn poll_written(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SigningError>> {
        if self.has_failed {
            let message = "the body is spooled no further after an error";
            return Poll::Ready(Err(SigningError::new(SigningErrorKind::Spool, message)));
        }
        if let Some(block) = &mut self.writing {
            let written = ready!(block.task.poll(cx)).and_then(|written| written);
            self.writing = None;
            let written = written.inspect_err(|_| self.has_failed = true)?;
            self.file = Some(written.file);
            self.hasher = written.hasher;
        }
        Poll::Ready(Ok(()))
    }

    /// Sends what was collected on its way.
    fn write(&mut self) -> Result<(), SigningError> {
        let next = Frames::new(self.collected.end());
        let frames = Arc::new(mem::replace(&mut self.collected, next));
        let block = Block {
            frames: Arc::clone(&frames),
            file: self.file.clone(),
            hasher: self.hasher.take(),
            already_hashed: self.already_hashed,
            settings: self.settings.clone(),
            share: Arc::clone(&self.share),
        };
        let task = Blocking::spawn(|| block.write()).inspect_err(|_| self.has_failed = true)?;
        self.writing = Some(Writing { frames, task });
        Ok(())
    }
}

/// Where a part of a body is.
pub(crate) enum Spooled {
    /// In the file: all that was written of it.
    File(SpoolReader),
    /// Not in the file yet.
    Memory(Bytes),
}

/// All that it takes to write a block. It owns a share of the space until it is dropped.
struct Block {
    frames: Arc<Frames>,
    file: Option<Arc<SpoolFile>>,
    hasher: Option<Sha256>,
    already_hashed: u64,
    settings: SpoolSettings,
    share: Arc<Share>,
}

impl Block {
    fn write(self) -> Result<Written, SigningError> {
        let file = match self.file {
            Some(file) => file,
            None => {
                let file = self.settings.create().map_err(|error| self.settings.fault(error))?;
                Arc::new(SpoolFile::new(file, self.share))
            }
        };
        file.write(&self.frames).map_err(|error| self.settings.fault(error))?;
        let hasher = self.hasher.map(|mut hasher| {
            let mut hashed = self.already_hashed.saturating_sub(self.frames.start());
            for data in self.frames.iter() {
                let skipped = hashed.min(data.len() as u64);
                hasher.update(&data[skipped as usize..]);
                hashed -= skipped;
            }
            hasher
        });
        Ok(Written { file, hasher })
    }
}
