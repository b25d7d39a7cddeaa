//! No credential that a service echoes gets into a diagnosis.

use signing_core::diagnose::{Cause, Signed};

use crate::raw::{Response, names};

const TOKEN: &str = "IQoJb3JpZ2luX2VjEHoaCXVzLWVhc3QtMSJHMEUCIQDt";
const SIGNATURE: &str = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
const MAC: &str = "Jm3sVGtNvKqwZfX0cPq9kJcDaS2zIYpS0xOqGqk0rXU=";
pub(crate) const PASSWORD: &str = "hunter2";

#[track_caller]
pub(crate) fn check(answer: &str, signed: Signed) {
    let diagnosis = Response::parse(answer).diagnose(&signed);
    let remedies: Vec<_> = diagnosis.causes().iter().map(Cause::remedy).collect();
    let sentences: Vec<_> = diagnosis.causes().iter().map(ToString::to_string).collect();
    let all = format!("{diagnosis} {diagnosis:?} {diagnosis:#?} {remedies:?} {sentences:?} {signed:?}");
    for secret in [TOKEN, &TOKEN[..12], SIGNATURE, &SIGNATURE[..12], MAC, &MAC[..12], PASSWORD] {
        assert!(!all.contains(secret), "{secret} is in {all}");
    }
}

#[test]
fn tokens_and_signatures_are_masked() {
    let string = "AWS4-HMAC-SHA256\n20240229T123456Z\n20240229/us-east-1/s3/aws4_request\nhash";
    let canonical = format!(
        "GET\n/\nX-Amz-Security-Token={TOKEN}&a=1\ncookie:sid={PASSWORD}\nhost:h\nx-amz-security-token:{TOKEN}\n\ncookie;host;x-amz-security-token\nUNSIGNED-PAYLOAD"
    );
    let signed = Signed::from_string_to_sign(string)
        .with_canonical_request(&canonical.replace(TOKEN, "another").replace("a=1", "a=2"));
    check(
        &format!(
            "403\n\n<Error><Code>SignatureDoesNotMatch</Code><Message>no match {SIGNATURE}</Message><StringToSign>{string}2</StringToSign><SignatureProvided>{SIGNATURE}</SignatureProvided><CanonicalRequest>{}</CanonicalRequest></Error>",
            canonical.replace('&', "&amp;")
        ),
        signed,
    );
}

#[test]
fn a_credential_that_was_not_signed_is_masked() {
    let canonical = "GET\n/\n\nhost:h\n\nhost\nhash";
    let signed = Signed::from_string_to_sign("AWS4-HMAC-SHA256\n\n\n").with_canonical_request(canonical);
    let arrived = canonical.replace("host:h", &format!("cookie:{PASSWORD}\nhost:h"));
    let answer = format!(
        "403\n\n<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>{arrived}</CanonicalRequest></Error>"
    );
    assert_eq!(names(&Response::parse(&answer).diagnose(&signed)), ["header-added"]);
    check(&answer, signed);
}

#[test]
fn credentials_of_another_program_are_masked_in_whatever_case_their_names_are() {
    let string = |method: &str| {
        format!("{method}\n/\n\nAuthorization: Bearer {PASSWORD}\nCookie:{PASSWORD}\nHost:h\n\nHost\nhash")
    };
    let signed = Signed::from_string_to_sign("AWS4-HMAC-SHA256\n\n\n").with_canonical_request(&string("GET"));
    let answer = format!(
        "403\n\n<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>{}</CanonicalRequest></Error>",
        string("PUT")
    );
    assert_eq!(names(&Response::parse(&answer).diagnose(&signed)), ["method-changed"]);
    check(&answer, signed);
}

#[test]
fn a_key_in_a_string_to_sign_is_masked_on_both_sides() {
    let string = |key: &str, path: &str| {
        format!("PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-encryption-key:{key}\nx-ms-version:2023-11-03\n/acct/{path}")
    };
    let answer = format!(
        "403\n\n<Error><Code>AuthenticationFailed</Code><AuthenticationErrorDetail>Server used following string to sign: '{}'.</AuthenticationErrorDetail></Error>",
        string(TOKEN, "b")
    );
    let signed = Signed::from_string_to_sign(&string(PASSWORD, "a"));
    assert_eq!(names(&Response::parse(&answer).diagnose(&signed)), ["path-changed"]);
    check(&answer, signed);
}

#[test]
fn what_an_explanation_masks_is_masked_in_the_answer_too() {
    let canonical = "GET\n/\nkey=<masked>\nhost:h\nx-api-key:<masked>\n\nhost;x-api-key\nhash";
    let signed = Signed::from_string_to_sign("AWS4-HMAC-SHA256\n\n\n").with_canonical_request(canonical);
    let arrived = canonical.replace("<masked>", PASSWORD).replace("host:h", "host:g");
    check(
        &format!(
            "403\n\n<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>{arrived}</CanonicalRequest></Error>"
        ),
        signed,
    );
}

