//! What services other than AWS do with a signature, by their specifications and with nothing of the library.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

use crate::scheme::Scheme;
use crate::support::host_of;

type Verdict = Result<Bytes, String>;

/// Azure Batch: <https://learn.microsoft.com/rest/api/batchservice/authenticate-requests-to-the-azure-batch-service>.
pub(crate) fn batch(scheme: &Scheme, head: &Parts, body: &Bytes) -> Verdict {
    let mut text = format!("{}\n", head.method);
    for name in ["content-encoding", "content-language", "content-length", "content-md5", "content-type"] {
        text += &format!("{}\n", header(head, name));
    }
    text += "\n"; // ocp-date stands in for Date
    for name in ["if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range"] {
        text += &format!("{}\n", header(head, name));
    }
    let ocp = head.headers.keys().filter(|name| name.as_str().starts_with("ocp-"));
    let ocp: BTreeMap<_, _> = ocp.map(|name| (name.as_str(), header(head, name.as_str()))).collect();
    check(ocp.contains_key("ocp-date"), "ocp-date is missing")?;
    ocp.iter().for_each(|(name, value)| text += &format!("{name}:{value}\n"));
    let account = scheme.param("AccountName").unwrap();
    text += &format!("/{account}{}", head.uri.path());
    let mut pairs: Vec<_> = head.uri.query().unwrap_or_default().split('&').collect();
    pairs.sort_unstable();
    pairs.iter().for_each(|pair| text += &format!("\n{}", pair.replacen('=', ":", 1)));
    let expected = format!("SharedKey {account}:{}", STANDARD.encode(mac(&decoded_key(scheme), &text)));
    check(header(head, "authorization") == expected, "the signature does not match").map(|()| body.clone())
}

/// Event Hubs: the key is text, and the resource a URL.
/// <https://learn.microsoft.com/rest/api/eventhub/generate-sas-token>.
pub(crate) fn event_hub(scheme: &Scheme, head: &Parts, body: &Bytes) -> Verdict {
    let resource = format!("http://{}{}", host_name(head), head.uri.path());
    sas(scheme, head, &resource, scheme.secret().as_bytes()).map(|()| body.clone())
}

/// IoT Hub: the key is base64, and the resource a host.
/// <https://learn.microsoft.com/azure/iot-hub/authenticate-authorize-sas>.
pub(crate) fn iot_hub(scheme: &Scheme, head: &Parts, body: &Bytes) -> Verdict {
    sas(scheme, head, host_name(head), &decoded_key(scheme)).map(|()| body.clone())
}

fn sas(scheme: &Scheme, head: &Parts, resource: &str, key: &[u8]) -> Result<(), String> {
    let token = header(head, "authorization").strip_prefix("SharedAccessSignature ").ok_or("no token")?;
    let fields: BTreeMap<_, _> = token.split('&').filter_map(|field| field.split_once('=')).collect();
    let field = |name| fields.get(name).copied().unwrap_or_default();
    let decoded = |name| percent_decode_str(field(name)).decode_utf8_lossy();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    check(field("se").parse().is_ok_and(|end: u64| end > now), "the token has ended")?;
    check(decoded("sr") == resource, "the token is for another resource")?;
    check(decoded("skn") == scheme.param("SharedAccessKeyName").unwrap(), "another key's name")?;
    let expected = STANDARD.encode(mac(key, &format!("{}\n{}", field("sr"), field("se"))));
    check(decoded("sig") == expected, "the signature does not match")
}

/// CyberSource: <https://developer.cybersource.com/api/developer-guides/dita-gettingstarted/authentication/GenerateHeader/httpSignatureAuthentication.html>.
pub(crate) fn cybersource(scheme: &Scheme, head: &Parts, body: &Bytes) -> Verdict {
    let has_digest = head.method == Method::PUT;
    let mut names = vec!["host", "date", "request-target", "digest", "v-c-merchant-id"];
    names.retain(|name| has_digest || *name != "digest");
    let target = head.uri.path_and_query().unwrap();
    let lines = names.iter().map(|&name| match name {
        "host" => format!("host: {}", host_of(head)),
        "request-target" => format!("request-target: {} {target}", head.method.as_str().to_lowercase()),
        _ => format!("{name}: {}", header(head, name)),
    });
    let signature = STANDARD.encode(mac(&decoded_key(scheme), &lines.collect::<Vec<_>>().join("\n")));
    let expected = format!(
        r#"keyid="{}", algorithm="HmacSHA256", headers="{}", signature="{signature}""#,
        scheme.param("MerchantKeyID").unwrap(),
        names.join(" "),
    );
    let digest = format!("SHA-256={}", STANDARD.encode(Sha256::digest(body)));
    check(header(head, "v-c-merchant-id") == scheme.param("MerchantId").unwrap(), "another merchant")?;
    check(header(head, "digest") == if has_digest { &digest } else { "" }, "the digest is wrong")?;
    check(header(head, "signature") == expected, "the signature does not match").map(|()| body.clone())
}

pub(crate) fn auth_token(scheme: &Scheme, head: &Parts, body: &Bytes) -> Verdict {
    let name = scheme.param("Header").unwrap();
    check(header(head, name) == scheme.secret(), "another token").map(|()| body.clone())
}

pub(crate) fn custom(scheme: &Scheme, head: &Parts, body: &Bytes) -> Verdict {
    let target = head.uri.path_and_query().unwrap();
    let text = format!("{}\n{target}\n{}", head.method, hex(&Sha256::digest(body)));
    let expected = format!("hmac-sha256={}", hex(&mac(scheme.secret().as_bytes(), &text)));
    check(header(head, "x-signature") == expected, "the signature does not match").map(|()| body.clone())
}

pub(crate) fn check(is_right: bool, what_else: &str) -> Result<(), String> {
    if is_right { Ok(()) } else { Err(what_else.to_owned()) }
}

/// Empty where there is none, or more than one.
pub(crate) fn header<'h>(head: &'h Parts, name: &str) -> &'h str {
    let mut values = head.headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().unwrap_or_default(),
        _ => "",
    }
}

fn host_name(head: &Parts) -> &str {
    host_of(head).split(':').next().unwrap_or_default()
}

fn decoded_key(scheme: &Scheme) -> Vec<u8> {
    STANDARD.decode(scheme.secret()).unwrap()
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length will do");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
