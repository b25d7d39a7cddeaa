//! YAML, by the events of `saphyr-parser`: scalars as they are written, before anyone gives them a type.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput};
use signing_core::SecretText;

use super::TextError;
use super::outline::Outline;
use super::position::{Position, Positions};

pub(super) fn read(text: &str, outline: &mut Outline) -> Result<(), TextError> {
    check_characters(text)?;
    let mut reader = Reader { text, events: Parser::new_from_str(text), outline };
    reader.document()
}

/// Refuses the control characters that YAML refuses. The parser takes them, and a NUL for the end of the
/// text: everything behind it would be lost without a word.
fn check_characters(text: &str) -> Result<(), TextError> {
    let refused =
        |character: char| character.is_control() && !matches!(character, '\t' | '\n' | '\r' | '\u{85}');
    match text.find(refused) {
        None => Ok(()),
        Some(offset) => {
            Err(TextError::at(Positions::new(text).at(offset), "not valid YAML: a control character"))
        }
    }
}

struct Reader<'t, 'o> {
    text: &'t str,
    events: Parser<'t, StrInput<'t>>,
    outline: &'o mut Outline,
}

/// How a mapping is written.
#[derive(Clone, Copy, PartialEq)]
enum Style {
    /// One name per line, indented.
    Block,
    /// `{name: value, ..}`.
    Flow,
}

impl Style {
    /// Of the mapping that begins with `span`: a brace has a width, an indentation has none.
    fn of(span: Span) -> Self {
        if span.is_empty() { Self::Block } else { Self::Flow }
    }
}

impl<'t> Reader<'t, '_> {
    /// Reads the whole text: one document at most, with one mapping or nothing in it.
    fn document(&mut self) -> Result<(), TextError> {
        loop {
            match self.next()?.0 {
                Event::StreamEnd => return Ok(()),
                Event::DocumentStart(_) => self.top()?,
                Event::DocumentEnd => return self.end(),
                _ => {}
            }
        }
    }

    /// Reads the content of the document.
    fn top(&mut self) -> Result<(), TextError> {
        let (event, span) = self.next()?;
        let at = position(span.start);
        self.refuse_references(&event, None, at)?;
        match event {
            Event::MappingStart(..) => self.mapping(Style::of(span)),
            Event::Scalar(text, ScalarStyle::Plain, ..) if text.is_empty() => Ok(()),
            _ => Err(TextError::at(at, "the top of the file is a mapping of sections")),
        }
    }

    /// Sees to it that the text ends with its first document.
    fn end(&mut self) -> Result<(), TextError> {
        match self.next()? {
            (Event::StreamEnd, _) => Ok(()),
            (_, span) => Err(TextError::at(position(span.start), "a config file is one YAML document")),
        }
    }

    /// Reads a mapping, whose start has been read, to its end.
    fn mapping(&mut self, style: Style) -> Result<(), TextError> {
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                return Ok(());
            }
            let at = position(span.start);
            let name = self.name(event, at)?;
            self.member(&name, at, style)?;
        }
    }

    fn name(&mut self, event: Event<'t>, at: Position) -> Result<String, TextError> {
        self.refuse_references(&event, None, at)?;
        match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<" => {
                Err(self.outline.fault(None, at, "merge keys are not read"))
            }
            Event::Scalar(text, ..) => Ok(text.into_owned()),
            _ => Err(self.outline.fault(None, at, "a name is text, not a list or a mapping")),
        }
    }

    /// Reads what belongs to `name`, which stands at `at` in a mapping of that style.
    fn member(&mut self, name: &str, at: Position, style: Style) -> Result<(), TextError> {
        let (event, span) = self.next()?;
        let value_at = position(span.start);
        self.refuse_references(&event, Some(name), value_at)?;
        match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) if text.is_empty() => {
                // `Key: {secret}` is a mapping with the secret for a name. It has no value, and is not shown.
                let shown = (style == Style::Block).then_some(name);
                Err(self.outline.fault(
                    shown,
                    at,
                    "no value; an empty one is written \"\", an empty section {}",
                ))
            }
            Event::Scalar(text, ..) => self.outline.entry(name, at, SecretText::new(text), value_at),
            Event::MappingStart(..) => {
                self.outline.enter(name, at)?;
                self.mapping(Style::of(span))?;
                self.outline.leave();
                Ok(())
            }
            _ => Err(self.outline.fault(Some(name), value_at, "a list is no value")),
        }
    }

    /// Refuses what makes a value depend on another place of the text, or on a type.
    fn refuse_references(
        &self,
        event: &Event<'t>,
        name: Option<&str>,
        at: Position,
    ) -> Result<(), TextError> {
        let (anchor, tag) = match event {
            Event::Alias(_) => return Err(self.outline.fault(name, at, "aliases are not read")),
            Event::Scalar(_, _, anchor, tag) => (*anchor, tag),
            Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => (*anchor, tag),
            _ => return Ok(()),
        };
        // The parser counts anchors from 1.
        if anchor != 0 {
            return Err(self.outline.fault(name, at, "anchors are not read"));
        }
        if tag.is_some() {
            return Err(self.outline.fault(name, at, "tags are not read"));
        }
        Ok(())
    }

    fn next(&mut self) -> Result<(Event<'t>, Span), TextError> {
        match self.events.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(self.syntax_error(&error)),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    /// Our words for the parser's error.
    fn syntax_error(&self, error: &ScanError) -> TextError {
        let end = self.text.trim_end().chars().count();
        if error.marker().index() >= end {
            // The parser's own position is that of a line break it adds in thought.
            let at = Positions::new(self.text).end();
            return TextError::at(at, "not valid YAML: the text ends too early");
        }
        let message =
            "not valid YAML; a value with special characters stands in quotes, at best in single ones";
        TextError::at(position(*error.marker()), message)
    }
}

/// The parser counts lines from 1 and columns from 0.
fn position(marker: Marker) -> Position {
    Position { line: marker.line().max(1), column: marker.col() + 1 }
}
