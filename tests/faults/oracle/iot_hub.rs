//! IoT Hub: the key is base64, the resource has no scheme, and all refusals are alike.
//!
//! Spec: <https://learn.microsoft.com/azure/iot-hub/authenticate-authorize-sas>; what is answered:
//! <https://learn.microsoft.com/troubleshoot/azure/iot-hub/iot-hub-troubleshooting-error-codes>.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Answer, NOW, answer, base64, decoded, from_base64, header, hmac, host_name, taken};
use crate::base::Wire;

pub(crate) const KEY: &str = "IoT9/xLw+3vBnMqRtYzKcJhGfDsAp0oEiU6rWlVbN4k=";

pub(crate) fn verify(wire: &Wire) -> Answer {
    let authorization = header(wire, "authorization");
    let token = authorization.strip_prefix("SharedAccessSignature ").unwrap_or_default();
    let fields: BTreeMap<_, _> = token.split('&').filter_map(|field| field.split_once('=')).collect();
    let field = |name| fields.get(name).copied().unwrap_or_default();
    let text = format!("{}\n{}", field("sr"), field("se"));
    let is_signed = base64(&hmac(&from_base64(KEY), &text)) == decoded(field("sig"));
    let is_alive = field("se").parse().is_ok_and(|end: u64| end > NOW);
    let asked = format!("{}{}", host_name(wire), wire.uri().path());
    let rest = asked.strip_prefix(&decoded(field("sr"))).map(str::to_owned);
    let is_covered = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let is_known = field("skn").is_empty() || field("skn") == "service";
    if is_signed && is_alive && is_covered && is_known {
        return taken();
    }
    let message = json!({
        "errorCode": 401_002,
        "trackingId": "01d7d277a3e24b04b9aa-G:8-TimeStamp:02/29/2024 12:34:56",
        "message": "Unauthorized",
        "timestampUtc": "2024-02-29T12:34:56.1051442Z",
    });
    let body = json!({"Message": message.to_string(), "ExceptionMessage": ""});
    let headers = [
        ("content-type", "application/json; charset=utf-8"),
        ("iothub-errorcode", "IotHubUnauthorizedAccess"),
    ];
    answer(401, &headers, body.to_string())
}
