//! Event Hubs, Service Bus and IoT Hub: SAS tokens.
//!
//! The service verifies the token alone: nothing of the head is in the signature.
//!
//! Sources: [Event Hubs][hub], [Service Bus][bus], [IoT Hub][iot].
//!
//! [hub]: https://learn.microsoft.com/azure/event-hubs/troubleshoot-authentication-authorization
//! [bus]: https://learn.microsoft.com/azure/service-bus-messaging/service-bus-messaging-exceptions
//! [iot]: https://learn.microsoft.com/troubleshoot/azure/iot-hub/iot-hub-troubleshooting-error-codes

use http::StatusCode;

use super::super::escape::short;
use super::super::signed::decoded;
use super::super::{Cause, compare};
use super::{Case, Reading};
use crate::explain::MASK;
use crate::request::without_port;

pub(super) fn read(case: &Case<'_>) -> Option<Reading> {
    let fields = &case.fields;
    let code = fields.get("errorCode").or_else(|| fields.get("code"));
    // IoT Hub writes JSON into the message, which is read as well.
    let message = fields.all("message").find(|message| !message.starts_with('{'));
    // Texts that a service computed from the URL follow in other lines.
    let message = fields.get("detail").or(message).or_else(|| fields.text())?.lines().next()?;
    let is_ours = ["TrackingId:", "Tracking ID:", "ErrorCode:IotHub", "SAS token"]
        .iter()
        .any(|mark| message.contains(mark))
        || fields.get("trackingId").is_some()
        || case.refusal.header("iothub-errorcode").is_some();
    // There the words are names that a user has chosen.
    if !is_ours || case.is_of_aws() {
        return None;
    }
    let said = message.split(". TrackingId:").next().unwrap_or_default();
    let is_mismatch = is_wrong_signature(said);
    let cause = if is_mismatch { wrong_secret(case) } else { tell(case, said, code.unwrap_or_default()) };
    Some(Reading {
        code: code.map(short),
        message: Some(case.shown(said)),
        is_mismatch: is_mismatch && cause.is_none(),
        causes: cause.into_iter().collect(),
        ..Reading::default()
    })
}

fn is_wrong_signature(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    ["invalidsignature", "invalid signature", "invalid authorization token signature"]
        .iter()
        .any(|words| said.contains(words))
}

/// The service verifies what stands in the token: if that is what was signed, only the secret is left.
fn wrong_secret(case: &Case<'_>) -> Option<Cause> {
    let (resource, end) = case.signed.string_to_sign.as_deref()?.split_once('\n')?;
    let is_escaped = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
    let is_right = !resource.is_empty()
        && resource.bytes().all(is_escaped)
        && !end.is_empty()
        && end.bytes().all(|byte| byte.is_ascii_digit());
    is_right.then(|| compare::wrong_secret(case.signed))
}

fn tell(case: &Case<'_>, said: &str, code: &str) -> Option<Cause> {
    let status = case.refusal.status();
    let lower = said.to_ascii_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    Some(if has(&["expiredtoken", "token is expired", "token has expired"]) {
        case.expired(None, None)
    } else if has(&["invalidaudience", "wrong audience", "invalid authorization token audience"]) {
        resource_mismatch(case)
    } else if has(&["missingtoken", "missing authorization", "missing the authorization"]) {
        Cause::AuthenticationMissing
    } else if has(&["malformedtoken", "not in the wrap format", "malformed authorization"]) {
        Cause::AuthenticationMalformed { message: case.shown(said) }
    } else if has(&[
        "claim is empty",
        "claim(s)",
        "claims are required",
        "unauthorized access",
        "has been prevented to connect",
        "iothubforbidden",
    ]) {
        case.denied(if code.is_empty() { status.as_str() } else { code }, false)
    } else if has(&["iothubunauthorized"]) || code.starts_with("4010") && status == StatusCode::UNAUTHORIZED {
        unauthorized(case)
    } else {
        return None;
    })
}

/// IoT Hub says no more than that: what can be known of the token decides.
fn unauthorized(case: &Case<'_>) -> Cause {
    let times = case.signed.expires_at().zip(case.refusal.date());
    if times.is_some_and(|(end, server)| end <= server) {
        return case.expired(None, None);
    }
    let places = case.signed.resource().zip(case.signed.host());
    if places.is_some() && !is_for_the_url(case) {
        return resource_mismatch(case);
    }
    let rest_is_right = times.is_some() && places.is_some();
    Cause::CredentialsRefused { key_id: case.key_id(), rest_is_right }
}

fn resource_mismatch(case: &Case<'_>) -> Cause {
    // What is known of the URL is in order: it was changed on the way.
    let asked = case.signed.host().filter(|_| !is_for_the_url(case));
    let asked = asked.map(|host| short(&[&host, case.signed.path().unwrap_or_default()].concat()));
    Cause::ResourceMismatch { signed: case.signed.resource().as_deref().map(short), asked }
}

/// Whether the token's resource is the URL's, or above it, as far as both are known. A resource may be derived without
/// the port, and from the decoded path.
fn is_for_the_url(case: &Case<'_>) -> bool {
    let (Some(resource), Some(host)) = (case.signed.resource(), case.signed.host()) else { return true };
    // A short credential may be a part of it by chance.
    if resource.contains(MASK) {
        return true;
    }
    let resource =
        resource.split_once("://").map_or(resource.as_str(), |(_, rest)| rest).to_ascii_lowercase();
    let resource = resource.trim_end_matches('/');
    let path = case.signed.path().unwrap_or_default();
    let name = without_port(&host);
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_below = |host: &str, path: &str| {
        let asked = [host, path].concat().to_ascii_lowercase();
        let rest = asked.strip_prefix(resource);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    [host.as_str(), name].iter().any(|host| is_below(host, path) || is_below(host, &decoded(path)))
}
