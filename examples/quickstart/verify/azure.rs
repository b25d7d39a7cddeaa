//! Azure: Shared Key of Batch, and SAS tokens of Event Hubs and IoT Hub.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_smithy_types::date_time::Format;
use percent_encoding::percent_decode_str;

use super::{Received, Verdict, check_date, check_hmac, forbidden, header, unauthorized};
use crate::services::Key;

const ACCOUNT: &str = "quickstart";
const POLICY: &str = "sender";
const DEVICE: &str = "/devices/thermostat";

/// The headers of a Batch request that are signed by their values alone, in this order.
const SIGNED_VALUES: [&str; 11] = [
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

/// Batch. The account has two keys, and the request does not say which one it was signed with.
pub(crate) fn verify_batch(request: &Received, keys: &[Key]) -> Verdict {
    let signature = header(request, "authorization")?
        .strip_prefix("SharedKey ")
        .and_then(|credentials| credentials.strip_prefix(ACCOUNT)?.strip_prefix(':'))
        .ok_or(unauthorized("the account is not known"))?;
    let is_dated_apart = request.headers().contains_key("ocp-date");
    check_date(header(request, if is_dated_apart { "ocp-date" } else { "date" })?, Format::HttpDate)?;

    let is_empty_read = matches!(request.method().as_str(), "GET" | "HEAD") && request.body().is_empty();
    let mut lines = vec![request.method().to_string()];
    for name in SIGNED_VALUES {
        let value = match name {
            _ if !request.headers().contains_key(name) => "",
            "content-length" if is_empty_read => "",
            "date" if is_dated_apart => "",
            _ => header(request, name)?,
        };
        lines.push(value.to_owned());
    }
    let mut own_headers: Vec<_> =
        request.headers().keys().map(|name| name.as_str()).filter(|name| name.starts_with("ocp-")).collect();
    own_headers.sort_unstable();
    for name in own_headers {
        lines.push(format!("{name}:{}", header(request, name)?));
    }
    lines.push(format!("/{ACCOUNT}{}", request.uri().path()));
    for (name, mut values) in query_of(request) {
        values.sort_unstable();
        lines.push(format!("{name}:{}", values.join(",")));
    }
    check_hmac(keys, Key::decoded, &lines.join("\n"), signature)
}

/// The query's decoded values, by their names in lower case.
fn query_of(request: &Received) -> BTreeMap<String, Vec<String>> {
    let mut query = BTreeMap::<_, Vec<_>>::new();
    for pair in request.uri().query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        query.entry(decoded(name).to_lowercase()).or_default().push(decoded(value));
    }
    query
}

/// Event Hubs: a key of the whole namespace, whose text is used as it stands.
pub(crate) fn verify_event_hub(request: &Received, keys: &[Key]) -> Verdict {
    let host = host_name(request)?;
    verify_token(request, keys, Key::text, Some(POLICY), host)
}

/// IoT Hub: the key of one device, which is the base64 of the bytes that are used.
pub(crate) fn verify_iot_hub(request: &Received, keys: &[Key]) -> Verdict {
    let device = [host_name(request)?, DEVICE].concat();
    verify_token(request, keys, Key::decoded, None, &device)
}

/// `SharedAccessSignature sr=RESOURCE&sig=SIGNATURE&se=EXPIRY&skn=POLICY`. `reach` is what the keys may open.
fn verify_token(
    request: &Received,
    keys: &[Key],
    bytes: fn(&Key) -> Vec<u8>,
    policy: Option<&str>,
    reach: &str,
) -> Verdict {
    let token = header(request, "authorization")?
        .strip_prefix("SharedAccessSignature ")
        .ok_or(unauthorized("there is no SAS token"))?;
    let field = |name: &str| token.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let (Some(resource), Some(signature), Some(expiry)) = (field("sr"), field("sig"), field("se")) else {
        return Err(unauthorized("the SAS token lacks a part"));
    };
    if field("skn").map(decoded).as_deref() != policy {
        return Err(unauthorized("the policy is not known"));
    }
    // The resource and the expiry are signed as they stand in the token.
    let generation = check_hmac(keys, bytes, &format!("{resource}\n{expiry}"), &decoded(signature))?;

    let expiry = expiry.parse().map_err(|_| unauthorized("the expiry cannot be read"))?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    if Duration::from_secs(expiry) <= now {
        return Err(unauthorized("the SAS token has expired"));
    }
    let resource = decoded(resource);
    let resource = resource.split_once("://").map_or(&*resource, |(_scheme, rest)| rest);
    let asked_for = [host_name(request)?, request.uri().path()].concat();
    if !is_at_or_below(reach, resource) || !is_at_or_below(resource, &asked_for) {
        return Err(forbidden("the SAS token is for another resource"));
    }
    Ok(generation)
}

/// The Host header without its port.
fn host_name(request: &Received) -> Result<&str, super::Refusal> {
    let host = header(request, "host")?;
    Ok(host.split_once(':').map_or(host, |(name, _port)| name))
}

fn is_at_or_below(base: &str, path: &str) -> bool {
    path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A part of a query, in which a plus is a space.
fn decoded(part: &str) -> String {
    percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned()
}
