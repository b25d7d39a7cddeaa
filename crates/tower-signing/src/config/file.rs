//! One config file: reading it with all it refers to, and building what it says.

use std::io;
use std::path::{Path, PathBuf};

use signing_core::Registry;

use super::build::{Built, build, line_number};
use super::error::{ConfigError, ConfigFault};
use super::reference::{LARGEST_FILE, file_of, resolve};
use super::report::ConfigReport;
use super::snapshot::{Content, Snapshot, read_regular, reason};
use super::text::{self, Format, MAX_TEXT, Section, TextError};

/// How many files one configuration may consist of, its own included. Each look at them reads them all.
const MOST_FILES: usize = 1025;

/// Where a configuration is, and what is needed to understand it.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    path: PathBuf,
    registry: Registry,
    /// Sections without `Match` are bound to a base URL.
    has_base_url: bool,
}

impl ConfigFile {
    /// The path is made absolute now, so that a later change of the working directory means nothing.
    pub(crate) fn new(path: &Path, registry: Registry, has_base_url: bool) -> Self {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Self { path, registry, has_base_url }
    }

    #[cfg(feature = "watch")]
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the file, then every file that its values name.
    pub(crate) fn read(&self) -> Snapshot {
        let content = read_regular(&self.path, MAX_TEXT as u64);
        let sections = self.sections(&content).unwrap_or_default();
        let mut snapshot = Snapshot::of(&self.path, content);
        let values = sections.iter().flat_map(|section| &section.entries).map(|entry| entry.value.expose());
        for path in values.filter_map(|value| file_of(value, self.directory())) {
            snapshot.add(path, LARGEST_FILE);
            if snapshot.len() > MOST_FILES {
                break;
            }
        }
        snapshot
    }

    /// What the bytes in `snapshot` say.
    pub(crate) fn build(&self, snapshot: &Snapshot) -> Result<Built, ConfigError> {
        let missing = Err(io::ErrorKind::NotFound);
        let content = snapshot.content(&self.path).unwrap_or(&missing);
        let sections = self.sections(content).map_err(|fault| self.error(vec![fault]))?;
        if snapshot.len() > MOST_FILES {
            let fault =
                ConfigFault::new(format!("the file refers to more than {} other files", MOST_FILES - 1));
            return Err(self.error(vec![fault]));
        }
        let follow = |value: &_| resolve(value, |path| snapshot.content(&self.directory().join(path)));
        build(&sections, &self.registry, self.has_base_url, follow).map_err(|faults| self.error(faults))
    }

    /// Reads once and tells what the bytes say, right or wrong.
    pub(crate) fn report(&self) -> ConfigReport {
        let snapshot = self.read();
        let sections = snapshot.content(&self.path).and_then(|content| self.sections(content).ok());
        let built = self.build(&snapshot);
        ConfigReport::new(&sections.unwrap_or_default(), self.directory(), &self.registry, built)
    }

    fn sections(&self, content: &Content) -> Result<Vec<Section>, ConfigFault> {
        let bytes = content
            .as_ref()
            .map_err(|kind| ConfigFault::new(format!("the file cannot be read: {}", reason(*kind))))?;
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let line = bytes[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count() + 1;
            ConfigFault { line: line_number(line), ..ConfigFault::new("the file is not UTF-8") }
        })?;
        text::parse(text, Format::of(&self.path)).map_err(of_text_error)
    }

    fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    fn error(&self, faults: Vec<ConfigFault>) -> ConfigError {
        ConfigError::new(Some(&self.path), faults)
    }
}

fn of_text_error(error: TextError) -> ConfigFault {
    ConfigFault {
        line: line_number(error.line),
        column: line_number(error.column),
        section: error.section.map(Into::into),
        parameter: error.parameter.as_deref().map(Into::into),
        suggestion: None,
        // The reader's words stand alone; after a parameter's name they want a colon.
        message: match error.parameter {
            Some(_) => format!("cannot be read: {}", error.message).into(),
            None => error.message.into(),
        },
    }
}
