//! What was signed of a request that is shown: its signature is made once more, for the date that it bears.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderName};
use http::request::Parts;
use signing_core::aws::PayloadMode;
use signing_core::diagnose::Signed;
use signing_core::{Explanation, Masking, Payload, PayloadHash, PayloadNeed, Registry, Signer, Timestamp};

use super::claim::{self, Claim, Form};
use super::request::Request;
use crate::auth::Chosen;
use crate::diagnosis::{Note, Signature};
use crate::failure::Failure;
use crate::head::uri;
use crate::terminal::visible;

/// What is known of a request's signature.
pub(super) struct Anew {
    pub(super) signed: Signed,
    pub(super) signature: Signature,
    pub(super) notes: Vec<Note>,
}

/// Why a text cannot be made.
type Fault = Cow<'static, str>;

/// `chosen` is what the flags sign with, if they say so. Without it, or where it signs in another way, the texts are
/// made as the signature itself says, which takes no secret.
pub(super) fn of(request: &Request, chosen: Option<Chosen>) -> Result<Anew, Failure> {
    let head = &request.head;
    let claim = Claim::of(head);
    let section = chosen.as_ref().and_then(|chosen| chosen.section.clone());
    let signer = chosen.and_then(|chosen| chosen.signer);
    let mut notes = Vec::new();
    if let (Some(signer), Some(claim)) = (&signer, &claim) {
        notes.extend(check_same_kind(signer, claim)?);
    }
    let mut signature = Signature::Unseen;
    let mut texts = None;
    if let Some(signer) = &signer {
        match sign(signer, claim.as_ref(), request) {
            Ok((explanation, made)) => {
                signature = compared(claim.as_ref(), head, &made);
                let signed = Signed::from_explanation(&explanation);
                texts = Some(signed.with_clock_correction(signer.clock_correction()));
            }
            Err(why) => notes.push(("signed", format!("not as these flags would: {why}"))),
        }
    }
    if texts.is_none() || signature == Signature::Other {
        match claim.as_ref().map(|claim| by_claim(claim, request)) {
            Some(Ok(signed)) => texts = Some(signed),
            Some(Err(why)) if texts.is_none() => {
                notes.push(("signed", format!("what was signed cannot be made anew: {why}")));
            }
            None if texts.is_none() => {
                notes.push(("signed", "no signature of a known kind is in the request".into()));
            }
            _ => {}
        }
    }
    if signature == Signature::Other {
        notes.push(("signature", "not the one that these credentials make of the request".into()));
    }
    let sent = claim.as_ref().and_then(|claim| claim.signature.as_deref());
    let mut signed = texts.unwrap_or_default().with_head(head).with_signature(sent);
    let ours = signer.as_deref().and_then(Signer::key_id);
    if let Some(key_id) = claim.as_ref().and_then(|claim| claim.key_id.as_deref()).or(ours) {
        signed = signed.with_key_id(key_id);
    }
    if let Some(section) = &section {
        signed = signed.with_section(section);
    }
    Ok(Anew { signed, signature, notes })
}

/// That the flags sign as the request is signed; what is to be said if they do so with another key.
fn check_same_kind(signer: &Signer, claim: &Claim) -> Result<Option<Note>, Failure> {
    if !claim.is_of(signer.method_name()) {
        return Err(Failure::usage(format!(
            "the request bears a signature of {}, and these flags sign with {}",
            claim.methods.join(" or "),
            signer.method_name()
        )));
    }
    let keys = signer.key_id().zip(claim.key_id.as_deref()).filter(|(ours, theirs)| ours != theirs);
    Ok(keys.map(|(ours, _)| {
        ("flags", format!("they sign with the key {}, which is another one", visible(ours)))
    }))
}

/// The texts that the signature is of, if it is what it says.
fn by_claim(claim: &Claim, request: &Request) -> Result<Signed, Fault> {
    if let Form::Token(text, _) = &claim.form {
        return Ok(Signed::from_string_to_sign(text));
    }
    let params = claim.params.as_ref().ok_or("its key and scope are not shown")?;
    let signer = Registry::new().signer(params).map_err(|error| error.to_string())?;
    let (explanation, _) = sign(&signer, Some(claim), request)?;
    Ok(Signed::from_explanation(&explanation))
}

/// The signature of what `request` shows, and the head that bears it.
fn sign(signer: &Signer, claim: Option<&Claim>, request: &Request) -> Result<(Explanation, Parts), Fault> {
    let mut head = request.head.clone();
    head.headers.remove(AUTHORIZATION);
    head.headers.remove("signature");
    let date = claim::date(&request.head);
    // The signer corrects the clock, and the date is corrected already.
    let at = |date: Timestamp| {
        let uncorrected = signer.clock_correction().checked_neg().and_then(|back| date.checked_add(back));
        uncorrected.ok_or("its date, uncorrected, is outside the years 1970 to 9999")
    };
    if let Some(names) = claim.and_then(|claim| claim.signed_headers.as_deref()) {
        keep(&mut head, names);
    }
    let payload = payload(signer, &mut head, request)?;
    let made = match claim.map(|claim| &claim.form) {
        Some(Form::Presigned(expires_in)) => {
            let now = at(date.ok_or("it bears no date")?)?;
            head.uri = unsigned(&head)?;
            let url = signer.presign(&head, &payload, *expires_in, now).map_err(|error| error.to_string())?;
            let explanation = signer.presign_explained(&head, &payload, *expires_in, now, Masking::Masked);
            head.uri = url;
            (explanation, head)
        }
        Some(Form::Token(_, expires_at)) => {
            let expires_at = expires_at.ok_or("the token has no end")?;
            let now = at(begin(signer, &head, &payload, expires_at)?)?;
            (signer.sign_explained(&mut head, &payload, now, Masking::Masked), head)
        }
        _ => {
            // A token in a header has no date.
            let date = date.or(Timestamp::from_unix(0).filter(|_| signer.method_name() == "auth-token"));
            let now = at(date.ok_or("it bears no date")?)?;
            (signer.sign_explained(&mut head, &payload, now, Masking::Masked), head)
        }
    };
    let (explanation, head) = made;
    let explanation = explanation.map_err(|error| error.to_string())?;
    let names = |head: &Parts| Claim::of(head).and_then(|claim| claim.signed_headers);
    if claim.is_some_and(|claim| claim.signed_headers.is_some()) && names(&head) != names(&request.head) {
        return Err(
            "among its SignedHeaders are some that are not in it, or that are never signed here".into()
        );
    }
    Ok((explanation, head))
}

