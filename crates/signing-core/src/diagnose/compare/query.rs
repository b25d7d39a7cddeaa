//! The parameters of two queries.

use super::super::escape::short;
use super::super::signed::decoded_bytes as decoded;
use super::super::{Cause, shown};

/// More differences than this are not told.
const MOST: usize = 16;

/// Names and values, in their order.
pub(super) fn pairs(text: &str, between: char, equals: char) -> Vec<(&str, &str)> {
    let pairs = text.split(between).filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once(equals).unwrap_or((pair, ""))).collect()
}

/// What differs.
pub(super) fn causes(signed: &[(&str, &str)], arrived: &[(&str, &str)]) -> Vec<Cause> {
    if signed == arrived {
        return Vec::new();
    }
    let (only_signed, mut only_arrived) = without_common(signed, arrived);
    if only_signed.is_empty() && only_arrived.is_empty() {
        return vec![Cause::QueryReordered];
    }
    let mut causes = Vec::new();
    for (name, value) in only_signed.into_iter().take(MOST) {
        let same_name = |(other, _): &(&str, &str)| decoded(other) == decoded(name);
        let Some(at) = only_arrived.iter().position(same_name) else {
            causes.push(Cause::QueryDropped { name: short(name) });
            continue;
        };
        let (other_name, other_value) = only_arrived.remove(at);
        let (ours, theirs) = if other_name == name {
            shown::values(name, value, other_value)
        } else {
            shown::lines(&[name, "=", value].concat(), &[other_name, "=", other_value].concat())
        };
        let (ours, theirs) = (short(&ours), short(&theirs));
        let name = short(name);
        let (once, other_once) = (decoded(value), decoded(other_value));
        let is_encoded_again = decoded(&once) == other_once || decoded(&other_once) == once;
        causes.push(if once == other_once || is_encoded_again {
            Cause::QueryEncoding { name, signed: ours, arrived: theirs, plus_for_space: false }
        } else if without_plus(value) == without_plus(other_value) {
            Cause::QueryEncoding { name, signed: ours, arrived: theirs, plus_for_space: true }
        } else {
            Cause::QueryChanged { name, signed: ours, arrived: theirs }
        });
    }
    causes.extend(only_arrived.iter().take(MOST).map(|(name, _)| Cause::QueryAdded { name: short(name) }));
    causes
}

type Pairs<'t> = Vec<(&'t str, &'t str)>;

/// What only one of them has, each pair as often as it has it more often.
fn without_common<'t>(a: &[(&'t str, &'t str)], b: &[(&'t str, &'t str)]) -> (Pairs<'t>, Pairs<'t>) {
    let sorted = |pairs: &[(&'t str, &'t str)]| {
        let mut pairs = pairs.to_vec();
        pairs.sort_unstable();
        pairs
    };
    let (mut a, mut b) = (sorted(a).into_iter().peekable(), sorted(b).into_iter().peekable());
    let (mut only_a, mut only_b) = (Vec::new(), Vec::new());
    while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => only_a.extend(a.next()),
            std::cmp::Ordering::Greater => only_b.extend(b.next()),
            std::cmp::Ordering::Equal => drop((a.next(), b.next())),
        }
    }
    only_a.extend(a);
    only_b.extend(b);
    (only_a, only_b)
}

/// Decoded, with each plus sign as a space.
fn without_plus(text: &str) -> Vec<u8> {
    let mut text = decoded(text);
    text.iter_mut().filter(|byte| **byte == b'+').for_each(|byte| *byte = b' ');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(signed: &str, arrived: &str, expected: &[&str]) {
        let causes = causes(&pairs(signed, '&', '='), &pairs(arrived, '&', '='));
        assert_eq!(causes.iter().map(Cause::name).collect::<Vec<_>>(), expected, "{causes:?}");
    }

    #[test]
    fn each_difference_has_its_name() {
        check("a=1&b=2", "a=1&b=2", &[]);
        check("b=2&a=1", "a=1&b=2", &["query-reordered"]);
        check("a=1", "a=1&b=2", &["query-added"]);
        check("a=1&a=1", "a=1", &["query-dropped"]);
        check("a=1", "a=2", &["query-changed"]);
        check("a=x%2fy", "a=x%2Fy", &["query-encoding"]);
        check("a%5B%5D=1", "a[]=1", &["query-encoding"]);
        check("a=x%20y", "a=x%2By", &["query-encoding"]);
        check("a=x%20y", "a=x%2520y", &["query-encoding"]);
        check("a=x%2520y", "a=x%20y", &["query-encoding"]);
        check("a=%FE", "a=%FF", &["query-changed"]);
        check("a=1&b=2", "b=3&c=4", &["query-dropped", "query-changed", "query-added"]);
    }

    #[test]
    fn a_plus_against_a_space_is_told() {
        let causes = causes(&pairs("a=x+y", '&', '='), &pairs("a=x%20y", '&', '='));
        assert!(matches!(causes[0], Cause::QueryEncoding { plus_for_space: true, .. }), "{causes:?}");
    }

    #[test]
    fn many_pairs_take_no_time() {
        let (a, b): (String, String) = (0..20_000).map(|n| (format!("a{n}=1&"), format!("b{n}=1&"))).unzip();
        assert_eq!(causes(&pairs(&a, '&', '='), &pairs(&b, '&', '=')).len(), 2 * MOST);
    }
}
