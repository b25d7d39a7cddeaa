//! A body of XML or JSON as a flat list of names and texts.

use std::collections::VecDeque;
use std::rc::Rc;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::diagnose::mask;

/// Deeper elements are not read.
const MOST_DEPTH: usize = 16;
/// More of them are not kept.
const MOST_FIELDS: usize = 256;

/// The texts of a body. A name that is there more than once is there more than once; the outermost come first.
#[derive(Default)]
pub(super) struct Fields {
    fields: Vec<(String, String)>,
    /// The body, if it is neither XML nor JSON.
    text: Option<String>,
}

impl Fields {
    /// What cannot be read ends the list.
    pub(super) fn read(body: &[u8]) -> Self {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
        match body.first() {
            Some(b'<') => Self { fields: xml(&String::from_utf8_lossy(body)), text: None },
            Some(b'{' | b'[') => Self { fields: json(body), text: None },
            _ => Self { fields: Vec::new(), text: std::str::from_utf8(body).ok().map(str::to_owned) },
        }
    }

    /// Masks `secrets` in all texts.
    pub(super) fn hide(&mut self, secrets: &[Zeroizing<String>]) {
        let texts = self.fields.iter_mut().map(|(_, text)| text).chain(self.text.as_mut());
        texts.for_each(|text| mask::hide(text, secrets));
    }

    /// The first text of this name, in any case, that is not empty.
    pub(super) fn get<'f>(&'f self, name: &'f str) -> Option<&'f str> {
        self.all(name).next()
    }

    /// All texts of this name.
    pub(super) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        let same = self
            .fields
            .iter()
            .filter(move |(other, text)| other.eq_ignore_ascii_case(name) && !text.is_empty());
        same.map(|(_, text)| text.as_str())
    }

    /// The body, if it is neither XML nor JSON.
    pub(super) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }
}

/// Elements that hold text only. Entities of a document type are not known, so none can grow.
fn xml(body: &str) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(body);
    let (mut fields, mut open) = (Vec::new(), Vec::<(String, String)>::new());
    while fields.len() < MOST_FIELDS {
        match reader.read_event() {
            Ok(Event::Start(start)) if open.len() < MOST_DEPTH => {
                open.push((start.local_name().as_ref().to_owned(), String::new()));
            }
            Ok(Event::End(_)) => fields.extend(open.pop()),
            Ok(Event::Text(text)) => push(&mut open, Some(&text.xml10_content())),
            Ok(Event::CData(text)) => push(&mut open, Some(&text.xml10_content())),
            Ok(Event::GeneralRef(reference)) => push(&mut open, resolved(&reference).as_deref()),
            Ok(Event::Eof | Event::Start(_)) | Err(_) => break,
            Ok(_) => {}
        }
    }
    fields
}

fn push(open: &mut [(String, String)], text: Option<&str>) {
    if let (Some((_, whole)), Some(text)) = (open.last_mut(), text) {
        whole.push_str(text);
    }
}

fn resolved(reference: &BytesRef<'_>) -> Option<String> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Some(character.to_string());
    }
    resolve_predefined_entity(reference).map(str::to_owned)
}

/// Leaves, the outermost first. Azure's `{"key": NAME, "value": TEXT}` and `NAME: {"lang": …, "value": TEXT}` are
/// fields of that name; a text that is JSON itself is read once more.
fn json(body: &[u8]) -> Vec<(String, String)> {
    // Its depth is bounded.
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
    let mut fields = Vec::new();
    // Many items may share a long name.
    let mut waiting = VecDeque::from([(Rc::<str>::from(""), value, true)]);
    while let Some((name, value, may_be_json)) = waiting.pop_front() {
        match value {
            _ if fields.len() >= MOST_FIELDS => break,
            Value::Object(mut object) => {
                let key = object.get("key").and_then(Value::as_str).map_or(Rc::clone(&name), Rc::from);
                if let Some(value) = object.remove("value") {
                    waiting.push_back((key, value, may_be_json));
                }
                waiting.extend(object.into_iter().map(|(name, value)| (Rc::from(name), value, may_be_json)));
            }
            Value::Array(items) => {
                waiting.extend(items.into_iter().map(|item| (Rc::clone(&name), item, may_be_json)))
            }
            Value::String(text) => {
                if may_be_json && text.starts_with('{') {
                    let inner = serde_json::from_str(&text).ok();
                    waiting.extend(inner.map(|inner: Value| (Rc::clone(&name), inner, false)));
                }
                fields.push((name.to_string(), text));
            }
            Value::Number(number) => fields.push((name.to_string(), number.to_string())),
            Value::Bool(_) | Value::Null => {}
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, name: &str, expected: Option<&str>) {
        assert_eq!(Fields::read(body.as_bytes()).get(name), expected, "{body}");
    }

    #[test]
    fn xml_is_read_with_its_entities() {
        check("\u{feff}<?xml version=\"1.0\"?>\n<E><Code>a&amp;b&#10;c</Code></E>", "code", Some("a&b\nc"));
        check("<E xmlns=\"u\"><x:Code><![CDATA[<&]]></x:Code></E>", "Code", Some("<&"));
        check("<E><A>1</A><B>2", "A", Some("1"));
        check("<E><A>1</B></E>", "A", None);
        check("<!DOCTYPE d [<!ENTITY e \"boom\">]><E><A>&e;!</A></E>", "A", Some("!"));
        check(&"<a>".repeat(20_000), "a", None);
        check(&["<a>".repeat(20), "deep".to_owned(), "</a>".repeat(20)].concat(), "a", None);
    }

    #[test]
    fn json_is_read_in_azures_forms_too() {
        check(r#"{"error":{"code":"A","message":"m"}}"#, "code", Some("A"));
        check(
            r#"{"message":{"lang":"en","value":"m"},"values":[{"key":"Detail","value":"d"}]}"#,
            "message",
            Some("m"),
        );
        check(
            r#"{"message":{"lang":"en","value":"m"},"values":[{"key":"Detail","value":"d"}]}"#,
            "detail",
            Some("d"),
        );
        check(r#"{"Message":"{\"errorCode\":401002}"}"#, "errorCode", Some("401002"));
        check(r#"{"a":{"code":"inner"},"code":"outer"}"#, "code", Some("outer"));
        check(&"[".repeat(60_000), "code", None);
        check(r#"{"code": "#, "code", None);
    }

    #[test]
    fn other_text_is_kept_whole() {
        assert_eq!(Fields::read(b" no xml ").text(), Some("no xml"));
        assert_eq!(Fields::read(b"\xff").text(), None);
    }
}
