//! Reads a spooled body.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;

use super::BLOCK;
use super::blocking::Blocking;
use super::file::SpoolFile;
use crate::SigningError;

/// Reads a part of a spool from its start to its end, one block ahead of what was asked for.
pub(crate) struct SpoolReader {
    file: Arc<SpoolFile>,
    /// What was not given yet.
    rest: Range<u64>,
    /// The start of the rest, when it is being read.
    block: Option<Blocking<io::Result<Bytes>>>,
}

impl SpoolReader {
    pub(super) fn new(file: Arc<SpoolFile>, part: Range<u64>) -> Self {
        Self { file, rest: part, block: None }
    }

    /// Bytes that are still to be given.
    pub(crate) fn remaining(&self) -> u64 {
        self.rest.end - self.rest.start
    }

    /// The next bytes. After an error they are read again.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, SigningError>>> {
        if self.remaining() == 0 {
            return Poll::Ready(None);
        }
        let mut block = match self.block.take() {
            Some(block) => block,
            None => self.read()?,
        };
        let Poll::Ready(data) = block.poll(cx) else {
            self.block = Some(block);
            return Poll::Pending;
        };
        let data = data?.map_err(|error| SigningError::spool("the spooled body cannot be read", error))?;
        self.rest.start += data.len() as u64;
        if self.remaining() > 0 {
            // Should this fail, the next call says so.
            self.block = self.read().ok();
        }
        Poll::Ready(Some(Ok(data)))
    }

    fn read(&self) -> Result<Blocking<io::Result<Bytes>>, SigningError> {
        let (start, length) = (self.rest.start, BLOCK.min(self.remaining()));
        let file = Arc::clone(&self.file);
        Blocking::spawn(move || file.read(start, length))
    }
}
