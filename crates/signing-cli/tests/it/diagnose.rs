//! `signing diagnose`.

use serde_json::Value;

use crate::command::{Folder, Run, SECRET, command, finish, run};
use crate::signed::{Request, SCOPE, s3_answer};

/// What the documentation made someone sign, as the program printed it.
const SIGNED: &str = r"GET\n\n\n\n\n\n\n\n\n\n\n\nocp-date:Sun, 24 Nov 2019 21:08:20 GMT\n /ACCOUNT/jobs\napi-version:2019-08-01.10.0\ntimeout:20";
const REFUSED: &str = r#"{
  "odata.metadata": "https://account.westus.batch.azure.com/$metadata#Microsoft.Azure.Batch.Protocol.Entities.Container.errors/@Element",
  "code": "AuthenticationFailed",
  "message": {
    "lang": "en-US",
    "value": "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.\nRequestId:94a6e4f3-1ed4-4a5b-a8e5-1f1f42a7c01b\nTime:2019-11-24T21:08:20.6424431Z"
  },
  "values": [
    {
      "key": "AuthenticationErrorDetail",
      "value": "The MAC signature found in the HTTP request 'Jm3sVGtNvKqwZfX0cPq9kJcDaS2zIYpS0xOqGqk0rXU=' is not the same as any computed signature. Server used following string to sign: 'GET\n\n\n\n\napplication/json; odata=minimalmetadata; charset=utf-8\n\n\n\n\n\n\nocp-date:Sun, 24 Nov 2019 21:08:20 GMT\n/ACCOUNT/jobs\napi-version:2019-08-01.10.0'."
    }
  ]
}"#;

/// Runs it where these files are.
pub(crate) fn diagnose_in(files: &[(&str, &str)], args: &[&str], input: &str) -> Run {
    let folder = Folder::with(files);
    let mut command = command(&[&["diagnose"], args].concat());
    command.current_dir(folder.path(""));
    finish(command, input)
}

/// What it says of a cause that it has found.
#[track_caller]
pub(crate) fn json(files: &[(&str, &str)], args: &[&str]) -> Value {
    let run = diagnose_in(files, &[args, &["--format", "json"]].concat(), "");
    assert_eq!((run.stderr.as_str(), run.status), ("", 0), "{}", run.stdout);
    let told: Value = serde_json::from_str(&run.stdout).unwrap();
    // Programs read them: the README has to have all.
    let readme = include_str!("../../README.md");
    let notes = told["notes"].as_array().unwrap().iter().map(|note| note["of"].as_str().unwrap());
    for word in notes.chain(names(&told)) {
        assert!(readme.contains(&format!("`{word}`")), "{word} is not in the README");
    }
    told
}

pub(crate) fn names(told: &Value) -> Vec<&str> {
    told["causes"].as_array().unwrap().iter().map(|cause| cause["name"].as_str().unwrap()).collect()
}

fn first_case(args: &[&str], columns: &str) -> String {
    let folder =
        Folder::with(&[("signed", SIGNED), ("answer", &format!("HTTP/1.1 403 Forbidden\n\n{REFUSED}"))]);
    let given = ["diagnose", "--string-to-sign", "signed", "--response", "answer"];
    let mut command = command(&[&given, args].concat());
    command.current_dir(folder.path("")).env("COLUMNS", columns);
    let run = finish(command, "");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    run.stdout
}

#[test]
fn three_causes_are_told_in_order() {
    let shown = first_case(&[], "120");
    let at = |text: &str| shown.find(text).unwrap_or_else(|| panic!("{text}: {shown}"));
    assert_eq!(at("The query parameter `timeout` was signed, but is not in the request that arrived.\n"), 0);
    assert!(at("Sign the URL as it is sent") < at("\nAlso\n"));
    assert!(at("The header `content-type: application/json; odata=") < at("The canonicalized resource was"));
    assert!(
        at("signed with a leading space.\n") < at("\nKnown\n  answer  403 Forbidden, AuthenticationFailed: ")
    );
    let json = serde_json::from_str(&first_case(&["--format", "json"], "120")).unwrap();
    assert_eq!(names(&json), ["query-dropped", "header-added", "resource-spaced"]);
}

