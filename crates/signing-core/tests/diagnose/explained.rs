//! Requests that were signed here and changed on the way; the service answers with what it computed.

use http::request::Parts;
use signing_core::diagnose::{DiffOf, Signed};
use signing_core::{Explanation, Masking, Payload, Registry, Timestamp};

use crate::raw::{Response, names};

const NOW: Timestamp = Timestamp::from_unix(1_709_210_096).unwrap(); // Thu, 29 Feb 2024 12:34:56 GMT
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn explain(params: &[(&str, &str)], head: Parts, payload: &Payload, masking: Masking) -> Explanation {
    let signer = Registry::new().signer(&params.iter().copied().collect()).unwrap();
    signer.explain(&head, payload, NOW, masking).unwrap()
}

fn head(request: http::request::Builder) -> Parts {
    request.body(()).unwrap().into_parts().0
}

fn aws(service: &str, url: &str, payload: &Payload) -> Explanation {
    aws_with(&[], service, url, payload)
}

fn aws_with(more: &[(&str, &str)], service: &str, url: &str, payload: &Payload) -> Explanation {
    let params = [
        ("Method", "aws-signature-v4"),
        ("AccessKeyId", "ASIAEXAMPLE"),
        ("SecretAccessKey", "secret"),
        ("SessionToken", "t0ken/of+the=session"),
        ("Region", "eu-west-1"),
        ("Service", service),
    ];
    let params = [&params, more].concat();
    let request = http::Request::put(url)
        .header("content-type", "text/plain")
        .header("content-length", payload.length().unwrap().to_string())
        .header("x-amz-meta-colors", "blue,green")
        .header("accept-encoding", "identity");
    explain(&params, head(request), payload, Masking::Masked)
}

const URL: &str = "https://bucket.s3.eu-west-1.amazonaws.com/a%20b?color=x%20y&list=1";

fn put_object() -> Explanation {
    aws("s3", URL, &Payload::of(b"hello"))
}

/// As S3 writes it, with the signature that was made. The session token is echoed.
fn s3_answer(explanation: &Explanation, canonical_request: &str, string_to_sign: &str) -> Response {
    let echo = |text: &str| {
        text.replace("<masked>", "t0ken/of+the=session").replace('&', "&amp;").replace('<', "&lt;")
    };
    Response::parse(&format!(
        "403 Forbidden\ncontent-type: application/xml\nx-amz-request-id: 4442587FB7D0A2F9\ndate: Thu, 29 Feb 2024 12:34:57 GMT\n\n\
         <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message><AWSAccessKeyId>ASIAEXAMPLE</AWSAccessKeyId><StringToSign>{}</StringToSign><SignatureProvided>{}</SignatureProvided><CanonicalRequest>{}</CanonicalRequest><RequestId>4442587FB7D0A2F9</RequestId></Error>",
        echo(string_to_sign),
        explanation.signature().unwrap(),
        echo(canonical_request)
    ))
}

/// The service has `to` where `from` was signed.
#[track_caller]
fn check(explanation: &Explanation, changes: &[(&str, &str)], expected: &[&str]) {
    let mut canonical_request = explanation.canonical_request().unwrap().to_owned();
    for (from, to) in changes {
        assert!(canonical_request.contains(from), "{from:?} is not in {canonical_request:?}");
        canonical_request = canonical_request.replace(from, to);
    }
    let string = explanation.string_to_sign().unwrap();
    let string = [&string[..string.len() - 64], HELLO].concat();
    let diagnosis =
        s3_answer(explanation, &canonical_request, &string).diagnose(&Signed::from_explanation(explanation));
    assert_eq!(names(&diagnosis), expected, "{diagnosis:?}");
    assert_eq!(diagnosis.diff().unwrap().of(), DiffOf::CanonicalRequest);
    assert!(diagnosis.diff().unwrap().lines().iter().any(|line| !line.is_equal()));
}

