//! Everything that is wrong with a configuration, each fault with its place.

use std::fmt;
use std::path::{Path, PathBuf};

/// Why a configuration was not taken: the faults that were found, in the order of the file.
///
/// Names files, lines, sections and parameters. Never holds a value: any value may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    path: Option<PathBuf>,
    faults: Vec<ConfigFault>,
    /// How many were found beyond those.
    more: usize,
}

/// How many faults are told: who has that many looks at the first ones.
const MOST_FAULTS: usize = 20;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFault {
    pub(super) line: Option<u32>,
    pub(super) column: Option<u32>,
    pub(super) section: Option<Box<str>>,
    pub(super) parameter: Option<Box<str>>,
    pub(super) suggestion: Option<Box<str>>,
    pub(super) message: Box<str>,
}

impl ConfigError {
    pub(super) fn new(path: Option<&Path>, mut faults: Vec<ConfigFault>) -> Self {
        let more = faults.len().saturating_sub(MOST_FAULTS);
        faults.truncate(MOST_FAULTS);
        Self { path: path.map(Path::to_owned), faults, more }
    }

    #[cfg(feature = "watch")]
    pub(crate) fn unwatched(path: &Path, error: &std::io::Error) -> Self {
        Self::new(Some(path), vec![ConfigFault::new(format!("the file cannot be watched: {error}"))])
    }

    /// The file; `None` if the configuration came from elsewhere.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The faults: at least one, at most the first 20.
    pub fn faults(&self) -> &[ConfigFault] {
        &self.faults
    }
}

impl ConfigFault {
    pub(super) fn new(message: impl Into<Box<str>>) -> Self {
        Self {
            line: None,
            column: None,
            section: None,
            parameter: None,
            suggestion: None,
            message: message.into(),
        }
    }

    /// The line, counted from 1.
    pub fn line(&self) -> Option<u32> {
        self.line
    }

    /// The column in characters, counted from 1.
    pub fn column(&self) -> Option<u32> {
        self.column
    }

    /// The section's dotted name, fit to be printed.
    pub fn section(&self) -> Option<&str> {
        self.section.as_deref()
    }

    /// The parameter's name, fit to be printed.
    pub fn parameter(&self) -> Option<&str> {
        self.parameter.as_deref()
    }

    /// The name that was probably meant.
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }

    /// What is wrong. Does not repeat place, section or parameter.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(section) = &self.section {
            write!(f, "section [{section}]: ")?;
        }
        if let Some(parameter) = &self.parameter {
            write!(f, "`{parameter}` ")?;
        }
        f.write_str(&self.message)?;
        match &self.suggestion {
            Some(name) => write!(f, "; did you mean `{name}`?"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.faults.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            if let Some(path) = &self.path {
                write!(f, "{}:", path.display())?;
                for number in [fault.line, fault.column].into_iter().flatten() {
                    write!(f, "{number}:")?;
                }
                f.write_str(" ")?;
            }
            write!(f, "{fault}")?;
        }
        if self.more > 0 {
            write!(f, "\nand {} more faults", self.more)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
