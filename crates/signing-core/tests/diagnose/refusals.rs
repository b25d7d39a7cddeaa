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
fn a_header_that_the_service_misses_was_dropped_if_it_was_signed() {
    let request = http::Request::get("https://s3.amazonaws.com/").header("x-amz-date", "20240229T123456Z");
    let head = request.body(()).unwrap().into_parts().0;
    let signed = Signed::from_string_to_sign(SIGV4).with_head(&head);
    let check = |answer, expected: &str| {
        assert_eq!(names(&Response::parse(answer).diagnose(&signed)), [expected], "{answer}");
    };
    check(
        "403\n\n<Error><Code>AccessDenied</Code><Message>AWS authentication requires a valid Date or x-amz-date header</Message></Error>",
        "header-dropped",
    );
    check(
        "403\n\n{\"__type\":\"IncompleteSignatureException\",\"message\":\"Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.\"}",
        "header-dropped",
    );
    check(
        "403\n\n{\"__type\":\"IncompleteSignatureException\",\"message\":\"Authorization header requires 'Signature' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.\"}",
        "authentication-malformed",
    );
    check(
        "400\n\n<Error><Code>InvalidRequest</Code><Message>Missing required header for this request: x-amz-content-sha256</Message></Error>",
        "authentication-malformed",
    );
}

#[test]
fn clocks_may_be_as_far_apart_as_the_service_allows() {
    const KINESIS: &str = "AWS4-HMAC-SHA256\n20240229T123456Z\n20240229/us-east-1/kinesis/aws4_request\nhash";
    let check = |signed, minute, expected: &[&str]| {
        let answer = format!("403\ndate: Thu, 29 Feb 2024 12:{minute}:56 GMT\n\n");
        let diagnosis = Response::parse(&answer).diagnose(&Signed::from_string_to_sign(signed));
        assert_eq!(names(&diagnosis), expected, "{signed} {minute}");
    };
    check(KINESIS, 38, &[]);
    check(KINESIS, 44, &["clock-off"]);
    check(SIGV4, 44, &[]);
    check(SIGV4, 52, &["clock-off"]);
    let batch = "GET\n\n\n\n\n\n\n\n\n\n\n\nocp-date:Thu, 29 Feb 2024 12:34:56 GMT\n/acct/jobs";
    check(batch, 44, &[]);
    check(batch, 52, &["clock-off"]);
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
fn a_token_for_the_resource_that_is_known_is_not_told_to_be_for_another() {
    let head = http::Request::post("https://ns.servicebus.windows.net/hub/messages").body(()).unwrap();
    let signed = Signed::from_string_to_sign(TOKENS[3].0).with_head(&head.into_parts().0);
    assert_eq!(
        Response::parse(TOKENS[3].1).diagnose(&signed).to_string(),
        "The token is for `https://ns.servicebus.windows.net/hub`, which is not the resource that was asked."
    );
}

#[test]
fn what_follows_the_first_line_of_a_message_is_not_quoted() {
    let answer = "400\n\n{\"code\":\"InvalidAuthenticationInfo\",\"message\":{\"value\":\"It is not given in the correct format.\\nRequestId:1\"}}";
    let diagnosis = Response::parse(answer).diagnose(&Signed::default());
    assert_eq!(
        diagnosis.to_string(),
        "The service cannot read the signature: It is not given in the correct format."
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
fn a_host_header_of_another_environment_is_told() {
    for (url, expected) in [
        ("https://api.cybersource.com:443/x", "host-changed"),
        ("https://apitest.cybersource.com/x", "credentials-refused"),
        // It may be a tunnel.
        ("http://127.0.0.1:8443/x", "credentials-refused"),
    ] {
        let request = http::Request::get(url).header("host", "apitest.cybersource.com");
        let head = request.body(()).unwrap().into_parts().0;
        let signed = Signed::from_string_to_sign(OTHERS[0].0).with_head(&head);
        assert_eq!(names(&Response::parse(OTHERS[0].1).diagnose(&signed)), [expected], "{url}");
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
