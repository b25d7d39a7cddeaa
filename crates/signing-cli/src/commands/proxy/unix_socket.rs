//! A Unix socket that only its owner can open, from its first moment to its last.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net;
use std::path::{Path, PathBuf};
use std::process;

use tokio::net::{UnixListener, UnixStream};

/// The socket, whose file goes when it is dropped.
#[derive(Debug)]
pub(super) struct UnixSocket {
    listener: UnixListener,
    file: SocketFile,
}

#[derive(Debug)]
struct SocketFile {
    path: PathBuf,
    /// Device and number of the file that is ours, to leave alone what others have put in its place.
    identity: (u64, u64),
}

impl UnixSocket {
    /// Binds in a folder that nobody else can enter, and moves the socket out of it when its mode is 0600.
    pub(super) fn bind(path: &Path) -> io::Result<Self> {
        remove_stale(path)?;
        // Short, since the path of a socket is.
        let nursery = path.with_file_name(format!(".{}", process::id()));
        // What a process of the same number may have left: in a container it is always the same.
        let _ = fs::remove_file(nursery.join("s"));
        let _ = fs::remove_dir(&nursery);
        DirBuilder::new().mode(0o700).create(&nursery)?;
        let bound = bind_at(&nursery.join("s"), path);
        fs::remove_dir(&nursery)?;
        bound
    }

    pub(super) fn path(&self) -> &Path {
        &self.file.path
    }

    pub(super) fn listener(&self) -> &UnixListener {
        &self.listener
    }

    /// As [`Listener::into_waiting`](super::listen::Listener::into_waiting).
    pub(super) fn into_waiting(self) -> Vec<UnixStream> {
        // Nobody finds it from now on.
        drop(self.file);
        let Ok(listener) = self.listener.into_std() else { return Vec::new() };
        std::iter::from_fn(|| {
            let (stream, _) = listener.accept().ok()?;
            stream.set_nonblocking(true).ok()?;
            UnixStream::from_std(stream).ok()
        })
        .collect()
    }
}

fn bind_at(nursery: &Path, path: &Path) -> io::Result<UnixSocket> {
    let listener = net::UnixListener::bind(nursery)?;
    let placed = fs::set_permissions(nursery, Permissions::from_mode(0o600))
        .and_then(|()| fs::symlink_metadata(nursery))
        // Not a rename: what somebody has put there since we looked is not ours to replace.
        .and_then(|data| fs::hard_link(nursery, path).map(|()| data));
    fs::remove_file(nursery)?;
    let data = placed?;
    let file = SocketFile { path: path.to_owned(), identity: (data.dev(), data.ino()) };
    listener.set_nonblocking(true)?;
    Ok(UnixSocket { listener: UnixListener::from_std(listener)?, file })
}

/// Removes the socket that a process has left which is no more.
fn remove_stale(path: &Path) -> io::Result<()> {
    let data = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        data => data?,
    };
    if !data.file_type().is_socket() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "the file exists and is no socket"));
    }
    match net::UnixStream::connect(path) {
        Ok(_) => Err(io::Error::new(io::ErrorKind::AddrInUse, "another process listens there")),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) => Err(error),
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let is_ours = |data: &fs::Metadata| (data.dev(), data.ino()) == self.identity;
        if fs::symlink_metadata(&self.path).is_ok_and(|data| is_ours(&data)) {
            // There is nobody to tell, and the next start removes it.
            let _ = fs::remove_file(&self.path);
        }
    }
}
