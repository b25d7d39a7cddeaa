//! The canonical request: SigV4's normalized text of a request.

mod headers;
mod path;
mod query;

pub use headers::is_signed_by_default;
pub(super) use headers::{SignedHeaders, is_kept_on_the_way};
pub(super) use path::PathRules;
pub(super) use query::Query;

/// Appends the canonical request to `out`, and its list of signed headers to `names` as well.
///
/// `payload_hash` is lower-case hexadecimal or one of S3's words (`UNSIGNED-PAYLOAD`).
pub(super) fn write(
    out: &mut Vec<u8>,
    names: &mut Vec<u8>,
    (method, (path, path_rules), query, headers): (
        &str,
        (&str, PathRules),
        &mut Query<'_>,
        &SignedHeaders<'_>,
    ),
    payload_hash: &[u8],
) {
    out.extend_from_slice(method.as_bytes());
    out.push(b'\n');
    path::push_canonical(out, path, path_rules);
    out.push(b'\n');
    query.push_canonical(out);
    out.push(b'\n');
    let start = names.len();
    headers.push(out, names);
    out.push(b'\n');
    out.extend_from_slice(&names[start..]);
    out.push(b'\n');
    out.extend_from_slice(payload_hash);
}
