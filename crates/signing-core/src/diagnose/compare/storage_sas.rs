//! The string to sign of a SAS of Azure Storage: one field a line, in an order that each version extends.
//!
//! Sources: [service SAS][service], [user delegation SAS][user], [account SAS][account].
//!
//! [service]: https://learn.microsoft.com/rest/api/storageservices/create-service-sas
//! [user]: https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas
//! [account]: https://learn.microsoft.com/rest/api/storageservices/create-account-sas

use super::super::escape::short;
use super::super::{Cause, shown};
use super::path;

const RESOURCE: &str = "resource";
const ACCOUNT: &str = "account";

const OF_ACCOUNT: [&str; 10] = [ACCOUNT, "sp", "ss", "srt", "st", "se", "sip", "spr", "sv", "ses"];
/// All begin so, but for those of an account.
const START: [&str; 4] = ["sp", "st", "se", RESOURCE];
const OF_SERVICE: [&str; 4] = ["si", "sip", "spr", "sv"];
const OF_USER: [&str; 6] = ["skoid", "sktid", "skt", "ske", "sks", "skv"];
const OTHER_USERS: [&str; 3] = ["saoid", "suoid", "scid"];
const DELEGATED: [&str; 2] = ["skdutid", "sduoid"];
const PROTOCOL: [&str; 3] = ["sip", "spr", "sv"];
const OF_TABLE: [&str; 4] = ["spk", "srk", "epk", "erk"];
const RESPONSE: [&str; 5] = ["rscc", "rscd", "rsce", "rscl", "rsct"];

/// Names and values; `None` if it has another shape.
fn fields(text: &str) -> Option<Vec<(&'static str, &str)>> {
    let lines: Vec<&str> = text.split('\n').collect();
    let version = |at: usize| lines.get(at).copied().filter(|line| is_version(line));
    let is_of_service = ["/blob/", "/file/", "/queue/", "/table/"]
        .iter()
        .any(|start| lines.get(3).is_some_and(|line| line.starts_with(start)));
    let names = if is_of_service {
        [START.to_vec(), after_resource(lines[3], version)?].concat()
    } else {
        let is_of = |at: usize, letters: &str| {
            lines.get(at).is_some_and(|line| !line.is_empty() && line.chars().all(|c| letters.contains(c)))
        };
        (is_of(2, "bfqt") && is_of(3, "sco") && version(8).is_some()).then(|| OF_ACCOUNT.to_vec())?
    };
    Some(names.into_iter().zip(lines).collect())
}

/// What follows the resource, by where the version stands.
fn after_resource<'t>(
    resource: &str,
    version: impl Fn(usize) -> Option<&'t str>,
) -> Option<Vec<&'static str>> {
    let candidates = [
        OF_SERVICE.to_vec(),
        [&OF_USER[..], &PROTOCOL].concat(),
        [&OF_USER[..], &OTHER_USERS, &PROTOCOL].concat(),
        [&OF_USER[..], &OTHER_USERS, &DELEGATED, &PROTOCOL].concat(),
    ];
    let with_version = |names: &Vec<&str>| version(START.len() + names.len() - 1);
    let (mut names, version) =
        candidates.into_iter().find_map(|names| with_version(&names).map(|version| (names, version)))?;
    match resource.split('/').nth(1) {
        Some("queue") => {}
        Some("table") => names.extend(OF_TABLE),
        _ => {
            // Dates of versions are in the order of their letters.
            if version >= "2018-11-09" {
                names.extend(["sr", "sst"]);
            }
            if version >= "2020-12-06" {
                names.push("ses");
            }
            names.extend(RESPONSE);
        }
    }
    Some(names)
}