#[test]
fn what_changed_on_the_way_is_told() {
    let put = put_object();
    for (changes, expected) in [
        ([("PUT\n", "POST\n")], "method-changed"),
        ([("host:bucket.s3.eu-west-1.amazonaws.com", "host:localhost:9000")], "host-changed"),
        ([("/a%20b", "/c")], "path-changed"),
        ([("color=x%20y&", "")], "query-dropped"),
        ([("list=1", "list=1&x-id=PutObject")], "query-added"),
        ([("list=1", "list=2")], "query-changed"),
        ([("color=x%20y", "color=x%2By")], "query-encoding"),
        ([("color=x%20y&list=1", "list=1&color=x%20y")], "query-reordered"),
        ([("content-type:text/plain", "content-type:text/plain; charset=utf-8")], "header-changed"),
        ([("accept-encoding:identity\n", "accept-encoding:\n")], "header-dropped"),
        ([("accept-encoding:identity\n", "")], "header-dropped"),
        ([("x-amz-meta-colors:blue,green", "x-amz-meta-colors:green,blue")], "headers-reordered"),
        ([("x-amz-meta-colors:", "x-amz-acl:private\nx-amz-meta-colors:")], "header-added"),
        ([("content-length:5", "content-length:25")], "content-length"),
        ([(HELLO, "315f5bdb76d078c43b8ac0064e4a0164612b1fce77c869345bfc94c75894edd3")], "body-changed"),
        ([(HELLO, "UNSIGNED-PAYLOAD")], "body-changed"),
        ([("x-amz-date:20240229T123456Z", "x-amz-date:20240229T123459Z")], "header-changed"),
    ] {
        check(&put, &changes, &[expected]);
    }
}

#[test]
fn a_word_in_place_of_a_hash_is_no_hash() {
    let put = put_object();
    let canonical_request = put.canonical_request().unwrap().replace(HELLO, "UNSIGNED-PAYLOAD");
    let answer = s3_answer(&put, &canonical_request, "AWS4-HMAC-SHA256\n20240229T123456Z");
    assert_eq!(
        answer.diagnose(&Signed::from_explanation(&put)).to_string(),
        format!("In place of the body's hash, `{HELLO}` was signed, but `UNSIGNED-PAYLOAD` arrived.")
    );
}

#[test]
fn what_a_proxy_does_to_all_of_a_request_is_told_in_order() {
    check(
        &put_object(),
        &[
            ("/a%20b", "/v1/a%20b"),
            ("host:bucket.s3.eu-west-1.amazonaws.com", "host:inner"),
            ("list=1", "list=1&via=p"),
        ],
        &["host-changed", "path-changed", "query-added"],
    );
}

#[test]
fn the_scope_is_compared_beside_the_canonical_request() {
    let put = put_object();
    let canonical_request = put.canonical_request().unwrap().replace("list=1", "list=2");
    let string = put.string_to_sign().unwrap().replace("/eu-west-1/s3/", "/us-east-1/s3express/");
    let diagnosis = s3_answer(&put, &canonical_request, &string).diagnose(&Signed::from_explanation(&put));
    assert_eq!(names(&diagnosis), ["wrong-region", "wrong-service", "query-changed"]);

    let string = put.string_to_sign().unwrap().replace("20240229/", "20240228/");
    let diagnosis = s3_answer(&put, &canonical_request, &string).diagnose(&Signed::from_explanation(&put));
    assert_eq!(names(&diagnosis), ["wrong-scope-date", "query-changed"]);
}

#[test]
fn a_stream_that_was_hashed_as_if_empty_is_told() {
    check(&aws("s3", URL, &Payload::EMPTY), &[(EMPTY, HELLO)], &["empty-body-hashed"]);
}

#[track_caller]
fn check_path(service: &str, path: &str, arrived: &str, sentence: &str) {
    let url = format!("https://bucket.s3.eu-west-1.amazonaws.com{path}");
    let as_it_is = [("DoubleEncodePath", "false"), ("NormalizePath", "false")];
    let (service, more) = service.strip_suffix(" as s3").map_or((service, &[][..]), |name| (name, &as_it_is));
    let explanation = aws_with(more, service, &url, &Payload::of(b"hello"));
    let signed = explanation.canonical_request().unwrap().lines().nth(1).unwrap();
    let canonical_request = explanation.canonical_request().unwrap().replace(signed, arrived);
    let answer = s3_answer(&explanation, &canonical_request, "AWS4-HMAC-SHA256\n20240229T123456Z");
    let diagnosis = answer.diagnose(&Signed::from_explanation(&explanation));
    assert!(diagnosis.to_string().starts_with(sentence), "{diagnosis}");
}

