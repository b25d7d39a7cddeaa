//! The text of a config file, in one of four formats, to sections with the lines they stand on.
//!
//! ```text
//! auth.conf ─► ini  ─┐
//! auth.toml ─► toml ─┤
//! auth.yaml ─► yaml ─┼─► Outline: names, duplicates, depth ─► Vec<Section>
//! auth.json ─► json ─┘
//! ```
//!
//! A format reads its syntax and nothing else; what a table, a name or an entry means is decided once, in
//! [`Outline`]. Values stay text from the file to the signer: a secret that looks like a number is still a
//! secret. What a parser says about a fault may quote the line with the secret in it, so only the position
//! is taken from its errors, and the words are ours.

mod ini;
mod json;
mod outline;
mod position;
#[cfg(test)]
mod tests;
mod toml;
mod yaml;

use std::path::Path;

use signing_core::SecretText;

use outline::Outline;
use position::Position;

/// The longest text that is read, in bytes: far above any config file, far below what could stall a reload.
pub(crate) const MAX_TEXT: usize = 8 << 20;

/// How the text of a config file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// `[section]` headers and `name = value` lines.
    Ini,
    /// TOML 1.1.
    Toml,
    /// YAML 1.2, one document, without anchors, aliases, tags and merge keys.
    Yaml,
    /// JSON, one object.
    Json,
}

impl Format {
    /// The format that the extension of `path` names, in any case; INI for every other or no extension.
    pub(crate) fn of(path: &Path) -> Self {
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        match extension.to_str() {
            Some("toml") => Self::Toml,
            Some("yaml" | "yml") => Self::Yaml,
            Some("json") => Self::Json,
            _ => Self::Ini,
        }
    }
}

/// A section: a header of an INI file, a table of the other formats.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    /// The dotted name as written: `auth`, `auth.payments`.
    pub(crate) name: String,
    /// The line of its header, or of its first entry if it has no header; the first line is 1.
    pub(crate) line: usize,
    /// In the order of the file.
    pub(crate) entries: Vec<Entry>,
}

/// A parameter of a section.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// As written.
    pub(crate) name: String,
    /// The text of the value, without the quotes and escapes of the format. Any value may be a secret.
    pub(crate) value: SecretText,
    /// The line of the value; the first is 1.
    pub(crate) line: usize,
    /// The column where the value begins, its quote included, counted in characters; the first is 1.
    pub(crate) column: usize,
}

/// Why a text is not a config file, and where. Never holds a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextError {
    /// The first line is 1.
    pub(crate) line: usize,
    /// Counted in characters; the first is 1.
    pub(crate) column: usize,
    /// The dotted name of the section, fit to be printed: escaped and cut.
    pub(crate) section: Option<String>,
    /// The name of the parameter, fit to be printed: escaped and cut.
    pub(crate) parameter: Option<String>,
    /// What is wrong, in lower case and without a final stop. Repeats neither name nor position.
    pub(crate) message: String,
}

impl TextError {
    /// A fault that belongs to no section: of the syntax, or of the text as a whole.
    fn at(at: Position, message: &str) -> Self {
        Self { line: at.line, column: at.column, section: None, parameter: None, message: message.to_owned() }
    }
}

/// Reads the sections of `text`, in the order of the file.
///
/// In TOML, YAML and JSON the top is a table, a table inside a table is a section with a dotted name, and a
/// scalar is a parameter. A table that holds nothing but tables is no section; an empty one is. A text
/// without content has no sections, except in JSON, which wants at least `{}`.
///
/// # Errors
///
/// When the text is not valid in its format, is longer than [`MAX_TEXT`], gives a name twice (also by case),
/// has a parameter outside of all sections, or a value that is no text, number or boolean.
pub(crate) fn parse(text: &str, format: Format) -> Result<Vec<Section>, TextError> {
    if text.len() > MAX_TEXT {
        return Err(TextError::at(Position::START, "a config file holds at most 8 MiB"));
    }
    // Some editors begin every file with a byte order mark; it is neither a part of a name nor a column.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut outline = Outline::new();
    match format {
        Format::Ini => ini::read(text, &mut outline)?,
        Format::Toml => toml::read(text, &mut outline)?,
        Format::Yaml => yaml::read(text, &mut outline)?,
        Format::Json => json::read(text, &mut outline)?,
    }
    Ok(outline.into_sections())
}
