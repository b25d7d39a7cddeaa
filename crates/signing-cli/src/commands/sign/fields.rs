//! JSON as far as a line needs it: objects whose values are read one by one, by whoever knows what they are.
//!
//! What a JSON library says of an unfit value quotes it, and it may be a secret; so messages are ours.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::refusal::Refusal;

/// The most fields of an object: far above what any has, and few enough to be compared with each other.
const MOST: usize = 64;

/// Names and the JSON text of their values, in the order of the object.
pub(super) struct Fields<'a>(pub(super) Vec<(Cow<'a, str>, &'a str)>);

impl<'a> Fields<'a> {
    /// Reads an object. `what` begins the message if it is none, or if a name is there twice.
    pub(super) fn parse(json: &'a str, what: &str) -> Result<Self, Refusal> {
        if !json.trim_ascii_start().starts_with('{') {
            return Err(Refusal::input(format!("{what} must be a JSON object")));
        }
        let fields: Self = serde_json::from_str(json).map_err(|error| malformed(&error))?;
        for (at, (name, _)) in fields.0.iter().enumerate() {
            if fields.0[..at].iter().any(|(earlier, _)| earlier.eq_ignore_ascii_case(name)) {
                return Err(Refusal::input(format!("{what} has `{}` twice", name.escape_debug())));
            }
        }
        Ok(fields)
    }
}

/// The text of a JSON string.
pub(super) fn text(json: &str) -> Option<Cow<'_, str>> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str(json).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

/// The library's words for a syntax error name no input, and those for anything else are ours.
fn malformed(error: &serde_json::Error) -> Refusal {
    let words = error.to_string();
    let reason = words.split(" at line ").next().unwrap_or_default();
    Refusal::input(format!("malformed JSON at column {}: {reason}", error.column()))
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Vec<(Cow<'de, str>, &'de str)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::with_capacity(8);
                while let Some(name) = map.next_key::<&RawValue>()? {
                    let name = text(name.get()).unwrap_or(Cow::Borrowed(name.get()));
                    if fields.len() == MOST {
                        return Err(A::Error::custom(format_args!("an object has at most {MOST} fields")));
                    }
                    fields.push((name, map.next_value::<&RawValue>()?.get()));
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(Object).map(Self)
    }
}
