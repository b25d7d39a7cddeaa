//! What was signed of a request that is shown: its signature is made once more, for the date that it bears.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderName};
use http::request::Parts;
use signing_core::aws::PayloadMode;
use signing_core::diagnose::Signed;
use signing_core::{Explanation, Masking, Payload, PayloadHash, PayloadNeed, Registry, Signer, Timestamp};

use super::claim::{self, Claim, Form, MASK, is_secret};
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

/// What is compared is to be as it is; a diagnosis masks what it keeps.
const MASKING: Masking = Masking::Unmasked;

/// A signature that was made of what a request shows.
struct Made {
    explanation: Explanation,
    /// With the signature in it.
    head: Parts,
    /// Or else the hash in it is of some other body.
    is_body_known: bool,
}

impl Made {
    fn texts(&self) -> Signed {
        let signed = Signed::from_explanation(&self.explanation);
        if self.is_body_known { signed } else { signed.with_body_unknown() }
    }
}

/// `chosen` is what the flags sign with, if they say so. Without it, or where it signs in another way, the texts are
/// made as the signature itself says, which takes no secret.
pub(super) fn of(request: &Request, chosen: Option<&Chosen>) -> Result<Anew, Failure> {
    let head = &request.head;
    let claim = Claim::of(head);
    let section = chosen.and_then(|chosen| chosen.section.as_deref());
    let signer = chosen.and_then(|chosen| chosen.signer.as_deref());
    let mut notes = Vec::new();
    if let (Some(signer), Some(claim)) = (signer, &claim) {
        notes.extend(check_same_kind(signer, claim)?);
    }
    let mut signature = Signature::Unseen;
    let (mut texts, mut is_body_known) = (None, true);
    if let Some(signer) = signer {
        match sign(signer, claim.as_ref(), request) {
            Ok(made) => {
                signature = compared(claim.as_ref(), head, &made);
                is_body_known = made.is_body_known;
                let signed = made.texts().with_clock_correction(signer.clock_correction());
                // A token may be in a header of any name.
                let is_token = claim.is_none() && signature != Signature::Unseen;
                texts = Some(if is_token { signed.with_credentials_hidden(&made.head) } else { signed });
            }
            Err(why) => notes.push(("signed", format!("not as these flags would: {why}"))),
        }
    }
    if texts.is_none() || signature == Signature::Other {
        match claim.as_ref().map(|claim| by_claim(claim, request)) {
            Some(Ok((signed, is_known))) => {
                is_body_known = is_known;
                texts = Some(signed);
            }
            Some(Err(why)) if texts.is_none() => {
                notes.push(("signed", format!("what was signed cannot be made anew: {why}")));
            }
            None if texts.is_none() => {
                notes.push(("signed", "no signature of a known kind is in the request".into()));
            }
            _ => {}
        }
    }
    if !is_body_known {
        notes.push(("body", "not shown, nor is its hash: all else is compared".into()));
    }
    if signature == Signature::Other {
        notes.push(("signature", "not the one that these credentials make of the request".into()));
    }
    let mut signed = texts.unwrap_or_default().with_head(head).with_signature(None);
    if signature != Signature::Known {
        signed = signed.with_texts_made_anew();
    }
    if let Some(key_id) = signer.and_then(Signer::key_id) {
        signed = signed.with_key_id(if is_secret(key_id) { MASK } else { key_id });
    }
    if let Some(claim) = &claim {
        signed = claim.tell(signed);
        if claim.shows_secret() {
            notes.push(("key", "not shown: what stands in its place looks like a secret".into()));
        }
    }
    if let Some(section) = section {
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
        let ours = if is_secret(ours) { MASK.into() } else { visible(ours) };
        ("flags", format!("they sign with the key {ours}, which is another one"))
    }))
}

/// The texts that the signature is of, if it is what it says, and whether the body in them is known.
fn by_claim(claim: &Claim, request: &Request) -> Result<(Signed, bool), Fault> {
    if let Form::Token(text, _) = &claim.form {
        return Ok((Signed::from_string_to_sign(text), true));
    }
    let params = claim.params.as_ref().ok_or("its key and scope are not shown")?;
    let signer = Registry::new().signer(params).map_err(|error| error.to_string())?;
    let made = sign(&signer, Some(claim), request)?;
    Ok((made.texts(), made.is_body_known))
}

/// The signature of what `request` shows, and the head that bears it.
fn sign(signer: &Signer, claim: Option<&Claim>, request: &Request) -> Result<Made, Fault> {
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
    let is_body_known = payload.is_some();
    let payload = payload.unwrap_or_else(|| Payload::hashed(PayloadHash::from_bytes([0; 32]), None));
    let made = match claim.map(|claim| &claim.form) {
        Some(Form::Presigned(expires_in)) => {
            let now = at(date.ok_or("it bears no date")?)?;
            head.uri = unsigned(&head)?;
            let url = signer.presign(&head, &payload, *expires_in, now).map_err(|error| error.to_string())?;
            let explanation = signer.presign_explained(&head, &payload, *expires_in, now, MASKING);
            head.uri = url;
            (explanation, head)
        }
        Some(Form::Token(_, expires_at)) => {
            let expires_at = expires_at.ok_or("the token has no end")?;
            let now = at(begin(signer, &head, &payload, expires_at)?)?;
            (signer.sign_explained(&mut head, &payload, now, MASKING), head)
        }
        _ => {
            // A token in a header has no date.
            let date = date.or(Timestamp::from_unix(0).filter(|_| signer.method_name() == "auth-token"));
            let now = at(date.ok_or("it bears no date")?)?;
            (signer.sign_explained(&mut head, &payload, now, MASKING), head)
        }
    };
    let (explanation, head) = made;
    let explanation = explanation.map_err(|error| error.to_string())?;
    if let Some(theirs) = claim.and_then(|claim| claim.signed_headers.as_deref()) {
        let ours = Claim::of(&head).and_then(|claim| claim.signed_headers).unwrap_or_default();
        check_names(theirs, &ours, &request.head)?;
    }
    Ok(Made { explanation, head, is_body_known })
}

