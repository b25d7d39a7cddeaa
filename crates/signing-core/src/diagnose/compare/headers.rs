//! The headers of two texts.

use std::collections::BTreeMap;

use super::super::escape::short;
use super::super::signed::is_date;
use super::super::{Cause, instant, shown};

/// More differences than this are not told.
const MOST: usize = 16;

/// What differs. Names are in lower case.
pub(super) fn causes(signed: &[(&str, &str)], arrived: &[(&str, &str)]) -> Vec<Cause> {
    let by_name = |headers: &[(&str, &str)]| -> BTreeMap<String, String> {
        headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    let (ours, theirs) = (by_name(signed), by_name(arrived));
    let mut causes = Vec::new();
    for (name, value) in &ours {
        // Some services write an empty value for a header that is not there.
        match theirs.get(name).filter(|arrived| value.is_empty() || !arrived.is_empty()) {
            Some(arrived) if arrived == value => {}
            arrived => causes.push(cause(name, Some(value), arrived.map(String::as_str))),
        }
    }
    let added = theirs.iter().filter(|(name, _)| !ours.contains_key(*name));
    causes.extend(added.map(|(name, value)| cause(name, None, Some(value))));
    if causes.is_empty() && signed != arrived {
        causes.push(Cause::HeadersReordered { name: None });
    }
    causes.truncate(MOST);
    causes
}

/// What it means that this header differs.
pub(super) fn cause(name: &str, signed: Option<&str>, arrived: Option<&str>) -> Cause {
    match (signed, arrived) {
        _ if name == "content-length" => Cause::ContentLength {
            signed: signed.map(short).unwrap_or_default(),
            arrived: arrived.map(short).unwrap_or_default(),
        },
        (Some(signed), Some(arrived)) if name == "host" => {
            Cause::HostChanged { signed: short(signed), arrived: short(arrived) }
        }
        (Some(signed), Some(arrived)) if is_date(name) => {
            match (instant::parse(signed), instant::parse(arrived)) {
                (Some(signed), Some(arrived)) if signed != arrived => {
                    Cause::SignedTwice { signed_at: Some(signed), arrived_at: Some(arrived) }
                }
                _ => changed(name, signed, arrived),
            }
        }
        (Some(signed), Some(arrived)) if are_reordered(signed, arrived) => {
            Cause::HeadersReordered { name: Some(short(name)) }
        }
        (Some(signed), Some(arrived)) => changed(name, signed, arrived),
        (None, arrived) => Cause::HeaderAdded {
            name: short(name),
            value: arrived.map(|value| short(&shown::value(name, value))),
        },
        (Some(_), None) => Cause::HeaderDropped { name: short(name) },
    }
}

fn changed(name: &str, signed: &str, arrived: &str) -> Cause {
    let (signed, arrived) = shown::values(name, signed, arrived);
    let (signed, arrived) = (&signed, &arrived);
    Cause::HeaderChanged { name: short(name), signed: short(signed), arrived: short(arrived) }
}

fn are_reordered(signed: &str, arrived: &str) -> bool {
    let sorted = |value: &str| {
        let mut values: Vec<String> = value.split(',').map(|value| value.trim().to_owned()).collect();
        values.sort_unstable();
        values
    };
    signed.len() == arrived.len() && sorted(signed) == sorted(arrived)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(signed: &[(&str, &str)], arrived: &[(&str, &str)], expected: &[&str]) {
        let causes = causes(signed, arrived);
        assert_eq!(causes.iter().map(Cause::name).collect::<Vec<_>>(), expected, "{causes:?}");
    }

    #[test]
    fn each_difference_has_its_name() {
        check(&[("a", "1"), ("host", "h")], &[("a", "1"), ("host", "h:8080")], &["host-changed"]);
        check(&[("a", "1")], &[("a", "2")], &["header-changed"]);
        check(&[("a", "1")], &[("a", "")], &["header-dropped"]);
        check(&[("a", "1")], &[], &["header-dropped"]);
        check(&[], &[("a", "1")], &["header-added"]);
        check(&[("a", "x,y")], &[("a", "y,x")], &["headers-reordered"]);
        check(&[("b", "1"), ("a", "1")], &[("a", "1"), ("b", "1")], &["headers-reordered"]);
        check(&[("content-length", "1")], &[("content-length", "2")], &["content-length"]);
        check(
            &[("x-amz-date", "20240229T123456Z")],
            &[("x-amz-date", "20240229T123457Z")],
            &["signed-twice"],
        );
    }
}