#[test]
fn the_ways_to_write_a_path_are_told_apart() {
    check_path(
        "sqs as s3",
        "/a%20b",
        "/a%2520b",
        "The path was encoded once where the service encodes it twice: `/a%20b`",
    );
    check_path(
        "sqs",
        "/a%20b",
        "/a%20b",
        "The path was encoded twice where the service encodes it once: `/a%2520b`",
    );
    check_path("sqs as s3", "/a//b", "/a/b", "The path was not normalized before it was signed");
    check_path("sqs", "/a//b", "/a//b", "The path was normalized before it was signed");
    check_path("s3", "/stage/b", "/b", "The beginning of the path was dropped on the way");
    // S3 has done neither.
    check_path("s3", "/a%20b", "/a%2520b", "The path is not the one that was signed: `/a%20b`");
    check_path("s3", "/a//b", "/a/b", "The path is not the one that was signed: `/a//b`");
    check_path("s3tables as s3", "/a//b", "/a/b", "The path was not normalized before it was signed");
}

#[test]
fn the_same_texts_mean_another_secret() {
    let explanation = put_object();
    let answer = s3_answer(
        &explanation,
        explanation.canonical_request().unwrap(),
        explanation.string_to_sign().unwrap(),
    );
    let diagnosis = answer.diagnose(&Signed::from_explanation(&explanation));
    assert_eq!(
        diagnosis.to_string(),
        "What was signed is what the service verifies: the secret is not that of the key `ASIAEXAMPLE`."
    );
    assert!(diagnosis.diff().is_none());

    let replaced = Signed::from_explanation(&explanation).with_credentials_replaced(true);
    assert_eq!(names(&answer.diagnose(&replaced)), ["credentials-replaced", "wrong-secret"]);
}

#[test]
fn a_signature_that_is_not_ours_was_made_by_something_below() {
    let put = put_object();
    let signed = Signed::from_explanation(&put).with_key_id("ASIAEXAMPLE");
    let (canonical_request, string) = (put.canonical_request().unwrap(), put.string_to_sign().unwrap());
    let right = s3_answer(&put, canonical_request, string);
    assert_eq!(names(&right.diagnose(&signed)), ["wrong-secret"]);

    let answered = |from: &str, to: &str| {
        let body = right.body.replace(from, to);
        names(&Response { status: right.status, headers: right.headers.clone(), body }.diagnose(&signed))
    };
    let signature = put.signature().unwrap();
    assert_eq!(answered(signature, &"0".repeat(64)), ["signed-twice", "wrong-secret"]);
    assert_eq!(answered("<AWSAccessKeyId>ASIA", "<AWSAccessKeyId>AKID"), ["signed-twice", "wrong-secret"]);
    let denied = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message><AWSAccessKeyId>AKID";
    let code = "<Error><Code>SignatureDoesNotMatch</Code>";
    assert_eq!(answered(code, denied), ["authorization"]);
    // What is masked is not known to be another one.
    assert_eq!(answered("<AWSAccessKeyId>ASIAEXAMPLE", "<AWSAccessKeyId>ASIA***"), ["wrong-secret"]);
    assert_eq!(answered(signature, "&lt;masked&gt;"), ["wrong-secret"]);

    let later = |text: &str| text.replace("T123456Z", "T123459Z");
    let again = s3_answer(&put, &later(canonical_request), &later(string));
    let again = Response { body: again.body.replace(signature, &"0".repeat(64)), ..again };
    assert_eq!(names(&again.diagnose(&signed)), ["signed-twice"]);
    assert_eq!(
        again.diagnose(&signed).to_string(),
        "The request was signed at 2024-02-29T12:34:56Z, but arrived with the date 2024-02-29T12:34:59Z: something signed it again, or an old signature was sent."
    );
}

#[test]
fn a_date_that_was_changed_under_our_signature_is_told_by_its_header() {
    let put = put_object();
    let later = |text: &str| text.replace("T123456Z", "T123459Z");
    let answer =
        s3_answer(&put, &later(put.canonical_request().unwrap()), &later(put.string_to_sign().unwrap()));
    assert_eq!(
        answer.diagnose(&Signed::from_explanation(&put)).to_string(),
        "The header `x-amz-date` was signed as `2024-02-29T12:34:56Z`, but arrived as `2024-02-29T12:34:59Z`."
    );
}

#[test]
fn the_string_of_a_chunk_is_not_compared_with_that_of_the_head() {
    let put = put_object();
    let signature = put.signature().unwrap();
    for (what, expected) in [("PAYLOAD", "chunk-signature"), ("TRAILER", "trailer")] {
        let string =
            format!("AWS4-HMAC-SHA256-{what}\n20240229T123456Z\nscope\n{signature}\n{EMPTY}\n{HELLO}");
        let answer = s3_answer(&put, "", &string);
        let body = answer.body.replace(&format!("Provided>{signature}"), "Provided>0");
        let diagnosis = Response { body, ..answer }.diagnose(&Signed::from_explanation(&put));
        assert_eq!(names(&diagnosis), [expected]);
        assert!(!format!("{diagnosis:?}").contains(signature));
    }
}

