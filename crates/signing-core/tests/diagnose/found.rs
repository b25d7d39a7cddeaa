//! What fuzzing has found, each in its smallest form.

use http::request::Parts;
use http::{HeaderValue, Request};
use signing_core::diagnose::Signed;
use signing_core::{Explanation, Masking, Payload, Registry, Timestamp};

use crate::raw::{Response, names};
use crate::secrets::{self, PASSWORD};
use crate::table::{BATCH, CYBERSOURCE, SIGV4};

const AWS: [(&str, &str); 3] =
    [("Method", "aws-signature-v4"), ("AccessKeyId", "AKID"), ("SecretAccessKey", "secret")];
const CANONICAL: &str = "GET\n/\na=1\nhost:h\n\nhost\nhash";

fn head(url: &str) -> Parts {
    Request::get(url).body(()).unwrap().into_parts().0
}

/// With a header that is marked as sensitive.
fn private_head(url: &str) -> Parts {
    let mut private = HeaderValue::from_static(PASSWORD);
    private.set_sensitive(true);
    let mut head = head(url);
    head.headers.insert("x-private", private);
    head
}

fn explained(params: &[(&str, &str)], head: &Parts, masking: Masking) -> Explanation {
    let signer = Registry::new().signer(&params.iter().copied().collect()).unwrap();
    let now = Timestamp::from_unix(1_709_210_096).unwrap();
    signer.explain(head, &Payload::EMPTY, now, masking).unwrap()
}

/// As API Gateway writes it.
fn gateway_answer(canonical_request: &str, string_to_sign: &str) -> String {
    let message = format!(
        "The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for this request should have been\n'{canonical_request}'\n\nThe String-to-Sign should have been\n'{string_to_sign}'\n"
    );
    format!("403\n\n{{\"message\":\"{}\"}}", message.replace('\n', "\\n"))
}

/// As Azure Storage writes it.
fn storage_answer(string_to_sign: &str) -> String {
    format!(
        "403\n\n<Error><Code>AuthenticationFailed</Code><AuthenticationErrorDetail>Server used following string to sign: '{string_to_sign}'.</AuthenticationErrorDetail></Error>"
    )
}

fn causes(answer: &str, signed: &Signed) -> Vec<&'static str> {
    names(&Response::parse(answer).diagnose(signed))
}

#[test]
fn a_signature_is_masked_in_a_url_with_an_equals_sign_before_its_query() {
    let copied = format!("x-ms-copy-source:https://h/a=1?sig={PASSWORD}\n/acct/box");
    let string = BATCH.replace("/acct/jobs", &copied);
    let signed = Signed::from_string_to_sign(&string);
    let answer = storage_answer(&string.replace("/box", "/other"));
    assert_eq!(causes(&answer, &signed), ["path-changed"]);
    secrets::check(&answer, signed);
}

#[test]
fn a_message_is_quoted_without_the_texts_that_follow_in_it() {
    let gateway = gateway_answer(&CANONICAL.replace("host:h", &format!("cookie:{PASSWORD}\nhost:h")), SIGV4);
    let azure = gateway.replacen("403", "400\nx-ms-error-code: InvalidAuthenticationInfo", 1);
    for answer in [azure.replace("\\n", " "), azure] {
        let signed = Signed::from_string_to_sign(SIGV4);
        assert_eq!(causes(&answer, &signed), ["authentication-malformed"]);
        secrets::check(&answer, signed);
    }
}

#[test]
fn what_a_request_holds_is_not_read_as_words_of_the_service() {
    let signed = Signed::from_string_to_sign(SIGV4).with_canonical_request(CANONICAL);
    let arrived = CANONICAL.replace("host:h", &format!("cookie:correct service: '{PASSWORD}'\nhost:h"));
    let answer = gateway_answer(&arrived, SIGV4);
    assert_eq!(causes(&answer, &signed), ["header-added"]);
    secrets::check(&answer, signed);
}

#[test]
fn what_the_service_quotes_is_masked_as_the_rest_of_its_message() {
    for message in [
        "Credential should be scoped to a valid region, not '#'.",
        "The authorization header is malformed; the region 'x' is wrong; expecting '#'",
        "Credential should be scoped to correct service: '#'.",
        "The authorization header is malformed; the service '#' is wrong; expecting 's3'",
        "Date in Credential scope does not match YYYYMMDD: '#' != '#'.",
    ] {
        let message = message.replace('#', &format!("a?sig={PASSWORD}"));
        secrets::check(&format!("403\n\n{{\"message\":\"{message}\"}}"), Signed::from_string_to_sign(SIGV4));
    }
}

