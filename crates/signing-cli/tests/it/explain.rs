//! `signing explain`.

use serde_json::{Value, json};

use crate::command::{Folder, Run, SECRET, run};

const FILE: &str = "\
[auth]
Method = aws-signature-v4
AccessKeyId = AKIDEXAMPLE
SecretAccessKey = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
SessionToken = t0ken/t0ken

[auth.batch]
Match = https://account.westus2.batch.azure.com/
Method = azure-batch
AccountName = ACCOUNT
SecretAccessKey = AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
";
const SQS: &str = "https://sqs.eu-west-1.amazonaws.com//queue 1/../queue?z=1&Action=x+y&b";
const BATCH: &str = "https://account.westus2.batch.azure.com/jobs?api-version=2019-08-01.10.0&timeout=20";

fn explain_with(args: &[&str], input: &str) -> Run {
    let folder = Folder::with(&[
        ("auth.conf", FILE),
        ("body", "from a file"),
        (
            "request",
            "GET /jobs?api-version=2019-08-01.10.0&timeout=20 HTTP/1.1\r\nHost: account.westus2.batch.azure.com\r\nAccept: application/json\r\n\r\n",
        ),
    ]);
    let file = folder.text("auth.conf");
    let args: Vec<_> = args.iter().map(|arg| arg.replace("FOLDER", &folder.text(""))).collect();
    let args: Vec<_> =
        ["explain", "--auth", &file].into_iter().chain(args.iter().map(String::as_str)).collect();
    run(&args, input)
}

#[track_caller]
fn explain(args: &[&str]) -> String {
    let run = explain_with(args, "");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    run.stdout
}

fn explain_json(args: &[&str]) -> Value {
    serde_json::from_str(&explain(&[args, &["--format", "json"]].concat())).unwrap()
}

#[test]
fn sigv4_stage_by_stage() {
    let args = [SQS, "-H", "X-A:  a   b", "-H", "X-B: 1", "-H", "X-B: 2", "-H", "User-Agent: x", "-d", "hi"];
    let shown = explain(&[&args[..], &["--time", "2024-02-29T12:34:56Z"]].concat());
    assert_eq!(shown, include_str!("snapshots/sigv4.txt"));
}

/// The request with which the project began.
#[test]
fn azure_batch_stage_by_stage() {
    let shown = explain(&[BATCH, "-H", "Accept: application/json", "--time", "1574629700"]);
    assert_eq!(shown, include_str!("snapshots/azure_batch.txt"));
}

#[test]
fn a_raw_request_is_that_of_the_flags() {
    let flags = explain(&[
        BATCH,
        "-H",
        "Host: account.westus2.batch.azure.com",
        "-H",
        "Accept: application/json",
        "--time",
        "0",
    ]);
    assert_eq!(explain(&["--request", "FOLDER/request", "--time", "0"]), flags);
    let raw = "GET https://account.westus2.batch.azure.com/jobs HTTP/1.1\nAccept: */*\n\n";
    let run = explain_with(&["--request", "-", "--time", "0"], raw);
    assert_eq!(
        run.stdout,
        explain(&["https://account.westus2.batch.azure.com/jobs", "-H", "Accept: */*", "--time", "0"])
    );
}

#[test]
fn data_is_the_body_and_makes_a_post() {
    let hash = |args: &[&str]| {
        let json = explain_json(&[&["https://sqs.eu-west-1.amazonaws.com/"], args].concat());
        let canonical = json["canonical_request"].as_str().unwrap();
        (json["method"].as_str().unwrap().to_owned(), canonical.rsplit('\n').next().unwrap().to_owned())
    };
    let post = hash(&["-d", "from a file"]);
    assert_eq!(post.0, "POST");
    assert_eq!(hash(&["-d", "@FOLDER/body"]), post);
    assert_eq!(hash(&["-d", "from a file", "-X", "PUT"]), ("PUT".to_owned(), post.1.clone()));
    assert_ne!(hash(&[]).1, post.1);
}

