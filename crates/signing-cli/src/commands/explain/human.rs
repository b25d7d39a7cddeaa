//! An explanation for a person.

use std::borrow::Cow;
use std::fmt::Write;

use signing_core::Explanation;

use super::{Explained, key_scope};
use crate::terminal::{Paint, visible};

/// How wide a line of the string to sign is before its label.
const LABEL_COLUMN: usize = 48;

pub(super) fn text(explained: &Explained, paint: Paint) -> String {
    let explanation = &explained.explanation;
    let mut page = Page { text: String::new(), paint };
    page.title("Request");
    page.line(&format!("{} {}", explained.method, explanation.url()));
    page.line(&format!("signed with {}", explanation.method()));
    page.notes(explained);
    if let Some(text) = explanation.canonical_request() {
        page.title("Canonical request");
        page.block(text, &[]);
    }
    if let Some(text) = explanation.string_to_sign() {
        page.title("String to sign");
        page.block(text, labels(explanation.method()));
    }
    for (title, value) in [("Key scope", key_scope(explanation)), ("Signature", explanation.signature())] {
        if let Some(value) = value {
            page.title(title);
            page.line(value);
        }
    }
    page.headers(explanation);
    page.text
}

/// What is written so far.
struct Page {
    text: String,
    paint: Paint,
}

impl Page {
    fn title(&mut self, title: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let title = self.paint.title(title);
        self.push(&title);
    }

    fn line(&mut self, line: &str) {
        self.push(&format!("  {}", visible(line)));
    }

    /// Text whose line breaks count; empty lines are there to be seen.
    fn block(&mut self, text: &str, labels: &[&str]) {
        let bar = self.paint.faint("|").into_owned();
        for (at, line) in text.split('\n').enumerate() {
            let line = visible(line);
            let gap = if line.is_empty() { "" } else { " " };
            match labels.get(at) {
                None => self.push(&format!("  {bar}{gap}{line}")),
                Some(label) => {
                    let padding = " ".repeat(LABEL_COLUMN.saturating_sub(line.chars().count()).max(2));
                    let label = self.paint.faint(label);
                    self.push(&format!("  {bar} {line}{padding}{label}"));
                }
            }
        }
    }

    fn notes(&mut self, explained: &Explained) {
        if explained.notes.is_empty() {
            return;
        }
        self.title("Normalized");
        let width = explained.notes.iter().map(|note| note.what.chars().count()).max().unwrap_or(0);
        for note in &explained.notes {
            let change = match (&note.sent, &note.signed) {
                (_, None) => "not signed".to_owned(),
                (None, Some(signed)) => quoted(signed).into_owned(),
                (Some(sent), Some(signed)) => format!("{}  ->  {}", quoted(sent), quoted(signed)),
            };
            let why = self.paint.faint(note.why).into_owned();
            self.push(&format!("  {:width$}  {change}", visible(&note.what)));
            self.push(&format!("  {:width$}  {why}", ""));
        }
    }

    fn headers(&mut self, explanation: &Explanation) {
        self.title("Headers to send (+ set by signing)");
        for (name, value) in explanation.headers() {
            let is_ours = explanation.set_headers().iter().any(|(ours, _)| ours == name);
            let line = format!("{} {name}: {}", if is_ours { '+' } else { ' ' }, visible(value));
            let line = if is_ours { self.paint.good(&line) } else { Cow::Borrowed(&*line) };
            self.push(&format!("  {line}"));
        }
        for name in explanation.removed_headers() {
            self.push(&format!("  {}", self.paint.error(&format!("- {name}"))));
        }
    }

    /// Escaped already, where it came from outside.
    fn push(&mut self, line: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{}", line.trim_end());
    }
}

fn quoted(text: &str) -> Cow<'_, str> {
    if text.is_empty() { Cow::Borrowed("(empty)") } else { visible(text) }
}

/// What the first lines of a string to sign are. The empty ones of Shared Key are what it fails by.
fn labels(method: &str) -> &'static [&'static str] {
    match method {
        "aws-signature-v4" => &["algorithm", "date", "key scope", "SHA-256 of the canonical request"],
        "azure-batch" => &[
            "method",
            "Content-Encoding",
            "Content-Language",
            "Content-Length",
            "Content-MD5",
            "Content-Type",
            "Date",
            "If-Modified-Since",
            "If-Match",
            "If-None-Match",
            "If-Unmodified-Since",
            "Range",
        ],
        _ => &[],
    }
}
