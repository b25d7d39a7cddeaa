//! Refusals in the services' words, each with what it is to be taken for.

use signing_core::diagnose::Signed;

use crate::raw::{Response, names};
use crate::table::{AWS, AZURE, BATCH, COSMOS_ANSWER, CYBERSOURCE, OTHERS, SIGV4, TOKENS};

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
        "Set the clock, or `ClockCorrection = 1033` in the signer's configuration; if the clock is right, the request was sent long after it was signed, or an old signature was sent again.",
    );
    check_sentence(
        SIGV4,
        AWS[1].1,
        "The clock is off: the request was signed at 2024-02-29T12:34:56Z, which is 1 h behind the server's clock.",
        "Set the clock, or `ClockCorrection = 3610` in the signer's configuration; if the clock is right, the request was sent long after it was signed, or an old signature was sent again.",
    );
    check_sentence(
        SIGV4,
        AWS[4].1,
        "The clock is off: the request was signed at 2024-02-29T12:34:56Z, which is 34 min 56 s ahead of the server's clock.",
        "Set the clock, or `ClockCorrection = -2086` in the signer's configuration; if the clock is right, the request was sent long after it was signed, or an old signature was sent again.",
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

fn head(request: http::request::Builder) -> http::request::Parts {
    request.body(()).unwrap().into_parts().0
}

const DENIED: &str =
    "403\nx-amz-request-id: 1\n\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";

#[test]
fn a_request_without_a_signature_is_not_one_that_is_not_allowed() {
    let get = || http::Request::get("https://bucket.s3.eu-west-1.amazonaws.com/key").header("accept", "*/*");
    let check = |signed: &Signed, answer, expected: &str| {
        assert_eq!(names(&Response::parse(answer).diagnose(signed)), [expected], "{answer}");
    };
    let bare = Signed::default().with_head(&head(get()));
    check(&bare, DENIED, "authentication-missing");
    check(
        &bare,
        "403\nx-ms-request-id: 1\n\n<Error><Code>AuthorizationFailure</Code></Error>",
        "authentication-missing",
    );
    check(
        &bare,
        "403\n\n<Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::1:user/u is not authorized to perform: s3:GetObject</Message></Error>",
        "authorization",
    );
    for signed in [
        Signed::default(),
        Signed::default().with_head(&head(get().header("authorization", "AWS4-HMAC-SHA256 Credential=K"))),
        Signed::default().with_head(&head(get().header("signature", "k"))),
        Signed::default().with_head(&head(http::Request::get("https://h/?X-Amz-Signature=5d672d79"))),
        Signed::from_string_to_sign(SIGV4).with_head(&head(get())),
        bare.with_section("storage"),
    ] {
        check(&signed, DENIED, "authorization");
    }
}

#[test]
fn an_account_without_key_access_is_told_as_such() {
    let answer = "403\nx-ms-request-id: 1\n\n<Error><Code>KeyBasedAuthenticationNotPermitted</Code><Message>Key based authentication is not permitted on this storage account.</Message></Error>";
    check_sentence(
        SIGV4,
        answer,
        "The service does not object to the signature: this is an authorization matter (`KeyBasedAuthenticationNotPermitted`).",
        "Signing with the account's key is switched off: allow it for the account (`allowSharedKeyAccess`), or use a token of Microsoft Entra ID.",
    );
}

#[test]
fn a_wrong_secret_is_told_of_a_token_only_if_its_text_is_known_to_be_right() {
    for (text, expected) in [
        ("https%3a%2f%2Fns.servicebus.windows.net%2fhub\n1709210196", "wrong-secret"),
        ("hello world, not what any service signs", "mismatch"),
        ("https://ns.servicebus.windows.net/hub\n1709210196", "mismatch"),
        ("ns.servicebus.windows.net%2Fhub\n2024-02-29T12:36:36Z", "mismatch"),
        ("ns.servicebus.windows.net%2Fhub\n1709210196\nsend", "mismatch"),
        ("\n1709210196", "mismatch"),
        ("ns.servicebus.windows.net%2Fhub\n", "mismatch"),
    ] {
        let diagnosis = Response::parse(TOKENS[0].1).diagnose(&Signed::from_string_to_sign(text));
        assert_eq!(names(&diagnosis), [expected], "{text}");
    }
    assert_eq!(names(&Response::parse(TOKENS[0].1).diagnose(&Signed::default())), ["mismatch"]);
}

#[test]
fn date_and_resource_are_said_to_be_right_only_if_both_are_known() {
    const SEEN: &str = ", and date and resource are in order as far as can be seen.";
    let check = |signed: &Signed, answer, is_seen: bool| {
        let sentence = Response::parse(answer).diagnose(signed).to_string();
        assert!(sentence.starts_with("The service does not take the credentials"), "{sentence}");
        assert_eq!(sentence.ends_with(SEEN), is_seen, "{sentence}");
    };
    let device = head(http::Request::post("https://h.azure-devices.net/devices/d1/messages/events"));
    let token = Signed::from_string_to_sign("h.azure-devices.net%2Fdevices%2Fd1\n1709210196");
    check(&Signed::default(), TOKENS[8].1, false);
    check(&token, TOKENS[8].1, false);
    check(&token.clone().with_head(&device), TOKENS[8].1, true);
    check(&token.with_head(&device), "401\n\n{\"Message\":\"ErrorCode:IotHubUnauthorizedAccess\"}", false);

    let partner = head(http::Request::get("https://apitest.cybersource.com/x"));
    let signed = Signed::from_string_to_sign(CYBERSOURCE);
    check(&Signed::default(), OTHERS[0].1, false);
    check(&signed, OTHERS[0].1, false);
    check(&signed.clone().with_head(&partner), OTHERS[0].1, true);
    check(&signed.with_head(&partner), "401\n\n{\"response\":{\"rmsg\":\"Authentication Failed\"}}", false);
    check(&Signed::from_string_to_sign(SIGV4), AWS[9].1, false);
}

#[test]
fn what_azure_says_beyond_the_signature_is_quoted() {
    let row = AZURE.iter().find(|row| row.2 == "authentication-refused").unwrap();
    // Other lines may be of the request.
    let longer =
        row.1.replace("</AuthenticationErrorDetail>", "\nx-key: hunter2</AuthenticationErrorDetail>");
    for answer in [row.1, &longer] {
        assert_eq!(
            Response::parse(answer).diagnose(&Signed::from_string_to_sign(row.0)).to_string(),
            "The service does not take the authentication: Issuer validation failed. Issuer did not match."
        );
    }
}

#[test]
fn a_sas_that_ends_before_it_begins_has_ended_by_the_clock_of_the_server() {
    let row = AZURE.iter().find(|row| row.1.contains("must be after")).unwrap();
    assert_eq!(
        Response::parse(row.1).diagnose(&Signed::from_string_to_sign(row.0)).to_string(),
        "The signature was good until 2024-04-18T12:24:00Z, and arrived 12 min 13 s later by the server's clock."
    );
}

#[test]
fn the_header_that_azure_cannot_read_is_named() {
    let row = AZURE.iter().find(|row| row.1.contains("InvalidHeaderValue")).unwrap();
    assert_eq!(
        Response::parse(row.1).diagnose(&Signed::default()).to_string(),
        "The service cannot read the signature: The value for one of the HTTP headers is not in the correct format. (x-ms-date)"
    );
}

#[test]
fn the_text_of_cosmos_db_is_compared_and_not_quoted() {
    let signed = Signed::from_string_to_sign("get\ndocs\n\nthu, 29 feb 2024 12:34:56 gmt\n\n");
    let diagnosis = Response::parse(COSMOS_ANSWER).diagnose(&signed);
    assert_eq!(diagnosis.diff().unwrap().lines().iter().filter(|line| !line.is_equal()).count(), 1);
    let message = diagnosis.service_message().unwrap();
    assert!(message.ends_with("Server used the"), "{message}");
}

#[test]
fn a_checksum_is_told_as_one() {
    check_sentence(
        SIGV4,
        "400\n\n<Error><Code>BadDigest</Code><Message>The Content-MD5 you specified did not match what we received.</Message></Error>",
        "The body that arrived has another hash or checksum (a header like `content-md5`) than the one that was sent with it.",
        "What compresses, encodes or replaces the body has to do so before it is hashed and signed.",
    );
}

#[track_caller]
fn check_first(signed: &str, message: &str, sentence: &str) {
    let answer = format!(
        "400\n\n<Error><Code>AuthorizationHeaderMalformed</Code><Message>{message}</Message></Error>"
    );
    assert_eq!(Response::parse(&answer).diagnose(&Signed::from_string_to_sign(signed)).to_string(), sentence);
}

#[test]
fn both_quotation_marks_are_read() {
    check_first(
        "of another program",
        "The authorization header is malformed; Invalid credential date \"20240228\". This date is not the same as X-Amz-Date: \"20240229\".",
        "The credential scope is of the day `20240228`, and the request's date of `20240229`.",
    );
    check_first(
        "of another program",
        "The authorization header is malformed; the region \"us-east-1\" is wrong; expecting \"eu-west-1\"",
        "The request was signed for the region `us-east-1`, and has to be for `eu-west-1`.",
    );
    check_first(
        "of another program",
        "The authorization header is malformed; incorrect service \"s3\". This endpoint belongs to \"s3express\".",
        "The request was signed for the service `s3`, and has to be for `s3express`.",
    );
}

#[test]
fn no_cause_is_told_with_nothing_in_its_quotes() {
    check_first(
        "of another program",
        "The authorization header is malformed; Invalid credential date. Date is not the same as X-Amz-Date.",
        "The service cannot read the signature: The authorization header is malformed; Invalid credential date. Date is not the same as X-Amz-Date.",
    );
}

#[test]
fn a_path_of_shared_key_has_no_parameters_of_sigv4() {
    let string = |path: &str| BATCH.replace("/acct/jobs", &["/acct", path].concat());
    for (ours, theirs) in [
        ("/a%2520b", "/a%20b"),
        ("/a%20b", "/a%2520b"),
        ("/a/../b", "/b"),
        ("/b", "/a/../b"),
        ("/a//b", "/a/b"),
    ] {
        let answer = format!(
            "403\n\n<Error><Code>AuthenticationFailed</Code><AuthenticationErrorDetail>Server used following string to sign: '{}'.</AuthenticationErrorDetail></Error>",
            string(theirs)
        );
        let diagnosis = Response::parse(&answer).diagnose(&Signed::from_string_to_sign(&string(ours)));
        assert_eq!(names(&diagnosis), ["path-changed"]);
        let remedy = diagnosis.causes()[0].remedy();
        assert!(!remedy.contains("EncodePath") && !remedy.contains("NormalizePath"), "{ours} {remedy}");
    }
}

#[test]
fn a_token_whose_text_was_made_anew_was_signed_otherwise() {
    let signed = Signed::from_string_to_sign(TOKENS[0].0).with_texts_made_anew();
    assert_eq!(names(&Response::parse(TOKENS[0].1).diagnose(&signed)), ["signed-otherwise"]);
}
