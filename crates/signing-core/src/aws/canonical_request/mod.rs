//! The canonical request: SigV4's normalized text of a request.

mod headers;
mod path;
mod query;

use std::ops::Range;

pub(super) use headers::SignedHeaders;
pub use headers::is_signed_by_default;
pub(super) use path::PathRules;

/// Appends the canonical request to `out` and returns where in it the list of signed headers stands.
///
/// `payload_hash` is lower-case hexadecimal or one of S3's words (`UNSIGNED-PAYLOAD`).
pub(super) fn write(
    out: &mut Vec<u8>,
    method: &str,
    (path, path_rules): (&str, PathRules),
    query: &str,
    headers: &SignedHeaders<'_>,
    payload_hash: &[u8],
) -> Range<usize> {
    out.extend_from_slice(method.as_bytes());
    out.push(b'\n');
    path::push_canonical(out, path, path_rules);
    out.push(b'\n');
    query::push_canonical(out, query);
    out.push(b'\n');
    headers.push_canonical(out);
    out.push(b'\n');
    let start = out.len();
    headers.push_names(out, b";");
    let names = start..out.len();
    out.push(b'\n');
    out.extend_from_slice(payload_hash);
    names
}