#[test]
fn what_differs_is_marked_side_by_side() {
    let shown = first_case(&[], "120");
    let (_, diff) = shown.split_once("\nString to sign\n").unwrap();
    assert!(
        diff.starts_with("    signed                                 | arrived\n    GET           "),
        "{diff}"
    );
    let content_type = "application/json; odata=minimalmetadata; charset=utf-8";
    let (indent, carets) = (" ".repeat(45), "^".repeat(content_type.len()));
    for lines in [
        format!("  !{}| {content_type}\n{indent}{carets}\n", " ".repeat(40)),
        "  !  /ACCOUNT/jobs                         | /ACCOUNT/jobs\n    ^\n".to_owned(),
        "  ! timeout:20                             |\n    ^^^^^^^^^^\n".to_owned(),
    ] {
        assert!(diff.contains(&lines), "{lines}in\n{diff}");
    }
    assert_eq!(diff.matches('!').count(), 3);
}

#[test]
fn where_there_is_no_room_they_stand_one_above_the_other() {
    let shown = first_case(&[], "80");
    let (_, diff) = shown.split_once("\nString to sign\n").unwrap();
    assert!(diff.starts_with("  - signed\n  + arrived\n  | GET\n  |\n"), "{diff}");
    assert!(diff.contains("\n  -  /ACCOUNT/jobs\n    ^\n  + /ACCOUNT/jobs\n  | api-version"), "{diff}");
    assert!(diff.ends_with("\n  - timeout:20\n    ^^^^^^^^^^\n"), "{diff}");
}

#[test]
fn colour_takes_the_place_of_carets() {
    for columns in ["80", "120"] {
        let shown = first_case(&["--color", "always"], columns);
        assert!(shown.contains("\u{1b}[7;31m \u{1b}[0m/ACCOUNT/jobs"), "{shown}");
        assert!(shown.contains("\u{1b}[7;32mapplication/json") && !shown.contains('^'), "{shown}");
    }
}

