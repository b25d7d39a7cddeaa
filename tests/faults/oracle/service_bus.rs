//! Event Hubs and Service Bus: the key is text, and the resource a URL.
//!
//! Spec: <https://learn.microsoft.com/rest/api/eventhub/generate-sas-token>; what is answered:
//! <https://learn.microsoft.com/azure/event-hubs/troubleshoot-authentication-authorization>.

use std::collections::BTreeMap;

use super::{Answer, NOW, answer, base64, decoded, header, hmac, host_name, taken};
use crate::base::Wire;

pub(crate) const POLICY: &str = "send";
pub(crate) const KEY: &str = "Hub5+pQx/8rZtKcYwVnE2mBsLdJgFa0oUi7RvNq3T1s=";

pub(crate) fn verify(wire: &Wire) -> Answer {
    let authorization = header(wire, "authorization");
    if authorization.is_empty() {
        return refused("MissingToken: The request is missing the authorization header.");
    }
    let Some(token) = authorization.strip_prefix("SharedAccessSignature ") else {
        return refused(
            "MalformedToken: The credentials contained in the authorization header are not in the WRAP format.",
        );
    };
    let fields: BTreeMap<_, _> = token.split('&').filter_map(|field| field.split_once('=')).collect();
    let [resource, end, policy, signature] = ["sr", "se", "skn", "sig"].map(|name| fields[name]);
    let text = format!("{resource}\n{end}");
    let is_signed = decoded(policy) == POLICY && base64(&hmac(KEY.as_bytes(), &text)) == decoded(signature);
    // An unknown policy has no other answer.
    if !is_signed {
        return refused("InvalidSignature: The token has an invalid signature.");
    }
    if end.parse().is_ok_and(|end: u64| end <= NOW) {
        return refused("ExpiredToken: The token is expired.");
    }
    let resource = decoded(resource).to_lowercase();
    let resource = resource.split_once("://").map_or(&*resource, |(_, rest)| rest).to_owned();
    let asked = format!("{}{}", host_name(wire), wire.uri().path()).to_lowercase();
    let rest = asked.strip_prefix(resource.trim_end_matches('/'));
    if rest.is_none_or(|rest| !(rest.is_empty() || rest.starts_with('/'))) {
        return refused("InvalidAudience: The authorization header contains a token with a wrong audience.");
    }
    taken()
}

fn refused(what: &str) -> Answer {
    let body = format!(
        "<Error><Code>401</Code><Detail>{} TrackingId:0a8bdd15-e087-446f-bd69-4a08e9a34ce4_G31, SystemTracker:corpus.servicebus.windows.net:hub, Timestamp:2024-02-29T12:34:56</Detail></Error>",
        what
    );
    answer(401, &[("content-type", "application/xml; charset=utf-8")], body)
}
