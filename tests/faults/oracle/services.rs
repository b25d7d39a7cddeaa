//! What all services of AWS but S3 verify, in their order and their words.
//!
//! Spec: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html>.

use super::sigv4::{ENDED_TOKEN, Given, KEY_ID, SESSION_KEY_ID, SESSION_TOKEN, Texts, Unreadable};
use super::{NOW, basic_date, header, parse_basic_date};
use crate::base::Wire;

/// Why a request is refused. The words are the same everywhere, the codes are not.
pub(crate) enum Why {
    Missing,
    Incomplete(String),
    /// Region, service, day or time.
    Scope(String),
    UnknownKey,
    ExpiredToken,
    InvalidToken,
    Mismatch(Texts),
}

impl Why {
    /// The code and the sentence of services that speak JSON. Some show their texts, others do not.
    pub(crate) fn in_json(self, shows_texts: bool) -> (&'static str, String) {
        match self {
            Self::Missing => {
                ("MissingAuthenticationTokenException", "Missing Authentication Token".to_owned())
            }
            Self::Incomplete(text) => ("IncompleteSignatureException", text),
            Self::Scope(text) => ("InvalidSignatureException", text),
            Self::UnknownKey | Self::InvalidToken => (
                "UnrecognizedClientException",
                "The security token included in the request is invalid.".to_owned(),
            ),
            Self::ExpiredToken => {
                ("ExpiredTokenException", "The security token included in the request is expired".to_owned())
            }
            Self::Mismatch(texts) => {
                let told = if shows_texts { texts.told() } else { String::new() };
                ("InvalidSignatureException", [MISMATCH, &told].concat())
            }
        }
    }
}

pub(crate) const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

/// Minutes between the clocks that are let pass.
pub(crate) fn verify(wire: &Wire, region: &str, service: &str, minutes: u64) -> Result<(), Why> {
    let given = match Given::of(wire) {
        Ok(given) => given,
        Err(Unreadable::Missing) => return Err(Why::Missing),
        Err(Unreadable::Lacks(names)) => {
            let sentences: Vec<_> = names
                .iter()
                .map(|name| {
                    format!("Authorization header requires '{}' parameter.", name.trim_end_matches('='))
                })
                .collect();
            return Err(Why::Incomplete(format!(
                "{} Authorization={}",
                sentences.join(" "),
                header(wire, "authorization")
            )));
        }
        Err(Unreadable::Foreign) => {
            let authorization = header(wire, "authorization");
            let first = authorization.split(' ').nth(1).unwrap_or_default();
            return Err(Why::Incomplete(format!(
                "'{first}' not a valid key=value pair (missing equal-sign) in Authorization header: '{authorization}'."
            )));
        }
    };
    if given.date.is_empty() {
        let text = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
        return Err(Why::Incomplete(format!("{text} Authorization={}", header(wire, "authorization"))));
    }
    check_scope(&given, region, service)?;
    check_time(&given, minutes)?;
    match (&*given.key_id, &*given.token) {
        (KEY_ID, "") | (SESSION_KEY_ID, SESSION_TOKEN) => {}
        (SESSION_KEY_ID, ENDED_TOKEN) => return Err(Why::ExpiredToken),
        (KEY_ID | SESSION_KEY_ID, other) if !other.is_empty() => return Err(Why::InvalidToken),
        _ => return Err(Why::UnknownKey),
    }
    let texts = Texts::of(wire, &given);
    if given.sign(given.secret().unwrap(), &texts.string_to_sign) == given.signature {
        Ok(())
    } else {
        Err(Why::Mismatch(texts))
    }
}

fn check_scope(given: &Given, region: &str, service: &str) -> Result<(), Why> {
    let mut text = String::new();
    if given.region != region {
        text += &format!("Credential should be scoped to a valid region, not '{}'. ", given.region);
    }
    if given.service != service {
        text += &format!("Credential should be scoped to correct service: '{service}'. ");
    }
    if !given.date.starts_with(&given.day) {
        text += &format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{}', from '{}'.",
            given.day,
            &given.date[..8],
            given.date
        );
    }
    if text.is_empty() { Ok(()) } else { Err(Why::Scope(text)) }
}

fn check_time(given: &Given, minutes: u64) -> Result<(), Why> {
    let signed_at = parse_basic_date(&given.date).unwrap();
    let (date, now) = (&given.date, basic_date(NOW));
    if signed_at + minutes * 60 < NOW {
        let limit = basic_date(NOW - minutes * 60);
        return Err(Why::Scope(format!(
            "Signature expired: {date} is now earlier than {limit} ({now} - {minutes} min.)"
        )));
    }
    if signed_at > NOW + minutes * 60 {
        let limit = basic_date(NOW + minutes * 60);
        return Err(Why::Scope(format!(
            "Signature not yet current: {date} is still later than {limit} ({now} + {minutes} min.)"
        )));
    }
    Ok(())
}