/// Drops the headers that are not signed: who signed may not have seen them.
fn keep(head: &mut Parts, names: &str) {
    let is_signed = |name: &HeaderName| names.split(';').any(|signed| signed == name.as_str());
    let others: Vec<HeaderName> = head.headers.keys().filter(|name| !is_signed(name)).cloned().collect();
    for name in others {
        // The URL is from it.
        if name != http::header::HOST {
            head.headers.remove(name);
        }
    }
}

/// What the signature says of the body: what its own header does, or else the body that is shown.
fn payload(signer: &Signer, head: &mut Parts, request: &Request) -> Result<Payload, &'static str> {
    const NOT_SHOWN: &str = "its body is not shown, and no header has the body's hash";
    let given = |name| claim::text(&request.head.headers, name);
    let length = match (&request.body, given("content-length").and_then(|length| length.parse().ok())) {
        (Some(body), _) => Some(body.len() as u64),
        (None, length) => length,
    };
    match given("x-amz-content-sha256").map(str::trim) {
        Some("UNSIGNED-PAYLOAD") => {
            head.extensions.insert(PayloadMode::Unsigned);
            return Ok(Payload::unread(length));
        }
        Some(hash) if hash.starts_with("STREAMING-") => return Err("its body is aws-chunked"),
        Some(hash) => {
            head.extensions.insert(PayloadMode::Signed);
            if let Some(hash) = hexadecimal(hash) {
                return Ok(Payload::hashed(PayloadHash::from_bytes(hash), length));
            }
        }
        None => {
            head.extensions.insert(PayloadMode::Signed);
        }
    }
    let digest = given("digest").and_then(|digest| digest.strip_prefix("SHA-256="));
    if let Some(hash) = digest.and_then(|digest| STANDARD.decode(digest).ok()?.try_into().ok()) {
        return Ok(Payload::hashed(PayloadHash::from_bytes(hash), length));
    }
    match &request.body {
        Some(body) => Ok(Payload::of(body)),
        None if signer.payload_need(head) == PayloadNeed::Nothing => Ok(Payload::unread(length)),
        None => Err(NOT_SHOWN),
    }
}

fn hexadecimal(text: &str) -> Option<[u8; 32]> {
    let digits: Option<Vec<u32>> = text.chars().map(|character| character.to_digit(16)).collect();
    let bytes: Vec<u8> =
        digits?.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | *digit as u8)).collect();
    bytes.try_into().ok().filter(|_| text.len() == 64)
}

/// The URL before it was presigned.
fn unsigned(head: &Parts) -> Result<http::Uri, Fault> {
    const OURS: [&str; 7] = [
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
    ];
    let is_given = |pair: &&str| !OURS.contains(&pair.split('=').next().unwrap_or_default());
    let given: Vec<&str> = head.uri.query().unwrap_or_default().split('&').filter(is_given).collect();
    let whole = head.uri.to_string();
    let start = whole.split('?').next().unwrap_or_default();
    let query = given.join("&");
    let url = if query.is_empty() { start.to_owned() } else { [start, "?", &query].concat() };
    uri(&url).map_err(|refusal| refusal.message().to_owned().into())
}

/// When a token was made that ends at `expires_at`: as long before as this signer's tokens are good.
fn begin(
    signer: &Signer,
    head: &Parts,
    payload: &Payload,
    expires_at: Timestamp,
) -> Result<Timestamp, Fault> {
    let explanation = signer.explain(head, payload, expires_at, Masking::Masked);
    let explanation = explanation.map_err(|error| error.to_string())?;
    let end = explanation.string_to_sign().and_then(|text| text.rsplit('\n').next()?.parse::<i64>().ok());
    let corrected = (expires_at.unix() as i64).saturating_add(signer.clock_correction());
    let life = end.ok_or("its signer makes no token")?.saturating_sub(corrected);
    // One with a fixed end has it whenever it is made.
    Ok(expires_at.checked_add(life.saturating_neg()).unwrap_or(expires_at))
}

/// Whether the request bears what these credentials make.
fn compared(claim: Option<&Claim>, head: &Parts, made: &Parts) -> Signature {
    let is_same = match claim {
        Some(claim) => {
            let ours = Claim::of(made).and_then(|claim| claim.signature);
            claim.signature.as_ref().zip(ours.as_ref()).map(|(theirs, ours)| theirs == ours)
        }
        // A token in a header of any name.
        None => made
            .headers
            .iter()
            .filter(|(_, value)| value.is_sensitive())
            .map(|(name, value)| head.headers.get(name) == Some(value))
            .reduce(|all, same| all && same),
    };
    match is_same {
        Some(true) => Signature::Known,
        Some(false) => Signature::Other,
        None => Signature::Unseen,
    }
}