/// `2020-12-06`
fn is_version(line: &str) -> bool {
    line.len() == 10
        && line.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// Whether each line has a meaning by its number.
pub(super) fn is_one(text: &str) -> bool {
    fields(text).is_some()
}

/// What differs; `None` if one of them has another shape.
pub(super) fn causes(signed: &str, arrived: &str) -> Option<Vec<Cause>> {
    let (ours, theirs) = (fields(signed)?, fields(arrived)?);
    let value = |fields: &[(&str, &'_ str)], name: &str| {
        fields
            .iter()
            .find(|(other, _)| *other == name)
            .map_or(String::new(), |(_, value)| (*value).to_owned())
    };
    let added = theirs.iter().filter(|(name, _)| !ours.iter().any(|(other, _)| other == name));
    let names = ours.iter().chain(added).map(|(name, _)| *name);
    let causes = names.filter_map(|name| cause(name, &value(&ours, name), &value(&theirs, name)));
    Some(causes.collect())
}

fn cause(name: &str, signed: &str, arrived: &str) -> Option<Cause> {
    if signed == arrived {
        return None;
    }
    match name {
        RESOURCE => return path::cause(signed, arrived),
        ACCOUNT => {
            return Some(Cause::AccountChanged { signed: short(signed), arrived: short(arrived) });
        }
        _ => {}
    }
    let name = name.to_owned();
    Some(if arrived.is_empty() {
        Cause::QueryDropped { name }
    } else if signed.is_empty() {
        Cause::QueryAdded { name }
    } else {
        let (signed, arrived) = shown::values(&name, signed, arrived);
        Cause::QueryChanged { name, signed: short(&signed), arrived: short(&arrived) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: &str = "r\n\n2024-03-01T00:00:00Z\n/blob/acct/c/b\n\n\nhttps\n2020-12-06\nb\n\n\n\n\n\n\n";
    const USER: &str = "r\n\n2024-03-01T00:00:00Z\n/blob/acct/c/b\noid\ntid\n2024-02-28T00:00:00Z\n2024-03-02T00:00:00Z\nb\n2020-12-06\n\n\n\n\nhttps\n2020-12-06\nb\n\n\n\n\n\n\n";
    const OF_ACCT: &str = "acct\nrl\nb\nsco\n\n2024-03-01T00:00:00Z\n\nhttps\n2022-11-02\n\n";

    #[track_caller]
    fn check(text: &str, from: &str, to: &str, expected: &str) {
        assert!(text.contains(from));
        let causes = causes(text, &text.replacen(from, to, 1)).unwrap();
        let told: Vec<_> = causes.iter().map(|cause| format!("{}: {cause}", cause.name())).collect();
        assert!(told.len() == 1 && told[0].starts_with(expected), "{told:?}");
    }

    #[test]
    fn each_field_is_named() {
        check(SERVICE, "r\n", "rw\n", "query-changed: The query parameter `sp`");
        check(SERVICE, "https\n2020-12-06", "https\n2022-11-02", "query-changed: The query parameter `sv`");
        check(SERVICE, "https\n", "\n", "query-dropped: The query parameter `spr`");
        check(SERVICE, "/c/b", "/c/d", "path-changed");
        check(SERVICE, "06\nb\n", "06\nc\n", "query-changed: The query parameter `sr`");
        check(SERVICE, "06\nb\n\n\n", "06\nb\n\n\nno-cache", "query-added: The query parameter `rscc`");
        check(USER, "oid", "other", "query-changed: The query parameter `skoid`");
        check(
            USER,
            "https\n2020-12-06\nb",
            "https\n2020-12-06\nc",
            "query-changed: The query parameter `sr`",
        );
        check(OF_ACCT, "acct", "other", "account-changed");
        check(OF_ACCT, "sco", "sc", "query-changed: The query parameter `srt`");
    }

    #[test]
    fn other_strings_are_not_taken_for_one() {
        assert!(!is_one("GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-version:2020-12-06\n/acct/c"));
        assert!(!is_one("GET\n\n\n/blob/c\nrestype:container"));
        assert!(!is_one("") && !is_one("ns.servicebus.windows.net\n1709210096"));
    }
}
