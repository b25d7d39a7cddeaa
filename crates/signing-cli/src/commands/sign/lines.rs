//! Lines of a stream, in bounded memory.

use std::io::{self, BufRead, BufReader, Read};

/// The longest line, in bytes without its end.
pub(super) const MAX_LINE: usize = 64 << 20;

/// What is kept between lines; a longer line gives its memory back.
const KEPT: usize = 1 << 20;

/// Reads line by line.
#[derive(Debug)]
pub(super) struct Lines<R> {
    input: BufReader<R>,
    line: Vec<u8>,
    limit: usize,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input: BufReader::with_capacity(64 * 1024, input), line: Vec::new(), limit: MAX_LINE }
    }

    /// The next line without its end; `Some(None)` for one that is too long, of which nothing is kept.
    /// `before_read` is called before each read, which may block.
    pub(super) fn next(
        &mut self,
        mut before_read: impl FnMut() -> io::Result<()>,
    ) -> io::Result<Option<Option<&[u8]>>> {
        self.line.clear();
        self.line.shrink_to(KEPT);
        let mut is_too_long = false;
        let mut is_begun = false;
        loop {
            if self.input.buffer().is_empty() {
                before_read()?;
            }
            let buffered = match self.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                buffered => buffered?,
            };
            if buffered.is_empty() && !is_begun {
                return Ok(None);
            }
            is_begun = true;
            let end = memchr::memchr(b'\n', buffered);
            let part = &buffered[..end.unwrap_or(buffered.len())];
            is_too_long |= self.line.len() + part.len() > self.limit;
            if is_too_long {
                self.line = Vec::new();
            } else {
                self.line.extend_from_slice(part);
            }
            let is_last = buffered.is_empty();
            let used = part.len() + usize::from(end.is_some());
            self.input.consume(used);
            if end.is_some() || is_last {
                return Ok(Some((!is_too_long).then_some(&self.line)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, with interruptions.
    struct Trickle<'t>(&'t [u8], bool);

    impl Read for Trickle<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            to[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &[Option<&str>]) {
        let mut lines = Lines { limit: 4, ..Lines::new(Trickle(text.as_bytes(), false)) };
        for line in expected {
            let read = lines.next(|| Ok(())).unwrap().expect("another line");
            assert_eq!(read, line.map(str::as_bytes), "{text:?}");
        }
        assert_eq!(lines.next(|| Ok(())).unwrap(), None);
    }

    #[test]
    fn lines_end_with_a_newline_or_with_the_stream() {
        check("", &[]);
        check("a", &[Some("a")]);
        check("a\n", &[Some("a")]);
        check("a\n\nb\r\n", &[Some("a"), Some(""), Some("b\r")]);
    }

    #[test]
    fn a_line_that_is_too_long_is_one_line() {
        check("abcd\nabcde\nx\nabcdefghij", &[Some("abcd"), None, Some("x"), None]);
    }
}
