//! Whether what arrived is signed: the `aws-sigv4` crate signs it again.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use http::HeaderMap;
use http::request::Parts;

use crate::case::{Case, KEY_ID, NOW, REGION, SECRET};
use crate::decoder;
use crate::server::Seen;

/// What a signature adds to a head.
const ADDED: [&str; 5] = [
    "authorization",
    "content-encoding",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-decoded-content-length",
];

pub(crate) fn added(head: &Parts) -> HeaderMap {
    let names = head.headers.iter().filter(|(name, _)| ADDED.contains(&name.as_str()));
    names.map(|(name, value)| (name.clone(), value.clone())).collect()
}

pub(crate) fn signed(case: &Case, seen: &Seen) -> Result<(), String> {
    let given = text(&seen.head, "authorization");
    let (_, rest) = given.split_once("SignedHeaders=").ok_or("not signed by SigV4")?;
    let (names, signature) = rest.split_once(", Signature=").ok_or("no signature")?;
    if signature_of(case, seen, &names.split(';').collect::<Vec<_>>())? != signature {
        return Err("the signature does not match".into());
    }
    let is_whole = match case.payload {
        "chunked" => decoder::decode(&seen.head, &seen.body, SECRET)? == case.body,
        _ => seen.body == case.body,
    };
    if is_whole { Ok(()) } else { Err("another body".into()) }
}

fn signature_of(case: &Case, seen: &Seen, names: &[&str]) -> Result<String, String> {
    let mut settings = SigningSettings::default();
    if case.service == "s3" {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    let identity = Credentials::new(KEY_ID, SECRET, None, None, "bench").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(REGION)
        .name(case.service)
        .time(UNIX_EPOCH + Duration::from_secs(NOW))
        .settings(settings)
        .build()
        .map_err(|error| error.to_string())?
        .into();
    let head = &seen.head;
    let url = format!("http://{}{}", text(head, "host"), head.uri);
    // The crate adds its own.
    let headers = names.iter().filter(|name| !["x-amz-content-sha256", "x-amz-date"].contains(*name));
    let headers = headers.map(|name| (*name, text(head, name)));
    let body = match case.payload {
        "unsigned" => SignableBody::UnsignedPayload,
        "chunked" => SignableBody::Precomputed("STREAMING-AWS4-HMAC-SHA256-PAYLOAD".into()),
        _ => SignableBody::Bytes(&seen.body),
    };
    let request = SignableRequest::new(head.method.as_str(), url, headers, body);
    let signed = sign(request.map_err(|error| error.to_string())?, &params);
    Ok(signed.map_err(|error| error.to_string())?.into_parts().1)
}

fn text<'h>(head: &'h Parts, name: &str) -> &'h str {
    head.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
}
