//! JSON, by `serde_json`: objects as lists of raw members, so that nothing is merged, typed or lost.

use std::fmt;

use serde_core::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Error;
use serde_json::value::RawValue;
use signing_core::SecretText;

use super::TextError;
use super::outline::Outline;
use super::position::{Position, Positions};

pub(super) fn read(text: &str, outline: &mut Outline) -> Result<(), TextError> {
    let positions = Positions::new(text);
    if text.trim().is_empty() {
        return Err(TextError::at(Position::START, "the file is empty; in JSON no sections are written {}"));
    }
    // This reads the whole text, without recursion: all that is wrong with its syntax is found here.
    let top: &RawValue =
        serde_json::from_str(text).map_err(|error| syntax_error(&error, text, &positions))?;
    if !top.get().starts_with('{') {
        return Err(TextError::at(positions.of(top.get()), "the top of the file is an object of sections"));
    }
    Reader { positions, outline }.object(top)
}

/// Our words for the parser's error.
fn syntax_error(error: &Error, text: &str, positions: &Positions<'_>) -> TextError {
    if error.is_eof() {
        return TextError::at(positions.end(), "not valid JSON: the text ends too early");
    }
    let lines_before = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let line_start: usize = lines_before.map(str::len).sum();
    // The parser counts columns from 1, in bytes.
    let at = positions.at(line_start + error.column().saturating_sub(1));
    TextError::at(at, "not valid JSON")
}

struct Reader<'t, 'o> {
    positions: Positions<'t>,
    outline: &'o mut Outline,
}

impl Reader<'_, '_> {
    /// Reads the members of `object`. Each level reads its text once more; the outline bounds the levels.
    fn object(&mut self, object: &RawValue) -> Result<(), TextError> {
        let Members(members) = serde_json::from_str(object.get()).map_err(|_| {
            self.outline.fault(None, self.positions.of(object.get()), "not a valid JSON object")
        })?;
        for (name, value) in members {
            let at = self.positions.of(name.get());
            let Some(name) = decoded(name) else {
                return Err(self.outline.fault(None, at, "an escape in the name is half a character"));
            };
            self.member(&name, at, value)?;
        }
        Ok(())
    }

    /// Reads the value of `name`, which stands at `at`.
    fn member(&mut self, name: &str, at: Position, value: &RawValue) -> Result<(), TextError> {
        let written = value.get();
        let value_at = self.positions.of(written);
        match written.as_bytes().first() {
            Some(b'{') => {
                self.outline.enter(name, at)?;
                self.object(value)?;
                self.outline.leave();
                Ok(())
            }
            Some(b'"') => match decoded(value) {
                Some(text) => self.outline.entry(name, at, SecretText::new(text), value_at),
                None => {
                    let message = "an escape in the value is half a character";
                    Err(self.outline.fault(Some(name), value_at, message))
                }
            },
            Some(b'[') => Err(self.outline.fault(Some(name), value_at, "an array is no value")),
            Some(b'n') => Err(self.outline.fault(
                Some(name),
                value_at,
                "null is no value; an empty one is written \"\"",
            )),
            // Numbers and booleans as they are written: `1.0` is not 1.
            _ => self.outline.entry(name, at, SecretText::new(written), value_at),
        }
    }
}

/// The text of a string; `None` if an escape stands for half of a surrogate pair.
fn decoded(string: &RawValue) -> Option<String> {
    serde_json::from_str(string.get()).ok()
}

/// The members of an object in the order of the text, with what is given twice.
struct Members<'t>(Vec<(&'t RawValue, &'t RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}
