//! The bytes of a configuration's files, as one read saw them.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// The content of one file, or why there is none.
pub(crate) type Content = Result<Zeroizing<Vec<u8>>, io::ErrorKind>;

/// The config file and every file it refers to. A file that cannot be read is part of it, by its error's kind.
pub(crate) struct Snapshot {
    files: BTreeMap<PathBuf, Content>,
}

impl Snapshot {
    #[cfg(test)]
    pub(crate) fn new(files: Vec<(PathBuf, Result<Vec<u8>, io::ErrorKind>)>) -> Self {
        Self { files: files.into_iter().map(|(path, content)| (path, content.map(Zeroizing::new))).collect() }
    }

    pub(super) fn of(path: &Path, content: Content) -> Self {
        Self { files: BTreeMap::from([(path.to_owned(), content)]) }
    }

    /// Reads one more file, unless it is here already.
    pub(super) fn add(&mut self, path: PathBuf, limit: u64) {
        self.files.entry(path).or_insert_with_key(|path| read_regular(path, limit));
    }

    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    #[cfg(test)]
    pub(crate) fn files(&self) -> impl Iterator<Item = &Content> {
        self.files.values()
    }

    pub(super) fn content(&self, path: &Path) -> Option<&Content> {
        self.files.get(path)
    }

    /// The files that decide what it holds.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.keys().map(PathBuf::as_path)
    }

    /// Whether both hold the same files with the same bytes.
    #[cfg(feature = "watch")]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.files == other.files
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Snapshot")?;
        f.debug_list().entries(self.paths()).finish()
    }
}

/// Reads a regular file of at most `limit` bytes. Anything else (a pipe, a device) could block or never end.
pub(super) fn read_regular(path: &Path, limit: u64) -> Content {
    let kind = |error: io::Error| error.kind();
    if !fs::metadata(path).map_err(kind)?.is_file() {
        return Err(io::ErrorKind::InvalidInput);
    }
    let mut file = File::open(path).map_err(kind)?.take(limit + 1);
    // With room from the start, growing leaves no copies of a secret behind.
    let size = file.get_ref().metadata().map_or(0, |metadata| metadata.len()).min(limit) as usize;
    let mut bytes = Zeroizing::new(Vec::with_capacity(size + 1));
    file.read_to_end(&mut bytes).map_err(kind)?;
    if bytes.len() as u64 > limit { Err(io::ErrorKind::FileTooLarge) } else { Ok(bytes) }
}

/// What to tell about a file that could not be read.
pub(super) fn reason(kind: io::ErrorKind) -> String {
    match kind {
        io::ErrorKind::InvalidInput => "it is not a regular file".to_owned(),
        io::ErrorKind::FileTooLarge => "it is too large".to_owned(),
        kind => kind.to_string(),
    }
}
