//! Azure Batch, which shows its string to sign.
//!
//! Spec: <https://learn.microsoft.com/rest/api/batchservice/authenticate-requests-to-the-azure-batch-service>.

use std::collections::BTreeMap;

use serde_json::json;

use super::storage::STANDARD_HEADERS;
use super::{Answer, NOW, answer, base64, decoded, from_base64, header, hmac, http_date, parse_http_date};
use super::{query, taken};
use crate::base::Wire;

pub(crate) const ACCOUNT: &str = "corpusacct";
pub(crate) const KEY: &str = "k7Qm+2Zs0Vb/9fTtXy1LcRpWnEoHdJuAiGg4MzBqN8w=";

pub(crate) fn verify(wire: &Wire) -> Answer {
    let authorization = header(wire, "authorization");
    if authorization.is_empty() {
        let text = "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.";
        return error(401, "NoAuthenticationInformation", text, None);
    }
    let Some((account, signature)) =
        authorization.strip_prefix("SharedKey ").and_then(|credentials| credentials.split_once(':'))
    else {
        let text = "Authentication information is not given in the correct format. Check the value of Authorization header.";
        return error(400, "InvalidAuthenticationInfo", text, None);
    };
    let date = header(wire, if wire.headers().contains_key("ocp-date") { "ocp-date" } else { "date" });
    if parse_http_date(&date).is_none_or(|date| date.abs_diff(NOW) > 15 * 60) {
        return failed("The Date header in the request is incorrect.");
    }
    let text = string_to_sign(wire);
    let is_right = account == ACCOUNT && base64(&hmac(&from_base64(KEY), &text)) == signature;
    if is_right {
        return taken();
    }
    failed(&format!(
        "The MAC signature found in the HTTP request '{signature}' is not the same as any computed signature. Server used following string to sign: '{text}'."
    ))
}

pub(crate) fn string_to_sign(wire: &Wire) -> String {
    let has_ocp_date = wire.headers().contains_key("ocp-date");
    let mut text = format!("{}\n", wire.method());
    for name in STANDARD_HEADERS {
        let value = header(wire, name);
        let is_left_out = name == "date" && has_ocp_date
            || name == "content-length" && value == "0" && wire.method() == "GET";
        text += &format!("{}\n", if is_left_out { "" } else { &value });
    }
    let ocp = wire.headers().keys().map(|name| name.as_str()).filter(|name| name.starts_with("ocp-"));
    let ocp: BTreeMap<_, _> = ocp.map(|name| (name, header(wire, name))).collect();
    ocp.iter().for_each(|(name, value)| text += &format!("{name}:{value}\n"));
    // The account is that of the host.
    let host = header(wire, "host");
    text += &format!("/{}{}", host.split('.').next().unwrap(), wire.uri().path());
    let mut pairs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in query(wire) {
        let value = decoded(&value.replace('+', " "));
        pairs.entry(decoded(name).to_lowercase()).or_default().push(value);
    }
    pairs.iter().for_each(|(name, values)| text += &format!("\n{name}:{}", values.join(",")));
    text
}

fn failed(detail: &str) -> Answer {
    let text = "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.";
    error(403, "AuthenticationFailed", text, Some(detail))
}

fn error(status: u16, code: &str, message: &str, detail: Option<&str>) -> Answer {
    let values: Vec<_> =
        detail.iter().map(|detail| json!({"key": "AuthenticationErrorDetail", "value": detail})).collect();
    let body = json!({
        "odata.metadata": "https://corpusacct.westeurope.batch.azure.com/$metadata#Microsoft.Azure.Batch.Protocol.Entities.Container.errors/@Element",
        "code": code,
        "message": {
            "lang": "en-US",
            "value": format!("{message}\nRequestId:a20d61d2-6cc2-435b-b9fc-d4c3a468c273\nTime:{}", http_date(NOW)),
        },
        "values": values,
    });
    let headers = [
        ("content-type", "application/json;odata=minimalmetadata"),
        ("request-id", "a20d61d2-6cc2-435b-b9fc-d4c3a468c273"),
    ];
    answer(status, &headers, body.to_string())
}
