//! `signing sign`: which signer signs a line.

use serde_json::{Value, json};

use crate::command::{Folder, error, sign_one};

const FILE: &str = "\
[auth]
Method = aws-signature-v4
AccessKeyId = AKIDEXAMPLE
SecretAccessKey = s

[auth.partner]
Match = https://partner.example/api
Method = auth-token
Header = x-api-key
Token = from-the-file

[auth.open]
Match = https://open.example/
Method = none
";

/// A line for `url`, with `auth` unless it is empty.
fn sign(url: &str, auth: &str) -> Value {
    let folder = Folder::with(&[("auth.conf", FILE)]);
    let auth = if auth.is_empty() { String::new() } else { format!(r#","auth":{auth}"#) };
    let line = format!(r#"{{"method":"GET","url":"{url}","time":1709210096{auth}}}"#);
    sign_one(&["--auth", &folder.text("auth.conf")], &line)
}

fn scope(answer: &Value) -> &str {
    answer["string_to_sign"].as_str().unwrap_or_else(|| panic!("{answer}")).split('\n').nth(2).unwrap()
}

#[track_caller]
fn check_route(answer: &Value, message: &str) {
    let (kind, found) = error(answer);
    assert_eq!(kind, "route", "{found}");
    assert!(found.contains(message), "{found}");
}

#[test]
fn the_section_that_the_url_routes_to_signs() {
    assert_eq!(
        scope(&sign("https://sqs.us-east-1.amazonaws.com/", "")),
        "20240229/us-east-1/sqs/aws4_request"
    );
    assert_eq!(sign("https://partner.example/api/x", "")["headers"], json!([["x-api-key", "from-the-file"]]));
    let unsigned = sign("https://open.example/x", "");
    assert_eq!(unsigned, json!({"url": "https://open.example/x", "headers": []}));
}

#[test]
fn auth_overrides_the_section_parameter_by_parameter() {
    let answer = sign("https://sqs.us-east-1.amazonaws.com/", r#"{"Region":"moon-1"}"#);
    assert_eq!(scope(&answer), "20240229/moon-1/sqs/aws4_request");
    let answer = sign("https://partner.example/api", r#"{"method":"AUTH-TOKEN","header":"x-other"}"#);
    assert_eq!(answer["headers"], json!([["x-other", "from-the-file"]]));
}

#[test]
fn an_overridden_section_keeps_to_its_urls() {
    check_route(&sign("https://s3.example/", r#"{"Region":"r","Service":"s3"}"#), "does not know this host");
    let narrowed = sign("https://partner.example/api", r#"{"Match":"https://partner.example/api/v2"}"#);
    check_route(&narrowed, "does not cover the URL");
}

#[test]
fn another_method_stands_alone_and_needs_no_match() {
    let own = r#"{"Method":"auth-token","Header":"x-own","Token":"t"}"#;
    for url in ["https://s3.example/", "https://sqs.us-east-1.amazonaws.com/", "https://open.example/"] {
        assert_eq!(sign(url, own)["headers"], json!([["x-own", "t"]]), "{url}");
    }
    // The path is not that of the section, so the line's own parameters are all there is, of the same method.
    let answer =
        sign("https://partner.example/other", r#"{"Method":"auth-token","Header":"x-own","Token":"t"}"#);
    assert_eq!(answer["headers"], json!([["x-own", "t"]]));
}

#[test]
fn a_match_of_its_own_is_kept_to() {
    let own = r#"{"Method":"auth-token","Header":"x-own","Token":"t","Match":"https://a.example/"}"#;
    check_route(&sign("https://b.example/", own), "does not cover the URL");
    assert_eq!(sign("https://a.example/", own)["headers"], json!([["x-own", "t"]]));
}

#[test]
fn values_in_a_line_are_literal() {
    let own = r#"{"Method":"auth-token","Header":"x-own","Token":"env:HOME"}"#;
    assert_eq!(sign("https://a.example/", own)["headers"], json!([["x-own", "env:HOME"]]));
}
