//! What AWS does with a signature, by the `aws-sigv4` crate; chunks by a decoder of their specification.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use bytes::Bytes;
use http::Method;
use http::request::Parts;
use percent_encoding::percent_decode_str;

use crate::decoder::decode;
use crate::kind::BUFFER_LIMIT;
use crate::scheme::Scheme;
use crate::support::host_of;
use crate::verify::{check, header};

const CHUNKED: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";

pub(crate) fn verify(scheme: &Scheme, head: &Parts, body: &Bytes) -> Result<Bytes, String> {
    let given = Given::of(scheme, head)?;
    let field = |name: &str| given.fields.get(name).map(String::as_str).unwrap_or_default();
    check(field("Security-Token") == scheme.param("SessionToken").unwrap(), "another token")?;
    let credential: Vec<_> = field("Credential").split('/').collect();
    let [key_id, day, region, service, "aws4_request"] = credential[..] else {
        return Err("no credential".into());
    };
    check(key_id == scheme.param("AccessKeyId").unwrap(), "another key")?;
    check(region == scheme.param("Region").unwrap(), "another region")?;
    check(service == scheme.param("Service").unwrap(), "another service")?;
    check(field("Date").starts_with(day), "the day is not that of the date")?;

    let form = form(scheme, head, body);
    let signable = match form {
        None => SignableBody::Bytes(body),
        // The header is what is signed; it may not say anything else.
        Some(form) => {
            let is_told = scheme.is_presigned || header(head, "x-amz-content-sha256") == form;
            check(is_told, "the body is sent in another form")?;
            SignableBody::Precomputed(form.to_owned())
        }
    };
    // The crate adds its own headers; the others are taken as they arrived.
    let added = ["x-amz-date", "x-amz-security-token", "x-amz-content-sha256"];
    let names = field("SignedHeaders").split(';').filter(|name| !added.contains(name) && *name != "host");
    let headers = names.map(|name| (name, header(head, name))).chain([("host", host_of(head))]);
    let request = SignableRequest::new(head.method.as_str(), &given.url, headers, signable);

    let token = scheme.param("SessionToken").map(str::to_owned);
    let identity = Credentials::new(key_id, scheme.secret(), token, None, "test").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service)
        .time(instant(field("Date"))?)
        .settings(settings(service, scheme.is_presigned.then(|| field("Expires"))))
        .build()
        .map_err(|error| error.to_string())?
        .into();
    let signed = request.and_then(|request| sign(request, &params)).map_err(|error| error.to_string())?;
    check(signed.signature() == field("Signature"), "the signature does not match")?;
    match form {
        Some(form) if form.starts_with("STREAMING") => decode(head, body, scheme.secret()).map(Bytes::from),
        _ => Ok(body.clone()),
    }
}

/// What must stand in place of the body's hash, if that does not.
fn form(scheme: &Scheme, head: &Parts, body: &[u8]) -> Option<&'static str> {
    let is_upload = head.method == Method::PUT;
    match scheme.param("Payload").unwrap_or("auto") {
        _ if scheme.is_presigned => Some("UNSIGNED-PAYLOAD"),
        "unsigned" => Some("UNSIGNED-PAYLOAD"),
        "chunked" if is_upload => Some(CHUNKED),
        "chunked-trailer" if is_upload => Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
        "unsigned-trailer" if is_upload => Some("STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        // Only where there was no room for it.
        "auto" if body.len() as u64 > BUFFER_LIMIT && header(head, "x-amz-content-sha256") == CHUNKED => {
            Some(CHUNKED)
        }
        _ => None,
    }
}

/// A signature, from headers or query.
struct Given {
    /// Without `X-Amz-`.
    fields: BTreeMap<String, String>,
    /// As it was before it was signed.
    url: String,
}

impl Given {
    fn of(scheme: &Scheme, head: &Parts) -> Result<Self, String> {
        let pairs = head.uri.query().unwrap_or_default().split('&');
        let (signature, query): (Vec<_>, Vec<_>) = pairs.partition(|pair| pair.starts_with("X-Amz-"));
        let url = format!("http://{}{}?{}", host_of(head), head.uri.path(), query.join("&"));
        let is_in_headers = head.headers.contains_key("authorization");
        check(scheme.is_presigned != signature.is_empty(), "signed in another place")?;
        check(scheme.is_presigned != is_in_headers, "signed in two places, or none")?;
        let fields = if is_in_headers {
            let value = header(head, "authorization").strip_prefix("AWS4-HMAC-SHA256 ");
            let fields = value.ok_or("another scheme")?.split(", ").filter_map(|field| field.split_once('='));
            let others = [("Date", "x-amz-date"), ("Security-Token", "x-amz-security-token")];
            let others = others.map(|(field, name)| (field, header(head, name)));
            fields.chain(others).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        } else {
            let fields = signature.iter().filter_map(|pair| pair.strip_prefix("X-Amz-")?.split_once('='));
            let decoded = |value| percent_decode_str(value).decode_utf8_lossy().into_owned();
            fields.map(|(name, value)| (name.to_owned(), decoded(value))).collect()
        };
        Ok(Self { fields, url })
    }
}

fn settings(service: &str, expires_in: Option<&str>) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if service == "s3" {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    if let Some(seconds) = expires_in {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
        settings.expires_in = seconds.parse().ok().map(Duration::from_secs);
    }
    settings
}

/// The instant that `20240229T123456Z` names.
fn instant(text: &str) -> Result<SystemTime, String> {
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let (date, hour) = (format!("{}-{}-{}", part(0, 4), part(4, 6), part(6, 8)), part(9, 11));
    let text = format!("{date}T{hour}:{}:{}Z", part(11, 13), part(13, 15));
    let time = DateTime::from_str(&text, Format::DateTime).map_err(|error| error.to_string())?;
    time.try_into().map_err(|_| "a date that no clock shows".into())
}