#[test]
fn json_has_the_marks_in_characters() {
    let json: Value = serde_json::from_str(&first_case(&["--format", "json"], "80")).unwrap();
    assert_eq!((&json["status"], &json["service_code"]), (&403.into(), &"AuthenticationFailed".into()));
    assert_eq!(json["diff"]["of"], "string_to_sign");
    let lines = json["diff"]["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 16);
    assert_eq!(lines[13]["signed"], serde_json::json!({"text": " /ACCOUNT/jobs", "differs": [0, 1]}));
    assert_eq!(lines[15]["arrived"], Value::Null);
}

/// One answer in every form in which it can be had.
#[test]
fn an_answer_is_read_in_any_form() {
    const BODY: &str =
        "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>";
    let check = |answer: &str, args: &[&str]| {
        let told = json(&[("answer", answer)], &[&["--response", "answer"], args].concat());
        assert_eq!(
            (&told["status"], &told["service_code"]),
            (&400.into(), &"ExpiredToken".into()),
            "{answer}"
        );
        assert_eq!(names(&told), ["session-token-expired"], "{answer}");
    };
    let head = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/xml\r\n";
    check(&format!("{head}\r\n{BODY}"), &[]);
    check(&format!("{head}\n{BODY}\n").replace('\r', ""), &[]);
    check(&format!("HTTP/2 400 \r\n\r\n{BODY}"), &[]);
    check(&format!("HTTP/1.1 100 Continue\r\n\r\n{head}\r\n{BODY}"), &[]);
    check(&format!("HTTP/1.1 200 Connection established\r\n\r\n{head}\r\n{BODY}"), &[]);
    check(&format!("HTTP/1.1 307 Moved\r\nContent-Length: 9\r\n\r\n{head}\r\n{BODY}"), &[]);
    check(&format!("HTTP/1.1 307 Moved\r\nContent-Length: 3\r\n\r\n<a>{head}\r\n{BODY}"), &[]);
    let chunks = format!("4\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n", &BODY[..4], BODY.len() - 4, &BODY[4..]);
    check(&format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunks}"), &[]);
    check(&format!("{head}Transfer-Encoding: chunked\r\n\r\n{BODY}"), &[]);
    check(&format!("{head}Content-Encoding: gzip\r\n\r\n{BODY}"), &[]);
    check(BODY, &["--status", "400"]);
    check(&format!("\u{feff}{BODY}"), &["--status", "400"]);
    check(&format!("\u{feff}{head}\r\n{BODY}"), &[]);
    check(&format!("    {}\n    \n    {BODY}\n", head.trim_end().replace("\r\n", "\n    ")), &[]);
    check(&format!("GET / HTTP/1.1\r\nHost: h.example\r\n\r\n{head}\r\n{BODY}"), &[]);
    let log = |between: &str| {
        format!(
            "* Connected to h\n> GET / HTTP/1.1\n> Host: h.example\n> \n< HTTP/1.1 400 Bad Request\n< A: b\n< \n{between}"
        )
    };
    check(&log(&format!("{{ [5 bytes data]\n{BODY}* Connection #0 to host h left intact\n")), &[]);
    check(&format!("{BODY}\n{}", log("* Closing connection\n")), &[]);
    check(&log(&format!("HTTP/1.1 400 Bad Request\r\nA: b\r\n\r\n{BODY}")), &[]);
}

#[test]
fn a_body_alone_is_taken_to_be_of_a_403() {
    let run = diagnose_in(&[("signed", SIGNED)], &["--string-to-sign", "signed", "--response", "-"], REFUSED);
    assert_eq!(run.status, 0);
    assert!(run.stdout.contains("\n  answer  AuthenticationFailed: Server failed"), "{}", run.stdout);
    assert!(run.stdout.contains("\n  status  taken to be 403: there is a body only"), "{}", run.stdout);
    let run = diagnose_in(&[], &["--response", "-"], "<html><body>Blocked</body></html>");
    assert_eq!(run.status, 1);
    let sentence =
        "The answer is taken to be 403, and nothing in it that is known here tells of the signature.\n";
    assert!(run.stdout.starts_with(sentence) && !run.stdout.contains("answer  "), "{}", run.stdout);
}

pub(crate) const FLAGS: [&str; 6] = [
    "--method",
    "aws-signature-v4",
    "--param",
    "AccessKeyId=AKIDEXAMPLE",
    "--param",
    "SecretAccessKey=file:secret",
];

/// A request that another library has signed, and what S3 would say of `arrived`.
pub(crate) fn s3_case(request: &Request, arrived: &str, secret: &str, args: &[&str]) -> Value {
    let answer = s3_answer(arrived, SCOPE);
    let files = [("request", request.text.as_str()), ("answer", &answer), ("secret", secret)];
    json(&files, &[&["--request", "request", "--response", "answer"], args].concat())
}

#[test]
fn a_request_says_itself_what_was_signed() {
    let request = Request::put(&[("x-amz-meta-a", "1")]);
    let arrived = request.canonical.replace("x-amz-meta-a:1", "x-amz-meta-a:2");
    for args in [&[][..], &FLAGS] {
        let told = s3_case(&request, &arrived, SECRET, args);
        assert_eq!(names(&told), ["header-changed"], "{told}");
        assert_eq!(
            (&told["key_id"], &told["diff"]["of"]),
            (&"AKIDEXAMPLE".into(), &"canonical_request".into())
        );
        assert_eq!(told["notes"], Value::Array(Vec::new()));
    }
}

#[test]
fn a_signature_is_only_called_right_if_it_is_made_again() {
    let request = Request::put(&[]);
    let check = |secret: &str, args: &[&str], expected: &[&str], note: &str| {
        let told = s3_case(&request, &request.canonical, secret, args);
        assert_eq!(names(&told), expected, "{told}");
        assert!(told["notes"].to_string().contains(note), "{told}");
    };
    check(SECRET, &FLAGS, &["wrong-secret"], "[]");
    check("hunter2", &FLAGS, &["signed-otherwise"], "not the one that these credentials make");
    check(SECRET, &[], &["signed-otherwise"], "[]");
}

#[test]
fn a_request_that_was_changed_after_it_was_signed_is_not_blamed_on_the_secret() {
    let request = Request::put(&[("x-amz-meta-a", "1")]);
    let changed = Request {
        text: request.text.replace("x-amz-meta-a: 1", "x-amz-meta-a: 2"),
        canonical: request.canonical.replace("x-amz-meta-a:1", "x-amz-meta-a:2"),
    };
    let told = s3_case(&changed, &changed.canonical, SECRET, &FLAGS);
    assert_eq!(names(&told), ["signed-otherwise"]);
    assert!(
        told["causes"][0]["sentence"].as_str().unwrap().contains("changed after it was signed"),
        "{told}"
    );
}

#[test]
fn one_log_may_hold_both() {
    let request = Request::put(&[("x-amz-meta-a", "1")]);
    let arrived = request.canonical.replace("x-amz-meta-a:1", "x-amz-meta-a:2");
    let head = request.text.split("\r\n\r\n").next().unwrap();
    let marked = |head: &str, mark: &str| -> String {
        head.lines().chain([""]).map(|line| format!("{mark} {line}\r\n")).collect()
    };
    let answer = s3_answer(&arrived, SCOPE);
    let (answer_head, body) = answer.split_once("\n\n").unwrap();
    let log = format!(
        "*   Trying 127.0.0.1:443...\n{}* upload completely sent off\n{}{body}* Connection #0 to host h left intact\n",
        marked(head, ">"),
        marked(answer_head, "<")
    );
    for args in [&["--response", "log"][..], &["--response", "log", "--request", "log"]] {
        assert_eq!(names(&json(&[("log", &log)], args)), ["header-changed"]);
    }
    for args in [&["--response", "-"][..], &["--response", "-", "--request", "-"]] {
        let run = diagnose_in(&[], args, &log);
        assert!(run.stdout.starts_with("The header `x-amz-meta-a` was signed as `1`"), "{}", run.stdout);
    }
}

#[test]
fn what_the_client_added_below_the_signer_is_no_cause() {
    let request = Request::put(&[]);
    let text = request.text.replace("\r\n\r\n", "\r\nAccept: */*\r\nUser-Agent: curl/8\r\n\r\n");
    let told = s3_case(&Request { text, ..request }, &Request::put(&[]).canonical, SECRET, &FLAGS);
    assert_eq!(names(&told), ["wrong-secret"]);
}

#[test]
fn presigned_urls_and_tokens_have_no_head_to_speak_of() {
    let url = "https://bucket.s3.eu-west-1.amazonaws.com/key?x=1";
    let presign = ["presign", url, "--expires-in", "15m", "--time", "2024-02-29T12:34:56Z"];
    let folder = Folder::with(&[("secret", SECRET)]);
    let flags = FLAGS.map(|flag| flag.replace("file:secret", &format!("file:{}", folder.text("secret"))));
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let signed = run(&[&presign[..], &flags].concat(), "").stdout;
    let target = signed.trim_end().strip_prefix("https://bucket.s3.eu-west-1.amazonaws.com").unwrap();
    let request = format!("GET {target} HTTP/1.1\nHost: bucket.s3.eu-west-1.amazonaws.com\n\n");
    let canonical = |query: &str| {
        format!(
            "GET\n/key\nX-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20240229%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20240229T123456Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&{query}\nhost:bucket.s3.eu-west-1.amazonaws.com\n\nhost\nUNSIGNED-PAYLOAD"
        )
    };
    for (arrived, args, expected) in [
        ("x=2", &[][..], ["query-changed"]),
        ("x=1", &[][..], ["signed-otherwise"]),
        ("x=1", &flags[..], ["wrong-secret"]),
    ] {
        let request = Request { text: request.clone(), canonical: canonical(arrived) };
        assert_eq!(names(&s3_case(&request, &request.canonical, "", args)), expected, "{args:?}");
    }
    let late = "HTTP/1.1 403 Forbidden\nDate: Thu, 29 Feb 2024 13:00:00 GMT\n\n";
    let files = [("request", request.as_str()), ("answer", late)];
    assert_eq!(
        names(&json(&files, &["--request", "request", "--response", "answer"])),
        ["signature-expired"]
    );
    let token = "POST /hub/messages HTTP/1.1\nHost: ns.servicebus.windows.net\nAuthorization: SharedAccessSignature sr=https%3A%2F%2Fns.servicebus.windows.net%2Fother&sig=c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJlc2lnbmE%3D&se=1709210096&skn=send\n\n";
    let answer = "HTTP/1.1 401 Unauthorized\nDate: Thu, 29 Feb 2024 12:00:00 GMT\n\n<Error><Code>401</Code><Detail>InvalidAudience: the token is not for this. TrackingId:1</Detail></Error>";
    let told =
        json(&[("request", token), ("answer", answer)], &["--request", "request", "--response", "answer"]);
    assert_eq!((names(&told), &told["key_id"]), (vec!["resource-mismatch"], &"send".into()));
    assert!(
        told["causes"][0]["sentence"].as_str().unwrap().contains("servicebus.windows.net/other`"),
        "{told}"
    );
}

/// Each method of ours signs, and what it has signed is found again, with its secret and without.
#[test]
fn every_method_is_made_anew() {
    let body = "{\"a\":1}";
    for (url, params) in [
        (
            "https://acct.westus2.batch.azure.com/jobs?timeout=20",
            "Method = azure-batch\nAccountName = acct\nSecretAccessKey = c29tZSBrZXk=\n",
        ),
        (
            "https://apitest.cybersource.com/pts",
            "Method = cybersource-http\nMerchantId = m\nMerchantKeyID = k\nMerchantSecretKey = c29tZSBrZXk=\n",
        ),
        (
            "https://ns.servicebus.windows.net/hub",
            "Method = azure-event-hub\nSharedAccessKeyName = send\nSecretAccessKey = s\nTokenTTL = 77\nClockCorrection = 5\n",
        ),
        (
            "https://hub.azure-devices.net/devices/d",
            "Method = azure-iot-hub\nSecretAccessKey = c29tZSBrZXk=\n",
        ),
        ("https://api.example/", "Method = auth-token\nMatch = *\nHeader = x-k\nToken = t\n"),
        (
            "https://sqs.eu-west-1.amazonaws.com/",
            "Method = aws-signature-v4\nAccessKeyId = AKID\nSecretAccessKey = s\nSessionToken = t\nClockCorrection = -9\n",
        ),
    ] {
        let auth = format!("[auth]\n{params}");
        let folder = Folder::with(&[("auth", &auth)]);
        let line = serde_json::json!({"method": "POST", "url": url, "headers": [["Content-Type", "application/json"]], "body_base64": "eyJhIjoxfQ==", "time": 1_709_210_096});
        let answer = run(&["sign", "--auth", &folder.text("auth")], format!("{line}\n")).stdout;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let host = url.split('/').nth(2).unwrap();
        let target = &url[url.find(host).unwrap() + host.len()..];
        let headers: String = answer["headers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| format!("{}: {}\n", pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
            .collect();
        let has_length = headers.contains("content-length");
        let length = if has_length { "" } else { "Content-Length: 7\n" };
        let request = format!(
            "POST {target} HTTP/1.1\nHost: {host}\nContent-Type: application/json\n{length}{headers}\n{body}"
        );
        let files =
            [("request", request.as_str()), ("answer", "HTTP/1.1 403 Forbidden\n\n"), ("auth", &auth)];
        let args = ["--request", "request", "--response", "answer", "--format", "json"];
        let with_flags = [&args[..], &["--auth", "auth"]].concat();
        for args in [&args[..], &with_flags] {
            if args.len() == with_flags.len() || !url.contains("api.example") {
                let run = diagnose_in(&files, args, "");
                let told: Value =
                    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{url}: {}", run.stderr));
                assert_eq!((run.status, &told["notes"]), (1, &Value::Array(Vec::new())), "{url}: {told}");
            }
        }
        let other = auth
            .replace("Key = s\n", "Key = x\n")
            .replace("c29tZSBrZXk=", "b3RoZXIga2V5")
            .replace("Token = t\n", "Token = x\n");
        let files =
            [("request", request.as_str()), ("answer", "HTTP/1.1 403 Forbidden\n\n"), ("auth", &other)];
        assert_eq!(
            names(&json(&files, &["--request", "request", "--response", "answer", "--auth", "auth"])),
            ["signed-otherwise"],
            "{url}"
        );
    }
}

#[test]
fn what_cannot_be_made_anew_is_said() {
    let check = |request: &str, args: &[&str], expected: &str| {
        let files = [("request", request), ("answer", "HTTP/1.1 403 Forbidden\n\n"), ("secret", SECRET)];
        let run =
            diagnose_in(&files, &[&["--request", "request", "--response", "answer"], args].concat(), "");
        assert_eq!((run.status, run.stderr.as_str()), (1, ""), "{expected}");
        assert!(run.stdout.contains(expected), "{expected}: {}", run.stdout);
    };
    let request = Request::put(&[]).text;
    let signing = |names: &str| request.replace("SignedHeaders=host", &format!("SignedHeaders={names}"));
    check(&signing("cookie;host"), &[], "made anew: it has no `cookie`, which its SignedHeaders name\n");
    let agent = signing("host;user-agent").replace("Host:", "User-Agent: x\r\nHost:");
    check(&agent, &[], "made anew: its SignedHeaders name `user-agent`, which is never signed here\n");
    let hostless = request.replace("SignedHeaders=host;", "SignedHeaders=");
    check(&hostless, &[], "made anew: `host` has to be signed, and its SignedHeaders do not name it\n");
    check(
        &signing("x-amz-meta-z;host"),
        &FLAGS,
        "signed  not as these flags would: it has no `x-amz-meta-z`",
    );
    check(&request.replace("x-amz-date: 20240229T123456Z", "x-amz-date: today"), &[], "it bears no date");
    let streamed = "x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\r\nx-was: ";
    check(&request.replace("x-amz-content-sha256: ", streamed), &[], "its body is aws-chunked");
    check("GET / HTTP/1.1\nHost: h.example\n\n", &[], "no signature of a known kind is in the request");
    let sqs = "POST / HTTP/1.1\nHost: sqs.eu-west-1.amazonaws.com\nContent-Length: 3\nx-amz-date: 20240229T123456Z\nAuthorization: AWS4-HMAC-SHA256 Credential=A/20240229/eu-west-1/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=x\n\n";
    check(sqs, &[], "body    not shown, nor is its hash: all else is compared");
    let files = [("answer", "HTTP/1.1 403 Forbidden\n\n")];
    let run = diagnose_in(&files, &["--response", "answer"], "");
    assert!(run.stdout.contains("nothing is known: give --request FILE"), "{}", run.stdout);
}

#[test]
fn a_cause_or_none_is_the_exit_status() {
    let answer = "HTTP/1.1 403 Forbidden\nx-amz-request-id: 1\n\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    assert_eq!(names(&json(&[("answer", answer)], &["--response", "answer"])), ["authorization"]);
    // What was seen, and does not say why.
    let answer = "HTTP/1.1 403 Forbidden\nx-amz-request-id: 1\n\n<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>";
    let run = diagnose_in(&[("answer", answer)], &["--response", "answer", "--format", "json"], "");
    let told: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((names(&told), run.status), (vec!["mismatch"], 1), "{told}");
    let page = "HTTP/1.1 403 Forbidden\nContent-Type: text/html\n\n<html><body>Blocked</body></html>";
    let run = diagnose_in(&[("answer", page)], &["--response", "answer"], "");
    assert_eq!(run.status, 1);
    assert!(
        run.stdout
            .starts_with("The answer is 403, and nothing in it that is known here tells of the signature.\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_name() {
    let answer = ("answer", "HTTP/1.1 403 Forbidden\n\n");
    let good = ("request", "GET / HTTP/1.1\nHost: h.example\n\n");
    let check = |files: &[(&str, &str)], args: &[&str], expected: &str| {
        let run = diagnose_in(files, args, "hunter2");
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{expected}");
        assert!(
            run.stderr.contains(expected) && !run.stderr.contains("hunter2"),
            "{expected}: {}",
            run.stderr
        );
    };
    let both = ["--request", "request", "--response", "answer"];
    check(&[answer], &both, "request cannot be read: ");
    check(&[good], &both, "answer cannot be read: ");
    check(&[("request", "hunter2"), answer], &both, "request: shows no request: it must begin with");
    check(
        &[("request", "GET / HTTP/1.1\nhunter2\n"), answer],
        &both,
        "request: a line of the request's head is no `Name: value`",
    );
    check(
        &[("request", "GET /hunter2 HTTP/1.1\n\n"), answer],
        &both,
        "request: the request has no Host header",
    );
    check(
        &[("request", "POST / HTTP/1.1\nHost: h\nContent-Length: 9\n\nhunter2"), answer],
        &both,
        "request: the request's body is shorter",
    );
    check(&[good, ("answer", "HTTP/1.1 hunter2\n\n")], &both, "answer: the response must begin with a line");
    check(
        &[good, ("answer", "HTTP/1.1 403 No\nhunter2\n\n")],
        &both,
        "answer: a line of the response's head",
    );
    check(&[good, ("answer", " \n")], &both, "answer: is empty");
    check(&[good], &["--response", "request"], "request: shows a request, and no response");
    let string = ["--string-to-sign", "signed", "--response", "answer"];
    check(&[("signed", " \n"), answer], &string, "signed: is empty");
    check(
        &[answer],
        &["--string-to-sign", "-", "--response", "-"],
        "standard input cannot give two of the files",
    );
    let flags = ["--method", "auth-token", "--param", "Header=x", "--param", "Token=-"];
    check(
        &[answer, good],
        &[&["--request", "request", "--response", "-"], &flags[..]].concat(),
        "standard input cannot give both a file and --param Token=-",
    );
    check(&[answer], &[&["--response", "answer"], &FLAGS[..]].concat(), "signing flags need a request");
    check(&[answer, ("signed", "x")], &[&string[..], &FLAGS].concat(), "give no signing flags beside them");
    let batch = "GET / HTTP/1.1\nHost: a.r.batch.azure.com\nAuthorization: SharedKey a:x\n\n";
    let region = ["--param", "Region=r", "--param", "Service=s"];
    let args = [&both[..], &FLAGS, &region].concat();
    check(
        &[("request", batch), answer, ("secret", SECRET)],
        &args,
        "bears a signature of azure-batch, and these flags sign with aws-signature-v4",
    );
    check(&[answer], &["--response", "answer", "--status", "hunter"], "--status");
}

/// Flags that would sign otherwise do not say what was signed: the request does.
#[test]
fn flags_for_another_region_are_no_cause() {
    let request = Request::put(&[("x-amz-meta-a", "1")]);
    let arrived = request.canonical.replace("x-amz-meta-a:1", "x-amz-meta-a:2");
    let told = s3_case(&request, &arrived, SECRET, &[&FLAGS[..], &["--param", "Region=moon-1"]].concat());
    assert_eq!(names(&told), ["header-changed"]);
    assert!(told["notes"].to_string().contains("not the one that these credentials make"), "{told}");
}

/// Some versions of curl sign for S3 without the header that S3 asks for.
#[test]
fn what_curl_signs_is_made_anew() {
    let log = "\
*   Trying 127.0.0.1:18999...
* Server auth using AWS_SIGV4 with user 'AKIDEXAMPLE'
> GET /host?x=1 HTTP/1.1
> Host: 127.0.0.1:18999
> Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/eu-west-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=6928243943c9cd68b82cc13d438f3108af4527bac49ecdea2aee4d4a8667b3b3
> X-Amz-Date: 20261123T013846Z
> User-Agent: curl/7.88.1
> Accept: */*
> 
< HTTP/1.1 403 Forbidden
< x-amz-request-id: 1
< 
{ [277 bytes data]
* Closing connection 0
<Error><Code>SignatureDoesNotMatch</Code><Message>no match</Message><CanonicalRequest>GET
/host
x=1
host:backend.internal
x-amz-date:20261123T013846Z

host;x-amz-date
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855</CanonicalRequest></Error>";
    assert_eq!(names(&json(&[("log", log)], &["--response", "log", "--scheme", "http"])), ["host-changed"]);
}

#[test]
fn a_body_that_is_compressed_is_not_guessed_at() {
    let folder = Folder::with(&[]);
    let head = "HTTP/1.1 403 Forbidden\r\nContent-Encoding: \u{202e}gzip\r\nDate: Thu, 29 Feb 2024 12:34:56 GMT\r\n\r\n";
    std::fs::write(folder.path("answer"), [head.as_bytes(), b"\x1f\x8b\x08\xff\xff"].concat()).unwrap();
    let run = run(&["diagnose", "--response", &folder.text("answer")], "");
    assert_eq!((run.status, run.stderr.as_str()), (1, ""));
    let note = "body    not read: it is compressed (\\u{202e}gzip); get it with `curl --compressed`";
    assert!(run.stdout.contains(note), "{}", run.stdout);
}

/// The key is the request's, and the signature that S3 quotes is not the one in it.
#[test]
fn a_string_may_stand_beside_its_request() {
    let request = Request::put(&[]);
    let string = format!("AWS4-HMAC-SHA256\n20240229T123456Z\n{SCOPE}\n{}", "0".repeat(64));
    let quoted = format!("<SignatureProvided>{}</SignatureProvided></Error>", "1".repeat(64));
    let answer = s3_answer(&request.canonical, SCOPE).replace("</Error>", &quoted);
    let files = [("request", request.text.as_str()), ("answer", &answer), ("signed", &string)];
    let args = ["--string-to-sign", "signed", "--request", "request", "--response", "answer"];
    let told = json(&files, &args);
    assert_eq!(names(&told)[0], "signed-twice", "{told}");
    assert_eq!(told["key_id"], "AKIDEXAMPLE");
}
