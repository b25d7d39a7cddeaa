//! What was signed against what the service computed from the request that arrived.

pub(super) mod body;
mod canonical_request;
mod headers;
mod path;
mod query;
mod shared_key;
mod storage_sas;

use http::HeaderName;

use super::diff::{Diff, DiffOf};
use super::escape::short;
use super::signed::{Scope, is_date};
use super::{Cause, PathChange, Signed, instant, mask, shown};
use crate::encode::hex32;
use crate::explain::MASK;
use crate::sha256;

/// The texts of a service, as it told them.
#[derive(Default)]
pub(super) struct Computed {
    pub(super) canonical_request: Option<String>,
    pub(super) string_to_sign: Option<String>,
    /// The one that arrived.
    pub(super) signature: Option<String>,
}

/// What differs, and the texts side by side. No cause if the service told too little to compare.
pub(super) fn compare(signed: &Signed, computed: &Computed) -> (Vec<Cause>, Option<Diff>) {
    // Each chunk and the trailer have a string and a signature of their own, which the head's are not compared with.
    if let Some(cause) = computed.string_to_sign.as_deref().and_then(of_the_body) {
        return (vec![cause], None);
    }
    let (mut causes, diff) = texts(signed, computed);
    match is_ours(signed, computed) {
        // Nothing has signed it again: it is the date that was changed.
        Some(true) => causes.iter_mut().for_each(|cause| dated_anew(cause, signed, computed)),
        Some(false) if !causes.iter().any(|cause| matches!(cause, Cause::SignedTwice { .. })) => {
            causes.push(Cause::SignedTwice { signed_at: None, arrived_at: None });
        }
        _ => {}
    }
    (causes, diff)
}

/// Whether the signature that arrived is the one that was made, as far as both are known.
fn is_ours(signed: &Signed, computed: &Computed) -> Option<bool> {
    let shown = |signature: &&str| !signature.contains(MASK);
    let ours = signed.signature.as_deref().filter(shown)?;
    Some(computed.signature.as_deref().filter(shown)? == ours)
}

/// S3 encodes a path once and never folds it: whoever does is on the way to it.
fn changed_on_the_way(cause: &mut Cause) {
    if let Cause::PathChanged { how: how @ (PathChange::EncodedOnce | PathChange::NotNormalized), .. } = cause
    {
        *how = PathChange::Other;
    }
}

fn dated_anew(cause: &mut Cause, signed: &Signed, computed: &Computed) {
    if let Cause::SignedTwice { signed_at: Some(at), arrived_at: Some(arrived) } = cause {
        let name = changed_date(signed, computed).unwrap_or("date").to_owned();
        let (signed, arrived) = (instant::spelled(*at), instant::spelled(*arrived));
        *cause = Cause::HeaderChanged { name, signed, arrived };
    }
}

/// The date of which the service has another one, or else the one that goes before others.
fn changed_date<'s>(signed: &'s Signed, computed: &Computed) -> Option<&'s str> {
    let texts = [
        (&signed.canonical_request, &computed.canonical_request),
        (&signed.string_to_sign, &computed.string_to_sign),
    ];
    let changed = texts.into_iter().find_map(|(ours, arrived)| {
        let dated = |line: &&str| line.split_once(':').is_some_and(|(name, _)| is_date(name));
        let arrived: Vec<&str> = arrived.as_deref()?.lines().filter(dated).collect();
        let line = ours.as_deref()?.lines().filter(dated).find(|line| !arrived.contains(line))?;
        line.split(':').next()
    });
    let in_head = || signed.headers.iter().map(|(name, _)| name.as_str()).filter(|name| is_date(name));
    changed.or_else(|| in_head().find(|name| *name != "date")).or_else(|| in_head().next())
}

fn texts(signed: &Signed, computed: &Computed) -> (Vec<Cause>, Option<Diff>) {
    let canonical_requests = both(signed, &signed.canonical_request, &computed.canonical_request, |_| true);
    let strings = both(signed, &signed.string_to_sign, &computed.string_to_sign, is_sigv4);
    match (canonical_requests, strings) {
        (Some((ours, arrived)), strings) if ours != arrived => {
            let mut causes = canonical_request::causes(&ours, &arrived);
            if is_for_s3(signed) {
                causes.iter_mut().for_each(changed_on_the_way);
            }
            causes.extend(strings.iter().flat_map(|(ours, arrived)| head_of_string(ours, arrived)));
            (or_strings_differ(causes), Some(Diff::new(DiffOf::CanonicalRequest, &ours, &arrived, 3)))
        }
        (canonical_requests, Some((ours, arrived))) if ours != arrived => {
            let fixed = if is_sigv4(&ours) { 4 } else { shared_key::fixed_lines(&ours) };
            let mut causes = if is_sigv4(&arrived) {
                head_of_string(&ours, &arrived)
            } else {
                shared_key::causes(&ours, &arrived)
            };
            if causes.is_empty() {
                // Two hashes tell nothing, and what the service hashed is at hand.
                if let (None, Some(text)) = (&canonical_requests, &computed.canonical_request) {
                    return (
                        vec![Cause::StringsDiffer],
                        Some(Diff::of_service(DiffOf::CanonicalRequest, text)),
                    );
                }
                // Where canonical requests are equal, it is what is masked in them that differs.
                causes.extend(canonical_requests.and_then(|(text, _)| masked_header(&text)));
            }
            (or_strings_differ(causes), Some(Diff::new(DiffOf::StringToSign, &ours, &arrived, fixed)))
        }
        (None, None) => alone(signed, computed),
        _ => (vec![wrong_secret(signed)], None),
    }
}

