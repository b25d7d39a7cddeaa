//! CyberSource: a signature over lines that the request names, one of which is the digest of the body.

use std::slice;

use aws_smithy_types::date_time::Format;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::{Received, Verdict, check_date, check_hmac, forbidden, header, key_named, target, unauthorized};
use crate::services::Key;

pub(crate) fn verify(request: &Received, keys: &[Key]) -> Verdict {
    let fields = header(request, "signature")?;
    let field = |name: &str| {
        let value = fields.split(", ").find_map(|field| field.strip_prefix(name)?.strip_prefix("=\""));
        value.and_then(|value| value.strip_suffix('"')).ok_or(unauthorized("the Signature lacks a field"))
    };
    let key = key_named(keys, field("keyid")?)?;
    if field("algorithm")? != "HmacSHA256" {
        return Err(unauthorized("the algorithm is not known"));
    }

    // Whatever the service acts upon must be covered.
    let names: Vec<_> = field("headers")?.split(' ').collect();
    let has_digest = matches!(request.method().as_str(), "POST" | "PUT" | "PATCH");
    let mut needed = vec!["host", "date", "request-target", "v-c-merchant-id"];
    needed.extend(has_digest.then_some("digest"));
    if !needed.iter().all(|name| names.contains(name)) {
        return Err(unauthorized("a line is not signed that must be"));
    }
    check_date(header(request, "date")?, Format::HttpDate)?;

    let mut lines = Vec::new();
    for name in names {
        lines.push(match name {
            "request-target" => {
                let method = request.method().as_str().to_lowercase();
                format!("request-target: {method} {}", target(request))
            }
            _ => format!("{name}: {}", header(request, name)?),
        });
    }
    let generation = check_hmac(slice::from_ref(key), Key::decoded, &lines.join("\n"), field("signature")?)?;

    // The signature covers the digest, and the digest the body.
    let digest = || format!("SHA-256={}", STANDARD.encode(Sha256::digest(request.body())));
    if has_digest && header(request, "digest")? != digest() {
        return Err(forbidden("the digest is not that of the body"));
    }
    Ok(generation)
}
