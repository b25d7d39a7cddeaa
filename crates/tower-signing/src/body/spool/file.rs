//! The file, and a body that is in it whole.

use std::fs::File;
use std::io::{self, ErrorKind, IoSlice, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::runtime::Handle;

use super::budget::Share;
use super::frames::Frames;
use super::reader::SpoolReader;

/// A finished spool; clones share the file. The space goes back to the total, and the file goes, with the last one.
#[derive(Clone)]
pub(crate) struct Spool {
    file: Arc<SpoolFile>,
    length: u64,
}

impl Spool {
    pub(super) fn new(file: Arc<SpoolFile>, length: u64) -> Self {
        Self { file, length }
    }

    /// Reads it from its start.
    pub(crate) fn reader(&self) -> SpoolReader {
        SpoolReader::new(Arc::clone(&self.file), 0..self.length)
    }
}

/// A file that nobody else knows, and its part of the total.
pub(super) struct SpoolFile {
    /// There until it is dropped.
    open: Option<Open>,
}

struct Open {
    // Not every system can read at a position and leave the cursor where it was.
    file: Mutex<File>,
    _share: Arc<Share>,
}

impl SpoolFile {
    pub(super) fn new(file: File, share: Arc<Share>) -> Self {
        Self { open: Some(Open { file: Mutex::new(file), _share: share }) }
    }

    /// Writes `frames` to where they belong.
    pub(super) fn write(&self, frames: &Frames) -> io::Result<()> {
        let mut file = self.at(frames.start())?;
        let mut slices: Vec<_> = frames.iter().map(IoSlice::new).collect();
        write_all(&mut *file, &mut slices)
    }

    /// Reads `length` bytes, which must be there.
    pub(super) fn read(&self, position: u64, length: u64) -> io::Result<Bytes> {
        let file = self.at(position)?;
        let mut data = Vec::with_capacity(length as usize);
        (&*file).take(length).read_to_end(&mut data)?;
        if data.len() as u64 != length {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(data.into())
    }

    fn at(&self, position: u64) -> io::Result<MutexGuard<'_, File>> {
        let Open { file, .. } = self.open.as_ref().expect("it is open until it is dropped");
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(position))?;
        Ok(file)
    }
}

impl Drop for SpoolFile {
    /// To close a file without a name is to delete it, which takes its time where the file is long.
    fn drop(&mut self) {
        let open = self.open.take();
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn_blocking(|| drop(open));
        }
    }
}

/// As `write_all`, for slices. None of them is empty.
pub(super) fn write_all(mut to: impl Write, mut slices: &mut [IoSlice<'_>]) -> io::Result<()> {
    while !slices.is_empty() {
        match to.write_vectored(slices) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut slices, written),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
