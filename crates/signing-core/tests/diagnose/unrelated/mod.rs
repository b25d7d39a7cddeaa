//! Refusals that have nothing to do with the signature, of requests that are signed right.

mod denied;
mod silent;

use signing_core::diagnose::{Cause, Signed};

use crate::raw::Response;

use denied::DENIED;
use silent::SILENT;

const SIGV4: &str = "AWS4-HMAC-SHA256\n20240229T123456Z\n20240229/us-east-1/s3/aws4_request\nb6dec17067a0022f504e662cce6f8675009397643ea8ecb32303217e643d4537";
const BATCH: &str =
    "GET\n\n\n\n\n\n\n\n\n\n\n\nocp-date:Thu, 29 Feb 2024 12:34:56 GMT\n/acct/jobs\napi-version:1";
const HUB: &str = "https%3A%2F%2Fns.servicebus.windows.net%2Fhub\n1709210196";
const BLOB: &str = "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Thu, 29 Feb 2024 12:34:56 GMT\nx-ms-version:2023-11-03\n/acct/box\ncomp:list";
const QUERY: &str = "AWS4-HMAC-SHA256\n20240229T123456Z\n20240229/us-east-1/sts/aws4_request\nb6dec17067a0022f504e662cce6f8675009397643ea8ecb32303217e643d4537";
const JSON: &str = "AWS4-HMAC-SHA256\n20240229T123456Z\n20240229/us-east-1/kinesis/aws4_request\nb6dec17067a0022f504e662cce6f8675009397643ea8ecb32303217e643d4537";
const GATEWAY: &str = "AWS4-HMAC-SHA256\n20240229T123456Z\n20240229/us-east-1/execute-api/aws4_request\nb6dec17067a0022f504e662cce6f8675009397643ea8ecb32303217e643d4537";
const IOT: &str = "h.azure-devices.net%2Fdevices%2Fd1\n1709210196";
const CYBERSOURCE: &str = "host: apitest.cybersource.com\ndate: Thu, 29 Feb 2024 12:34:56 GMT\nrequest-target: get /x\nv-c-merchant-id: m";
const DATE: &str = "date: Thu, 29 Feb 2024 12:34:57 GMT";

/// What was signed, and the answer.
type Row = (&'static str, &'static str);

/// The clocks agree, unless the answer says otherwise.
fn dated(answer: &str) -> Response {
    let (status, rest) = answer.split_once('\n').unwrap();
    Response::parse(&if answer.contains("date: ") {
        answer.to_owned()
    } else {
        format!("{status}\n{DATE}\n{rest}")
    })
}

#[test]
fn a_policy_is_the_only_cause_where_the_service_says_so() {
    for (signed, answer) in DENIED {
        let diagnosis = dated(answer).diagnose(&Signed::from_string_to_sign(signed));
        assert!(matches!(diagnosis.causes(), [Cause::Authorization { .. }]), "{answer}\n{diagnosis:?}");
        // Whom it names it has verified.
        let begins = if answer.contains("User: arn:") {
            "The signature looks right: this is an authorization matter (`"
        } else {
            "The service does not object to the signature: this is an authorization matter (`"
        };
        assert!(diagnosis.to_string().starts_with(begins), "{answer}\n{diagnosis}");
    }
}

#[test]
fn no_cause_is_claimed_that_is_not_there() {
    assert!(DENIED.len() + SILENT.len() >= 100, "{} {}", DENIED.len(), SILENT.len());
    // Nor where more is known of the request: temporary credentials, a header that proxies change.
    let request = http::Request::put("https://bucket.s3.us-east-1.amazonaws.com/a?x=1")
        .header("accept-encoding", "identity")
        .header("x-amz-date", "20240229T123456Z")
        .header("x-amz-security-token", "t0ken/of+the=session");
    let head = request.body(()).unwrap().into_parts().0;
    for (signed, answer) in SILENT {
        let signed = Signed::from_string_to_sign(signed).with_section("storage").with_key_id("ASIAKEY");
        let canonical = "PUT\n/a\nx=1\naccept-encoding:identity\nhost:bucket.s3.us-east-1.amazonaws.com\n\naccept-encoding;host\nhash";
        for signed in [signed.clone(), signed.with_canonical_request(canonical).with_head(&head)] {
            let diagnosis = dated(answer).diagnose(&signed);
            assert!(diagnosis.causes().is_empty(), "{answer}\n{diagnosis:?}");
            assert!(diagnosis.diff().is_none());
        }
    }
}

#[test]
fn headers_that_proxies_change_are_told_without_a_cause() {
    let canonical = "GET\n/\n\naccept-encoding:gzip\nhost:h\n\naccept-encoding;host\nUNSIGNED-PAYLOAD";
    let signed = Signed::from_string_to_sign("AWS4-HMAC-SHA256\n").with_canonical_request(canonical);
    let diagnosis = dated("403\n\n").diagnose(&signed);
    assert!(diagnosis.causes().is_empty());
    assert_eq!(
        diagnosis.to_string(),
        "The answer is 403, and nothing in it that is known here tells of the signature; of the signed headers, clients and proxies are known to change `accept-encoding`."
    );
}

#[test]
fn what_is_known_is_told_without_a_cause() {
    let signed = Signed::from_string_to_sign(SIGV4).with_section("storage").with_key_id("KEY");
    let check = |answer, expected| assert_eq!(dated(answer).diagnose(&signed).to_string(), expected);
    check(
        "403\n\n",
        "The answer is 403, and nothing in it that is known here tells of the signature; section `storage` signed with the key `KEY`; the clocks are 1 s apart.",
    );
    check(
        "403\nx-amzn-errortype: ForbiddenException\n\n{\"message\":\"Forbidden\"}",
        "The answer is 403 (`ForbiddenException`), which does not tell that the signature is the matter; section `storage` signed with the key `KEY`; the clocks are 1 s apart.",
    );
}
