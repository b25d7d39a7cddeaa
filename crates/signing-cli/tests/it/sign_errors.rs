//! `signing sign`: each kind of error, and what its message says.

use crate::command::{AWS, Folder, error, run, sign_one};

#[track_caller]
fn check(line: &str, kind: &str, message: &str) {
    let answer = sign_one(&[], line);
    let (found_kind, found) = error(&answer);
    assert_eq!(found_kind, kind, "{found}");
    assert!(found.contains(message), "{found}");
    assert!(!found.contains(" at line "), "the parser's line is always 1: {found}");
}

/// A good request, with one more field.
#[track_caller]
fn check_field(field: &str, kind: &str, message: &str) {
    let line = format!(r#"{{"method":"GET","url":"https://sqs.us-east-1.amazonaws.com/",{AWS},{field}}}"#);
    check(&line, kind, message);
}

#[test]
fn a_malformed_line_is_told_with_its_column() {
    check("{\"method\":}", "input", "malformed JSON at column 11: expected value");
    check("{\"method\":\"GET\"", "input", "malformed JSON at column 15: EOF");
    check("{} {}", "input", "malformed JSON at column 4: trailing characters");
    check("\n", "input", "the line must be a JSON object");
    check("[1]", "input", "the line must be a JSON object");
    check("\"hunter2\"", "input", "the line must be a JSON object");
    let run = run(&["sign"], b"{\"url\":\"\xff\"}".to_vec());
    assert!(run.stdout.contains("the line is not UTF-8 from byte 9 on"), "{}", run.stdout);
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    let line = format!(r#"{{"auth":{}"#, "[".repeat(1_000_000));
    assert_eq!(error(&sign_one(&[], &line)).0, "input");
}

#[test]
fn an_object_of_a_million_fields_is_refused_at_once() {
    let fields: String = (0..1_000_000).map(|n| format!(r#""{n}":0,"#)).collect();
    check(&format!("{{{fields}\"a\":0}}"), "input", "an object has at most 64 fields");
}

#[test]
fn fields_are_known_and_of_their_kind() {
    check("{}", "input", "`method` is missing");
    check(r#"{"method":"GET"}"#, "input", "`url` is missing");
    check_field(r#""heders":[]"#, "input", "`heders` is not a known field; did you mean `headers`?");
    check_field(r#""zzz":1"#, "input", "`zzz` is not a known field");
    check_field(r#""method":"GET""#, "input", "the line has `method` twice");
    check(r#"{"method":1}"#, "input", "`method` must be a string");
    check(r#"{"method":"\ud800"}"#, "input", "`method` must be a string");
    check_field(r#""headers":{"a":"b"}"#, "input", "`headers` must be an array of [name, value]");
    check_field(r#""headers":[["a",1]]"#, "input", "`headers` must be an array of [name, value]");
    check_field(r#""time":"soon""#, "input", "`time` must be an integer");
    check_field(r#""time":1.5"#, "input", "`time` must be an integer");
    check_field(r#""time":null"#, "input", "`time` must be an integer");
    check_field(r#""time":253402300800"#, "input", "`time` must be an integer");
    check_field(r#""body_base64":"!""#, "input", "`body_base64` must be base64");
    check_field(
        r#""body_base64":"","body_repeat":{"unit_base64":"","count":1}"#,
        "input",
        "exclude each other",
    );
    check_field(
        r#""body_repeat":{"unit_base64":"YWI=","count":-1}"#,
        "input",
        "`body_repeat.count` must be a whole",
    );
    check_field(r#""body_repeat":{"count":1}"#, "input", "`body_repeat.unit_base64` is missing");
    check_field(
        r#""body_repeat":{"unit_base64":"YWI=","count":18446744073709551615}"#,
        "input",
        "longer than a body can be",
    );
    check_field(r#""presign":900"#, "input", "`presign` must be a JSON object");
    check_field(r#""presign":{"expires":900}"#, "input", "did you mean `expires_in`?");
    check_field(r#""presign":{"expires_in":"900"}"#, "input", "`presign.expires_in` must be a whole number");
}

#[test]
fn what_http_cannot_carry_is_an_input_error() {
    check(r#"{"method":"G T","url":"https://h/"}"#, "input", "the method is no HTTP method");
    check(r#"{"method":"GET","url":"https://h:x:y/"}"#, "input", "the URL cannot be used");
    check_field(r#""headers":[["a b","c"]]"#, "input", "the header `a b` has no valid name");
    check_field(r#""headers":[["a","\u0000"]]"#, "input", "the header `a` holds a control character");
}

#[test]
fn parameters_make_no_signer() {
    let line = |auth: &str| {
        format!(r#"{{"method":"GET","url":"https://sqs.us-east-1.amazonaws.com/","auth":{auth}}}"#)
    };
    check(r#"{"method":"GET","url":"https://h/"}"#, "params", "there are no parameters and no --auth FILE");
    check(&line(r#"{"Method":"aws-sigv4"}"#), "params", "names no known method");
    check(&line(r#"{"Method":"azure-batch"}"#), "params", "`AccountName` is missing");
    check(
        &line(r#"{"Method":"aws-signature-v4","Regoin":"x","AccessKeyId":"a","SecretAccessKey":"s"}"#),
        "params",
        "did you mean `Region`?",
    );
    check(
        &line(r#"{"Method":"azure-batch","Match":"h"}"#),
        "params",
        "`Match` must be `*` or begin with a scheme",
    );
    check(&line("7"), "input", "`auth` must be a JSON object");
    check(
        &line(r#"{"NormalizePath":true}"#),
        "input",
        r#"`auth.NormalizePath` must be a string (a boolean is "true""#,
    );
    check(&line(r#"{"Region":"a","region":"b"}"#), "input", "`auth` has `region` twice");
}

#[test]
fn the_kinds_of_the_signer() {
    let aws = |url: &str, more: &str| format!(r#"{{"method":"GET","url":"{url}",{AWS}{more}}}"#);
    let sqs = "https://sqs.us-east-1.amazonaws.com/";
    check(&aws("https://u:p@h/", ""), "request", "user info");
    check(&aws(sqs, r#","headers":[["Content-Length","9"]]"#), "payload", "not the length of the body");
    check(&aws("https://h.example/", ""), "endpoint", "set the parameters Region and Service");
    check(&aws(sqs, r#","presign":{"expires_in":604801}"#), "unsupported", "1 to 604800");
    let line = r#"{"method":"GET","url":"https://a.westus.batch.azure.com/","time":0,"auth":{"Method":"azure-batch","AccountName":"a","SecretAccessKey":"aw==","ClockCorrection":"-1"}}"#;
    check(line, "clock", "ClockCorrection");
}

#[test]
fn the_kinds_of_the_file() {
    let folder = Folder::with(&[(
        "auth.conf",
        "[auth.a]\nMatch = https://a.example/v1\nMethod = auth-token\nHeader = x\nToken = hunter2\n",
    )]);
    let file = folder.text("auth.conf");
    let check = |url: &str, kind: &str, message: &str| {
        let answer = sign_one(&["--auth", &file], &format!(r#"{{"method":"GET","url":"{url}"}}"#));
        let (found_kind, found) = error(&answer);
        assert_eq!(found_kind, kind, "{found}");
        assert!(found.contains(message), "{found}");
    };
    check("https://b.example/", "route", "no section has a `Match`");
    check("https://a.example/v2", "route", "no section has a `Match`");
    check("https://a.example/v1/../x", "url", "dot segment");
}

#[test]
fn no_message_repeats_a_value() {
    for line in [
        r#"{"method":"GET","url":"https://h/","auth":"hunter2"}"#,
        r#"{"method":"GET","url":"https://h/","auth":{"Token":["hunter2"]}}"#,
        r#"{"method":"GET","url":"https://h/","headers":"hunter2"}"#,
        r#"{"method":"GET","url":"https://h/","body_base64":"hunter2!"}"#,
        r#"{"method":"GET","url":"https://u:hunter2@h/"}"#,
        r#"{"method":"GET","url":"https://h:x/?hunter2"}"#,
        r#"{"method":"GET","url":"https://h/","presign":"hunter2"}"#,
        r#"{"method":"GET","url":"https://h/","headers":[["a","hunter2\u0000"]]}"#,
        r#"{"method":"GET","url":"https://h/","auth":{"Method":"azure-batch","AccountName":"a","SecretAccessKey":"hunter2"}}"#,
    ] {
        let answer = sign_one(&[], line);
        let (_, message) = error(&answer);
        assert!(!message.contains("hunter2"), "{message}");
    }
}

#[test]
fn unusable_arguments_are_status_2() {
    let check = |args: &[&str], message: &str| {
        let run = run(args, "");
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{args:?}");
        assert!(run.stderr.contains(message), "{}", run.stderr);
    };
    check(&["sign", "--auth", "/nonexistent/auth.conf"], "the file cannot be read");
    check(&["sign", "--aut", "x"], "--auth");
    check(&["sing"], "sign");
    check(&[], "Usage");
    let folder = Folder::with(&[("auth.conf", "[auth]\nMethod = azure-batch\nSecretAccessKey = hunter2\n")]);
    let run = run(&["sign", "--auth", &folder.text("auth.conf")], "");
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("`AccountName` is missing") && !run.stderr.contains("hunter2"),
        "{}",
        run.stderr
    );
}
