//! Files as editors, shells and pastes leave them.

use std::borrow::Cow;
use std::path::Path;

use crate::failure::Failure;
use crate::input::{is_standard_input, read};

pub(super) const NO_TEXT: &str = "is no text: it holds NUL bytes, as UTF-16 does; save it as UTF-8";

/// What a file shows of an exchange. Its beginning is text; the bytes of a body may follow.
pub(super) fn messages(path: &Path) -> Result<Vec<u8>, Failure> {
    Ok(without_margin(&bytes(path)?).into_owned())
}

/// A file that is text and nothing else.
pub(super) fn text(path: &Path) -> Result<String, Failure> {
    let text = String::from_utf8(bytes(path)?).map_err(|_| unusable(path, "is not UTF-8"))?;
    match text.trim() {
        "" => Err(unusable(path, "is empty")),
        _ if text.contains('\0') => Err(unusable(path, NO_TEXT)),
        _ => Ok(text),
    }
}

/// All of it, but for a byte order mark.
fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = read(path)?;
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    let first_line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
    if first_line.contains(&0) { Err(unusable(path, NO_TEXT)) } else { Ok(bytes) }
}

/// What was pasted with a margin, without it: the white space that all lines begin with.
fn without_margin(bytes: &[u8]) -> Cow<'_, [u8]> {
    let is_blank = |line: &[u8]| line.trim_ascii().is_empty();
    let lines = || bytes.split_inclusive(|&byte| byte == b'\n');
    let Some(first) = lines().find(|line| !is_blank(line)) else { return Cow::Borrowed(bytes) };
    let margin = &first[..first.len() - first.trim_ascii_start().len()];
    if margin.is_empty() || !lines().all(|line| is_blank(line) || line.starts_with(margin)) {
        return Cow::Borrowed(bytes);
    }
    Cow::Owned(lines().flat_map(|line| line.strip_prefix(margin).unwrap_or(b"\n")).copied().collect())
}

pub(super) fn unusable(path: &Path, what: &str) -> Failure {
    let name = if is_standard_input(path) { "standard input".into() } else { path.display().to_string() };
    Failure::usage(format!("{name}: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_margin_is_what_all_lines_begin_with() {
        let check = |text: &str, expected: &str| {
            assert_eq!(String::from_utf8_lossy(&without_margin(text.as_bytes())), expected);
        };
        check("  a\r\n\n   b\n  ", "a\r\n\n b\n");
        check("\n\ta: 1\n\n\tb", "\na: 1\n\nb");
        check("  a\n b", "  a\n b");
        check("a\n  b", "a\n  b");
        check(" \n", " \n");
        check("", "");
    }
}
