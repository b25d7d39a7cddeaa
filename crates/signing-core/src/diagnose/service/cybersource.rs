//! CyberSource's REST API.
//!
//! It says that authentication failed, and no more: date and host are what can be looked at.
//!
//! Source: [HTTP signature authentication][spec].
//!
//! [spec]: https://developer.cybersource.com/api/developer-guides/dita-gettingstarted/authentication/GenerateHeader/httpSignatureAuthentication.html

use http::StatusCode;

use super::super::escape::short;
use super::super::{Cause, clock};
use super::{Case, Reading};
use crate::explain::MASK;

pub(super) fn read(case: &Case<'_>) -> Option<Reading> {
    let fields = &case.fields;
    let message = fields.get("rmsg").or_else(|| {
        (fields.get("reason") == Some("AUTHENTICATION_FAILED")).then(|| fields.get("message")).flatten()
    })?;
    let is_refused = case.refusal.status() == StatusCode::UNAUTHORIZED;
    Some(Reading {
        code: fields.get("reason").map(|code| case.shown(code)),
        message: Some(case.shown(message)),
        causes: if is_refused { tell(case) } else { Vec::new() },
        ..Reading::default()
    })
}

fn tell(case: &Case<'_>) -> Vec<Cause> {
    if let Some(off) = clock::off(case.signed, case.refusal) {
        return vec![off];
    }
    let asked: Vec<String> = [case.signed.host(), environment(case)].into_iter().flatten().collect();
    let signed = signed_host(case);
    if let Some(signed) = &signed
        && let Some(asked) = asked.iter().find(|asked| *asked != signed)
    {
        return vec![Cause::HostChanged { signed: short(signed), arrived: short(asked) }];
    }
    let is_dated = clock::difference(case.signed, case.refusal).is_some();
    let rest_is_right = is_dated && signed.is_some() && !asked.is_empty();
    vec![Cause::CredentialsRefused { key_id: case.key_id(), rest_is_right }]
}

/// The URL's host, if it is one of CyberSource's: others may be tunnels to it.
fn environment(case: &Case<'_>) -> Option<String> {
    let (_, host) = case.signed.scheme_and_host()?;
    let host = host.split(':').next()?.to_ascii_lowercase();
    host.ends_with(".cybersource.com").then_some(host)
}

fn signed_host(case: &Case<'_>) -> Option<String> {
    let lines = case.signed.string_to_sign.as_deref()?.lines();
    let mut hosts = lines.filter_map(|line| line.strip_prefix("host: "));
    // A short credential may be a part of it by chance, and is masked.
    hosts.next().filter(|host| !host.contains(MASK)).map(str::to_ascii_lowercase)
}
