//! What a file shows of an exchange: raw messages, one behind the other, or what curl printed.

use super::curl;
use super::request::{Request, is_request_line};
use super::response::Response;
use crate::message::Message;
use crate::refusal::Refusal;

/// The last request and the last response that a text shows.
#[derive(Default)]
pub(super) struct Capture {
    pub(super) request: Option<Request>,
    pub(super) response: Option<Response>,
}

impl Capture {
    /// `scheme` is that of a request whose target is only a path.
    pub(super) fn read(bytes: &[u8], scheme: &str) -> Result<Self, Refusal> {
        match curl::Log::read(bytes) {
            Some(log) => Self::of_log(&log, scheme),
            None => Self::of_messages(bytes, scheme),
        }
    }

    fn of_log(log: &curl::Log, scheme: &str) -> Result<Self, Refusal> {
        let mut shown = Self::default();
        if let Some(head) = &log.request {
            // curl does not show the body.
            let message = Message::parse(head, "request")?;
            shown.request = Some(Request::of(&message, scheme)?.0);
        }
        if log.body.starts_with(b"HTTP/") {
            // `-i` shows the head once more, with the body behind it.
            shown.response = Self::of_messages(&log.body, scheme)?.response;
        } else if let Some(head) = &log.response {
            shown.response = Some(Response::new(&Message::parse(head, "response")?, log.body.clone())?);
        }
        Ok(shown)
    }

    fn of_messages(bytes: &[u8], scheme: &str) -> Result<Self, Refusal> {
        let mut shown = Self::default();
        let mut rest = bytes.trim_ascii_start();
        while !rest.is_empty() {
            if rest.starts_with(b"HTTP/") {
                let message = Message::parse(rest, "response")?;
                let (body, after) = body_of_response(&message);
                let response = Response::new(&message, body.to_vec())?;
                // One that announces another is not the answer, unless there is none.
                if !response.is_interim() {
                    shown.response = Some(response);
                }
                rest = after;
            } else if is_request_line(rest) {
                let message = Message::parse(rest, "request")?;
                let (request, after) = Request::of(&message, scheme)?;
                shown.request = Some(request);
                rest = after.trim_ascii_start();
            } else {
                break;
            }
        }
        Ok(shown)
    }
}

/// The body, and the next response behind it. That of a redirect that was followed may not be shown.
fn body_of_response<'m>(message: &Message<'m>) -> (&'m [u8], &'m [u8]) {
    let rest = message.rest;
    let begins_another = |rest: &[u8]| rest.trim_ascii_start().starts_with(b"HTTP/");
    if begins_another(rest) {
        return (&[], rest.trim_ascii_start());
    }
    let length = message.value("content-length").and_then(|length| length.parse().ok());
    match length.and_then(|length: usize| rest.split_at_checked(length)) {
        Some((body, after)) if begins_another(after) => (body, after.trim_ascii_start()),
        _ => (rest, &[]),
    }
}