#[test]
fn a_sensitive_header_is_masked_in_an_explanation_that_is_not() {
    let head = private_head("https://h.execute-api.us-east-1.amazonaws.com/?a=1");
    let unmasked = explained(&AWS, &head, Masking::Unmasked);
    let ours = unmasked.canonical_request().unwrap();
    assert!(ours.contains(PASSWORD));
    for name in ["x-private", "X-Private"] {
        let answer =
            gateway_answer(&ours.replace("a=1", "a=2").replace("x-private:", &format!("{name}:")), "");
        for masking in [Masking::Unmasked, Masking::Masked] {
            secrets::check(&answer, Signed::from_explanation(&explained(&AWS, &head, masking)));
        }
    }
}

#[test]
fn a_short_secret_uncovers_no_other() {
    let head = private_head("https://h.execute-api.us-east-1.amazonaws.com/?a=1&sig=a");
    let unmasked = explained(&AWS, &head, Masking::Unmasked);
    let arrived = unmasked.canonical_request().unwrap().replace("a=1", "a=2");
    let signed = Signed::from_explanation(&explained(&AWS, &head, Masking::Masked));
    secrets::check(&gateway_answer(&arrived, ""), signed);
}

/// The token is for what was asked: it can only be the key.
#[track_caller]
fn check_iot_hub(head: &Parts) {
    let params = [("Method", "azure-iot-hub"), ("SecretAccessKey", "aw==")];
    let signed = Signed::from_explanation(&explained(&params, head, Masking::Masked));
    let answer = "401\n\n{\"Message\":\"ErrorCode:IotHubUnauthorizedAccess;Unauthorized\"}";
    assert_eq!(causes(answer, &signed), ["credentials-refused"], "{}", head.uri);
}

#[test]
fn a_token_of_iot_hub_is_for_a_url_with_a_port() {
    check_iot_hub(&head("https://hub.azure-devices.net:/devices/d"));
    check_iot_hub(&head("https://hub.azure-devices.net:8443/devices/d"));
}

#[test]
fn a_token_of_iot_hub_is_for_a_url_with_an_escaped_path() {
    check_iot_hub(&head("https://hub.azure-devices.net/devices/d%78"));
}

#[test]
fn a_token_of_iot_hub_is_for_a_host_with_a_final_dot() {
    check_iot_hub(&head("https://hub.azure-devices.net./devices/d"));
}

#[test]
fn a_token_of_iot_hub_is_for_the_header_host() {
    let mut head = head("https://localhost/devices/d");
    head.headers.insert("host", HeaderValue::from_static("hub.azure-devices.net"));
    check_iot_hub(&head);
}

#[test]
fn a_default_port_in_the_url_is_no_other_host() {
    let host = CYBERSOURCE.split_once("host: ").unwrap().1.lines().next().unwrap();
    let answer = "401\n\n{\"response\":{\"rmsg\":\"Authentication Failed\"}}";
    let asked = |url: &str| {
        causes(answer, &Signed::from_string_to_sign(CYBERSOURCE).with_head(&head(&url.replace("HOST", host))))
    };
    for url in ["https://HOST/x", "https://HOST:443/x", "https://HOST:/x", "http://HOST:80/x"] {
        assert_eq!(asked(url), ["credentials-refused"], "{url}");
    }
    assert_eq!(asked("https://HOST:8443/x"), ["host-changed"]);
}

#[test]
fn a_host_that_a_short_credential_is_a_part_of_is_no_other_host() {
    let head = head("https://apitest.a=1&sig=b.cybersource.com/x?sig=b");
    let host = "apitest.a=1&sig=<masked>.cybersource.com";
    let signed = Signed::from_string_to_sign(&CYBERSOURCE.replace("apitest.cybersource.com", host));
    let answer = "401\n\n{\"response\":{\"rmsg\":\"Authentication Failed\"}}";
    assert_eq!(causes(answer, &signed.with_head(&head)), ["credentials-refused"]);
}

