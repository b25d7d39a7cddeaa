//! Refusals in the services' words, each with what it is to be taken for.

use signing_core::diagnose::Signed;

use crate::raw::{Response, names};
use crate::table::{AWS, AZURE, OTHERS, SIGV4, TOKENS};

#[test]
fn each_refusal_has_its_first_cause() {
    let rows = [AWS, AZURE, TOKENS, OTHERS].concat();
    assert!(rows.len() >= 40, "{}", rows.len());
    let wrong = rows.into_iter().filter_map(|(signed, answer, expected)| {
        let diagnosis = Response::parse(answer).diagnose(&Signed::from_string_to_sign(signed));
        let first = names(&diagnosis).first().copied().unwrap_or("none");
        (first != expected).then(|| {
            format!(
                "{expected}: {answer}
{diagnosis:?}
"
            )
        })
    });
    assert_eq!(wrong.collect::<String>(), "");
}

#[track_caller]
fn check_sentence(signed: &str, answer: &str, sentence: &str, remedy: &str) {
    let signed = Signed::from_string_to_sign(signed).with_clock_correction(10).with_key_id("KEY");
    let diagnosis = Response::parse(answer).diagnose(&signed);
    assert_eq!(diagnosis.to_string(), sentence);
    assert_eq!(diagnosis.causes()[0].remedy(), remedy);
}

#[test]
fn a_clock_is_told_with_what_corrects_it() {
    check_sentence(
        SIGV4,
        AWS[0].1,
        "The clock is off: the request was signed at 2024-02-29T12:34:56Z, which is 17 min 3 s behind the server's clock.",
        "Set the clock, or `ClockCorrection = 1033` in the section; if the clock is right, the request was sent long after it was signed, or an old signature was sent again.",
    );
    check_sentence(
        SIGV4,
        AWS[1].1,
        "The clock is off: the request was signed at 2024-02-29T12:34:56Z, which is 1 h behind the server's clock.",
        "Set the clock, or `ClockCorrection = 3610` in the section; if the clock is right, the request was sent long after it was signed, or an old signature was sent again.",
    );
    check_sentence(
        SIGV4,
        AWS[4].1,
        "The clock is off: the request was signed at 2024-02-29T12:34:56Z, which is 34 min 56 s ahead of the server's clock.",
        "Set the clock, or `ClockCorrection = -2086` in the section; if the clock is right, the request was sent long after it was signed, or an old signature was sent again.",
    );
}

#[test]
fn the_right_region_and_service_are_named() {
    check_sentence(
        SIGV4,
        AWS[13].1,
        "The request was signed for the region `us-east-1`, and has to be for `eu-west-1`.",
        "Set `Region = eu-west-1`.",
    );
    check_sentence(
        SIGV4,
        AWS[17].1,
        "The request was signed for the service `s3`, and has to be for `execute-api`.",
        "Set `Service = execute-api`.",
    );
}

#[test]
fn a_region_that_is_wrong_is_named_where_the_right_one_is_not() {
    check_sentence(
        "of another program",
        AWS[15].1,
        "The request was signed for the region `us-east-1`, which is not the right one.",
        "Set `Region` to the one of the service's end point.",
    );
}

#[test]
fn each_header_that_was_not_signed_is_named() {
    let diagnosis = Response::parse(AWS[23].1).diagnose(&Signed::from_string_to_sign(SIGV4));
    let sentences: Vec<String> = diagnosis.causes().iter().map(ToString::to_string).collect();
    assert_eq!(
        sentences,
        ["x-amz-acl", "x-amz-tagging"].map(|name| format!(
            "The header `{name}` arrived, but was not signed: a client or layer below the signer added it."
        ))
    );
}

#[test]
fn a_temporary_key_without_its_token_is_told() {
    let request = http::Request::get("https://sts.amazonaws.com/").header("x-amz-date", "20240229T123456Z");
    let head = request.body(()).unwrap().into_parts().0;
    let signed = Signed::from_string_to_sign(SIGV4).with_key_id("ASIAEXAMPLE").with_head(&head);
    let diagnosis = Response::parse(AWS[7].1).diagnose(&signed);
    assert_eq!(names(&diagnosis), ["session-token-missing", "unknown-key"]);
}

#[test]
fn a_token_for_another_resource_is_told_with_both() {
    let request = http::Request::post("https://h.azure-devices.net/devices/d2/messages/events?api-version=1");
    let head = request.body(()).unwrap().into_parts().0;
    let signed =
        Signed::from_string_to_sign("h.azure-devices.net%2Fdevices%2Fd1\n1709210196").with_head(&head);
    let diagnosis = Response::parse(TOKENS[8].1).diagnose(&signed);
    assert_eq!(
        diagnosis.to_string(),
        "The token is for `h.azure-devices.net/devices/d1`, but the request asks for `h.azure-devices.net/devices/d2/messages/events`."
    );
}

#[test]
fn a_message_in_json_within_json_is_quoted() {
    let diagnosis = Response::parse(TOKENS[8].1).diagnose(&Signed::from_string_to_sign(TOKENS[8].0));
    assert_eq!(
        (diagnosis.service_code(), diagnosis.service_message()),
        (Some("401002"), Some("Unauthorized"))
    );
}

#[test]
fn a_message_is_quoted_without_what_only_the_service_needs() {
    let diagnosis = Response::parse(TOKENS[0].1).diagnose(&Signed::from_string_to_sign(TOKENS[0].0));
    assert_eq!(diagnosis.service_message(), Some("InvalidSignature: The token has an invalid signature"));
}

#[test]
fn a_host_that_was_not_signed_is_told_where_the_service_says_nothing() {
    for (url, expected) in [
        ("https://apitest.cybersource.com/x", "credentials-refused"),
        ("https://proxy.example/x", "host-changed"),
    ] {
        let head = http::Request::get(url).body(()).unwrap().into_parts().0;
        let signed = Signed::from_string_to_sign(OTHERS[0].0).with_head(&head);
        assert_eq!(names(&Response::parse(OTHERS[0].1).diagnose(&signed)), [expected]);
    }
}

#[test]
fn a_password_in_the_url_is_not_shown() {
    let request = http::Request::post("https://user:hunter2@h.azure-devices.net/devices/d2");
    let head = request.body(()).unwrap().into_parts().0;
    let signed =
        Signed::from_string_to_sign("h.azure-devices.net%2Fdevices%2Fd1\n1709210196").with_head(&head);
    let diagnosis = Response::parse(TOKENS[8].1).diagnose(&signed);
    assert_eq!(names(&diagnosis), ["resource-mismatch"]);
    assert!(!format!("{diagnosis} {diagnosis:?}").contains("hunter2"));
}
