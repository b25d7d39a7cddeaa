//! Text as it may be shown: without the values of names that sound like credentials, and without what stands before
//! the at sign of a URL.
//!
//! Texts are compared as they are, and masked here when they are kept to be shown. Where two masked values differ, the
//! masks do so, too.

use std::collections::HashSet;
use std::ops::Range;

use super::signed::decoded;
use super::telling::is_telling_name;
use crate::explain::MASK;

/// Stands for another value than the one that was signed.
pub(super) const OTHER: &str = "<masked, another>";
/// A value may be encoded more than once.
const MOST_DECODED: usize = 3;

/// A text that may hold a query or a URL.
pub(super) fn text(text: &str) -> String {
    with_masks(text, &ranges(text, Ending::Pair), |_, _| MASK)
}

/// A sentence of a service, where a value ends with its word.
pub(super) fn sentence(text: &str) -> String {
    // AWS says so of the form of a header.
    const NO_PAIR: &str = "key=value pair";
    let parts: Vec<String> =
        text.split(NO_PAIR).map(|part| with_masks(part, &ranges(part, Ending::Word), |_, _| MASK)).collect();
    parts.join(NO_PAIR)
}

/// A line of a canonical request or string to sign, where it may be `name:value`.
pub(super) fn line(line: &str) -> String {
    with_masks(line, &line_ranges(line), |_, _| MASK)
}

/// What was signed and what arrived, as one line each.
pub(super) fn lines(signed: &str, arrived: &str) -> (String, String) {
    both(signed, arrived, &line_ranges(signed), &line_ranges(arrived))
}

/// The values that the header or query parameter `name` had.
pub(super) fn values(name: &str, signed: &str, arrived: &str) -> (String, String) {
    let of = |value: &str| value_ranges(name, value);
    both(signed, arrived, &of(signed), &of(arrived))
}

/// The value of the header or query parameter `name`.
pub(super) fn value(name: &str, value: &str) -> String {
    with_masks(value, &value_ranges(name, value), |_, _| MASK)
}

fn both(signed: &str, arrived: &str, ours: &[Range<usize>], theirs: &[Range<usize>]) -> (String, String) {
    let known: HashSet<&str> = ours.iter().map(|range| &signed[range.clone()]).collect();
    let shown_signed = with_masks(signed, ours, |_, _| MASK);
    let either = |is_known| if is_known { MASK } else { OTHER };
    let shown = with_masks(arrived, theirs, |_, secret| either(known.contains(secret)));
    if shown != shown_signed || signed == arrived {
        return (shown_signed, shown);
    }
    // The same values in other places.
    let is_in_its_place =
        |at: usize, secret: &str| ours.get(at).is_some_and(|range| &signed[range.clone()] == secret);
    let shown = with_masks(arrived, theirs, |at, secret| either(is_in_its_place(at, secret)));
    (shown_signed, shown)
}

/// `mask` has the number of the range and what is in it.
fn with_masks(text: &str, ranges: &[Range<usize>], mask: impl Fn(usize, &str) -> &'static str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut end = 0;
    for (at, range) in ranges.iter().enumerate() {
        shown.push_str(&text[end..range.start]);
        let secret = &text[range.clone()];
        // What is masked already stays so.
        shown.push_str(if [MASK, OTHER].contains(&secret) { secret } else { mask(at, secret) });
        end = range.end;
    }
    shown.push_str(&text[end..]);
    shown
}

/// Where a value ends.
#[derive(Clone, Copy, PartialEq)]
enum Ending {
    /// Where the next pair of a query begins.
    Pair,
    /// There, and at white space and quotes.
    Word,
}

impl Ending {
    fn is_at(self, character: char) -> bool {
        character == '&' || self == Self::Word && (character.is_whitespace() || "\"'`,<>".contains(character))
    }
}

fn line_ranges(line: &str) -> Vec<Range<usize>> {
    match line.split_once(':') {
        // A query or a path may hold a colon as well.
        Some((name, value)) if !name.contains(['=', '&', '?', '/']) && is_telling_name(name.trim()) => {
            let start = line.len() - value.trim_start().len();
            whole(start..line.len())
        }
        _ => ranges(line, Ending::Pair),
    }
}

fn value_ranges(name: &str, value: &str) -> Vec<Range<usize>> {
    if is_telling_name(&decoded(name)) { whole(0..value.len()) } else { ranges(value, Ending::Pair) }
}

fn whole(range: Range<usize>) -> Vec<Range<usize>> {
    if range.is_empty() { Vec::new() } else { vec![range] }
}

/// What is to be masked, in its order. Nothing of it overlaps.
fn ranges(text: &str, ending: Ending) -> Vec<Range<usize>> {
    ranges_in(text, ending, MOST_DECODED)
}

fn ranges_in(text: &str, ending: Ending, most_decoded: usize) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = user_info(text).collect();
    let mut start = 0;
    for piece in text.split_inclusive(|character| ending.is_at(character)) {
        let pair = piece.trim_end_matches(|character| ending.is_at(character));
        let value = telling_value(pair).or_else(|| encoded_secret(pair, most_decoded));
        found.extend(value.map(|value| start + value.start..start + value.end));
        start += piece.len();
    }
    found.sort_unstable_by_key(|range| range.start);
    found.dedup_by(|next, range| {
        let overlaps = next.start < range.end;
        if overlaps {
            range.end = range.end.max(next.end);
        }
        overlaps
    });
    found
}

