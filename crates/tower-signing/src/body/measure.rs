//! Holds a body to the length that its head says.

use bytes::Bytes;
use http::HeaderMap;
use http_body::Frame;

use crate::{SigningError, SigningErrorKind};

/// What is left of a declared length, and what is held back of the body.
///
/// An HTTP/1.1 client stops reading once it has as many bytes as `Content-Length` says: a longer body would be
/// cut there and look complete. So the data that fill the length are held back until the body has ended.
#[derive(Debug)]
pub(super) struct Measure {
    /// Bytes that were not given on yet, those held back included.
    left: u64,
    held: Option<Bytes>,
    /// In a box, since few bodies have any: all of this is moved with each request.
    trailers: Option<Box<HeaderMap>>,
    is_ended: bool,
}

impl Measure {
    pub(super) fn new(length: u64) -> Self {
        Self { left: length, held: None, trailers: None, is_ended: false }
    }

    /// Bytes that are still to be given on.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    /// The body has ended, where it had to.
    pub(super) fn is_ended(&self) -> bool {
        self.is_ended
    }

    /// The body has failed: nothing of it is given on any more, and it never looks whole.
    pub(super) fn fail(&mut self) {
        self.left = self.left.max(1);
        self.held = None;
        self.trailers = None;
        self.is_ended = true;
    }

    /// Nothing is held back or owed.
    pub(super) fn is_released(&self) -> bool {
        self.left == 0 && self.held.is_none() && self.trailers.is_none()
    }

    /// Takes the body's next frame, or its end. The data that come back may be given on now.
    pub(super) fn take(&mut self, frame: Option<Frame<Bytes>>) -> Result<Option<Bytes>, SigningError> {
        let Some(frame) = frame else { return self.end(None) };
        let data = match frame.into_data() {
            Ok(data) => data,
            Err(frame) => return self.end(frame.into_trailers().ok()),
        };
        let owed = if self.held.is_some() { 0 } else { self.left };
        let length = data.len() as u64;
        if length > owed {
            return fault("the body is longer than its Content-Length");
        }
        if length == owed && length > 0 {
            self.held = Some(data);
            return Ok(None);
        }
        self.left -= length;
        Ok(if data.is_empty() { None } else { Some(data) })
    }

    /// What was held back, once the body has ended.
    pub(super) fn release(&mut self) -> Option<Frame<Bytes>> {
        if let Some(data) = self.held.take() {
            self.left = 0;
            return Some(Frame::data(data));
        }
        self.trailers.take().map(|trailers| Frame::trailers(*trailers))
    }

    fn end(&mut self, trailers: Option<HeaderMap>) -> Result<Option<Bytes>, SigningError> {
        if self.left > 0 && self.held.is_none() {
            return fault("the body ended before its Content-Length");
        }
        self.is_ended = true;
        self.trailers = trailers.map(Box::new);
        Ok(None)
    }
}

fn fault<T>(message: &'static str) -> Result<T, SigningError> {
    Err(SigningError::new(SigningErrorKind::Body, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is given on of `frames` under this length; the error's text in place of what follows it.
    fn give(length: u64, frames: &[&'static str]) -> Vec<String> {
        let mut measure = Measure::new(length);
        let mut given = Vec::new();
        let frames = frames.iter().map(|data| Some(Frame::data(Bytes::from(*data))));
        for frame in frames.chain([None]) {
            match measure.take(frame) {
                Ok(data) => given.extend(data.map(|data| String::from_utf8_lossy(&data).into_owned())),
                Err(error) => {
                    given.push(error.to_string());
                    return given;
                }
            }
        }
        while let Some(frame) = measure.release() {
            given.push(String::from_utf8_lossy(&frame.into_data().unwrap_or_default()).into_owned());
        }
        assert!(measure.is_released());
        given
    }

    #[test]
    fn a_body_of_its_length_is_given_on_whole() {
        assert_eq!(give(5, &["hel", "lo"]), ["hel", "lo"]);
        assert_eq!(give(5, &["", "hello", ""]), ["hello"]);
        assert_eq!(give(0, &["", ""]), [""; 0]);
    }

    #[test]
    fn what_fills_the_length_is_not_given_on_before_the_end() {
        assert_eq!(give(3, &["hel", "lo"]), ["the body is longer than its Content-Length"]);
        assert_eq!(give(4, &["hel", "lo"]), ["hel", "the body is longer than its Content-Length"]);
        assert_eq!(give(6, &["hel", "lo"]), ["hel", "lo", "the body ended before its Content-Length"]);
        assert_eq!(give(0, &["h"]), ["the body is longer than its Content-Length"]);
    }
}
