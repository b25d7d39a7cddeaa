//! Two texts side by side, with the characters that differ.

use std::ops::Range;

use super::escape::cut;
use super::shown;

/// Longer lines are cut.
const MOST_CHARACTERS: usize = 4_096;
/// Two middles of more lines than this, multiplied, are not aligned but paired in their order.
const MOST_STEPS: usize = 250_000;

/// Which texts a [`Diff`] compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiffOf {
    /// SigV4's canonical request.
    CanonicalRequest,
    /// The string to sign.
    StringToSign,
}

/// What was signed beside what the service computed from the request that arrived, line by line. Where the former is
/// not known, all lines are of the latter alone.
///
/// Texts are escaped: they can be printed as they are. Credentials, and what [sounds like
/// some](super::is_telling_name), are masked: `<masked, another>` stands for another value than that which was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    of: DiffOf,
    lines: Vec<DiffLine>,
}

/// One line of both texts, or of one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DiffLine {
    /// What was signed; `None` if this line was not.
    pub signed: Option<DiffText>,
    /// What arrived; `None` if this line did not.
    pub arrived: Option<DiffText>,
}

/// A line, and what of it differs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DiffText {
    /// The line, escaped.
    pub text: String,
    /// The bytes of `text` that differ from the other side: empty where nothing does, or where the other side has
    /// something in between.
    pub differs: Range<usize>,
}

impl Diff {
    /// The first `fixed` lines have a meaning by their number, and are not moved against each other.
    pub(super) fn new(of: DiffOf, signed: &str, arrived: &str, fixed: usize) -> Self {
        let signed: Vec<&str> = signed.split('\n').collect();
        let arrived: Vec<&str> = arrived.split('\n').collect();
        let fixed = if signed.len().min(arrived.len()) < fixed { 0 } else { fixed };
        let mut lines: Vec<DiffLine> =
            signed.iter().zip(&arrived).take(fixed).map(|(a, b)| DiffLine::of(Some(a), Some(b))).collect();
        align(&signed[fixed..], &arrived[fixed..], &mut lines);
        Self { of, lines }
    }

    /// What the service computed, where what was signed is not known.
    pub(super) fn of_service(of: DiffOf, arrived: &str) -> Self {
        Self { of, lines: arrived.split('\n').map(|line| DiffLine::of(None, Some(line))).collect() }
    }

    /// Which texts these are.
    pub fn of(&self) -> DiffOf {
        self.of
    }

    /// All lines, those that are equal included.
    pub fn lines(&self) -> &[DiffLine] {
        &self.lines
    }
}

impl DiffLine {
    /// Whether both sides have this line, and the same.
    pub fn is_equal(&self) -> bool {
        matches!((&self.signed, &self.arrived), (Some(signed), Some(arrived)) if signed.text == arrived.text)
    }

    fn of(signed: Option<&str>, arrived: Option<&str>) -> Self {
        let (signed, arrived) = match (signed, arrived) {
            (Some(signed), Some(arrived)) => {
                let (signed, arrived) = shown::lines(signed, arrived);
                (Some(signed), Some(arrived))
            }
            _ => (signed.map(shown::line), arrived.map(shown::line)),
        };
        let [signed, arrived] = [signed, arrived].map(|line| line.map(|line| cut(&line, MOST_CHARACTERS)));
        let whole = |text: &Option<String>| 0..text.as_ref().map_or(0, String::len);
        let (in_signed, in_arrived) = match (&signed, &arrived) {
            (Some(signed), Some(arrived)) => middles(signed, arrived),
            _ => (whole(&signed), whole(&arrived)),
        };
        let text = |text: Option<String>, differs| text.map(|text| DiffText { text, differs });
        Self { signed: text(signed, in_signed), arrived: text(arrived, in_arrived) }
    }
}

/// What is left of each text without the beginning and the end that they share.
fn middles(a: &str, b: &str) -> (Range<usize>, Range<usize>) {
    let same = |(x, y): &(char, char)| x == y;
    let start: usize = a.chars().zip(b.chars()).take_while(same).map(|(x, _)| x.len_utf8()).sum();
    let rest = a[start..].chars().rev().zip(b[start..].chars().rev());
    let end: usize = rest.take_while(same).map(|(x, _)| x.len_utf8()).sum();
    (start..a.len() - end, start..b.len() - end)
}

