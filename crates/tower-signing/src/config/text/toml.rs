//! TOML, by the spanned tables of the `toml` crate.

use signing_core::SecretText;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue, Error};
use toml_parser::Source;
use toml_parser::lexer::TokenKind;

use super::TextError;
use super::outline::Outline;
use super::position::{Position, Positions};

/// How deep brackets and dots may nest before the text is parsed at all.
///
/// The parser has limits of its own, 80 brackets and 80 parts of a dotted name, but they multiply: a name of
/// 80 parts may stand in each of 80 inline tables, and dropping thousands of tables, one inside the other,
/// overflows the stack. Far above what an [`Outline`] takes, so that its error is the one that is seen.
const MAX_NESTING: usize = 64;

pub(super) fn read(text: &str, outline: &mut Outline) -> Result<(), TextError> {
    let positions = Positions::new(text);
    check_nesting(text, &positions)?;
    let table = DeTable::parse(text).map_err(|error| syntax_error(&error, text, &positions))?;
    Reader { text, positions, outline }.table(table.into_inner())
}

/// Refuses a text whose tables would nest deeper than the stack can bear, by its tokens alone.
fn check_nesting(text: &str, positions: &Positions<'_>) -> Result<(), TextError> {
    let mut depth = 0;
    // For each bracket that is open, the depth around it.
    let mut outer = Vec::new();
    for token in Source::new(text).lex() {
        match token.kind() {
            TokenKind::Dot => depth += 1,
            TokenKind::LeftCurlyBracket | TokenKind::LeftSquareBracket => {
                outer.push(depth);
                depth += 1;
            }
            TokenKind::RightCurlyBracket | TokenKind::RightSquareBracket => {
                depth = outer.pop().unwrap_or_default();
            }
            // The next name, so its dots count from the bracket again.
            TokenKind::Comma | TokenKind::Newline => depth = outer.last().map_or(0, |depth| depth + 1),
            _ => {}
        }
        if depth > MAX_NESTING {
            let at = positions.at(token.span().start());
            return Err(TextError::at(at, "tables stand inside one another too deep"));
        }
    }
    Ok(())
}

/// Our words for the parser's error, whose own text quotes the line.
fn syntax_error(error: &Error, text: &str, positions: &Positions<'_>) -> TextError {
    let offset = error.span().map_or(0, |span| span.start);
    let message = if error.message() == "duplicate key" {
        "this name is taken by an earlier table or parameter"
    } else if offset >= text.trim_end().len() {
        "not valid TOML: the text ends too early"
    } else {
        "not valid TOML; a text value stands in quotes, at best in single ones"
    };
    TextError::at(positions.at(offset), message)
}

type Member<'t> = (Spanned<DeString<'t>>, Spanned<DeValue<'t>>);

struct Reader<'t, 'o> {
    text: &'t str,
    positions: Positions<'t>,
    outline: &'o mut Outline,
}

impl Reader<'_, '_> {
    fn table(&mut self, table: DeTable<'_>) -> Result<(), TextError> {
        for (name, value) in in_order(table) {
            let span = value.span();
            let value_at = self.positions.at(span.start);
            match value.into_inner() {
                DeValue::Table(inner) => {
                    let header = header_offset(&name, span.start, &inner);
                    self.outline.enter(name.get_ref(), self.positions.at(header))?;
                    self.table(inner)?;
                    self.outline.leave();
                }
                DeValue::String(value) => self.entry(&name, value, value_at)?,
                // Numbers and booleans as they are written: `0x1F` is not 31.
                DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) => {
                    let written = self.text.get(span).unwrap_or_default();
                    self.entry(&name, written.into(), value_at)?;
                }
                DeValue::Datetime(_) => {
                    let message = "a date is no value; write it in quotes if it is text";
                    return Err(self.outline.fault(Some(name.get_ref()), value_at, message));
                }
                DeValue::Array(_) => {
                    return Err(self.outline.fault(Some(name.get_ref()), value_at, "an array is no value"));
                }
            }
        }
        Ok(())
    }

    fn entry(
        &mut self,
        name: &Spanned<DeString<'_>>,
        value: DeString<'_>,
        value_at: Position,
    ) -> Result<(), TextError> {
        let at = self.positions.at(name.span().start);
        self.outline.entry(name.get_ref(), at, SecretText::new(value), value_at)
    }
}

/// The members in the order of the text; the table itself has them in the order of their names.
fn in_order(table: DeTable<'_>) -> Vec<Member<'_>> {
    let mut members: Vec<_> = table.into_iter().collect();
    members.sort_by_key(|(name, _)| name.span().start);
    members
}

/// Where a section begins: at its header or `{`, or, if dotted names make the table, at its first entry.
fn header_offset(name: &Spanned<DeString<'_>>, offset: usize, table: &DeTable<'_>) -> usize {
    let has_header = offset != name.span().start;
    if has_header {
        return offset;
    }
    let entries = table.iter().filter(|(_, value)| !value.get_ref().is_table());
    entries.map(|(name, _)| name.span().start).min().unwrap_or(offset)
}
