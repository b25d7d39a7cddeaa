//! Text from outside, made harmless before it is kept.

use std::borrow::Cow;
use std::fmt::Write;

use super::shown;

/// Longer values are cut: a sentence is to be read.
const MOST_CHARACTERS: usize = 160;

/// `text` with an escape for each character that would move the cursor, colour the screen, or hide or turn other
/// text: control characters, line breaks among them, marks of direction, and what has no width.
///
/// For text from outside that is printed or logged. A diagnosis is made of such text already.
///
/// ```
/// use signing_core::diagnose::visible;
///
/// assert_eq!(visible("\x1b[31mred\n"), "\\u{1b}[31mred\\n");
/// assert_eq!(visible("plain ä 日本"), "plain ä 日本");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_unsafe(character) {
            // Writing to a string cannot fail.
            let _ = write!(shown, "{}", character.escape_default());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// [`shown`], [`visible`], and cut to what fits into a sentence.
pub(super) fn short(text: &str) -> String {
    cut(&shown::text(text), MOST_CHARACTERS)
}

/// [`visible`], and cut behind so many characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => visible(text).into_owned(),
        Some((end, _)) => {
            let mut shown = visible(&text[..end]).into_owned();
            shown.push('…');
            shown
        }
    }
}

/// Control characters, marks that turn or isolate direction, separators, and what has no width.
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_deceive_is_escaped_and_the_rest_stays() {
        let check = |text, expected| assert_eq!(visible(text), expected);
        check("plain ä 日本 “quoted” \\n", "plain ä 日本 “quoted” \\n");
        check("a\r\nb\tc", "a\\r\\nb\\tc");
        check("\u{9b}31m\u{feff}", "\\u{9b}31m\\u{feff}");
        check("\x1b[31mred\x07\n", "\\u{1b}[31mred\\u{7}\\n");
        check("\u{202e}gnp.exe\u{2066}\u{feff}", "\\u{202e}gnp.exe\\u{2066}\\u{feff}");
    }

    #[test]
    fn what_is_long_is_cut_between_characters() {
        assert_eq!(cut("ääää", 3), "äää…");
        assert_eq!(cut("äää", 3), "äää");
    }
}