#[test]
fn json_has_the_stages() {
    let json = explain_json(&[SQS, "-H", "User-Agent: x", "--time", "1709210096"]);
    assert_eq!(json["signing_method"], "aws-signature-v4");
    assert_eq!(json["key_scope"], "20240229/eu-west-1/sqs/aws4_request");
    assert_eq!(json["set"], json!(["x-amz-date", "x-amz-security-token", "authorization"]));
    assert_eq!(json["normalized"][0]["signed"], "/queue");
    let host = json!({"what": "header host", "sent": null, "signed": "sqs.eu-west-1.amazonaws.com",
        "why": "signed as the client will send it: from the URL, without a default port"});
    assert_eq!(json["normalized"][2], host);
    assert_eq!(json["normalized"][3]["signed"], Value::Null);
}

#[test]
fn secrets_are_masked_unless_asked_for() {
    let args = ["https://sqs.eu-west-1.amazonaws.com/", "-H", "Cookie: c00kie", "--time", "0"];
    for format in ["text", "json"] {
        let masked = explain(&[&args[..], &["--format", format]].concat());
        for secret in ["t0ken", "c00kie", SECRET] {
            assert!(!masked.contains(secret), "{masked}");
        }
        let shown = explain(&[&args[..], &["--format", format, "--show-secrets"]].concat());
        assert!(shown.contains("t0ken/t0ken") && shown.contains("c00kie") && !shown.contains(SECRET));
    }
}

#[test]
fn text_from_outside_cannot_move_the_cursor() {
    let header = "X-A: \u{202e}evil\u{2066}\t\u{feff}";
    let shown = explain(&["https://sqs.eu-west-1.amazonaws.com/", "-H", header]);
    assert!(shown.contains("\\u{202e}evil\\u{2066}"), "{shown}");
    assert!(!shown.contains(|c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{2069}').contains(&c)));
    let run = explain_with(&["https://h\u{1b}[31m/", "-H", "\u{1b}]0;x\u{7}: y"], "");
    assert_eq!(run.status, 2);
    assert!(!run.stderr.contains('\u{1b}'), "{:?}", run.stderr);
}

#[test]
fn colour_is_for_terminals_or_who_asks() {
    let url = "https://sqs.eu-west-1.amazonaws.com/";
    assert!(!explain(&[url]).contains('\u{1b}'), "standard output is no terminal here");
    assert!(explain(&[url, "--color", "always"]).contains("\u{1b}[1;36mString to sign\u{1b}[0m"));
    assert!(!explain(&[url, "--color", "never"]).contains('\u{1b}'));
}

#[test]
fn parameters_override_or_stand_alone() {
    let url = "https://sqs.eu-west-1.amazonaws.com/";
    let json = explain_json(&[url, "--param", "Region=moon-1", "--time", "0"]);
    assert_eq!(json["key_scope"], "19700101/moon-1/sqs/aws4_request");
    let own = ["--param", "Method=auth-token", "--param", "Header=x-k", "--param", "Token=file:FOLDER/body"];
    let json = explain_json(&[&["https://stranger.example/", "--show-secrets"], &own[..]].concat());
    assert_eq!(json["headers"], json!([["x-k", "from a file"]]));
}

#[test]
fn a_section_is_used_by_name_and_only_where_it_may() {
    let run = explain_with(&["https://stranger.example/", "--section", "batch"], "");
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("may not sign for `stranger.example`"), "{}", run.stderr);
    assert_eq!(explain_json(&[BATCH, "--section", "batch"])["signing_method"], "azure-batch");
    let run = explain_with(&[BATCH, "--section", "batsch", "--param", "Region=x"], "");
    assert!(run.stderr.contains("there is no section `batsch`"), "{}", run.stderr);
}

#[test]
fn exit_status_tells_the_request_from_the_arguments() {
    let check = |args: &[&str], status: i32, message: &str| {
        let run = explain_with(args, "");
        assert_eq!((run.status, run.stdout.as_str()), (status, ""), "{}", run.stderr);
        assert!(run.stderr.contains(message), "{}", run.stderr);
    };
    check(&[], 2, "URL");
    check(&["https://h/", "--request", "x"], 2, "cannot be used with");
    check(&["--request", "/nonexistent/request"], 2, "cannot be read");
    check(&["--request", "-"], 1, "must begin with a line such as");
    check(&["https://sqs.eu-west-1.amazonaws.com/", "-X", "G T"], 2, "the method is no HTTP method");
    check(&["https://h.example/"], 1, "does not know this host");
    check(&["https://sqs.eu-west-1.amazonaws.com/?X-Amz-Signature=hunter2"], 1, "presigned already");
}
