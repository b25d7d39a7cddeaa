//! What is told where only a part is known of what was signed.

use signing_core::diagnose::{Diagnosis, DiffOf, Signed};
use signing_core::{Masking, Payload, Registry, Timestamp};

use crate::raw::{Response, names};
use crate::secrets::{self, PASSWORD};

const CANONICAL: &str = "GET\n/\na=1\nhost:h\nx-amz-date:20240229T123456Z\n\nhost;x-amz-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const STRING: &str = "AWS4-HMAC-SHA256\n20240229T123456Z\n20240229/us-east-1/s3/aws4_request\nhash";
const BATCH: &str =
    "GET\n\n\n\n\n\n\n\n\n\n\n\nocp-date:Thu, 29 Feb 2024 12:34:56 GMT\n/acct/jobs\napi-version:1";

fn s3_answer(canonical_request: &str, string_to_sign: &str) -> String {
    let canonical_request = canonical_request.replace('&', "&amp;");
    format!(
        "403\n\n<Error><Code>SignatureDoesNotMatch</Code><StringToSign>{string_to_sign}</StringToSign><CanonicalRequest>{canonical_request}</CanonicalRequest></Error>"
    )
}

fn batch_answer(string_to_sign: &str) -> String {
    format!(
        "403\n\n<Error><Code>AuthenticationFailed</Code><AuthenticationErrorDetail>The MAC signature found in the HTTP request 'x' is not the same as any computed signature. Server used following string to sign: '{string_to_sign}'.</AuthenticationErrorDetail></Error>"
    )
}

fn told(answer: &str, signed: &Signed) -> Diagnosis {
    Response::parse(answer).diagnose(signed)
}

/// The text of the service alone.
fn shown(diagnosis: &Diagnosis, of: DiffOf) -> String {
    let diff = diagnosis.diff().unwrap();
    assert_eq!(diff.of(), of);
    assert!(diff.lines().iter().all(|line| line.signed.is_none() && !line.is_equal()));
    let lines: Vec<_> =
        diff.lines().iter().map(|line| line.arrived.as_ref().unwrap().text.as_str()).collect();
    lines.join("\n")
}

#[test]
fn the_text_of_the_service_is_shown_where_ours_is_not_known() {
    let diagnosis = told(&s3_answer(CANONICAL, STRING), &Signed::default());
    assert_eq!(names(&diagnosis), ["not-compared"]);
    assert_eq!(
        diagnosis.to_string(),
        "The service shows the canonical request that it computed, and what was signed is not known, or only in part."
    );
    assert!(diagnosis.causes()[0].remedy().contains("--canonical-request"));
    assert_eq!(shown(&diagnosis, DiffOf::CanonicalRequest), CANONICAL);

    let diagnosis = told(&batch_answer(BATCH), &Signed::default());
    assert_eq!(names(&diagnosis), ["not-compared"]);
    assert!(diagnosis.to_string().starts_with("The service shows the string to sign that it computed"));
    assert!(diagnosis.causes()[0].remedy().contains("--string-to-sign"));
    assert_eq!(shown(&diagnosis, DiffOf::StringToSign), BATCH);
}

#[test]
fn the_text_of_the_service_is_shown_without_credentials() {
    let canonical = CANONICAL
        .replace("a=1", &format!("X-Amz-Security-Token={PASSWORD}&api_key={PASSWORD}"))
        .replace("host:h", &format!("cookie:sid={PASSWORD}\nhost:h\nx-api-key:{PASSWORD}"));
    let diagnosis = told(&s3_answer(&canonical, STRING), &Signed::default());
    let expected = canonical.replace(&format!("sid={PASSWORD}"), "<masked>").replace(PASSWORD, "<masked>");
    assert_eq!(shown(&diagnosis, DiffOf::CanonicalRequest), expected);
    secrets::check(&s3_answer(&canonical, STRING), Signed::default());
}

/// Two hashes tell nothing.
#[test]
fn the_canonical_request_is_shown_where_only_its_hash_differs() {
    let signed = Signed::from_string_to_sign(&STRING.replace("hash", "other"));
    for string in [STRING, ""] {
        let diagnosis = told(&s3_answer(CANONICAL, string), &signed);
        assert_eq!(names(&diagnosis), ["strings-differ"]);
        assert_eq!(shown(&diagnosis, DiffOf::CanonicalRequest), CANONICAL);
        assert!(diagnosis.causes()[0].remedy().contains("--canonical-request"));
    }
}

/// What the service hashed is not known where a credential in it is hidden.
#[test]
fn a_text_with_masks_is_not_compared_by_its_hash() {
    let head =
        http::Request::get("https://h/?a=1").header("cookie", PASSWORD).body(()).unwrap().into_parts().0;
    let signed = Signed::from_string_to_sign(STRING).with_head(&head);
    let canonical = CANONICAL.replace("host:h", &format!("cookie:{PASSWORD}\nhost:h"));
    assert_eq!(names(&told(&s3_answer(&canonical, ""), &signed)), ["not-compared"]);
}

#[test]
fn all_but_the_body_is_compared_where_it_is_not_known() {
    for service in ["execute-api", "s3"] {
        check_without_body(service);
    }
}

