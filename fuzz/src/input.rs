//! An input as texts, so that seeds can be read and dictionaries help.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue, Request, request::Parts};

/// A repetition makes a field no longer than this. A refusal's body is read to 64 KiB.
const MOST_REPEATED: usize = 80 * 1024;

/// The fields of an input, with a NUL between them. One that is not there is empty.
pub struct Fields<'i>(std::slice::Split<'i, u8, fn(&u8) -> bool>);

impl<'i> Fields<'i> {
    /// Reads `input` from its beginning.
    pub fn new(input: &'i [u8]) -> Self {
        Self(input.split(|byte| *byte == 0))
    }

    /// The next field.
    pub fn bytes(&mut self) -> Cow<'i, [u8]> {
        repeated(self.0.next().unwrap_or_default())
    }

    /// The next field, with U+FFFD where it is not UTF-8.
    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }

    /// The next field as it stands there, if there is one.
    pub fn raw(&mut self) -> Option<&'i [u8]> {
        self.0.next()
    }
}

/// `field` with `#COUNT(piece)` written out, so that a short input can be a long text.
fn repeated(field: &[u8]) -> Cow<'_, [u8]> {
    let Some(Repetition { before, count, piece, after }) = Repetition::first(field) else {
        return Cow::Borrowed(field);
    };
    let room = MOST_REPEATED.saturating_sub(before.len() + after.len());
    let count = count.min(room / piece.len().max(1));
    Cow::Owned([before, &piece.repeat(count), &repeated(after)].concat())
}

struct Repetition<'f> {
    before: &'f [u8],
    count: usize,
    piece: &'f [u8],
    after: &'f [u8],
}

impl<'f> Repetition<'f> {
    fn first(field: &'f [u8]) -> Option<Self> {
        let start = field.iter().position(|byte| *byte == b'#')?;
        let open = start + field[start..].iter().position(|byte| *byte == b'(')?;
        let close = open + field[open..].iter().position(|byte| *byte == b')')?;
        let count = std::str::from_utf8(&field[start + 1..open]).ok()?.parse().ok()?;
        Some(Self {
            before: &field[..start],
            count,
            piece: &field[open + 1..close],
            after: &field[close + 1..],
        })
    }
}

/// Lines `name: value`; those that are no header are left out.
pub fn headers<'l>(lines: impl Iterator<Item = &'l [u8]>) -> HeaderMap {
    let header = |line: &[u8]| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        Some((name, HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?))
    };
    let mut headers = HeaderMap::new();
    for (name, value) in lines.take(64).filter_map(header) {
        headers.append(name, value);
    }
    headers
}

/// A line `METHOD URL`, then headers. `None` if that is no request.
pub fn head(text: &[u8]) -> Option<Parts> {
    let mut lines = text.split(|byte| *byte == b'\n');
    let first = lines.next()?;
    let space = first.iter().position(|byte| *byte == b' ')?;
    let (method, uri) = (&first[..space], &first[space + 1..]);
    let mut head = Request::builder().method(method).uri(uri).body(()).ok()?.into_parts().0;
    head.headers = headers(lines);
    Some(head)
}
