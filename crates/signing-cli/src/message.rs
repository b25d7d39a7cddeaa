//! The head of a raw HTTP/1.1 message, as it is in a file, a bug report or a capture.

use http::request::Parts;

use crate::head::{add_header, head};
use crate::refusal::Refusal;

/// A start line and headers, and what follows the empty line behind them.
pub(crate) struct Message<'m> {
    /// The request line, or the status line.
    pub(crate) start: String,
    fields: Vec<(String, String)>,
    pub(crate) rest: &'m [u8],
}

impl<'m> Message<'m> {
    /// Lines may end with LF alone. `what` it is, for an error.
    ///
    /// Spec: RFC 9112, sections 2 to 5.
    pub(crate) fn parse(bytes: &'m [u8], what: &str) -> Result<Self, Refusal> {
        let (mut lines, rest) = head_and_body(bytes, what)?;
        let fields: Result<_, _> = lines.iter().skip(1).map(|line| field(line, what)).collect();
        let start = if lines.is_empty() { String::new() } else { lines.swap_remove(0) };
        Ok(Self { start, fields: fields?, rest })
    }

    /// Names as they were written, and values.
    pub(crate) fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// The first header of this name, in any case.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The head of a request. `scheme` is that of a target that is only a path, whose host is in the Host header.
    pub(crate) fn request_head(&self, scheme: &str) -> Result<Parts, Refusal> {
        let mut words = self.start.split_ascii_whitespace();
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Err(no_request_line());
        };
        if words.next().is_some_and(|version| !version.starts_with("HTTP/")) || words.next().is_some() {
            return Err(no_request_line());
        }
        let mut head = if target.starts_with('/') {
            let host = self.value("host").ok_or_else(|| {
                Refusal::input("the request has no Host header, and its target is only a path")
            })?;
            head(method, &[scheme, "://", host, target].concat())?
        } else {
            head(method, target)?
        };
        for (name, value) in &self.fields {
            add_header(&mut head, name, value)?;
        }
        Ok(head)
    }
}

/// The lines before the empty one, folded ones joined, and what follows it.
fn head_and_body<'m>(bytes: &'m [u8], what: &str) -> Result<(Vec<String>, &'m [u8]), Refusal> {
    let mut lines: Vec<String> = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = rest.iter().position(|&byte| byte == b'\n');
        let line = &rest[..end.unwrap_or(rest.len())];
        rest = end.map_or(&[][..], |end| &rest[end + 1..]);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        let line = std::str::from_utf8(line)
            .map_err(|_| Refusal::input(format!("the {what}'s head is not UTF-8")))?;
        match lines.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => lines.push(line.to_owned()),
        }
    }
    Ok((lines, rest))
}

fn field(line: &str, what: &str) -> Result<(String, String), Refusal> {
    match line.split_once(':') {
        Some((name, value)) => Ok((name.to_owned(), value.trim().to_owned())),
        None => Err(Refusal::input(format!("a line of the {what}'s head is no `Name: value`"))),
    }
}

fn no_request_line() -> Refusal {
    Refusal::input("the request must begin with a line such as `GET /path HTTP/1.1`")
}