/// That the headers are signed that the signature says, in its order.
fn check_names(theirs: &str, ours: &str, head: &Parts) -> Result<(), Fault> {
    let beside = |names: &str, others: &str| -> Vec<String> {
        let is_missing = |name: &&str| !others.split(';').any(|other| other == *name);
        names.split(';').filter(is_missing).map(str::to_owned).collect()
    };
    let told = |names: &[String]| visible(&names.join("`, `")).into_owned();
    let (missing, more) = (beside(theirs, ours), beside(ours, theirs));
    let (unsigned, absent): (Vec<_>, Vec<_>) =
        missing.into_iter().partition(|name| head.headers.contains_key(name));
    let mut faults = Vec::new();
    if !absent.is_empty() {
        faults.push(format!("it has no `{}`, which its SignedHeaders name", told(&absent)));
    }
    if !unsigned.is_empty() {
        faults.push(format!("its SignedHeaders name `{}`, which is never signed here", told(&unsigned)));
    }
    if !more.is_empty() {
        faults.push(format!("`{}` has to be signed, and its SignedHeaders do not name it", told(&more)));
    }
    match faults.is_empty() {
        true if theirs == ours => Ok(()),
        true => Err("its SignedHeaders are not in alphabetical order".into()),
        false => Err(faults.join("; ").into()),
    }
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

/// What the signature says of the body: what its own header does, or else the body that is shown. `None` if it is a hash
/// that is not known, and the only line that depends on it.
fn payload(signer: &Signer, head: &mut Parts, request: &Request) -> Result<Option<Payload>, &'static str> {
    const NOT_SHOWN: &str = "its body is not shown, and no header has the body's hash";
    let given = |name| claim::text(&request.head.headers, name);
    let length = match (&request.body, given("content-length").and_then(|length| length.parse().ok())) {
        (Some(body), _) => Some(body.len() as u64),
        (None, length) => length,
    };
    match given("x-amz-content-sha256").map(str::trim) {
        Some("UNSIGNED-PAYLOAD") => {
            head.extensions.insert(PayloadMode::Unsigned);
            return Ok(Some(Payload::unread(length)));
        }
        Some(hash) if hash.starts_with("STREAMING-") => return Err("its body is aws-chunked"),
        Some(hash) => {
            head.extensions.insert(PayloadMode::Signed);
            if let Some(hash) = hexadecimal(hash) {
                return Ok(Some(Payload::hashed(PayloadHash::from_bytes(hash), length)));
            }
        }
        None => {
            head.extensions.insert(PayloadMode::Signed);
        }
    }
    let digest = given("digest").and_then(|digest| digest.strip_prefix("SHA-256="));
    if let Some(hash) = digest.and_then(|digest| STANDARD.decode(digest).ok()?.try_into().ok()) {
        return Ok(Some(Payload::hashed(PayloadHash::from_bytes(hash), length)));
    }
    match &request.body {
        Some(body) => Ok(Some(Payload::of(body))),
        None if signer.payload_need(head) == PayloadNeed::Nothing => Ok(Some(Payload::unread(length))),
        None if signer.method_name() == "aws-signature-v4" => Ok(None),
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
    let explanation = signer.explain(head, payload, expires_at, MASKING);
    let explanation = explanation.map_err(|error| error.to_string())?;
    let end = explanation.string_to_sign().and_then(|text| text.rsplit('\n').next()?.parse::<i64>().ok());
    let corrected = (expires_at.unix() as i64).saturating_add(signer.clock_correction());
    let life = end.ok_or("its signer makes no token")?.saturating_sub(corrected);
    // One with a fixed end has it whenever it is made.
    Ok(expires_at.checked_add(life.saturating_neg()).unwrap_or(expires_at))
}

/// Whether the request bears what these credentials make.
fn compared(claim: Option<&Claim>, head: &Parts, made: &Made) -> Signature {
    if !made.is_body_known {
        return Signature::Unseen;
    }
    let made = &made.head;
    let is_same = match claim {
        Some(claim) => {
            let ours = Claim::of(made).and_then(|claim| claim.signature);
            claim.signature.as_ref().zip(ours.as_ref()).map(|(theirs, ours)| theirs == ours)
        }
        // A token in a header of any name.
        None => made
            .headers
            .iter()
            .filter(|(name, value)| value.is_sensitive() && head.headers.contains_key(*name))
            .map(|(name, value)| head.headers.get(name) == Some(value))
            .reduce(|all, same| all && same),
    };
    match is_same {
        Some(true) => Signature::Known,
        Some(false) => Signature::Other,
        None => Signature::Unseen,
    }
}
