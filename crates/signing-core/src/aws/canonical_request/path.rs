//! The canonical URI.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::encode::{Unescaped, push_percent_encoded, push_percent_recoded};

/// How a service wants its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aws) struct PathRules {
    /// Dot segments and repeated slashes are folded.
    pub(in crate::aws) normalize: bool,
    /// What is on the wire is encoded once more.
    pub(in crate::aws) double_encode: bool,
}

const IN_PATH: Unescaped = Unescaped::unreserved_and(b"/");

/// Appends the canonical URI of `path`, which is percent-encoded as on the wire.
pub(super) fn push_canonical(out: &mut Vec<u8>, path: &str, rules: PathRules) {
    let path = if rules.normalize { normalized(path) } else { Cow::Borrowed(path) };
    let path = if path.is_empty() { "/" } else { &*path };
    if rules.double_encode {
        push_percent_encoded(out, path.as_bytes(), &IN_PATH);
    } else {
        // S3 compares with the key it decoded and encodes itself: raw characters and needless or lower-case
        // escapes are brought to that form.
        push_percent_recoded(out, path.as_bytes(), &IN_PATH);
    }
}

/// `path` without empty, `.` and `..` segments. A final slash stays, unless the last segment was one of those.
fn normalized(path: &str) -> Cow<'_, str> {
    // Each such segment begins with one of these, and so do a few names that are kept.
    let is_suspect = |pair: &[u8]| pair[0] == b'/' && matches!(pair[1], b'/' | b'.');
    if path.starts_with('/') && !path.as_bytes().windows(2).any(is_suspect) {
        return Cow::Borrowed(path);
    }
    let mut kept = SmallVec::<[&str; 16]>::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(segment),
        }
    }
    let mut normal = String::with_capacity(path.len() + 1);
    for segment in &kept {
        normal.push('/');
        normal.push_str(segment);
    }
    if normal.is_empty() || path.ends_with('/') {
        normal.push('/');
    }
    Cow::Owned(normal)
}

#[cfg(test)]
mod tests {
    use super::*;

    const S3: PathRules = PathRules { normalize: false, double_encode: false };
    const OTHERS: PathRules = PathRules { normalize: true, double_encode: true };

    #[track_caller]
    fn check(rules: PathRules, path: &str, expected: &str) {
        let mut out = Vec::new();
        push_canonical(&mut out, path, rules);
        assert_eq!(String::from_utf8(out).unwrap(), expected, "{path}");
    }

    #[test]
    fn dot_segments_and_repeated_slashes_fold() {
        check(OTHERS, "", "/");
        check(OTHERS, "/", "/");
        check(OTHERS, "//", "/");
        check(OTHERS, "/a", "/a");
        check(OTHERS, "/a/", "/a/");
        check(OTHERS, "//a///b//", "/a/b/");
        check(OTHERS, "/./a/../b", "/b");
        check(OTHERS, "/../../a/..", "/");
        check(OTHERS, "/a/b/..", "/a");
        check(OTHERS, "/a/b/../../c/", "/c/");
        check(OTHERS, "/a/.../..b", "/a/.../..b");
    }

    #[test]
    fn encoded_dots_are_no_dot_segments() {
        check(OTHERS, "/a/%2E%2E/b", "/a/%252E%252E/b");
    }

    #[test]
    fn the_wire_form_is_encoded_once_more() {
        check(OTHERS, "/a%20b/%e1", "/a%2520b/%25e1");
        check(OTHERS, "/a:b@c=d~", "/a%3Ab%40c%3Dd~");
    }

    #[test]
    fn s3_is_signed_as_the_key_it_names() {
        check(S3, "/a//./../b", "/a//./../b");
        check(S3, "/caf%C3%A9", "/caf%C3%A9");
        check(S3, "/caf%c3%a9/@=:", "/caf%C3%A9/%40%3D%3A");
        check(S3, "/%7E%FF%", "/~%FF%25");
    }

    #[test]
    fn each_rule_works_without_the_other() {
        check(PathRules { normalize: true, double_encode: false }, "/a/../b%20c", "/b%20c");
        check(PathRules { normalize: false, double_encode: true }, "/a//b%20c", "/a//b%2520c");
    }
}
