//! Two paths, and how one became the other.

use super::super::escape::short;
use super::super::signed::decoded_bytes as decoded;
use super::super::{Cause, PathChange, shown};

/// What differs.
pub(super) fn cause(signed: &str, arrived: &str) -> Option<Cause> {
    (signed != arrived).then(|| {
        let (ours, theirs) = shown::lines(signed, arrived);
        Cause::PathChanged { signed: short(&ours), arrived: short(&theirs), how: change(signed, arrived) }
    })
}

fn change(signed: &str, arrived: &str) -> PathChange {
    let is_escaped = |text: &str| text.contains('%');
    let added = |whole: &str, end: &str| end.len() > 1 && whole.ends_with(end);
    if decoded(signed) == arrived.as_bytes() && is_escaped(arrived) {
        PathChange::EncodedTwice
    } else if decoded(arrived) == signed.as_bytes() && is_escaped(signed) {
        PathChange::EncodedOnce
    } else if decoded(signed) == decoded(arrived) {
        PathChange::Escaped
    } else if folded(signed) == folded(arrived) {
        if folded(signed) == signed { PathChange::Normalized } else { PathChange::NotNormalized }
    } else if added(arrived, signed) {
        PathChange::PrefixAdded
    } else if added(signed, arrived) {
        PathChange::PrefixDropped
    } else {
        PathChange::Other
    }
}

/// `path` without empty, `.` and `..` segments.
fn folded(path: &str) -> String {
    let mut kept = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(segment),
        }
    }
    let end = if path.ends_with('/') && !kept.is_empty() { "/" } else { "" };
    ["/", &kept.join("/"), end].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_is_told_apart() {
        let check =
            |signed, arrived, expected| assert_eq!(change(signed, arrived), expected, "{signed} {arrived}");
        check("/a%2520b", "/a%20b", PathChange::EncodedTwice);
        check("/a%20b", "/a%2520b", PathChange::EncodedOnce);
        check("/a b", "/a%20b", PathChange::Escaped);
        check("/a%2fb", "/a%2Fb", PathChange::Escaped);
        check("/b", "/a/../b", PathChange::Normalized);
        check("/a//b", "/a/b", PathChange::NotNormalized);
        check("/jobs", "/stage/jobs", PathChange::PrefixAdded);
        check("/stage/jobs", "/jobs", PathChange::PrefixDropped);
        check("/a", "/b", PathChange::Other);
        check("/", "/b/", PathChange::Other);
    }
}
