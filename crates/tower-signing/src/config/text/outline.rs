//! The sections of a file while it is read: what tables and entries mean, whatever the format.

use std::collections::HashMap;

use signing_core::SecretText;

use super::position::Position;
use super::{Entry, Section, TextError};

/// How many tables may stand inside one another. A reader goes one call deeper for each.
const MAX_DEPTH: usize = 16;

/// The longest dotted name of a section, in bytes. It is repeated in the name of every table inside, so
/// without a bound a small file with one huge name would fill the memory.
const MAX_SECTION_NAME: usize = 256;

/// The longest name in an error, in characters.
const MAX_SHOWN: usize = 64;

/// Collects sections while a reader walks through the tables of a file.
///
/// The reader calls [`enter`](Self::enter) and [`leave`](Self::leave) around each table and
/// [`entry`](Self::entry) for each scalar. Every rule that does not depend on the format is checked here.
#[derive(Debug)]
pub(super) struct Outline {
    sections: Vec<Draft>,
    /// The line of each dotted name. `auth.payments` can be a table inside `auth` and also a quoted name.
    lines: Names,
    /// From the table of the whole file to the one that is being read.
    open: Vec<Table>,
}

/// A section that may turn out to be none, because it holds nothing but tables.
#[derive(Debug)]
struct Draft {
    section: Section,
    holds_tables: bool,
}

/// A table that is being read.
#[derive(Debug, Default)]
struct Table {
    /// Its index in [`Outline::sections`]; `None` for the file as a whole, which is no section.
    draft: Option<usize>,
    /// The tables and entries inside, with their lines.
    names: Names,
}

/// Names that may be given once, in any case, with the line where each stands.
#[derive(Debug, Default)]
struct Names(HashMap<String, usize>);

impl Names {
    /// Takes `name` for `line`, or tells which line has it already.
    fn claim(&mut self, name: &str, line: usize) -> Result<(), usize> {
        match self.0.insert(name.to_lowercase(), line) {
            None => Ok(()),
            Some(earlier) => Err(earlier),
        }
    }
}

impl Outline {
    pub(super) fn new() -> Self {
        Self { sections: Vec::new(), lines: Names::default(), open: vec![Table::default()] }
    }

    /// Goes into the table `name`, whose header stands at `at`.
    pub(super) fn enter(&mut self, name: &str, at: Position) -> Result<(), TextError> {
        if name.is_empty() {
            return Err(self.fault(None, at, "a section needs a name"));
        }
        if self.open.len() > MAX_DEPTH {
            let message = format!("tables stand inside one another at most {MAX_DEPTH} deep");
            return Err(self.fault(None, at, &message));
        }
        let dotted = match self.section() {
            Some(outer) => format!("{}.{name}", outer.name),
            None => name.to_owned(),
        };
        if dotted.len() > MAX_SECTION_NAME {
            let message = format!("the name of a section has at most {MAX_SECTION_NAME} bytes");
            return Err(self.fault(None, at, &message));
        }
        let claimed = self.claim(name, at).and_then(|()| self.lines.claim(&dotted, at.line));
        if let Err(line) = claimed {
            let message = format!("this name is taken, see line {line}; upper and lower case do not differ");
            return Err(TextError { section: Some(shown(&dotted)), ..TextError::at(at, &message) });
        }
        if let Some(outer) = self.draft() {
            outer.holds_tables = true;
        }
        self.open.push(Table { draft: Some(self.sections.len()), names: Names::default() });
        let section = Section { name: dotted, line: at.line, entries: Vec::new() };
        self.sections.push(Draft { section, holds_tables: false });
        Ok(())
    }

    /// Goes back to the table around the current one; does nothing in the table of the whole file.
    pub(super) fn leave(&mut self) {
        if self.open.len() > 1 {
            self.open.pop();
        }
    }

    /// Adds a parameter to the current table: `name` stands at `at`, and its value at `value_at`.
    pub(super) fn entry(
        &mut self,
        name: &str,
        at: Position,
        value: SecretText,
        value_at: Position,
    ) -> Result<(), TextError> {
        if self.section().is_none() {
            return Err(self.fault(Some(name), at, "a parameter stands in a section, not outside of all"));
        }
        if name.is_empty() {
            return Err(self.fault(None, at, "a parameter needs a name"));
        }
        if let Err(line) = self.claim(name, at) {
            let message = format!("this name is taken, see line {line}; upper and lower case do not differ");
            return Err(self.fault(Some(name), at, &message));
        }
        if let Some(draft) = self.draft() {
            let entry = Entry { name: name.to_owned(), value, line: value_at.line, column: value_at.column };
            draft.section.entries.push(entry);
        }
        Ok(())
    }

    /// An error in the current section, of the parameter `parameter` if it can be told.
    pub(super) fn fault(&self, parameter: Option<&str>, at: Position, message: &str) -> TextError {
        TextError {
            section: self.section().map(|section| shown(&section.name)),
            parameter: parameter.map(shown),
            ..TextError::at(at, message)
        }
    }

    /// The sections in the order of their lines, without the tables that only held tables.
    pub(super) fn into_sections(self) -> Vec<Section> {
        let kept = self.sections.into_iter().filter(|draft| {
            let only_tables = draft.holds_tables && draft.section.entries.is_empty();
            !only_tables
        });
        let mut sections: Vec<Section> = kept.map(|draft| draft.section).collect();
        // A TOML header may stand anywhere: `[auth]`, `[signing]`, then `[auth.payments]`.
        sections.sort_by_key(|section| section.line);
        sections
    }

    /// Takes `name` in the current table.
    fn claim(&mut self, name: &str, at: Position) -> Result<(), usize> {
        self.open.last_mut().map_or(Ok(()), |table| table.names.claim(name, at.line))
    }

    /// The current section; `None` in the table of the whole file.
    fn section(&self) -> Option<&Section> {
        let index = self.open.last()?.draft?;
        self.sections.get(index).map(|draft| &draft.section)
    }

    fn draft(&mut self) -> Option<&mut Draft> {
        let index = self.open.last()?.draft?;
        self.sections.get_mut(index)
    }
}

/// A name as an error may show it: what a terminal would not print as itself is escaped, and the rest cut.
fn shown(name: &str) -> String {
    let mut shown = String::new();
    let mut room = MAX_SHOWN;
    for character in name.chars() {
        let printed = if is_unprintable(character) {
            character.escape_unicode().to_string()
        } else {
            character.to_string()
        };
        // The last place is kept for the mark of the cut.
        let width = printed.chars().count();
        if width >= room {
            shown.push('…');
            break;
        }
        room -= width;
        shown.push_str(&printed);
    }
    shown
}

/// Control characters, and those that hide text or turn its direction.
fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
