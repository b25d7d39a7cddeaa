//! Which service and region a host stands for.

use http::Uri;
use serde_json::Value;
use signing_core::aws::endpoint;

use crate::rules::Outcome;
use crate::text::text;

/// The disputed rows that do not get what their row says. Reasons: `signing_core::aws::endpoint`, "Decisions".
const DECISIONS: [(&str, Answer<'_>); 4] = [
    // The bucket's region signs, and the host does not name it.
    ("s3-accelerate.amazonaws.com", Some(("s3", endpoint::EVERY_REGION))),
    ("s3-accelerate.dualstack.amazonaws.com", Some(("s3", endpoint::EVERY_REGION))),
    // No such region: it has not the shape of one.
    ("s3-object-lambda.us-east.special.amazonaws.com", None),
    // It serves every region, which takes SigV4A.
    ("mrap.accesspoint.s3-global.amazonaws.com", Some(("s3", endpoint::EVERY_REGION))),
];

type Answer<'h> = Option<(&'h str, &'h str)>;

pub(crate) fn outcome(row: &Value) -> Outcome {
    let url = match text(row, "/url") {
        "" => format!("https://{}/", text(row, "/host")),
        url => url.to_owned(),
    };
    let uri: Uri = url.parse().expect("the row holds a URL");
    let host = uri.host().expect("the row holds a host").to_ascii_lowercase();
    let ours = endpoint::from_host(&host).map(|endpoint| (endpoint.service, endpoint.region));
    let theirs = Some((text(row, "/service"), text(row, "/region")));

    let disputed = is_disputed(row);
    let decided = DECISIONS.iter().find(|(suffix, _)| disputed && host.ends_with(suffix));
    let want = decided.map_or(theirs, |(_, decided)| *decided);
    match (ours == want, disputed) {
        (false, _) => Outcome::Fail(format!("want {want:?}, got {ours:?}")),
        (true, true) => Outcome::Disputed,
        (true, false) => Outcome::Pass,
    }
}

/// Not from an SDK, or not told by the host, or not for SigV4.
fn is_disputed(row: &Value) -> bool {
    let tags = row["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    row["scheme"] != "sigv4" || row.get("ambiguous").is_some() || tags.iter().any(|tag| tag == "doc-pattern")
}
