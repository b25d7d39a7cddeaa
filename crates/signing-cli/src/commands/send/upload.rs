//! The body that is sent: from memory, from a file, or from a stream that can be read once.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use sha2::{Digest, Sha256};
use signing_core::PayloadHash;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_util::io::poll_read_buf;
use tower_signing::BoxError;

use super::progress::{Bar, Progress};
use super::trouble;
use crate::failure::Failure;

/// What is read of a file at once.
const CHUNK: usize = 64 * 1024;

/// Where the body comes from.
#[derive(Debug)]
pub(super) enum Source {
    Nothing,
    Memory(Bytes),
    /// A regular file: its size is known, and it can be read again.
    File(PathBuf),
    /// Standard input, or a pipe or device by its name.
    Stream(PathBuf),
    /// A stream that was read already.
    Spent,
}

/// A body, ready to be sent.
pub(super) struct Upload {
    memory: Bytes,
    reader: Option<Box<dyn AsyncRead + Send + Unpin>>,
    /// Bytes to come; `None` if only the end will tell.
    left: Option<u64>,
    buffer: BytesMut,
    name: String,
    fault: Fault,
    bar: Bar,
}

/// Why the body could not be read, told beside the client: over HTTP/2, its error only says that the request
/// was reset.
pub(super) type Fault = Arc<OnceLock<String>>;

impl Source {
    /// The file at `path`; `-` is standard input.
    pub(super) fn file(path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Ok(Self::Stream(path.into()));
        }
        let metadata = path.metadata().map_err(|error| unreadable(path, &error))?;
        if metadata.is_dir() {
            return Err(Failure::usage(format!("{} is a folder", path.display())));
        }
        Ok(if metadata.is_file() { Self::File(path.into()) } else { Self::Stream(path.into()) })
    }

    pub(super) fn is_stream(&self) -> bool {
        matches!(self, Self::Stream(_) | Self::Spent)
    }

    /// The body, and its hash if `hashed` asks for one and it can be had without holding the body.
    pub(super) async fn open(
        &mut self,
        hashed: bool,
        progress: Progress,
    ) -> Result<(Upload, Option<PayloadHash>), Failure> {
        match self {
            Self::Nothing => Ok((Upload::memory(Bytes::new(), progress), None)),
            Self::Memory(bytes) => Ok((Upload::memory(bytes.clone(), progress), None)),
            Self::File(path) => {
                let (file, length, hash) = open_file(path.clone(), hashed, progress).await?;
                let reader = tokio::fs::File::from_std(file).take(length);
                Ok((Upload::reader(Box::new(reader), Some(length), path, progress), hash))
            }
            Self::Stream(path) => {
                let reader: Box<dyn AsyncRead + Send + Unpin> = if path == Path::new("-") {
                    Box::new(tokio::io::stdin())
                } else {
                    let file = tokio::fs::File::open(&*path).await;
                    Box::new(file.map_err(|error| unreadable(path, &error))?)
                };
                let upload = Upload::reader(reader, None, path, progress);
                *self = Self::Spent;
                Ok((upload, None))
            }
            Self::Spent => Err(trouble::not_again()),
        }
    }
}

/// Opens a file, and reads it once if its hash is asked for. What is appended later is not sent.
async fn open_file(
    path: PathBuf,
    hashed: bool,
    progress: Progress,
) -> Result<(File, u64, Option<PayloadHash>), Failure> {
    let read = move || {
        let mut file = File::open(&path).map_err(|error| unreadable(&path, &error))?;
        let length = file.metadata().map_err(|error| unreadable(&path, &error))?.len();
        if !hashed {
            return Ok((file, length, None));
        }
        let hash = hash(&file, length, &progress.bar("hashing", Some(length)));
        let hash = hash.and_then(|hash| file.rewind().map(|()| hash));
        Ok((file, length, Some(hash.map_err(|error| unreadable(&path, &error))?)))
    };
    // Files have no readiness: a large one would hold up the timers of this thread.
    tokio::task::spawn_blocking(read).await.map_err(|_| Failure::usage("the file could not be hashed"))?
}

fn hash(file: &File, length: u64, bar: &Bar) -> io::Result<PayloadHash> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; CHUNK];
    let mut reader = file.take(length);
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(PayloadHash::from_bytes(hasher.finalize().into())),
            Ok(count) => {
                hasher.update(&buffer[..count]);
                bar.advance(count);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("{} cannot be read: {error}", path.display()))
}

impl Upload {
    fn memory(memory: Bytes, progress: Progress) -> Self {
        let left = Some(memory.len() as u64);
        let bar = progress.bar("sending", left);
        Self {
            memory,
            reader: None,
            left,
            buffer: BytesMut::new(),
            name: String::new(),
            fault: Fault::default(),
            bar,
        }
    }

    fn reader(
        reader: Box<dyn AsyncRead + Send + Unpin>,
        left: Option<u64>,
        path: &Path,
        progress: Progress,
    ) -> Self {
        let name =
            if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
        let bar = progress.bar("sending", left);
        let (memory, buffer) = (Bytes::new(), BytesMut::new());
        Self { memory, reader: Some(reader), left, buffer, name, fault: Fault::default(), bar }
    }

    pub(super) fn fault(&self) -> Fault {
        Arc::clone(&self.fault)
    }

    fn fail(&self, what: &str) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let message = format!("{} {what}", self.name);
        // The first one counts.
        let _ = self.fault.set(message.clone());
        Poll::Ready(Some(Err(message.into())))
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        if this.left == Some(0) {
            return Poll::Ready(None);
        }
        let Some(reader) = &mut this.reader else {
            this.left = Some(0);
            this.bar.advance(this.memory.len());
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut this.memory)))));
        };
        this.buffer.reserve(CHUNK);
        let count = match ready!(poll_read_buf(Pin::new(reader), cx, &mut this.buffer)) {
            Ok(count) => count,
            Err(error) => return this.fail(&format!("cannot be read: {error}")),
        };
        if count == 0 {
            return match this.left {
                Some(_) => this.fail("became shorter while it was sent"),
                None => Poll::Ready(None),
            };
        }
        this.left = this.left.map(|left| left - count as u64);
        this.bar.advance(count);
        Poll::Ready(Some(Ok(Frame::data(this.buffer.split().freeze()))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}