#[test]
fn messages_are_quoted_without_credentials() {
    let signed = || Signed::from_string_to_sign("GET\n\n/a");
    for message in [
        format!(
            "'{MAC}' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer {PASSWORD}'."
        ),
        format!(
            "'{PASSWORD}' not a valid key=value pair (missing equal-sign) in Authorization header: 'Basic {PASSWORD}'."
        ),
        format!("Authorization header requires 'Signature' parameter. Authorization=AWS4 {PASSWORD}"),
        format!("not a valid key=value pair ?sig={PASSWORD}&se=1, SharedKey acct:{PASSWORD}"),
    ] {
        check(
            &format!("403\n\n{{\"__type\":\"IncompleteSignatureException\",\"message\":\"{message}\"}}"),
            signed(),
        );
    }
    check(
        &format!(
            "400\n\n<Error><Code>InvalidToken</Code><Message>The provided token is malformed</Message><Token-0>{TOKEN}</Token-0></Error>"
        ),
        signed(),
    );
    check(
        &format!(
            "403\n\n<Error><Code>AuthenticationFailed</Code><AuthenticationErrorDetail>The MAC signature found in the HTTP request '{MAC}' is not the same. Server used following string to sign: 'PUT\n\n/a'.</AuthenticationErrorDetail></Error>"
        ),
        signed(),
    );
}

/// Short, and in no form that gives it away.
#[test]
fn what_the_head_bears_is_masked_wherever_it_is_echoed() {
    let mut request = http::Request::get(format!("https://h/?sig={}", PASSWORD.replace('2', "%32")))
        .header("authorization", format!("Bearer {PASSWORD}"))
        .header("x-api-key", PASSWORD);
    request.headers_mut().unwrap().get_mut("x-api-key").unwrap().set_sensitive(true);
    let head = request.body(()).unwrap().into_parts().0;
    for signed in [Signed::default().with_head(&head), Signed::default().with_credentials_hidden(&head)] {
        for body in [
            format!("{{\"code\":\"{PASSWORD}\",\"message\":\"{PASSWORD} is unknown\"}}"),
            format!("<Error><Code>AuthenticationFailed</Code><Message>{PASSWORD}?</Message></Error>"),
            format!(
                "{{\"__type\":\"InvalidSignatureException\",\"message\":\"Credential should be scoped to a valid region, not '{PASSWORD}'.\"}}"
            ),
            format!("{{\"errorCode\":401002,\"Message\":\"ErrorCode:IotHubUnauthorizedAccess;{PASSWORD}\"}}"),
            format!("Unauthorized: {PASSWORD}"),
        ] {
            for status in [400, 401, 403] {
                for header in [
                    "www-authenticate: Bearer",
                    "x-amzn-errortype:",
                    "x-ms-error-code:",
                    "x-amz-bucket-region:",
                ] {
                    check(&format!("{status}\n{header} {PASSWORD}\n\n{body}"), signed.clone());
                }
            }
        }
    }
}

/// As S3 writes it.
fn s3_answer(canonical_request: &str) -> String {
    format!(
        "403\n\n<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>{}</CanonicalRequest></Error>",
        canonical_request.replace('&', "&amp;")
    )
}

fn of_another_program(canonical_request: &str) -> Signed {
    Signed::from_string_to_sign("AWS4-HMAC-SHA256\n\n\n").with_canonical_request(canonical_request)
}