fn check_without_body(service: &str) {
    let get = http::Request::get("https://h/?a=1").body(()).unwrap().into_parts().0;
    let params = [
        ("Method", "aws-signature-v4"),
        ("AccessKeyId", "AKID"),
        ("SecretAccessKey", "secret"),
        ("Region", "us-east-1"),
        ("Service", service),
    ];
    let signer = Registry::new().signer(&params.iter().copied().collect()).unwrap();
    let now = Timestamp::from_unix(1_709_210_096).unwrap();
    let explained = |body: &[u8]| signer.explain(&get, &Payload::of(body), now, Masking::Masked).unwrap();
    let (guessed, arrived) = (explained(b""), explained(b"hello"));
    let signed = Signed::from_explanation(&guessed).with_signature(None).with_body_unknown();
    let (canonical_request, string) =
        (arrived.canonical_request().unwrap(), arrived.string_to_sign().unwrap());

    let same = told(&s3_answer(canonical_request, string), &signed);
    assert_eq!(names(&same), ["signed-otherwise"]);
    assert!(same.diff().is_none());

    let changed = told(&s3_answer(&canonical_request.replace("a=1", "a=2"), string), &signed);
    assert_eq!(names(&changed), ["query-changed"]);
    let region = told(&s3_answer(canonical_request, &string.replace("us-east-1", "eu-west-1")), &signed);
    assert_eq!(names(&region), ["wrong-region"]);
}

#[test]
fn texts_that_nobody_has_seen_signed_do_not_mean_a_wrong_secret() {
    let signed = Signed::from_string_to_sign(STRING).with_canonical_request(CANONICAL).with_key_id("AKID");
    assert_eq!(names(&told(&s3_answer(CANONICAL, STRING), &signed)), ["wrong-secret"]);
    let anew = signed.with_texts_made_anew();
    assert_eq!(names(&told(&s3_answer(CANONICAL, STRING), &anew)), ["signed-otherwise"]);
    assert_eq!(names(&told(&s3_answer(&CANONICAL.replace("a=1", "a=2"), STRING), &anew)), ["query-changed"]);
    let replaced = anew.with_credentials_replaced(true);
    assert_eq!(
        names(&told(&s3_answer(CANONICAL, STRING), &replaced)),
        ["credentials-replaced", "signed-otherwise"]
    );
}

#[test]
fn a_final_line_break_is_named() {
    for (signed, arrived, sentence) in [
        (
            format!("{BATCH}\n\n"),
            BATCH.to_owned(),
            "What was signed ends with a line break that does not belong to it.",
        ),
        (
            BATCH.to_owned(),
            format!("{BATCH}\n\n"),
            "What was signed lacks the line break that it has to end with.",
        ),
    ] {
        let diagnosis = told(&batch_answer(&arrived), &Signed::from_string_to_sign(&signed));
        assert_eq!(names(&diagnosis), ["trailing-line-break"]);
        assert_eq!(diagnosis.to_string(), sentence);
    }
}

#[test]
fn a_date_that_was_changed_is_named_by_the_line_that_differs() {
    let head = http::Request::get("https://h/?a=1")
        .header("date", "Thu, 29 Feb 2024 12:34:56 GMT")
        .header("x-amz-date", "20240229T123456Z")
        .body(())
        .unwrap()
        .into_parts()
        .0;
    let signed = Signed::from_string_to_sign(STRING)
        .with_canonical_request(CANONICAL)
        .with_head(&head)
        .with_signature(Some("5d672d79"));
    let later = |text: &str| text.replace("T123456Z", "T123459Z");
    let answer = s3_answer(&later(CANONICAL), &later(STRING))
        .replace("<StringToSign>", "<SignatureProvided>5d672d79</SignatureProvided><StringToSign>");
    assert_eq!(
        told(&answer, &signed).to_string(),
        "The header `x-amz-date` was signed as `2024-02-29T12:34:56Z`, but arrived as `2024-02-29T12:34:59Z`."
    );
}

#[test]
fn a_storage_sas_is_compared_by_its_fields() {
    let string = |version: &str| {
        format!("r\n\n2024-03-01T00:00:00Z\n/blob/acct/c/b\n\n\nhttps\n{version}\nb\n\n\n\n\n\n\n\n")
    };
    let answer = format!(
        "403\nx-ms-request-id: 1\n\n<Error><Code>AuthenticationFailed</Code><AuthenticationErrorDetail>Signature did not match. String to sign used was {}</AuthenticationErrorDetail></Error>",
        string("2022-11-02")
    );
    let diagnosis = told(&answer, &Signed::from_string_to_sign(&string("2020-12-06")));
    assert_eq!(
        diagnosis.to_string(),
        "The query parameter `sv` was signed as `2020-12-06`, but arrived as `2022-11-02`."
    );
    assert_eq!(diagnosis.causes().len(), 1);
}

#[test]
fn few_causes_of_a_kind_are_told() {
    let query = |names: std::ops::Range<u8>| names.map(|n| format!("a{n}=1")).collect::<Vec<_>>().join("&");
    let signed = Signed::from_string_to_sign(STRING)
        .with_canonical_request(&CANONICAL.replace("a=1", &query(0..40)).replace("host:h", "host:g"));
    let diagnosis = told(&s3_answer(&CANONICAL.replace("a=1", ""), STRING), &signed);
    let mut expected = vec!["host-changed"];
    expected.extend(["query-dropped"; 5]);
    assert_eq!(names(&diagnosis), expected);
}
