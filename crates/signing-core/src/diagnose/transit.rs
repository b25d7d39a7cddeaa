//! Headers that clients and proxies are known to change.

use super::Signed;
use super::escape::short;

/// The first of them that are signed.
pub(super) fn names(signed: &Signed) -> Vec<String> {
    const MOST: usize = 16;
    let text = signed.canonical_request.as_deref().unwrap_or_default();
    let signed_headers = text.lines().rev().nth(1).unwrap_or_default();
    signed_headers.split(';').filter(|name| changes(name)).take(MOST).map(short).collect()
}

fn changes(name: &str) -> bool {
    matches!(
        name,
        "accept-encoding"
            | "baggage"
            | "cache-control"
            | "cdn-loop"
            | "connection"
            | "expect"
            | "forwarded"
            | "keep-alive"
            | "pragma"
            | "priority"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "traceparent"
            | "tracestate"
            | "upgrade"
            | "user-agent"
            | "via"
            | "x-amzn-trace-id"
            | "x-real-ip"
            | "x-request-id"
    ) || ["proxy-", "sec-", "x-b3-", "x-envoy-", "x-forwarded-", "cf-"]
        .iter()
        .any(|start| name.starts_with(start))
}
