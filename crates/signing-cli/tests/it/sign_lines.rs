//! `signing sign`: what goes in and what comes out.

use serde_json::json;

use crate::command::{AWS, run, sign, sign_one};

#[test]
fn a_signed_line_has_the_fields_of_the_contract_in_their_order() {
    let line = format!(
        r#"{{"method":"PUT","url":"https://sqs.us-east-1.amazonaws.com/q","headers":[["Content-Type","text/plain"]],"body_base64":"aGk=","time":1709210096,{AWS}}}"#
    );
    let run = run(&["sign"], line);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let expected = concat!(
        r#"{"url":"https://sqs.us-east-1.amazonaws.com/q","headers":[["x-amz-date","20240229T123456Z"],"#,
        r#"["authorization","AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20240229/us-east-1/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=8a59f98546c940e6e14fbb277cbd9d84d8246cc6a9566e1556682fc70ad7fb12"]],"#,
        r#""canonical_request":"PUT\n/q\n\ncontent-type:text/plain\nhost:sqs.us-east-1.amazonaws.com\nx-amz-date:20240229T123456Z\n\ncontent-type;host;x-amz-date\n8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4","#,
        r#""string_to_sign":"AWS4-HMAC-SHA256\n20240229T123456Z\n20240229/us-east-1/sqs/aws4_request\n6b4aef39b9e594664af170e3b06eb33a1b1eddf76b623884f08ada3ed2f13d41","#,
        r#""signature":"8a59f98546c940e6e14fbb277cbd9d84d8246cc6a9566e1556682fc70ad7fb12"}"#,
        "\n"
    );
    // Hash and signature were computed apart, by the steps of the specification.
    assert_eq!(run.stdout, expected);
}

#[test]
fn a_method_without_canonical_request_leaves_the_field_out() {
    let answer = sign_one(
        &[],
        r#"{"method":"POST","url":"https://a.example/x","time":1709210096,"auth":{"Method":"auth-token","Header":"X-Api-Key","Token":"t"}}"#,
    );
    assert_eq!(answer, json!({"url": "https://a.example/x", "headers": [["x-api-key", "t"]]}));
}

#[test]
fn headers_that_signing_dropped_are_removed() {
    let line = r#"{"method":"GET","url":"https://a.westus.batch.azure.com/jobs","headers":[["Date","D"],["Authorization","SharedKey a:old"]],"time":1709210096,"auth":{"Method":"azure-batch","AccountName":"a","SecretAccessKey":"aw=="}}"#;
    let answer = sign_one(&[], line);
    assert_eq!(answer["removed"], json!(["date"]));
    assert_eq!(answer["headers"][0], json!(["ocp-date", "Thu, 29 Feb 2024 12:34:56 GMT"]));
}

#[test]
fn presign_gives_the_url_and_sets_no_header() {
    let line = format!(
        r#"{{"method":"GET","url":"https://b.s3.us-east-1.amazonaws.com/k?x=1","time":"2024-02-29T13:34:56+01:00","presign":{{"expires_in":900}},{AWS}}}"#
    );
    let answer = sign_one(&[], &line);
    let url = answer["url"].as_str().unwrap();
    assert!(url.starts_with("https://b.s3.us-east-1.amazonaws.com/k?x=1&X-Amz-Algorithm="), "{url}");
    assert!(url.contains("X-Amz-Date=20240229T123456Z&X-Amz-Expires=900"), "{url}");
    assert!(url.ends_with(answer["signature"].as_str().unwrap()));
    assert_eq!(answer["headers"], json!([]));
}

#[test]
fn a_repeated_body_is_the_body_written_out() {
    let line = |body: &str| {
        format!(r#"{{"method":"PUT","url":"https://sqs.us-east-1.amazonaws.com/","time":0,{body},{AWS}}}"#)
    };
    let whole = sign_one(&[], &line(r#""body_base64":"YWJhYmFi""#));
    let recipe = sign_one(&[], &line(r#""body_repeat":{"unit_base64":"YWI=","count":3}"#));
    assert_eq!(whole, recipe);
    let empty = sign_one(&[], &line(r#""body_repeat":{"unit_base64":"","count":18446744073709551615}"#));
    assert_eq!(empty, sign_one(&[], &line(r#""body_base64":"""#)));
}

#[test]
fn a_url_is_used_as_given_but_for_what_no_url_may_hold() {
    let line = |url: &str| format!(r#"{{"method":"GET","url":"{url}","time":0,{AWS}}}"#);
    let url = |given: &str| sign_one(&[], &line(given))["url"].as_str().unwrap().to_owned();
    let base = "https://sqs.us-east-1.amazonaws.com";
    assert_eq!(url(&format!("{base}/a b/ä?q=<\\u1234>")), format!("{base}/a%20b/%C3%A4?q=%3C%E1%88%B4%3E"));
    assert_eq!(url(&format!("{base}//a/../%2f%20?b&a")), format!("{base}//a/../%2f%20?b&a"));
}

#[test]
fn folded_and_non_ascii_header_values_are_signed_as_they_are_sent() {
    let line = format!(
        r#"{{"method":"GET","url":"https://sqs.us-east-1.amazonaws.com/","headers":[["X-A","a\n  b"],["X-B","ä"]],"time":0,{AWS}}}"#
    );
    let answer = sign_one(&[], &line);
    let canonical = answer["canonical_request"].as_str().unwrap();
    assert!(canonical.contains("\nx-a:a b\nx-amz-date:19700101T000000Z\nx-b:ä\n"), "{canonical}");
}

#[test]
fn answers_come_in_order_and_one_failure_stops_nothing() {
    let good = |n: usize| {
        format!(
            "{{\"method\":\"GET\",\"url\":\"https://sqs.us-east-1.amazonaws.com/{n}\",\"time\":{n},{AWS}}}\n"
        )
    };
    let lines: String = (0..200).map(|n| if n % 50 == 49 { "{\n".to_owned() } else { good(n) }).collect();
    let (status, answers) = sign(&[], &lines);
    assert_eq!((status, answers.len()), (1, 200));
    for (n, answer) in answers.iter().enumerate() {
        if n % 50 == 49 {
            assert_eq!(answer["error"]["kind"], "input");
        } else {
            assert_eq!(answer["url"], format!("https://sqs.us-east-1.amazonaws.com/{n}"));
        }
    }
    assert_eq!(sign(&[], &good(1)).0, 0);
    assert_eq!(sign(&[], "").0, 0, "no line, no failure");
}

#[test]
fn without_a_time_the_clock_is_read() {
    let line = format!(r#"{{"method":"GET","url":"https://sqs.us-east-1.amazonaws.com/",{AWS}}}"#);
    let date = sign_one(&[], &line)["headers"][0][1].as_str().unwrap().to_owned();
    assert!(date.as_str() > "20250101T000000Z", "{date}");
}
