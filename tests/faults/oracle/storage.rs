//! Blobs of Azure Storage: Shared Key, whose string is shown, and service SAS.
//!
//! Spec: <https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key> and `…/create-service-sas`.

use std::collections::BTreeMap;

use super::{Answer, NOW, answer, base64, decoded, from_base64, header, hmac, http_date, parse_http_date};
use super::{iso_date, query, taken, xml};
use crate::base::Wire;

pub(crate) const ACCOUNT: &str = "corpusblobs";
pub(crate) const KEY: &str = "St0r+4gE9/xLwvBnMqRtYzKcJhGfDsAp0oEiU6rWlVbN4k8=";

/// Those whose values have a line each.
pub(crate) const STANDARD_HEADERS: [&str; 11] = [
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

pub(crate) fn verify(wire: &Wire) -> Answer {
    if wire.uri().query().unwrap_or_default().contains("sig=") {
        return verify_sas(wire);
    }
    let authorization = header(wire, "authorization");
    let Some(signature) = authorization.strip_prefix("SharedKey corpusblobs:") else {
        return answer(
            401,
            &[("x-ms-error-code", "NoAuthenticationInformation")],
            document("NoAuthenticationInformation", None),
        );
    };
    let date = header(wire, "x-ms-date");
    if parse_http_date(&date).is_none_or(|date| date.abs_diff(NOW) > 15 * 60) {
        return failed(&format!("Request date header too old: '{date}'"));
    }
    let text = string_to_sign(wire);
    if base64(&hmac(&from_base64(KEY), &text)) == signature {
        return taken();
    }
    failed(&format!(
        "The MAC signature found in the HTTP request '{signature}' is not the same as any computed signature. Server used following string to sign: '{text}'."
    ))
}

pub(crate) fn string_to_sign(wire: &Wire) -> String {
    let mut text = format!("{}\n", wire.method());
    for name in STANDARD_HEADERS {
        let value = header(wire, name);
        let is_left_out = name == "date" || name == "content-length" && value == "0";
        text += &format!("{}\n", if is_left_out { "" } else { &value });
    }
    let own = wire.headers().keys().map(|name| name.as_str()).filter(|name| name.starts_with("x-ms-"));
    let own: BTreeMap<_, _> = own.map(|name| (name, header(wire, name))).collect();
    own.iter().for_each(|(name, value)| text += &format!("{name}:{value}\n"));
    text += &format!("/{ACCOUNT}{}", wire.uri().path());
    let mut pairs: Vec<_> =
        query(wire).into_iter().map(|(name, value)| (decoded(name).to_lowercase(), decoded(value))).collect();
    pairs.sort();
    pairs.iter().for_each(|(name, value)| text += &format!("\n{name}:{value}"));
    text
}

/// Of version 2020-12-06 for one blob, as far as the tests fill it.
fn verify_sas(wire: &Wire) -> Answer {
    let pairs: BTreeMap<_, _> = query(wire).into_iter().map(|(name, value)| (name, decoded(value))).collect();
    let field = |name| pairs.get(name).map(String::as_str).unwrap_or_default();
    // Where no start was signed, it is the present.
    if field("st").is_empty() && *field("se") < *iso_date(NOW) {
        return failed(&format!(
            "Signed expiry time [{}] has to be after signed start time [{}]",
            sas_date(field("se")),
            http_date(NOW)
        ));
    }
    // Sorted as dates are.
    if *field("se") < *iso_date(NOW) || *field("st") > *iso_date(NOW) {
        let date = |name| field(name).to_owned();
        return failed(&format!(
            "Signature not valid in the specified time frame: Start [{}] - Expiry [{}] - Current [{}]",
            sas_date(&date("st")),
            sas_date(&date("se")),
            http_date(NOW)
        ));
    }
    let resource = [ACCOUNT, wire.uri().path()].concat();
    let text = sas_string(field("sp"), field("st"), field("se"), &resource);
    if base64(&hmac(&from_base64(KEY), &text)) == field("sig") {
        return taken();
    }
    failed(&format!("Signature did not match. String to sign used was {text}"))
}

/// What a service SAS signs.
pub(crate) fn sas_string(permissions: &str, start: &str, end: &str, resource: &str) -> String {
    let resource = decoded(resource);
    format!("{permissions}\n{start}\n{end}\n/blob/{resource}\n\n\nhttps,http\n2020-12-06\nb\n\n\n\n\n\n\n")
}

/// As the service tells what it was given.
fn sas_date(text: &str) -> String {
    use aws_smithy_types::DateTime;
    use aws_smithy_types::date_time::Format;
    let date = DateTime::from_str(text, Format::DateTime);
    date.map_or_else(|_| text.to_owned(), |date| http_date(date.secs() as u64))
}

fn failed(detail: &str) -> Answer {
    let headers = [
        ("content-type", "application/xml"),
        ("x-ms-error-code", "AuthenticationFailed"),
        ("x-ms-request-id", "a7c15331-501e-0094-6847-7d350f000000"),
    ];
    answer(403, &headers, document("AuthenticationFailed", Some(detail)))
}

fn document(code: &str, detail: Option<&str>) -> String {
    let detail = detail
        .map(|detail| format!("<AuthenticationErrorDetail>{}</AuthenticationErrorDetail>", xml(detail)));
    format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.\nRequestId:a7c15331-501e-0094-6847-7d350f000000\nTime:{}</Message>{}</Error>",
        iso_date(NOW),
        detail.unwrap_or_default()
    )
}