/// What was signed, and what the service has, with the same masks. The last line of the former is taken from the latter
/// where it is the hash of a body that is not known, or of such a canonical request.
fn both(
    signed: &Signed,
    ours: &Option<String>,
    arrived: &Option<String>,
    ends_with_hash: impl Fn(&str) -> bool,
) -> Option<(String, String)> {
    let (mut ours, arrived) = (ours.clone()?, arrived.as_deref()?);
    // In what the service says, they are masked already.
    mask::hide(&mut ours, &signed.secrets);
    if signed.is_body_unknown {
        ours = mask::headers(&ours, &[HeaderName::from_static("x-amz-content-sha256")]);
    }
    // By name afterwards: a line that an explanation has masked in another way would no longer be known.
    let arrived = mask::by_name(&mask::as_in(&ours, arrived));
    if signed.is_body_unknown
        && ends_with_hash(&ours)
        && let (Some(end), Some(start)) = (ours.rfind('\n'), arrived.rfind('\n'))
    {
        ours.truncate(end);
        ours.push_str(&arrived[start..]);
    }
    Some((ours, arrived))
}

/// The service told a text, and ours is not known.
fn alone(signed: &Signed, computed: &Computed) -> (Vec<Cause>, Option<Diff>) {
    let canonical_request = computed.canonical_request.as_deref();
    let text = canonical_request.map(|text| (DiffOf::CanonicalRequest, text));
    let string = || computed.string_to_sign.as_deref().map(|text| (DiffOf::StringToSign, text));
    let Some((of, text)) = text.or_else(string).filter(|(_, text)| !text.is_empty()) else {
        return (Vec::new(), None);
    };
    let cause = canonical_request.and_then(|text| by_hash(signed, text)).unwrap_or(Cause::NotCompared { of });
    let is_equal = matches!(cause, Cause::WrongSecret { .. } | Cause::SignedOtherwise { .. });
    (vec![cause], (!is_equal).then(|| Diff::of_service(of, text)))
}

/// Of our canonical request only the hash is known: the last line of the string to sign.
fn by_hash(signed: &Signed, canonical_request: &str) -> Option<Cause> {
    // What the service hashed is not known where something of it is masked.
    if signed.is_body_unknown || canonical_request.contains(MASK) {
        return None;
    }
    let ours = signed.string_to_sign.as_deref().filter(|text| is_sigv4(text))?.lines().last()?;
    let hash = hex32(&sha256::digest(canonical_request.as_bytes()));
    Some(if ours.as_bytes() == hash { wrong_secret(signed) } else { Cause::StringsDiffer })
}

fn or_strings_differ(causes: Vec<Cause>) -> Vec<Cause> {
    if causes.is_empty() { vec![Cause::StringsDiffer] } else { causes }
}

/// The texts are equal, which tells of the secret only if these are the ones that were signed.
pub(super) fn wrong_secret(signed: &Signed) -> Cause {
    let key_id = signed.key_id.as_deref().map(short);
    if signed.is_made_anew || signed.is_body_unknown {
        Cause::SignedOtherwise { key_id }
    } else {
        Cause::WrongSecret { key_id }
    }
}

fn is_sigv4(text: &str) -> bool {
    text.starts_with("AWS4-")
}

/// S3 and its kin; not whatever is named after it.
pub(super) fn is_for_s3(signed: &Signed) -> bool {
    let is_kin = |service| matches!(service, "s3" | "s3express" | "s3-object-lambda" | "s3-outposts");
    signed.scope().is_some_and(|scope| is_kin(scope.service))
}

/// What is wrong, if this is the string of a part of the body.
fn of_the_body(string_to_sign: &str) -> Option<Cause> {
    match string_to_sign.lines().next()? {
        "AWS4-HMAC-SHA256-PAYLOAD" => Some(Cause::ChunkSignature),
        "AWS4-HMAC-SHA256-TRAILER" => Some(Cause::Trailer),
        _ => None,
    }
}

/// What differs in a SigV4 string to sign before its hash: algorithm, date, scope.
fn head_of_string(signed: &str, arrived: &str) -> Vec<Cause> {
    let date = |text: &str| text.lines().nth(1).and_then(instant::parse);
    let mut causes = Vec::new();
    if date(signed) != date(arrived) {
        causes.push(Cause::SignedTwice { signed_at: date(signed), arrived_at: date(arrived) });
    }
    if let (Some(ours), Some(theirs)) = (Scope::of(signed), Scope::of(arrived)) {
        if ours.region != theirs.region {
            causes.push(Cause::WrongRegion {
                signed: Some(short(ours.region)),
                expected: Some(short(theirs.region)),
            });
        }
        if ours.service != theirs.service {
            causes.push(Cause::WrongService {
                signed: Some(short(ours.service)),
                expected: Some(short(theirs.service)),
            });
        }
        if ours.date != theirs.date && causes.is_empty() {
            causes.push(Cause::WrongScopeDate { signed: short(ours.date), expected: short(theirs.date) });
        }
    }
    causes
}

/// The one header whose value is hidden, since all others are equal.
fn masked_header(canonical_request: &str) -> Option<Cause> {
    let mut names =
        canonical_request.lines().filter(|line| line.contains(MASK)).filter_map(|line| line.split_once(':'));
    let (name, _) = names.next()?;
    let cause =
        Cause::HeaderChanged { name: short(name), signed: MASK.to_owned(), arrived: shown::OTHER.to_owned() };
    names.next().is_none().then_some(cause)
}