#[test]
fn another_program_tells_its_string_alone() {
    let explanation = put_object();
    let signed = Signed::from_string_to_sign(explanation.string_to_sign().unwrap());
    let answer = s3_answer(
        &explanation,
        explanation.canonical_request().unwrap(),
        explanation.string_to_sign().unwrap(),
    );
    assert_eq!(names(&answer.diagnose(&signed)), ["wrong-secret"]);

    // Without its own string to sign, the hash of the service's canonical request tells.
    let params = [("Method", "aws-signature-v4"), ("AccessKeyId", "AKID"), ("SecretAccessKey", "secret")];
    let get = explain(&params, head(http::Request::get(URL)), &Payload::EMPTY, Masking::Masked);
    let answer = s3_answer(&get, get.canonical_request().unwrap(), "");
    let of = |text: &str| names(&answer.diagnose(&Signed::from_string_to_sign(text)));
    assert_eq!(of(get.string_to_sign().unwrap()), ["wrong-secret"]);
    assert_eq!(of(explanation.string_to_sign().unwrap()), ["strings-differ"]);

    let other = explanation.string_to_sign().unwrap().replace("eu-west-1", "us-east-1");
    let other = [&other[..other.len() - 64], HELLO].concat();
    let answer = s3_answer(&explanation, explanation.canonical_request().unwrap(), &other);
    assert_eq!(names(&answer.diagnose(&signed)), ["wrong-region"]);
}

#[test]
fn a_token_that_is_not_the_one_that_was_signed_is_told_without_showing_it() {
    let explanation = put_object();
    let string = explanation.string_to_sign().unwrap();
    let string = [&string[..string.len() - 64], HELLO].concat();
    let answer = s3_answer(&explanation, explanation.canonical_request().unwrap(), &string);
    let diagnosis = answer.diagnose(&Signed::from_explanation(&explanation));
    assert_eq!(
        diagnosis.to_string(),
        "The header `x-amz-security-token` was signed as `<masked>`, but arrived as `<masked, another>`."
    );
}

/// What only sounds like a credential is compared, whoever signed.
#[test]
fn what_sounds_like_a_credential_is_compared() {
    let params =
        [("Method", "aws-signature-v4"), ("AccessKeyId", "ASIAEXAMPLE"), ("SecretAccessKey", "secret")];
    let request = http::Request::get([URL, "&continuation-token=first%2Fpage"].concat())
        .header("x-amz-server-side-encryption-aws-kms-key-id", "first-key");
    let head = head(request);
    let explanation = explain(&params, head.clone(), &Payload::EMPTY, Masking::Masked);
    let signed = Signed::from_explanation(&explanation).with_credentials_hidden(&head);
    let canonical_request = explanation.canonical_request().unwrap();
    let string = explanation.string_to_sign().unwrap();
    for (from, to, sentence) in [
        (
            "first-key",
            "second-key",
            "The header `x-amz-server-side-encryption-aws-kms-key-id` was signed as `<masked>`, but arrived as `<masked, another>`.",
        ),
        (
            "first%2Fpage",
            "second%2Fpage",
            "The query parameter `continuation-token` was signed as `<masked>`, but arrived as `<masked, another>`.",
        ),
        (
            "first%2Fpage",
            "first%2fpage",
            "The query parameter `continuation-token` is encoded in two ways: `<masked>` was signed, and the service has `<masked, another>`.",
        ),
    ] {
        assert!(canonical_request.contains(from));
        let answer = s3_answer(&explanation, &canonical_request.replace(from, to), string);
        assert_eq!(answer.diagnose(&signed).to_string(), sentence);
    }
    assert_eq!(
        names(&s3_answer(&explanation, canonical_request, string).diagnose(&signed)),
        ["wrong-secret"]
    );
}

#[test]
fn an_explanation_that_is_not_masked_does_as_well() {
    let params = [
        ("Method", "aws-signature-v4"),
        ("AccessKeyId", "ASIAEXAMPLE"),
        ("SecretAccessKey", "secret"),
        ("SessionToken", "t0ken/of+the=session"),
    ];
    let get = head(http::Request::get(URL));
    let explanation = explain(&params, get, &Payload::EMPTY, Masking::Unmasked);
    let canonical_request = explanation.canonical_request().unwrap().replace("list=1", "list=2");
    let answer = s3_answer(&explanation, &canonical_request, explanation.string_to_sign().unwrap());
    let diagnosis = answer.diagnose(&Signed::from_explanation(&explanation));
    assert_eq!(names(&diagnosis), ["query-changed"]);
    assert!(!format!("{diagnosis:?}").contains("t0ken"), "{diagnosis:?}");
}

