//! A request as it was sent.

use http::request::Parts;

use super::chunked;
use crate::message::Message;
use crate::refusal::Refusal;

/// A request, as far as it is shown.
pub(super) struct Request {
    pub(super) head: Parts,
    /// `None` if there is one that is not shown.
    pub(super) body: Option<Vec<u8>>,
    /// Whether something says where the body ends.
    is_framed: bool,
}

impl Request {
    /// The request, and what follows it.
    pub(super) fn of<'m>(message: &Message<'m>, scheme: &str) -> Result<(Self, &'m [u8]), Refusal> {
        let head = message.request_head(scheme)?;
        let is_framed =
            ["content-length", "transfer-encoding"].iter().any(|name| message.value(name).is_some());
        let (body, rest) = framed(message)?;
        Ok((Self { head, body, is_framed }, rest))
    }

    /// The same without the line break that an editor may have put behind the body.
    pub(super) fn without_last_line_break(&self) -> Option<Self> {
        let body = self.body.as_deref().filter(|_| !self.is_framed)?;
        let body = body.strip_suffix(b"\n")?;
        let body = body.strip_suffix(b"\r").unwrap_or(body);
        Some(Self { head: self.head.clone(), body: Some(body.to_vec()), is_framed: false })
    }
}

/// A method in capitals, and a path or URL.
pub(super) fn is_request_line(bytes: &[u8]) -> bool {
    let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let method = words.next().unwrap_or_default();
    let target = words.next().unwrap_or_default();
    let is_method =
        !method.is_empty() && method.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'-');
    let is_target = target.starts_with(b"/") || target.windows(3).any(|part| part == b"://");
    // CONNECT has neither.
    let is_versioned = words.next().is_some_and(|version| version.starts_with(b"HTTP/"));
    is_method && (is_target || is_versioned)
}

/// The body, and what follows it.
fn framed<'m>(message: &Message<'m>) -> Result<(Option<Vec<u8>>, &'m [u8]), Refusal> {
    let rest = message.rest;
    let is_answered = rest.trim_ascii_start().starts_with(b"HTTP/");
    let is_over = is_answered || rest.trim_ascii().is_empty();
    if message.value("transfer-encoding").is_some() {
        let body = (!is_over).then(|| chunked::decoded(rest).unwrap_or_else(|| rest.to_vec()));
        return Ok((body, if is_over { rest } else { &[] }));
    }
    let Some(length) = message.value("content-length") else {
        // One that was written by hand may have no length.
        return Ok(if is_over { (Some(Vec::new()), rest) } else { (Some(rest.to_vec()), &[]) });
    };
    let length: usize = length.parse().map_err(|_| Refusal::input("Content-Length is not a number"))?;
    match rest.split_at_checked(length) {
        // A body that is not shown is no part of the answer behind it.
        Some(_) if is_answered && length > 0 => Ok((None, rest)),
        Some((body, rest)) => Ok((Some(body.to_vec()), rest)),
        None if is_over => Ok((None, rest)),
        None => Err(Refusal::input("the request's body is shorter than its Content-Length says")),
    }
}
