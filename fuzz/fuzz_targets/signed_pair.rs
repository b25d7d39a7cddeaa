//! A right request, and the answer of a service that received another one. Fields: which signer; which answer; the
//! request's head; its body; edits of the service's text, each of a line.

#![no_main]

use std::sync::LazyLock;

use http::{HeaderMap, HeaderValue, StatusCode};
use libfuzzer_sys::fuzz_target;
use signing_core::diagnose::{Cause, Diagnosis, Refusal, Signed, diagnose};
use signing_core::{Explanation, Masking, Payload, PayloadHash, Signer, Timestamp};
use signing_fuzz::answers::{self, Shown};
use signing_fuzz::diagnosis::check;
use signing_fuzz::input::{Fields, head};
use signing_fuzz::secrets::{self, PASSWORD, check_none};
use signing_fuzz::signers;

static SIGNERS: LazyLock<Vec<Signer>> = LazyLock::new(signers::all);
const NOW: i64 = 1_709_210_096;

/// What an equal text can be refused for.
const NO_DIFFERENCE: [&str; 3] = ["wrong-secret", "credentials-refused", "mismatch"];

fuzz_target!(|input: &[u8]| {
    let mut fields = Fields::new(input);
    let signer = &SIGNERS[first(fields.raw()) % SIGNERS.len()];
    let answer = first(fields.raw());
    let (Some(mut head), body) = (head(&fields.bytes()), fields.bytes()) else { return };
    head.headers.insert("cookie", HeaderValue::from_static(PASSWORD));
    let mut private = HeaderValue::from_static(PASSWORD);
    private.set_sensitive(true);
    head.headers.insert("x-private", private);

    let explain = |masking| {
        let now = Timestamp::from_unix(NOW).expect("a date of 2024");
        signer.explain(&head, &Payload::of(&body), now, masking)
    };
    let (Ok(masked), Ok(unmasked)) = (explain(Masking::Masked), explain(Masking::Unmasked)) else { return };
    let signature = unmasked.signature().filter(|signature| signature.len() >= 32);
    let secrets: Vec<&str> = secrets::ALL.into_iter().chain(signature).collect();
    if secrets::are_in_input(&secrets, input) {
        return;
    }
    let edits: Vec<&[u8]> = std::iter::from_fn(|| fields.raw()).take(8).collect();
    let (canonical_request, string_to_sign) = arrived(&unmasked, &masked, &edits);
    let is_same = canonical_request.as_deref() == unmasked.canonical_request()
        && string_to_sign.as_deref() == unmasked.string_to_sign();

    let shown = Shown {
        message: "no match",
        canonical_request: canonical_request.as_deref().unwrap_or_default(),
        string_to_sign: string_to_sign.as_deref().unwrap_or_default(),
        signature: unmasked.signature().unwrap_or_default(),
    };
    let body = answers::body(answer, signer.method_name(), shown);
    let headers = HeaderMap::new();
    let refusal = Refusal::new(StatusCode::UNAUTHORIZED, &headers, body.as_bytes());
    let signed = Signed::from_explanation(&masked);
    let diagnosis = diagnose(&signed, &refusal);
    check_pair(&diagnosis, &signed, &secrets);
    let has_cut = body.len() > Refusal::MOST_BODY;
    if is_same && !has_cut {
        check_no_difference(&diagnosis);
    } else if !has_cut && diagnosis.diff().is_none() {
        // Where the service shows its text, another one is seen as another.
        let shows = answers::shows_text(signer.method_name());
        assert!(!shows || !diagnosis.causes().iter().any(|cause| matches!(cause, Cause::WrongSecret { .. })));
    }

    let signed = Signed::from_explanation(&unmasked);
    check_pair(&diagnose(&signed, &refusal), &signed, &secrets);
});

/// The service's texts: ours, with the edits in lines of which nothing is masked.
fn arrived(ours: &Explanation, masked: &Explanation, edits: &[&[u8]]) -> (Option<String>, Option<String>) {
    let canonical_request = ours.canonical_request().zip(masked.canonical_request());
    let canonical_request = canonical_request.map(|(text, masked)| edited(text, masked, edits));
    let string_to_sign = ours.string_to_sign().zip(masked.string_to_sign());
    let string_to_sign = string_to_sign.map(|(text, masked)| match &canonical_request {
        // Its last line is the hash of the canonical request.
        Some(arrived) if Some(arrived.as_str()) != ours.canonical_request() => {
            let start = text.rfind('\n').map_or(0, |at| at + 1);
            let hash = PayloadHash::of(arrived.as_bytes());
            let hash: String = hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            text[..start].to_owned() + &hash
        }
        Some(_) => text.to_owned(),
        None => edited(text, masked, edits),
    });
    (canonical_request, string_to_sign)
}

/// An edit: which line, where in it, how many characters go, and what comes instead.
fn edited(text: &str, masked: &str, edits: &[&[u8]]) -> String {
    let masked: Vec<&str> = masked.split('\n').collect();
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    for edit in edits {
        let [line, at, drop, insert @ ..] = edit else { continue };
        let index = usize::from(*line) % lines.len();
        let line = &mut lines[index];
        if masked.get(index).is_none_or(|line| line.contains("<masked>")) {
            continue;
        }
        let characters: Vec<char> = line.chars().collect();
        let at = usize::from(*at) % (characters.len() + 1);
        let end = (at + usize::from(*drop) % 32).min(characters.len());
        let insert = String::from_utf8_lossy(insert);
        *line = characters[..at]
            .iter()
            .copied()
            .chain(insert.chars())
            .chain(characters[end..].iter().copied())
            .collect();
    }
    lines.join("\n")
}

fn check_pair(diagnosis: &Diagnosis, signed: &Signed, secrets: &[&str]) {
    check(diagnosis, secrets);
    check_none(&format!("{signed:?}"), secrets);
}

fn check_no_difference(diagnosis: &Diagnosis) {
    assert!(diagnosis.diff().is_none(), "{:?}", diagnosis.diff());
    let causes = diagnosis.causes();
    assert!(causes.iter().all(|cause| NO_DIFFERENCE.contains(&cause.name())), "{causes:?}");
}

fn first(field: Option<&[u8]>) -> usize {
    field.and_then(|field| field.first()).copied().unwrap_or_default().into()
}
