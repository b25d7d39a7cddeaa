//! INI, line by line: what stands behind the first `=` is the value, whatever its characters.
//!
//! There are no escapes, quotes, continued lines or comments behind a value: each of them would need some
//! secret to be changed before it can be written down.

use signing_core::SecretText;

use super::TextError;
use super::outline::Outline;
use super::position::Positions;

/// What is dropped around names and values. Other white space may be a part of a secret.
const BLANK: [char; 2] = [' ', '\t'];

/// What begins a comment, at the start of a line only.
const COMMENT: [char; 2] = ['#', ';'];

pub(super) fn read(text: &str, outline: &mut Outline) -> Result<(), TextError> {
    let positions = Positions::new(text);
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line).trim_matches(BLANK);
        if line.is_empty() || line.starts_with(COMMENT) {
            continue;
        }
        match line.strip_prefix('[') {
            Some(header) => read_header(line, header, &positions, outline)?,
            None => read_entry(line, &positions, outline)?,
        }
    }
    Ok(())
}

/// Reads the header `line`, of which `header` is what follows the `[`.
fn read_header(
    line: &str,
    header: &str,
    positions: &Positions<'_>,
    outline: &mut Outline,
) -> Result<(), TextError> {
    outline.leave();
    let at = positions.of(line);
    let Some((name, rest)) = header.split_once(']') else {
        return Err(TextError::at(at, "a section header ends with `]`"));
    };
    if !rest.is_empty() {
        let message = "nothing stands behind the `]` of a section header; a comment has a line of its own";
        return Err(TextError::at(positions.of(rest), message));
    }
    let name = name.trim_matches(BLANK);
    if let Some(control) = first_control(name) {
        return Err(TextError::at(positions.of(control), "a control character in the name of a section"));
    }
    outline.enter(name, at)
}

fn read_entry(line: &str, positions: &Positions<'_>, outline: &mut Outline) -> Result<(), TextError> {
    let at = positions.of(line);
    let Some((name, value)) = line.split_once('=') else {
        // What the line holds is not shown: it may be the second half of a secret.
        return Err(outline.fault(None, at, "a line is `[section]`, `name = value` or a comment"));
    };
    let name = name.trim_end_matches(BLANK);
    let value = value.trim_start_matches(BLANK);
    if let Some(control) = first_control(name) {
        return Err(outline.fault(
            None,
            positions.of(control),
            "a control character in the name of a parameter",
        ));
    }
    if let Some(control) = first_control(value) {
        return Err(outline.fault(Some(name), positions.of(control), "a control character in the value"));
    }
    outline.entry(name, at, SecretText::new(value), positions.of(value))
}

/// The rest of `text` from its first control character on; a tab is none.
fn first_control(text: &str) -> Option<&str> {
    let index = text.find(|character: char| character.is_control() && character != '\t')?;
    Some(&text[index..])
}