/// Names that only sound like credentials: what is signed is compared as it is.
#[test]
fn what_sounds_like_a_credential_is_compared_and_not_shown() {
    let canonical = format!(
        "GET\n/p;jsessionid={PASSWORD}\naccess_token={PASSWORD}&api_key={PASSWORD}&continuation-token={PASSWORD}&x=1\nhost:h\nocp-apim-subscription-key:{PASSWORD}\nx-amz-server-side-encryption-aws-kms-key-id:{PASSWORD}\nx-api-key:{PASSWORD}\nx-auth-token:{PASSWORD}\nx-link:https://user:{PASSWORD}@h/b\n\nhost;x-api-key\nhash"
    );
    let another = format!("{TOKEN}-2");
    for (name, expected) in [
        (";jsessionid=", "path-changed"),
        ("access_token=", "query-changed"),
        ("continuation-token=", "query-changed"),
        ("x-amz-server-side-encryption-aws-kms-key-id:", "header-changed"),
        ("x-api-key:", "header-changed"),
        ("x-link:https://user:", "header-changed"),
    ] {
        let arrived = canonical.replace(&format!("{name}{PASSWORD}"), &format!("{name}{another}"));
        let answer = s3_answer(&arrived);
        let signed = of_another_program(&canonical);
        let diagnosis = Response::parse(&answer).diagnose(&signed);
        assert_eq!(names(&diagnosis), [expected], "{name}");
        let sentence = diagnosis.to_string();
        assert!(sentence.contains("<masked>") && sentence.contains("<masked, another>"), "{sentence}");
        check(&answer, signed);
    }
    let answer = s3_answer(&canonical.replace("GET", "PUT"));
    assert_eq!(
        names(&Response::parse(&answer).diagnose(&of_another_program(&canonical))),
        ["method-changed"]
    );
    check(&answer, of_another_program(&canonical));
    for line in ["x-custom-secret", "x-functions-key"] {
        let answer = s3_answer(&canonical.replace("host:h", &format!("host:h\n{line}:{PASSWORD}")));
        assert_eq!(
            names(&Response::parse(&answer).diagnose(&of_another_program(&canonical))),
            ["header-added"]
        );
        check(&answer, of_another_program(&canonical));
    }
}

#[test]
fn what_is_public_in_a_signature_is_shown() {
    let canonical = "GET\n/\nX-Amz-Credential=AKID%2F20240229&X-Amz-SignedHeaders=host\nhost:h\n\nhost\nhash";
    let arrived = canonical.replace("AKID", "AKIE").replace("Headers=host", "Headers=host%3Bx-api-key");
    let diagnosis = Response::parse(&s3_answer(&arrived)).diagnose(&of_another_program(canonical));
    let sentences: Vec<_> = diagnosis.causes().iter().map(ToString::to_string).collect();
    assert_eq!(
        sentences,
        [
            "The query parameter `X-Amz-Credential` was signed as `AKID%2F20240229`, but arrived as `AKIE%2F20240229`.",
            "The query parameter `X-Amz-SignedHeaders` was signed as `host`, but arrived as `host%3Bx-api-key`.",
        ]
    );
}

/// The text is of another program, and the head, with the same credentials, is known as well.
#[test]
fn what_is_hidden_in_the_answer_is_no_difference() {
    let mut request = http::Request::get(format!("https://h/?api_key={PASSWORD}"))
        .header("x-api-key", PASSWORD)
        .header("x-private", PASSWORD);
    request.headers_mut().unwrap().get_mut("x-private").unwrap().set_sensitive(true);
    let head = request.body(()).unwrap().into_parts().0;
    let canonical = format!(
        "GET\n/\napi_key={PASSWORD}\nhost:h\nx-api-key:{PASSWORD}\nx-private:{PASSWORD}\n\nhost;x-api-key;x-private\nhash"
    );
    let signed = of_another_program(&canonical).with_head(&head);
    assert_eq!(names(&Response::parse(&s3_answer(&canonical)).diagnose(&signed)), ["wrong-secret"]);
    let answer = s3_answer(&canonical.replace("host:h", "host:g"));
    assert_eq!(names(&Response::parse(&answer).diagnose(&signed)), ["host-changed"]);
    check(&answer, signed);
}

#[test]
fn what_sounds_like_a_credential_in_the_head_is_not_quoted() {
    let head = http::Request::get(format!("https://h/?access_token={PASSWORD}1"))
        .header("x-auth-token", PASSWORD)
        .body(())
        .unwrap()
        .into_parts()
        .0;
    let signed = Signed::from_string_to_sign("GET\n\n/a").with_credentials_hidden(&head);
    for body in [
        format!("<Error><Code>AuthenticationFailed</Code><Message>{PASSWORD}?</Message></Error>"),
        format!("{{\"errorCode\":\"{PASSWORD}\",\"Message\":\"IotHub: {PASSWORD}\"}}"),
        format!("{{\"response\":{{\"rmsg\":\"no {PASSWORD}\"}},\"reason\":\"{PASSWORD}\"}}"),
        format!("{{\"code\":\"AccessDenied\",\"message\":\"{PASSWORD} is not authorized to perform x\"}}"),
    ] {
        check(&format!("403\n\n{body}"), signed.clone());
    }
}

#[test]
fn a_message_is_quoted_without_credentials_in_its_urls() {
    for message in [
        format!("cannot read https://user:{PASSWORD}@h/ as a URL"),
        format!("no match for /b?access_token={PASSWORD}&x=1"),
        format!("no match for '/b?to=https%3A%2F%2Fh%3Fapi_key%3D{PASSWORD}'"),
    ] {
        check(
            &format!("403\n\n<Error><Code>InvalidSecurity</Code><Message>{message}</Message></Error>"),
            Signed::default(),
        );
    }
}
