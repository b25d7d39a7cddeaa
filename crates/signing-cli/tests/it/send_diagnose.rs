//! `signing send`: why a service refused what was sent.

use crate::command::{Folder, Run, SECRET, run};
use crate::send::{send, send_with};
use crate::server::{KEY_ID, Seen, Server, redirect, text};

/// What a service says that verifies this request with one header more than was signed.
fn canonical(seen: &Seen) -> String {
    format!(
        "{}\n/p\na=1\naccept-language:de\nhost:{}\nx-amz-date:{}\n\naccept-language;host;x-amz-date\n{}",
        seen.head.method,
        seen.header("host").unwrap(),
        seen.header("x-amz-date").unwrap(),
        seen.hash
    )
}

/// A service of AWS that adds a header before it verifies.
fn refusing() -> Server {
    Server::start(|seen| {
        let message = format!(
            "The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for this request should have been\n'{}'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n{}\n{}/us-east-1/execute-api/aws4_request\n00'\n",
            canonical(seen),
            seen.header("x-amz-date").unwrap(),
            &seen.header("x-amz-date").unwrap()[..8],
        );
        let mut response = text(403, serde_json::json!({ "message": message }).to_string());
        response.headers_mut().insert("x-amzn-requestid", "1".parse().unwrap());
        response
    })
}

const SENTENCE: &str = "The header `accept-language: de` arrived, but was not signed: a client or layer below the signer added it.";
const FIRST: &str = "signing: 403 Forbidden: the request was signed with aws-signature-v4 by section [auth], key AKIDEXAMPLE\n";

#[track_caller]
fn check_body(run: &Run) {
    assert_eq!(run.status, 0, "{}", run.stderr);
    let body: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(body["message"].as_str().unwrap().ends_with("aws4_request\n00'\n"), "{body}");
}

#[test]
fn the_cause_is_told_and_the_body_is_whole() {
    let server = refusing();
    let run = send(&[&server.url("/p?a=1")]);
    check_body(&run);
    assert!(
        run.stderr.starts_with(&format!("{FIRST}signing: {SENTENCE}\nsigning: `signing explain` ")),
        "{}",
        run.stderr
    );
    assert_eq!(run.stderr.lines().count(), 3);
    assert_eq!(send(&["--no-diagnose", &server.url("/p?a=1")]).stderr, run.stderr);
    assert_eq!(send(&["-s", &server.url("/p?a=1")]).stderr, "");
    assert!(send(&["-sS", &server.url("/p?a=1")]).stderr.contains(SENTENCE));
    assert_eq!(send(&["-s", "--diagnose", &server.url("/p?a=1")]).stderr, "");
}

#[test]
fn on_demand_with_remedy_and_differences() {
    let server = refusing();
    let run = send(&["--no-diagnose", "--diagnose", &server.url("/p?a=1")]);
    check_body(&run);
    assert!(
        run.stderr.starts_with(&format!("{FIRST}\n{SENTENCE}\nSet the header before signing")),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("\n  key     AKIDEXAMPLE\n"), "{}", run.stderr);
    assert!(run.stderr.contains("\nCanonical request\n"), "{}", run.stderr);
    assert!(run.stderr.contains("  + accept-language:de\n"), "{}", run.stderr);
    assert!(run.stderr.contains("^^^^^^^^^^^^^^^^^^\n") && !run.stderr.contains('\u{1b}'), "{}", run.stderr);
    assert!(!run.stderr.contains(SECRET));
    let failing = send(&["-f", "--diagnose", &server.url("/p?a=1")]);
    assert_eq!((failing.status, failing.stdout.as_str()), (22, ""));
    assert!(
        failing.stderr.contains(SENTENCE) && failing.stderr.contains("the server answered 403"),
        "{}",
        failing.stderr
    );
}

