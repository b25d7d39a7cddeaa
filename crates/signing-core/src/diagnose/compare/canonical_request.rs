//! SigV4's canonical request, part by part.

use super::super::Cause;
use super::super::escape::short;
use super::{body, headers, path, query};

struct CanonicalRequest<'t> {
    method: &'t str,
    path: &'t str,
    query: &'t str,
    headers: Vec<(&'t str, &'t str)>,
    payload_hash: &'t str,
}

impl<'t> CanonicalRequest<'t> {
    /// `None` if it has another shape.
    fn parse(text: &'t str) -> Option<Self> {
        let lines: Vec<&str> = text.split('\n').collect();
        let [method, path, query, headers @ .., "", _signed_headers, payload_hash] = lines.as_slice() else {
            return None;
        };
        let headers = headers.iter().map(|line| line.split_once(':')).collect::<Option<_>>()?;
        Some(Self { method, path, query, headers, payload_hash })
    }
}

/// What differs; nothing if that has no name.
pub(super) fn causes(signed: &str, arrived: &str) -> Vec<Cause> {
    let (Some(signed), Some(arrived)) = (CanonicalRequest::parse(signed), CanonicalRequest::parse(arrived))
    else {
        return Vec::new();
    };
    let mut causes = Vec::new();
    if signed.method != arrived.method {
        causes.push(Cause::MethodChanged { signed: short(signed.method), arrived: short(arrived.method) });
    }
    causes.extend(path::cause(signed.path, arrived.path));
    let pairs = |text| query::pairs(text, '&', '=');
    causes.extend(query::causes(&pairs(signed.query), &pairs(arrived.query)));
    let body = body::cause(signed.payload_hash, arrived.payload_hash);
    let mut changed = headers::causes(&signed.headers, &arrived.headers);
    if body.is_some() {
        // The same hash stands there, too.
        changed.retain(
            |cause| !matches!(cause, Cause::HeaderChanged { name, .. } if name == "x-amz-content-sha256"),
        );
    }
    causes.extend(changed);
    causes.extend(body);
    causes
}
