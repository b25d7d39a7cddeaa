//! No text of a diagnosis holds a secret, a session token or a whole signature.

use signing_core::diagnose::Diagnosis;

use crate::base::{Sent, Wire};

/// Whether one of them does: of what was signed with, or of what was sent.
pub(crate) fn are_in(diagnosis: &Diagnosis, sent: &Sent) -> bool {
    let causes = diagnosis.causes().iter();
    let causes: Vec<_> = causes.map(|cause| format!("{cause} {cause:?} {}", cause.remedy())).collect();
    let texts = format!("{diagnosis} {diagnosis:?} {diagnosis:#?} {:?} {causes:?}", sent.signed);
    // White space around a secret is not what has to be hidden.
    let known = sent.secrets.iter().map(|secret| secret.trim().to_owned());
    known.chain(credentials(&sent.wire)).any(|secret| texts.contains(&secret))
}

/// The credentials in a request, which are not always those that it was signed with.
fn credentials(wire: &Wire) -> Vec<String> {
    const IN_HEADER: [&str; 6] =
        ["Signature=", "Bearer ", "Basic ", "Negotiate ", "SharedKey corpusacct:", "&sig="];
    const IN_QUERY: [&str; 2] = ["X-Amz-Signature=", "&sig="];
    let header = |name| wire.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let after = |text: &str, mark: &str| {
        let (_, rest) = text.split_once(mark)?;
        rest.split([',', '&']).next().map(str::to_owned)
    };
    let query = wire.uri().to_string();
    let mut found: Vec<_> = ["x-amz-security-token", "x-api-key"].map(|name| header(name).to_owned()).into();
    found.extend(IN_HEADER.iter().filter_map(|mark| after(header("authorization"), mark)));
    found.extend(IN_QUERY.iter().filter_map(|mark| after(&query, mark)));
    // Anything shorter is in every text.
    found.retain(|secret| secret.len() > 2);
    found
}