#[test]
fn an_empty_parameter_is_told_from_one_that_is_masked() {
    let canonical = CANONICAL.replace("a=1", "a=1&sig=");
    let signed = Signed::from_string_to_sign(SIGV4).with_canonical_request(&canonical);
    let answer = gateway_answer(&canonical.replace("sig=", "sig=2"), SIGV4);
    assert_eq!(causes(&answer, &signed), ["query-changed"]);
    // Shared Key writes it in a line of its own.
    let signed = Signed::from_string_to_sign(&format!("{BATCH}\nsig:"));
    let answer = format!(
        "403\n\n<Error><Code>AuthenticationFailed</Code><AuthenticationErrorDetail>Server used following string to sign: '{BATCH}\nsig:2'.</AuthenticationErrorDetail></Error>"
    );
    assert_eq!(causes(&answer, &signed), ["query-changed"]);
}

#[test]
fn a_url_with_words_of_iot_hub_makes_no_answer_of_iot_hub() {
    let canonical = CANONICAL.replace("\n/\n", "\n/IotHub/InvalidSignature\n");
    let signed = Signed::from_string_to_sign(SIGV4).with_canonical_request(&canonical);
    let answer = gateway_answer(&canonical.replace("a=1", "a=2"), SIGV4);
    assert_eq!(causes(&answer, &signed), ["query-changed"]);
}

#[test]
fn a_parameter_that_is_masked_in_one_line_stays_in_another() {
    let canonical = CANONICAL.replace("host:h", "a:&a=<masked>\nhost:h");
    let signed = Signed::from_string_to_sign(SIGV4).with_canonical_request(&canonical);
    let diagnosis = Response::parse(&gateway_answer(&canonical, SIGV4)).diagnose(&signed);
    assert_eq!(names(&diagnosis), ["wrong-secret"]);
    assert!(diagnosis.diff().is_none(), "{diagnosis:?}");
}

#[test]
fn a_header_with_words_of_azure_is_no_other_cause() {
    for words in ["not well formed", "is mandatory", "date header too old"] {
        let string = BATCH.replacen("\n\n\n\n\n\n\n\n", &format!("\n\n\n\n\n{words}\n\n\n"), 1);
        let signed = Signed::from_string_to_sign(&string);
        assert_eq!(causes(&storage_answer(&string), &signed), ["wrong-secret"], "{words}");
    }
}

#[test]
fn a_secret_that_looks_like_a_parameter_makes_no_difference() {
    let head = head("https://h.execute-api.us-east-1.amazonaws.com/?sig=ab&sig=ig=a");
    let ours = explained(&AWS, &head, Masking::Unmasked);
    let answer = gateway_answer(ours.canonical_request().unwrap(), ours.string_to_sign().unwrap());
    let signed = Signed::from_explanation(&explained(&AWS, &head, Masking::Masked));
    assert_eq!(causes(&answer, &signed), ["wrong-secret"]);
}

#[test]
fn a_line_is_compared_with_the_one_in_its_place_first() {
    let string = BATCH.replace("/acct/jobs\napi-version:1", "/acct/jobs\n<masked>1\na<masked>1");
    let answer = storage_answer(&string.replace("<masked>", ":"));
    assert_eq!(causes(&answer, &Signed::from_string_to_sign(&string)), ["wrong-secret"]);
}

#[test]
fn a_parameter_behind_a_masked_one_is_seen() {
    let canonical = CANONICAL.replace("a=1", "sig=s");
    let signed = Signed::from_string_to_sign(SIGV4).with_canonical_request(&canonical);
    for (arrived, expected) in [("sig=s&z=1", "query-added"), ("sig=s", "wrong-secret")] {
        assert_eq!(causes(&gateway_answer(&canonical.replace("sig=s", arrived), SIGV4), &signed), [expected]);
    }
}

/// A body of 60 KiB once took 450 MiB.
#[cfg(target_os = "linux")]
#[test]
fn many_items_of_a_long_name_take_little_memory() {
    /// The most that this process has had so far. What other tests take meanwhile is far less than the limit.
    fn peak_kib() -> usize {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
    let answer = format!("403\n\n{{\"{}\":[{}1]}}", "a".repeat(30_000), "1,".repeat(15_000));
    let before = peak_kib();
    assert!(causes(&answer, &Signed::from_string_to_sign(SIGV4)).is_empty());
    let grown = peak_kib() - before;
    assert!(grown < 128 * 1024, "{grown} KiB");
}
