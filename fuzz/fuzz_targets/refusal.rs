//! Any answer against any string to sign. Fields: status and headers; body; string to sign; canonical request; the
//! request's head; texts to put around planted credentials.

#![no_main]

use http::{HeaderMap, StatusCode};
use libfuzzer_sys::fuzz_target;
use signing_core::diagnose::{Diagnosis, Refusal, Signed, diagnose};
use signing_fuzz::answers::{self, Shown};
use signing_fuzz::diagnosis::check;
use signing_fuzz::input::{Fields, head, headers};
use signing_fuzz::secrets::{self, MAC, OTHER_TOKEN, PASSWORD, SIGNATURE, TOKEN, check_none};

fuzz_target!(|input: &[u8]| {
    let mut fields = Fields::new(input);
    let first = fields.bytes();
    let mut lines = first.split(|byte| *byte == b'\n');
    let status = lines.next().and_then(|line| StatusCode::from_bytes(line.get(..3)?).ok());
    let (status, headers) = (status.unwrap_or(StatusCode::FORBIDDEN), headers(lines));
    let (body, string_to_sign, canonical_request) = (fields.bytes(), fields.text(), fields.text());
    let request = head(&fields.bytes());

    let signed = Signed::from_string_to_sign(&string_to_sign);
    check(&diagnose(&signed, &Refusal::new(status, &headers, &body)), &[]);
    let mut signed = signed
        .with_canonical_request(&canonical_request)
        .with_key_id(string_to_sign.lines().next().unwrap_or_default())
        .with_section(&canonical_request)
        .with_clock_correction(i64::MAX)
        .with_credentials_replaced(true);
    if let Some(request) = &request {
        signed = signed.with_head(request);
    }
    check(&diagnose(&signed, &Refusal::new(status, &headers, &body)), &[]);

    if !secrets::are_in_input(&secrets::ALL, input) {
        let around = [fields.text(), fields.text(), fields.text()];
        planted(status, &headers, around.each_ref().map(String::as_str));
    }
});

/// Credentials where services echo them, among texts of the input.
fn planted(status: StatusCode, headers: &HeaderMap, around: [&str; 3]) {
    let answered = |signed: &Signed, body: String| {
        let diagnosis = diagnose(signed, &Refusal::new(status, headers, body.as_bytes()));
        check_planted(&diagnosis, signed);
    };
    let mixed = [around[2], around[0], around[1]];
    let message = format!("{} {SIGNATURE} {}", around[0], around[1]);

    let string = string_to_sign(around);
    let signed =
        Signed::from_string_to_sign(&string).with_canonical_request(&canonical_request(around, TOKEN));
    let (canonical_request, string_to_sign) = (canonical_request(mixed, OTHER_TOKEN), string_to_sign(mixed));
    let shown = Shown {
        message: &message,
        canonical_request: &canonical_request,
        string_to_sign: &string_to_sign,
        signature: SIGNATURE,
    };
    answered(&signed, answers::s3(shown));
    answered(&signed, answers::api_gateway(shown));
    answered(&signed, malformed(around));

    let signed = Signed::from_string_to_sign(&shared_key(around, TOKEN));
    let string_to_sign = shared_key(mixed, OTHER_TOKEN);
    let shown =
        Shown { message: &message, canonical_request: "", string_to_sign: &string_to_sign, signature: MAC };
    answered(&signed, answers::storage(shown));
    answered(&signed, answers::batch(shown));
}

fn check_planted(diagnosis: &Diagnosis, signed: &Signed) {
    check(diagnosis, &secrets::ALL);
    check_none(&format!("{signed:?} {diagnosis:#?}"), &secrets::ALL);
}

fn string_to_sign([a, b, _]: [&str; 3]) -> String {
    format!("AWS4-HMAC-SHA256\n20240229T123456Z\n20240229/{a}/s3/aws4_request\n{b}")
}

fn canonical_request([a, b, c]: [&str; 3], token: &str) -> String {
    format!(
        "GET\n/{a}\n{b}&X-Amz-Security-Token={token}&{c}&X-Amz-Signature={SIGNATURE}\n{c}\nauthorization:Basic {PASSWORD}\n\
        cookie:sid={PASSWORD}\n{a}\nx-amz-security-token:{token}\n{b}\n\nhost;x-amz-date\n{a}"
    )
}

fn shared_key([a, b, c]: [&str; 3], token: &str) -> String {
    format!(
        "PUT\n\n\n\n{a}\n\n\n\n\n\n\n\nx-ms-copy-source:https://h/{b}?sig={PASSWORD}&se=1\n\
        x-ms-encryption-key:{token}\n{c}\n/acct/{a}\nsig:{PASSWORD}\n{b}"
    )
}

fn malformed([a, b, c]: [&str; 3]) -> String {
    let message = format!("{a} '{MAC}' {b} ?sr=1&sig={PASSWORD}&se=1 {c} Authorization=AWS4 {PASSWORD} {b}");
    serde_json::json!({ "__type": "IncompleteSignatureException", "message": message }).to_string()
}
