//! Refusals as ministack 1.5.33 wrote them, an emulator of AWS that verifies signatures.
//!
//! All requests were signed for the user's key, in the second that the answers tell; each was changed in one way
//! before it was sent.

use signing_core::diagnose::{Diagnosis, Signed};

use crate::raw::{Response, names};

const CANONICAL_REQUEST: &str = "GET\n/bkt/a\n\nhost:127.0.0.1:19137\nx-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nx-amz-date:20261122T223052Z\n\nhost;x-amz-content-sha256;x-amz-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const STRING_TO_SIGN: &str = "AWS4-HMAC-SHA256\n20261122T223052Z\n20261122/us-east-1/s3/aws4_request\nb6dec17067a0022f504e662cce6f8675009397643ea8ecb32303217e643d4537";

fn diagnose(answer: &str) -> Diagnosis {
    let signed = Signed::from_string_to_sign(STRING_TO_SIGN).with_canonical_request(CANONICAL_REQUEST);
    Response::parse(answer).diagnose(&signed)
}

#[test]
fn each_fault_is_named() {
    for (answer, expected) in [
        (include_str!("ministack/secret.txt"), "wrong-secret"),
        (include_str!("ministack/path.txt"), "path-changed"),
        // The request was a PUT with a body and a header of its own.
        (include_str!("ministack/header.txt"), "method-changed"),
        (include_str!("ministack/query.txt"), "mismatch"),
        (include_str!("ministack/clock.txt"), "clock-off"),
        (include_str!("ministack/key.txt"), "unknown-key"),
        (include_str!("ministack/expired.txt"), "signature-expired"),
        (include_str!("ministack/missing.txt"), "authentication-missing"),
    ] {
        assert_eq!(names(&diagnose(answer)).first(), Some(&expected), "{answer}");
    }
}

#[test]
fn a_header_that_was_changed_is_shown_with_both_values() {
    let blue = |text: &str| {
        text.replace("GET\n", "PUT\n")
            .replace(
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
            )
            .replace("x-amz-date:20261122T223052Z\n", "x-amz-date:20261122T223052Z\nx-amz-meta-c:blue\n")
            .replace(";x-amz-date", ";x-amz-date;x-amz-meta-c")
    };
    let signed = Signed::from_string_to_sign(STRING_TO_SIGN).with_canonical_request(&blue(CANONICAL_REQUEST));
    let diagnosis = Response::parse(include_str!("ministack/header.txt")).diagnose(&signed);
    let sentences: Vec<String> = diagnosis.causes().iter().map(ToString::to_string).collect();
    assert_eq!(sentences, ["The header `x-amz-meta-c` was signed as `blue`, but arrived as `red`."]);
}
