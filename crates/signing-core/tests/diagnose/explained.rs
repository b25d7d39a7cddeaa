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
    let params = [
        ("Method", "aws-signature-v4"),
        ("AccessKeyId", "ASIAEXAMPLE"),
        ("SecretAccessKey", "secret"),
        ("SessionToken", "t0ken/of+the=session"),
        ("Region", "eu-west-1"),
        ("Service", service),
    ];
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

/// As S3 writes it. The session token is echoed.
fn s3_answer(canonical_request: &str, string_to_sign: &str) -> Response {
    let echo = |text: &str| {
        text.replace("<masked>", "t0ken/of+the=session").replace('&', "&amp;").replace('<', "&lt;")
    };
    Response::parse(&format!(
        "403 Forbidden\ncontent-type: application/xml\nx-amz-request-id: 4442587FB7D0A2F9\ndate: Thu, 29 Feb 2024 12:34:57 GMT\n\n\
         <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message><AWSAccessKeyId>ASIAEXAMPLE</AWSAccessKeyId><StringToSign>{}</StringToSign><SignatureProvided>5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7</SignatureProvided><CanonicalRequest>{}</CanonicalRequest><RequestId>4442587FB7D0A2F9</RequestId></Error>",
        echo(string_to_sign),
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
    let diagnosis = s3_answer(&canonical_request, &string).diagnose(&Signed::from_explanation(explanation));
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
        ([("x-amz-date:20240229T123456Z", "x-amz-date:20240229T123459Z")], "signed-twice"),
    ] {
        check(&put, &changes, &[expected]);
    }
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
    let diagnosis = s3_answer(&canonical_request, &string).diagnose(&Signed::from_explanation(&put));
    assert_eq!(names(&diagnosis), ["wrong-region", "wrong-service", "query-changed"]);

    let string = put.string_to_sign().unwrap().replace("20240229/", "20240228/");
    let diagnosis = s3_answer(&canonical_request, &string).diagnose(&Signed::from_explanation(&put));
    assert_eq!(names(&diagnosis), ["wrong-scope-date", "query-changed"]);
}

#[test]
fn a_stream_that_was_hashed_as_if_empty_is_told() {
    check(&aws("s3", URL, &Payload::EMPTY), &[(EMPTY, HELLO)], &["empty-body-hashed"]);
}

#[track_caller]
fn check_path(service: &str, path: &str, arrived: &str, sentence: &str) {
    let url = format!("https://bucket.s3.eu-west-1.amazonaws.com{path}");
    let explanation = aws(service, &url, &Payload::of(b"hello"));
    let signed = explanation.canonical_request().unwrap().lines().nth(1).unwrap();
    let canonical_request = explanation.canonical_request().unwrap().replace(signed, arrived);
    let answer = s3_answer(&canonical_request, "AWS4-HMAC-SHA256\n20240229T123456Z");
    let diagnosis = answer.diagnose(&Signed::from_explanation(&explanation));
    assert!(diagnosis.to_string().starts_with(sentence), "{diagnosis}");
}

#[test]
fn the_ways_to_write_a_path_are_told_apart() {
    check_path(
        "s3",
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
    check_path("s3", "/a//b", "/a/b", "The path was not normalized before it was signed");
    check_path("sqs", "/a//b", "/a//b", "The path was normalized before it was signed");
    check_path("s3", "/stage/b", "/b", "The beginning of the path was dropped on the way");
}

#[test]
fn the_same_texts_mean_another_secret() {
    let explanation = put_object();
    let answer = s3_answer(explanation.canonical_request().unwrap(), explanation.string_to_sign().unwrap());
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
fn another_program_tells_its_string_alone() {
    let explanation = put_object();
    let signed = Signed::from_string_to_sign(explanation.string_to_sign().unwrap());
    let answer = s3_answer(explanation.canonical_request().unwrap(), explanation.string_to_sign().unwrap());
    assert_eq!(names(&answer.diagnose(&signed)), ["wrong-secret"]);

    // Without its own string to sign, the hash of the service's canonical request tells.
    let params = [("Method", "aws-signature-v4"), ("AccessKeyId", "AKID"), ("SecretAccessKey", "secret")];
    let get = explain(&params, head(http::Request::get(URL)), &Payload::EMPTY, Masking::Masked);
    let answer = s3_answer(get.canonical_request().unwrap(), "");
    let of = |text: &str| names(&answer.diagnose(&Signed::from_string_to_sign(text)));
    assert_eq!(of(get.string_to_sign().unwrap()), ["wrong-secret"]);
    assert_eq!(of(explanation.string_to_sign().unwrap()), ["strings-differ"]);

    let other = explanation.string_to_sign().unwrap().replace("eu-west-1", "us-east-1");
    let other = [&other[..other.len() - 64], HELLO].concat();
    let answer = s3_answer(explanation.canonical_request().unwrap(), &other);
    assert_eq!(names(&answer.diagnose(&signed)), ["wrong-region"]);
}

#[test]
fn a_token_that_is_not_the_one_that_was_signed_is_told_without_showing_it() {
    let explanation = put_object();
    let string = explanation.string_to_sign().unwrap();
    let string = [&string[..string.len() - 64], HELLO].concat();
    let answer = s3_answer(explanation.canonical_request().unwrap(), &string);
    let diagnosis = answer.diagnose(&Signed::from_explanation(&explanation));
    assert_eq!(
        diagnosis.to_string(),
        "The header `x-amz-security-token` was signed as `<masked>`, but arrived as `<masked>`."
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
    let answer = s3_answer(&canonical_request, explanation.string_to_sign().unwrap());
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
        ("12:34:56", "12:34:59", "signed-twice"),
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

{{"code":"AuthenticationFailed","message":{{"lang":"en-US","value":"Server failed to authenticate the request."}},"values":[{{"key":"AuthenticationErrorDetail","value":"The MAC signature found in the HTTP request 'c2lnbmF0dXJl' is not the same as any computed signature. Server used following string to sign: '{string}'."}}]}}"#
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
