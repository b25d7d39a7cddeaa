//! CyberSource, which says that authentication failed, and no more.
//!
//! Spec: <https://developer.cybersource.com/api/developer-guides/dita-gettingstarted/authentication/GenerateHeader/httpSignatureAuthentication.html>.

use super::{Answer, NOW, answer, base64, from_base64, header, hmac, parse_http_date, taken};
use crate::base::Wire;

use sha2::{Digest, Sha256};

pub(crate) const HOST: &str = "apitest.cybersource.com";
pub(crate) const KEY_ID: &str = "08c94330-f618-42a3-b09d-e1e43be5efda";
pub(crate) const KEY: &str = "Cyb3+rSource/Zq8WvXnLmKpTtYsGhJdFb0aEoRiUuA=";

pub(crate) fn verify(wire: &Wire) -> Answer {
    if is_right(wire).is_some() {
        return taken();
    }
    let headers = [("content-type", "application/json"), ("v-c-correlation-id", "f2a1c9d0")];
    answer(401, &headers, r#"{"response":{"rmsg":"Authentication Failed"}}"#)
}

fn is_right(wire: &Wire) -> Option<()> {
    let signature = header(wire, "signature");
    let field = |name: &str| {
        let value = signature.split(", ").find_map(|field| field.strip_prefix(name)?.strip_prefix("=\""));
        value?.strip_suffix('"')
    };
    let date = parse_http_date(&header(wire, "date"))?;
    let digest = format!("SHA-256={}", base64(&Sha256::digest(wire.body())));
    let target = wire.uri().path_and_query()?;
    let lines: Vec<_> = field("headers")?
        .split(' ')
        .map(|name| match name {
            "request-target" => {
                format!("request-target: {} {target}", wire.method().as_str().to_lowercase())
            }
            _ => format!("{name}: {}", header(wire, name)),
        })
        .collect();
    let is_right = field("keyid")? == KEY_ID
        && header(wire, "host") == HOST
        && header(wire, "v-c-merchant-id") == "corpus"
        && date.abs_diff(NOW) <= 5 * 60
        && header(wire, "digest") == digest
        && base64(&hmac(&from_base64(KEY), &lines.join("\n"))) == field("signature")?;
    is_right.then_some(())
}