#[test]
fn a_400_of_aws_is_told_too_and_any_other_is_not() {
    let server = Server::start(|seen| {
        let mut response =
            text(400, r#"{"__type": "ExpiredTokenException", "message": "The security token expired"}"#);
        if seen.target() == "/aws" {
            response.headers_mut().insert("x-amzn-requestid", "1".parse().unwrap());
        }
        response
    });
    let run = send(&[&server.url("/aws")]);
    assert!(
        run.stderr.contains("signing: 400 Bad Request: ")
            && run.stderr.contains("The session token has expired."),
        "{}",
        run.stderr
    );
    assert_eq!(send(&[&server.url("/other")]).stderr, "");
}

#[test]
fn of_what_was_sent_unsigned_nothing_is_claimed() {
    let server = refusing_bare();
    let folder = Folder::with(&[("auth.conf", "[auth]\nMethod = none\n")]);
    let check = |run: Run, who: &str| {
        assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
        assert!(
            run.stderr.contains("403 Forbidden: the request was sent unsigned: ") && run.stderr.contains(who),
            "{}",
            run.stderr
        );
    };
    for args in [&["send"][..], &["send", "--diagnose"]] {
        let file = folder.text("auth.conf");
        check(
            run(&[args, &["--auth", &file, &server.url("/")]].concat(), ""),
            "section [auth] says `Method = none`",
        );
    }
    let target = server.url("/");
    let leading = Server::start(move |_| redirect(302, &target));
    check(send(&["-L", "--diagnose", &leading.url("/")]), "a redirect has left");
}

/// Says that a session token has expired, an hour ago.
fn refusing_bare() -> Server {
    Server::start(|_| {
        let mut response = text(403, "<Error><Code>ExpiredToken</Code><Message>expired</Message></Error>");
        response.headers_mut().insert("date", "Thu, 29 Feb 2024 12:34:56 GMT".parse().unwrap());
        response
    })
}

#[test]
fn the_key_and_its_section_are_those_that_signed() {
    let server = Server::start(|_| {
        text(403, "<Error><Code>InvalidAccessKeyId</Code><Message>no such key</Message></Error>")
    });
    let run = send_with("", &Folder::with(&[]), &["--diagnose", &server.url("/")], "");
    assert!(run.stderr.contains(&format!("The service does not know the key `{KEY_ID}`.")), "{}", run.stderr);
}

/// What a hostile server says reaches a terminal as text.
#[test]
fn text_of_a_server_cannot_move_the_cursor() {
    let server = Server::start(|_| {
        let said = "<Error><Code>Mo\u{1b}[31mved\u{202e}Away</Code><Message>\u{1b}]0;x\u{7}\u{202e}</Message></Error>";
        let mut response = text(403, said);
        response.headers_mut().insert("x-amz-request-id", "1".parse().unwrap());
        response
    });
    for (flags, told) in [
        (&[][..], "Mo\\u{1b}[31mved\\u{202e}Away"),
        (&["--diagnose"], "Mo\\u{1b}[31mved\\u{202e}Away: \\u{1b}]0;x\\u{7}\\u{202e}\n"),
    ] {
        let url = server.url("/");
        let args = [flags, &["-o", "FOLDER/out", &url]].concat();
        let run = send_with("", &Folder::with(&[]), &args, "");
        let is_command = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{2069}').contains(&c);
        assert!(!run.stderr.contains(is_command), "{:?}", run.stderr);
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
    }
}

/// What sounds like a credential and is none of the signature's: that it was changed is told, and no value.
#[test]
fn no_key_of_an_api_is_shown() {
    let server = Server::start(|seen| {
        let date = seen.header("x-amz-date").unwrap();
        let message = format!(
            "The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for this request should have been\n'GET\n/p\naccess_token=hunter2other&api_key=hunter2api\nhost:{}\nx-amz-date:{date}\nx-api-key:hunter2other\nx-link:https://u:hunter2pass@h.example\nx-session-id:hunter2other\n\nhost;x-amz-date;x-api-key;x-link;x-session-id\n{}'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n{date}\n{}/us-east-1/execute-api/aws4_request\n00'\n",
            seen.header("host").unwrap(),
            seen.hash,
            &date[..8],
        );
        let mut response = text(403, serde_json::json!({ "message": message }).to_string());
        response.headers_mut().insert("x-amzn-requestid", "1".parse().unwrap());
        response
    });
    let url = server.url("/p?access_token=hunter2token&api_key=hunter2api");
    let given = [
        "-H",
        "x-api-key: hunter2key",
        "-H",
        "x-session-id: hunter2id",
        "-H",
        "x-link: https://u:hunter2old@h.example",
    ];
    for (flags, told) in [
        (&[][..], "signing: The "),
        (&["--diagnose"], "`x-session-id` was signed as `<masked>`, but arrived as `<masked, another>`"),
    ] {
        let run = send(&[flags, &given, &[&url]].concat());
        assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
    }
}
