//! AWS Signature Version 4: signs the received request again with the `aws-sigv4` crate.

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_types::date_time::Format;

use super::{Received, Verdict, check_date, equal, header, key_named, target, unauthorized};
use crate::services::Key;

const REGION: &str = "eu-central-1";
const SERVICE: &str = "execute-api";

pub(crate) fn verify(request: &Received, keys: &[Key]) -> Verdict {
    let authorization = header(request, "authorization")?;
    let between =
        |start: &str, end: &str| authorization.split_once(start)?.1.split_once(end).map(|(it, _)| it);
    let key_id = between("Credential=", "/").ok_or(unauthorized("there is no key id"))?;
    let key = key_named(keys, key_id)?;
    let signed_names: Vec<_> = between("SignedHeaders=", ",").unwrap_or_default().split(';').collect();

    // Whatever the service acts upon must be covered.
    let is_covered = |name: &str| signed_names.contains(&name);
    let mut names = request.headers().keys().map(|name| name.as_str());
    if !is_covered("host") || names.any(|name| name.starts_with("x-amz-") && !is_covered(name)) {
        return Err(unauthorized("a header is not signed that must be"));
    }

    // Only the signed headers are given to the crate, which signs all it is given.
    let url = format!("http://{}{}", header(request, "host")?, target(request));
    let mut headers = Vec::new();
    for (name, value) in request.headers().iter().filter(|(name, _)| is_covered(name.as_str())) {
        headers.push((name.as_str(), value.to_str().map_err(|_| unauthorized("a header is not ASCII"))?));
    }
    let body = SignableBody::Bytes(request.body());
    let signable = SignableRequest::new(request.method().as_str(), url, headers.into_iter(), body)
        .map_err(|_| unauthorized("the request cannot be verified"))?;

    let identity = Credentials::new(&key.id, &key.secret, None, None, "quickstart").into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(REGION)
        .name(SERVICE)
        .time(check_date(&with_separators(header(request, "x-amz-date")?), Format::DateTime)?)
        .settings(SigningSettings::default())
        .build()
        .expect("every parameter is given");
    let signed =
        sign(signable, &params.into()).map_err(|_| unauthorized("the request cannot be verified"))?;

    // The whole header must come out the same: key id, date, region, service, names and signature.
    let expected = signed.output().headers().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    match expected {
        Some((_, expected)) if equal(expected, authorization) => Ok(key.generation),
        _ => Err(unauthorized("the signature is not that of this request")),
    }
}

/// `20240229T123456Z` as `2024-02-29T12:34:56Z`. Anything else becomes something that is no date.
fn with_separators(date: &str) -> String {
    let part = |range| date.get(range).unwrap_or_default();
    let (year, month, day) = (part(0..4), part(4..6), part(6..8));
    format!("{year}-{month}-{day}{}:{}:{}", part(8..11), part(11..13), part(13..date.len().max(13)))
}