/// Appends the lines so that as many as possible stand beside their equals.
fn align(signed: &[&str], arrived: &[&str], lines: &mut Vec<DiffLine>) {
    let start = signed.iter().zip(arrived).take_while(|(a, b)| a == b).count();
    let end =
        signed[start..].iter().rev().zip(arrived[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    let pair = |(a, b): (&&str, &&str)| DiffLine::of(Some(a), Some(b));
    lines.extend(signed[..start].iter().zip(arrived).map(pair));
    let (a, b) = (&signed[start..signed.len() - end], &arrived[start..arrived.len() - end]);
    let (mut i, mut j) = (0, 0);
    for (next_i, next_j) in common(a, b) {
        replace(&a[i..next_i], &b[j..next_j], lines);
        lines.push(DiffLine::of(Some(a[next_i]), Some(b[next_j])));
        (i, j) = (next_i + 1, next_j + 1);
    }
    replace(&a[i..], &b[j..], lines);
    lines.extend(signed[signed.len() - end..].iter().zip(&arrived[arrived.len() - end..]).map(pair));
}

/// Lines that took each other's place.
fn replace(a: &[&str], b: &[&str], lines: &mut Vec<DiffLine>) {
    for at in 0..a.len().max(b.len()) {
        lines.push(DiffLine::of(a.get(at).copied(), b.get(at).copied()));
    }
}

/// The places of a longest common subsequence; none if that would take long.
fn common(a: &[&str], b: &[&str]) -> Vec<(usize, usize)> {
    if a.len().saturating_mul(b.len()) > MOST_STEPS {
        return Vec::new();
    }
    // `length[i][j]`: of `a[i..]` and `b[j..]`.
    let width = b.len() + 1;
    let mut length = vec![0_u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            length[i * width + j] = if a[i] == b[j] {
                length[(i + 1) * width + j + 1] + 1
            } else {
                length[(i + 1) * width + j].max(length[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut places) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        if a[i] == b[j] {
            places.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if length[(i + 1) * width + j] >= length[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(signed: &str, arrived: &str, fixed: usize) -> Vec<String> {
        let side = |text: &Option<DiffText>| {
            text.as_ref().map_or("-".to_owned(), |line| {
                let Range { start, end } = line.differs;
                format!("{}[{}]{}", &line.text[..start], &line.text[start..end], &line.text[end..])
            })
        };
        let diff = Diff::new(DiffOf::StringToSign, signed, arrived, fixed);
        diff.lines().iter().map(|line| [side(&line.signed), side(&line.arrived)].join(" | ")).collect()
    }

    #[test]
    fn the_characters_that_differ_are_marked() {
        assert_eq!(shown("GET\n/a b", "GET\n/a%20b", 0), ["GET[] | GET[]", "/a[ ]b | /a[%20]b"]);
        assert_eq!(shown("aa", "aaa", 0), ["aa[] | aa[a]"]);
        assert_eq!(shown("ä\u{1b}", "ö\u{1b}", 0), ["[ä]\\u{1b} | [ö]\\u{1b}"]);
    }

    #[test]
    fn lines_stand_beside_their_equals() {
        assert_eq!(shown("a\nb\nc", "a\nx\nb\nc", 0), ["a[] | a[]", "- | [x]", "b[] | b[]", "c[] | c[]"]);
        assert_eq!(shown("a\nb\nc", "a\nc", 0), ["a[] | a[]", "[b] | -", "c[] | c[]"]);
        assert_eq!(shown("1\nb\n2", "3\n4\nb\n5", 0), ["[1] | [3]", "- | [4]", "b[] | b[]", "[2] | [5]"]);
    }

    #[test]
    fn fixed_lines_keep_their_numbers() {
        assert_eq!(shown("x\n\n\na", "\nx\n\na", 3), ["[x] | []", "[] | [x]", "[] | []", "a[] | a[]"]);
    }

    #[test]
    fn long_texts_are_paired_without_much_work() {
        let (a, b) = ("a\n".repeat(20_000) + "x", "b\n".repeat(20_000) + "y");
        assert_eq!(Diff::new(DiffOf::StringToSign, &a, &b, 0).lines().len(), 20_001);
    }
}