#[test]
fn an_answer_without_texts_names_the_headers_that_proxies_change() {
    let answer = Response::parse(
        "403\nx-amzn-requestid: 1\n\n<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided.</Message></Error></ErrorResponse>",
    );
    let diagnosis = answer.diagnose(&Signed::from_explanation(&put_object()));
    assert_eq!(names(&diagnosis), ["headers-in-transit", "mismatch"]);
    assert_eq!(
        diagnosis.to_string(),
        "Headers are signed that proxies and clients change on the way: `accept-encoding`."
    );
}

#[test]
fn batch_is_compared_line_by_line() {
    let params = [("Method", "azure-batch"), ("AccountName", "acct"), ("SecretAccessKey", "aw==")];
    let url = "https://acct.eu.batch.azure.com/pools/p%20q?api-version=1&timeout=20";
    let request = http::Request::post(url).header("content-type", "application/json").header("ocp-x", "1");
    let explanation = explain(&params, head(request), &Payload::of(b"hello"), Masking::Masked);
    let signed = Signed::from_explanation(&explanation);
    for (from, to, expected) in [
        ("POST\n", "GET\n", "method-changed"),
        ("\n5\n", "\n\n", "content-length"),
        ("application/json", "application/json; charset=utf-8", "header-changed"),
        ("application/json", "", "header-dropped"),
        ("ocp-x:1\n", "", "header-dropped"),
        ("ocp-x:1\n", "ocp-x:1\nocp-y:2\n", "header-added"),
        ("12:34:56", "12:34:59", "header-changed"),
        ("/acct/", "/other/", "account-changed"),
        ("/pools/p%20q", "/pools/p q", "path-changed"),
        ("timeout:20", "timeout:30", "query-changed"),
        ("\ntimeout:20", "", "query-dropped"),
        ("api-version:1\ntimeout:20", "timeout:20\napi-version:1", "query-reordered"),
        ("POST\n\n", "POST\n", "line-count"),
        ("POST", "POST", "wrong-secret"),
    ] {
        let string = explanation.string_to_sign().unwrap();
        assert!(string.contains(from), "{from:?} is not in {string:?}");
        let string = string.replace(from, to).replace('\n', "\\n");
        let answer = Response::parse(&format!(
            r#"403 Forbidden

{{"code":"AuthenticationFailed","message":{{"lang":"en-US","value":"Server failed to authenticate the request."}},"values":[{{"key":"AuthenticationErrorDetail","value":"The MAC signature found in the HTTP request '{}' is not the same as any computed signature. Server used following string to sign: '{string}'."}}]}}"#,
            explanation.signature().unwrap()
        ));
        let diagnosis = answer.diagnose(&signed);
        assert_eq!(names(&diagnosis).first(), Some(&expected), "{from} {diagnosis:?}");
    }
}

#[test]
fn a_presigned_url_that_has_ended_is_told() {
    let params =
        [("Method", "aws-signature-v4"), ("AccessKeyId", "AKIDEXAMPLE"), ("SecretAccessKey", "secret")];
    let signer = Registry::new().signer(&params.iter().copied().collect()).unwrap();
    let get = head(http::Request::get("https://bucket.s3.eu-west-1.amazonaws.com/a"));
    let minute = std::time::Duration::from_secs(60);
    let explanation = signer.presign_explained(&get, &Payload::EMPTY, minute, NOW, Masking::Masked).unwrap();
    let signed = Signed::from_explanation(&explanation);
    let expected = "The signature was good until 2024-02-29T12:35:56Z, and arrived 4 min 4 s later by the server's clock.";
    for body in [
        "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
        "<Error><Code>AccessDenied</Code><Message>Request has expired</Message><X-Amz-Expires>60</X-Amz-Expires><Expires>2024-02-29T12:35:56Z</Expires><ServerTime>2024-02-29T12:40:00Z</ServerTime></Error>",
        "forbidden",
    ] {
        let answer = Response::parse(&format!("403\ndate: Thu, 29 Feb 2024 12:40:00 GMT\n\n{body}"));
        assert_eq!(answer.diagnose(&signed).to_string(), expected);
    }
}