/// What follows the first `name=` that tells.
fn telling_value(pair: &str) -> Option<Range<usize>> {
    let is_in_name = |character: char| character.is_alphanumeric() || "-_.%[]".contains(character);
    let mut ends = pair.match_indices('=').map(|(at, _)| at);
    let end = ends.find(|&end| {
        let name = pair[..end].rsplit(|character| !is_in_name(character)).next().unwrap_or_default();
        !name.is_empty() && is_telling_name(&decoded(name))
    })?;
    (end + 1 < pair.len()).then_some(end + 1..pair.len())
}

/// The whole value, if something in it is to be masked once it is decoded.
fn encoded_secret(pair: &str, most_decoded: usize) -> Option<Range<usize>> {
    if most_decoded == 0 || !pair.contains('%') {
        return None;
    }
    let start = pair.find('=').map_or(0, |at| at + 1);
    let holds_secret = !ranges_in(&decoded(pair), Ending::Pair, most_decoded - 1).is_empty();
    (holds_secret && start < pair.len()).then_some(start..pair.len())
}

/// What stands before the at sign of a URL: a user's name, and a password.
fn user_info(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("://").filter_map(|(at, mark)| {
        let start = at + mark.len();
        let rest = &text[start..];
        let is_end = |character: char| character.is_whitespace() || "/?#\\\"'`<>,".contains(character);
        let authority = rest.split(is_end).next().unwrap_or_default();
        authority.rfind('@').filter(|at| *at > 0).map(|at| start..start + at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_masked_by_their_names() {
        let check = |shown: &str, expected: &str| assert_eq!(text(shown), expected);
        check("a=1&access_token=x=y,z?&b=2", "a=1&access_token=<masked>&b=2");
        check("/p?api%5Fkey=x", "/p?api%5Fkey=<masked>");
        check("for=1;secret=x", "for=1;secret=<masked>");
        check(
            "X-Amz-Credential=AKID%2F1&X-Amz-SignedHeaders=host%3Bx-api-key",
            "X-Amz-Credential=AKID%2F1&X-Amz-SignedHeaders=host%3Bx-api-key",
        );
        check("token=&a=b", "token=&a=b");
        check("to=https%3A%2F%2Fh%3Faccess_token%3Dx&b=2", "to=<masked>&b=2");
        check("to=https%253A%252F%252Fu%253Ap%2540h&b=2", "to=<masked>&b=2");
        check("token=<masked, another>", "token=<masked, another>");
    }

    #[test]
    fn what_stands_before_an_at_sign_is_masked() {
        let check = |shown: &str, expected: &str| assert_eq!(text(shown), expected);
        check("https://user:p@ss@h/b@c", "https://<masked>@h/b@c");
        check("x-link:http://t@h?key=k", "x-link:http://<masked>@h?key=<masked>");
        check("https://h/a@b", "https://h/a@b");
        assert_eq!(sentence("see https://u:p@h, then"), "see https://<masked>@h, then");
    }

    #[test]
    fn headers_are_masked_by_their_names() {
        assert_eq!(line("X-Api-Key: k"), "X-Api-Key: <masked>");
        assert_eq!(line("x-api-key:"), "x-api-key:");
        assert_eq!(line("host:auth.example.com:8080"), "host:auth.example.com:8080");
        assert_eq!(line("/token:a"), "/token:a");
        assert_eq!(line("access_token=a:b&c=d"), "access_token=<masked>&c=d");
        assert_eq!(text("auth.example.com:8080"), "auth.example.com:8080");
    }

    #[test]
    fn words_of_a_sentence_are_masked() {
        assert_eq!(
            sentence("at '/a?api_key=k' or token=t now"),
            "at '/a?api_key=<masked>' or token=<masked> now"
        );
        assert_eq!(sentence("not a valid key=value pair (x)"), "not a valid key=value pair (x)");
    }

    #[test]
    fn another_value_has_another_mask() {
        let check = |signed: &str, arrived: &str, expected: [&str; 2]| {
            let (signed, arrived) = lines(signed, arrived);
            assert_eq!([signed.as_str(), arrived.as_str()], expected);
        };
        check("x-key:a", "x-key:b", ["x-key:<masked>", "x-key:<masked, another>"]);
        check("token=a&n=1", "token=a&n=2", ["token=<masked>&n=1", "token=<masked>&n=2"]);
        check("token=a&n=1", "n=1&token=a", ["token=<masked>&n=1", "n=1&token=<masked>"]);
        check(
            "key=a&token=b",
            "key=b&token=a",
            ["key=<masked>&token=<masked>", "key=<masked, another>&token=<masked, another>"],
        );
        assert_eq!(values("token", "a", "a"), ("<masked>".into(), "<masked>".into()));
        assert_eq!(values("token", "a", ""), ("<masked>".into(), String::new()));
    }
}
