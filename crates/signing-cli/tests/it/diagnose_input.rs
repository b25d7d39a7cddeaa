//! `signing diagnose`: requests, answers and texts as people have them in files.

use std::fs;

use crate::command::{Folder, SECRET, run};
use crate::diagnose::{FLAGS, diagnose_in, json, names, s3_case};
use crate::signed::{Request, SCOPE, s3_answer};

const EXPIRED: &str = "HTTP/1.1 400 Bad Request\nx-amz-request-id: 1\n\n<Error><Code>ExpiredToken</Code><Message>expired</Message></Error>";

fn utf_16(text: &str, mark: &[u8]) -> Vec<u8> {
    mark.iter().copied().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

#[test]
fn what_is_no_text_is_refused() {
    let check = |name: &str, bytes: &[u8], args: &[&str]| {
        let folder = Folder::with(&[("answer", EXPIRED), ("request", "GET / HTTP/1.1\nHost: h\n\n")]);
        fs::write(folder.path(name), bytes).unwrap();
        let paths: Vec<String> = args.chunks(2).map(|pair| folder.text(pair[1])).collect();
        let args: Vec<&str> = args.chunks(2).zip(&paths).flat_map(|(pair, path)| [pair[0], path]).collect();
        let run = run(&[&["diagnose"], args.as_slice()].concat(), "");
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{name}");
        let said = format!(
            "{}: is no text: it holds NUL bytes, as UTF-16 does; save it as UTF-8",
            folder.text(name)
        );
        assert!(run.stderr.contains(&said), "{}", run.stderr);
    };
    for mark in [&b"\xff\xfe"[..], b""] {
        check("answer", &utf_16(EXPIRED, mark), &["--response", "answer"]);
        check(
            "request",
            &utf_16("GET / HTTP/1.1\n", mark),
            &["--response", "answer", "--request", "request"],
        );
        check("signed", &utf_16("GET\n\n", mark), &["--response", "answer", "--string-to-sign", "signed"]);
    }
    check("answer", b"{\"a\":\n\0}", &["--response", "answer"]);
    check("signed", b"GET\n\0", &["--response", "answer", "--string-to-sign", "signed"]);
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_text() {
    let request = Request::put(&[("x-amz-meta-a", "1")]);
    let answer = s3_answer(&request.canonical.replace("PUT", "POST"), SCOPE);
    let marked = ["\u{feff}", &request.canonical].concat();
    let args = ["--canonical-request", "canonical", "--response", "answer"];
    assert_eq!(names(&json(&[("canonical", &marked), ("answer", &answer)], &args)), ["method-changed"]);
    let marked = ["\u{feff}", &request.text].concat();
    let args = ["--request", "request", "--response", "answer"];
    assert_eq!(names(&json(&[("request", &marked), ("answer", &answer)], &args)), ["method-changed"]);
}

/// A text that was signed is taken as it is: a margin in it is what may be wrong.
#[test]
fn a_margin_is_taken_off_messages_only() {
    let indented = |text: &str| -> String { text.lines().map(|line| format!("\t{line}\n")).collect() };
    let told = json(&[("answer", &indented(EXPIRED))], &["--response", "answer"]);
    assert_eq!((&told["status"], names(&told)), (&400.into(), vec!["session-token-expired"]));
    let request = Request::put(&[]);
    let answer = s3_answer(&request.canonical, SCOPE);
    let files = [("canonical", &*indented(&request.canonical)), ("answer", &answer)];
    let args = ["--canonical-request", "canonical", "--response", "answer"];
    let run = diagnose_in(&files, &args, "");
    assert!(run.stdout.starts_with("What was signed is not what the service computed"), "{}", run.stdout);
}

/// `--trace-time` puts the time in front of each line that is curl's, wherever the body ends.
#[test]
fn lines_of_a_log_may_have_times() {
    let log = "* Connected\n> GET / HTTP/1.1\n> Host: h\n> \n< HTTP/1.1 403 Forbidden\n< x-amzn-requestid: 1\n< \n{ [5 bytes data]\n";
    let timed: String = log.lines().map(|line| format!("12:34:56.123456 {line}\n")).collect();
    let body = "{\"__type\": \"ExpiredTokenException\", \"message\": \"expired\"}";
    let timed = format!("{timed}{body}12:34:56.123456 * Connection #0 to host h left intact\n");
    let told = json(&[("log", &timed)], &["--response", "log"]);
    assert_eq!(names(&told), ["session-token-expired"], "{told}");
}

const SQS: &str = "POST / HTTP/1.1\nHost: sqs.eu-west-1.amazonaws.com\nContent-Length: 30\nx-amz-date: 20240229T123456Z\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20240229/eu-west-1/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=6928243943c9cd68b82cc13d438f3108af4527bac49ecdea2aee4d4a8667b3b3\n\n";

/// The length is that of the body, and not of the answer that stands in its place.
#[test]
fn a_body_that_is_not_shown_is_no_answer() {
    let both = format!(
        "{SQS}HTTP/1.1 403 Forbidden\nx-amzn-requestid: 1\n\n{{\"__type\":\"InvalidClientTokenId\",\"message\":\"x\"}}"
    );
    let told = json(&[("both", &both)], &["--response", "both"]);
    assert_eq!((&told["status"], names(&told)), (&403.into(), vec!["unknown-key"]), "{told}");
    // Nor is the answer a body, where it is told in another file.
    let run = diagnose_in(&[("both", &both)], &["--response", "both", "--request", "both"], "");
    assert!(
        run.stdout.contains("body    not shown, nor is its hash: all else is compared"),
        "{}",
        run.stdout
    );
}

#[test]
fn without_the_body_all_else_is_compared() {
    let canonical = |method: &str| {
        format!(
            "{method}\n/\n\nhost:sqs.eu-west-1.amazonaws.com\nx-amz-date:20240229T123456Z\n\nhost;x-amz-date\n{}",
            "1".repeat(64)
        )
    };
    let scope = "20240229/eu-west-1/sqs/aws4_request";
    let check = |method: &str, expected: &[&str], status: i32| {
        let answer = s3_answer(&canonical(method), scope);
        let args = ["--request", "request", "--response", "answer", "--format", "json"];
        let run = diagnose_in(&[("request", SQS), ("answer", &answer)], &args, "");
        let told = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!((names(&told), run.status), (expected.to_vec(), status), "{told}");
    };
    check("PUT", &["method-changed"], 0);
    check("POST", &["signed-otherwise"], 0);
}

/// Without a length, the body may be what is shown or all but the line break that an editor has put behind it.
#[test]
fn a_last_line_break_may_be_the_editors() {
    let request = Request::without_hash();
    let unframed = |end: &str| Request {
        text: [&request.text.replace("Content-Length: 5\r\n", ""), end].concat(),
        canonical: request.canonical.clone(),
    };
    for end in ["", "\n", "\r\n"] {
        let request = unframed(end);
        let check = |arrived: &str, args: &[&str], expected: &str| {
            assert_eq!(names(&s3_case(&request, arrived, SECRET, args)), [expected], "{end:?}");
        };
        check(&request.canonical, &FLAGS, "wrong-secret");
        check(&request.canonical, &[], "signed-otherwise");
        let (head, _) = request.canonical.rsplit_once('\n').unwrap();
        check(&format!("{head}\n{}", "1".repeat(64)), &[], "body-changed");
    }
    let told = s3_case(&unframed("\n\n"), &request.canonical, SECRET, &FLAGS);
    assert_eq!(names(&told), ["body-changed"]);
}

/// Whether the header with the body's hash is signed is up to the client, and not to the credentials.
#[test]
fn flags_sign_the_headers_that_the_request_does() {
    let section = format!(
        "[auth]\nMethod = aws-signature-v4\nAccessKeyId = AKIDEXAMPLE\nSecretAccessKey = {SECRET}\nContentSha256Header = true\n"
    );
    let request = Request::without_hash();
    let answer = s3_answer(&request.canonical, SCOPE);
    let files = [
        ("request", request.text.as_str()),
        ("answer", &answer),
        ("secret", SECRET),
        ("auth.conf", &section),
    ];
    for flags in [&FLAGS[..], &["--auth", "auth.conf"]] {
        let told = json(&files, &[&["--request", "request", "--response", "answer"], flags].concat());
        assert_eq!(
            (names(&told), &told["notes"]),
            (vec!["wrong-secret"], &Vec::<()>::new().into()),
            "{told}"
        );
    }
}

/// The text that a faulty signer has to make is shown, where its service shows it.
#[test]
fn what_should_have_been_signed_is_shown() {
    let request = Request::put(&[("x-api-key", "hunter2")]);
    let text = request.text.replace("Signature=", "Signature=0");
    let text = text.replacen("\r\nx-api-key", "\r\nX-Unsigned: 1\r\nx-api-key", 1);
    let request = Request { text, ..request };
    for args in [&[][..], &FLAGS] {
        let told = s3_case(&request, &request.canonical, SECRET, args);
        assert_eq!(names(&told), ["signed-otherwise"], "{told}");
        let sentence = told["causes"][0]["sentence"].as_str().unwrap();
        assert!(sentence.contains("its program made another text of it"), "{sentence}");
        let lines = told["diff"]["lines"].as_array().unwrap();
        let text = |at: usize| lines[at]["arrived"]["text"].as_str().unwrap();
        assert_eq!((text(0), text(1), text(6)), ("PUT", "/a%20b", "x-api-key:<masked>"), "{told}");
        assert!(lines.iter().all(|line| line["signed"].is_null()));
    }
    let answer = s3_answer(&request.canonical, SCOPE);
    let files = [("request", request.text.as_str()), ("answer", &answer)];
    let run = diagnose_in(&files, &["--request", "request", "--response", "answer"], "");
    assert!(
        run.stdout.contains("\nCanonical request of the service\n    PUT\n    /a%20b\n    x=1\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn columns_stand_in_line_whatever_is_in_them() {
    let answer = s3_answer("GET\n/日本/b\n\nhost:h\n\nhost\nx", SCOPE);
    let folder = Folder::with(&[("canonical", "GET\n/日本/a\n\nhost:h\n\nhost\nx"), ("answer", &answer)]);
    let mut command =
        crate::command::command(&["diagnose", "--canonical-request", "canonical", "--response", "answer"]);
    command.current_dir(folder.path("")).env("COLUMNS", "120");
    let run = crate::command::finish(command, "");
    let lines = "    signed  | arrived\n    GET     | GET\n  ! /日本/a | /日本/b\n          ^         ^\n            |\n    host:h  | host:h\n";
    assert!(run.stdout.contains(lines), "{}", run.stdout);
}
