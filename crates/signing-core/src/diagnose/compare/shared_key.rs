//! The string to sign of Azure's Shared Key, for Batch and Storage: fixed lines, headers, resource with its query.

use super::super::escape::short;
use super::super::{Cause, PathChange};
use super::{headers, path, query, storage_sas};

/// The lines before the headers, in their order.
const NAMES: [&str; 12] = [
    "method",
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
];
/// Of Shared Key for tables, and of Shared Key Lite.
const FEW_NAMES: [&str; 4] = ["method", "content-md5", "content-type", "date"];

struct SharedKey<'t> {
    fixed: Vec<&'t str>,
    headers: Vec<(&'t str, &'t str)>,
    /// With the white space around it.
    resource: &'t str,
    query: Vec<(&'t str, &'t str)>,
}

impl<'t> SharedKey<'t> {
    /// `None` if it has another shape.
    fn parse(text: &'t str) -> Option<Self> {
        let lines: Vec<&str> = text.split('\n').collect();
        let resource = lines.iter().position(|line| line.trim_start().starts_with('/'))?;
        let header = |line: &&'t str| {
            line.split_once(':').filter(|(name, _)| name.starts_with("ocp-") || name.starts_with("x-ms-"))
        };
        let first = lines[..resource].iter().position(|line| header(line).is_some()).unwrap_or(resource);
        let headers = lines[first..resource].iter().map(header).collect::<Option<_>>()?;
        let pair = |line: &&'t str| line.split_once(':').unwrap_or((line, ""));
        Some(Self {
            fixed: lines[..first].to_vec(),
            headers,
            resource: lines[resource],
            query: lines[resource + 1..].iter().map(pair).collect(),
        })
    }
}

/// How many lines have a meaning by their number.
pub(super) fn fixed_lines(text: &str) -> usize {
    if storage_sas::is_one(text) {
        return text.split('\n').count();
    }
    SharedKey::parse(text).map_or(0, |parsed| parsed.fixed.len())
}

/// What differs; nothing if that has no name.
pub(super) fn causes(signed: &str, arrived: &str) -> Vec<Cause> {
    if let Some(causes) = storage_sas::causes(signed, arrived) {
        return causes;
    }
    let mut causes = Vec::new();
    let breaks = [signed, arrived].map(|text| text.len() - text.trim_end_matches('\n').len());
    if breaks[0] != breaks[1] {
        causes.push(Cause::TrailingLineBreak { is_signed: breaks[0] > breaks[1] });
    }
    let (signed, arrived) = (signed.trim_end_matches('\n'), arrived.trim_end_matches('\n'));
    let (Some(signed), Some(arrived)) = (SharedKey::parse(signed), SharedKey::parse(arrived)) else {
        return causes;
    };
    if signed.fixed.len() == arrived.fixed.len() {
        causes.extend(fixed(&signed.fixed, &arrived.fixed));
    } else {
        causes.push(Cause::LineCount { signed: signed.fixed.len(), expected: arrived.fixed.len() });
    }
    causes.extend(headers::causes(&signed.headers, &arrived.headers));
    causes.extend(resource(signed.resource, arrived.resource));
    causes.extend(query::causes(&signed.query, &arrived.query));
    causes
}

fn fixed(signed: &[&str], arrived: &[&str]) -> Vec<Cause> {
    let names: &[&str] = match signed.len() {
        12 => &NAMES,
        4 => &FEW_NAMES,
        _ => return Vec::new(),
    };
    let there = |line: &'_ str| (!line.is_empty()).then(|| line.to_owned());
    let lines =
        names.iter().zip(signed.iter().zip(arrived)).filter(|(_, (signed, arrived))| signed != arrived);
    lines
        .map(|(name, (signed, arrived))| match *name {
            "method" => Cause::MethodChanged { signed: short(signed), arrived: short(arrived) },
            name => headers::cause(name, there(signed).as_deref(), there(arrived).as_deref()),
        })
        .collect()
}

/// `/account/path`.
fn resource(signed: &str, arrived: &str) -> Vec<Cause> {
    let mut causes = Vec::new();
    if signed != arrived && (signed.trim() != signed || arrived.trim() != arrived) {
        causes.push(Cause::ResourceSpaced { leading: signed.starts_with(' ') && !arrived.starts_with(' ') });
    }
    let parts = |text: &str| {
        let text = text.trim().trim_start_matches('/');
        let (account, path) = text.split_at(text.find('/').unwrap_or(text.len()));
        (account.to_owned(), path.to_owned())
    };
    let ((our_account, our_path), (account, path)) = (parts(signed), parts(arrived));
    if our_account != account {
        causes.push(Cause::AccountChanged { signed: short(&our_account), arrived: short(&account) });
    }
    causes.extend(path::cause(&our_path, &path).map(without_sigv4));
    causes
}

/// Shared Key has one way to write a path, as it is sent: what SigV4 leaves to its services does not explain it.
fn without_sigv4(mut cause: Cause) -> Cause {
    if let Cause::PathChanged { how, .. } = &mut cause {
        *how = match *how {
            PathChange::EncodedTwice | PathChange::EncodedOnce => PathChange::Escaped,
            PathChange::Normalized | PathChange::NotNormalized => PathChange::Other,
            how => how,
        };
    }
    cause
}
