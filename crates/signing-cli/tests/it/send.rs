//! `signing send`: what reaches a server, and what comes of its answer.

use std::fs;

use crate::command::{Folder, Run, SECRET, command, run};
use crate::server::{Server, denying, text, verified};

pub(crate) const AUTH: &str = "\
[auth]
Method = aws-signature-v4
AccessKeyId = AKIDEXAMPLE
SecretAccessKey = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
Region = us-east-1
Service = execute-api
";

/// Runs `signing send` with that file; `FOLDER/` in arguments is where the files are.
pub(crate) fn send_in(folder: &Folder, args: &[&str], input: impl Into<Vec<u8>>) -> Run {
    send_with("", folder, args, input)
}

/// The same, with a line more in the file.
pub(crate) fn send_with(line: &str, folder: &Folder, args: &[&str], input: impl Into<Vec<u8>>) -> Run {
    fs::write(folder.path("auth.conf"), format!("{AUTH}{line}\n")).unwrap();
    folder.set_mode("auth.conf", 0o600);
    let args: Vec<_> = args.iter().map(|arg| arg.replace("FOLDER/", &folder.text(""))).collect();
    let file = folder.text("auth.conf");
    let args: Vec<_> = ["send", "--auth", &file].into_iter().chain(args.iter().map(String::as_str)).collect();
    let run = run(&args, input);
    for output in [&run.stdout, &run.stderr] {
        assert!(!output.contains(SECRET), "a secret is in the output");
    }
    run
}

pub(crate) fn send(args: &[&str]) -> Run {
    send_in(&Folder::with(&[]), args, "")
}

#[track_caller]
pub(crate) fn check_verified(run: &Run) {
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, "verified", ""));
}

#[test]
fn a_get_is_signed() {
    let server = Server::start(verified);
    check_verified(&send(&[&server.url("/a%20b//c?z=1&a=x%2By")]));
    let seen = server.seen().remove(0);
    assert_eq!((seen.head.method.as_str(), seen.target()), ("GET", "/a%20b//c?z=1&a=x%2By"));
    assert_eq!(seen.head.version, http::Version::HTTP_11);
    assert!(seen.header("user-agent").unwrap().starts_with("signing/"));
}

#[test]
fn over_http2_and_over_tls() {
    let server = Server::start(verified);
    check_verified(&send(&["--http2-prior-knowledge", "-d", "x=1", &server.url("/")]));
    assert_eq!(server.seen()[0].head.version, http::Version::HTTP_2);

    let (server, certificate) = Server::start_tls(verified);
    let folder = Folder::with(&[("ca.pem", &certificate)]);
    for (flags, version) in [(&[][..], http::Version::HTTP_2), (&["--http1.1"], http::Version::HTTP_11)] {
        let url = server.url("/x");
        let args = [&["--cacert", "FOLDER/ca.pem", "-d", "x=1", &url], flags].concat();
        check_verified(&send_in(&folder, &args, ""));
        assert_eq!(server.seen().last().unwrap().head.version, version);
    }
}

#[test]
fn bodies_come_from_flags_files_and_standard_input() {
    const FORM: Option<&str> = Some("application/x-www-form-urlencoded");
    let server = Server::start(verified);
    let url = server.url("/p");
    let check = |args: &[&str], method: &str, body: &[u8], content_type: Option<&str>| {
        let folder = Folder::with(&[("file", "a\r\nb\n"), ("empty", "")]);
        check_verified(&send_in(&folder, &[args, &[&url]].concat(), "from\nstdin"));
        let seen = server.seen().pop().unwrap();
        assert_eq!((seen.head.method.as_str(), seen.body.as_slice()), (method, body), "{args:?}");
        assert_eq!(seen.header("content-type"), content_type, "{args:?}");
        assert_eq!(seen.header("content-length"), Some(body.len().to_string().as_str()), "{args:?}");
    };
    check(&["-d", "a=1", "--data-raw", "@x"], "POST", b"a=1&@x", FORM);
    check(&["--data-raw", "-5", "-d", "a"], "POST", b"-5&a", FORM);
    check(&["-d", "@FOLDER/file"], "POST", b"ab", FORM);
    check(&["-d", "@-"], "POST", b"fromstdin", FORM);
    check(&["--data-binary", "@FOLDER/file"], "POST", b"a\r\nb\n", FORM);
    check(&["--data-binary", "@-", "-X", "PATCH"], "PATCH", b"from\nstdin", FORM);
    check(&["-d", "x", "-H", "Content-Type: text/plain"], "POST", b"x", Some("text/plain"));
    check(&["--json", "{}"], "POST", b"{}", Some("application/json"));
    check(&["-T", "FOLDER/file"], "PUT", b"a\r\nb\n", None);
    check(&["-T", "-"], "PUT", b"from\nstdin", None);
    check(&["-T", "FOLDER/empty"], "PUT", b"", None);
}

#[test]
fn data_go_into_the_query_with_g() {
    let server = Server::start(verified);
    check_verified(&send(&["-G", "-d", "a=x y", "-d", "b=2", &server.url("/?c=1")]));
    let seen = server.seen().remove(0);
    assert_eq!((seen.head.method.as_str(), seen.target()), ("GET", "/?c=1&a=x%20y&b=2"));
}

#[test]
fn the_body_goes_to_a_file_and_the_head_before_it() {
    let server = Server::start(|_| {
        let mut response = text(201, "body");
        response.headers_mut().insert("x-a", "b".parse().unwrap());
        response
    });
    let folder = Folder::with(&[]);
    let run = send_in(&folder, &["-o", "FOLDER/out", &server.url("/")], "");
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
    assert_eq!(fs::read_to_string(folder.path("out")).unwrap(), "body");
    let run = send(&["-i", &server.url("/")]);
    assert!(run.stdout.starts_with("HTTP/1.1 201 Created\r\n"), "{}", run.stdout);
    assert!(run.stdout.contains("\r\nx-a: b\r\n") && run.stdout.ends_with("\r\n\r\nbody"), "{}", run.stdout);
    let run = send(&["-I", &server.url("/")]);
    assert_eq!(server.seen().pop().unwrap().head.method, "HEAD");
    assert!(run.stdout.ends_with("\r\n\r\n") && run.stdout.contains("content-length: 4"), "{}", run.stdout);
}

#[test]
fn a_file_can_be_called_as_in_the_url() {
    let server = Server::start(verified);
    let folder = Folder::with(&[("auth.conf", AUTH)]);
    let mut command = command(&["send", "--auth", "auth.conf", "-O", &server.url("/a/b%20c?d")]);
    assert!(command.current_dir(folder.path("")).output().unwrap().status.success());
    assert_eq!(fs::read_to_string(folder.path("b%20c")).unwrap(), "verified");
}

#[test]
fn verbose_tells_of_tls() {
    let (server, certificate) = Server::start_tls(verified);
    let folder = Folder::with(&[("ca.pem", &certificate)]);
    let run = send_in(&folder, &["-v", "--cacert", "FOLDER/ca.pem", &server.url("/")], "");
    assert!(run.stderr.contains("* connected to 127.0.0.1:"), "{}", run.stderr);
    assert!(
        run.stderr.contains(", TLS 1.3\n") && run.stderr.contains("\n< HTTP/2 200 OK\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn verbose_tells_the_heads_and_no_signature() {
    let server = Server::start(verified);
    let header = "X-Api-Key: hunter2";
    let run =
        send(&["-v", "-H", header, "-H", "X-A: \u{202e}b", "-d", "x", &server.url("/p?a=1&sig=hunter2")]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "verified"));
    let lines: Vec<_> = run.stderr.lines().collect();
    for line in [
        "* signed with aws-signature-v4 by section [auth], key AKIDEXAMPLE",
        "> POST /p?a=1&sig=<masked>",
        "> x-api-key: <masked>",
        "> x-a: \\u{202e}b",
        "> authorization: AWS4-HMAC-SHA256 <masked>",
        "< HTTP/1.1 200 OK",
        "< content-length: 8",
    ] {
        assert!(lines.contains(&line), "{line}: {}", run.stderr);
    }
    let signature = server.seen()[0].header("authorization").unwrap().rsplit('=').next().unwrap().to_owned();
    assert!(!run.stderr.contains(&signature) && !run.stderr.contains("hunter2"), "{}", run.stderr);
}

#[test]
fn a_refusal_is_told_with_what_is_known_of_it() {
    let ahead = denying(1023);
    let run = send(&[&ahead.url("/")]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "no"));
    assert!(
        run.stderr.contains(
            "403 Forbidden: the request was signed with aws-signature-v4 by section [auth], key AKIDEXAMPLE"
        ),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("The clock is off: the request was signed at "), "{}", run.stderr);
    assert!(run.stderr.contains("which is 17 min"), "{}", run.stderr);
    assert!(run.stderr.contains("`signing explain`"), "{}", run.stderr);
    assert_eq!(send(&["-s", &ahead.url("/")]).stderr, "");
    let run = send(&["-sSf", &ahead.url("/")]);
    assert_eq!((run.status, run.stdout.as_str()), (22, ""));
    assert!(
        run.stderr.contains("17 min") && run.stderr.contains("the server answered 403 Forbidden"),
        "{}",
        run.stderr
    );

    let run = send(&[&denying(0).url("/")]);
    assert!(!run.stderr.contains("clock is off"), "{}", run.stderr);
    assert!(
        run.stderr.contains("The answer is 403, and nothing in it that is known here tells of the signature"),
        "{}",
        run.stderr
    );
}

#[test]
fn fail_writes_no_body_and_no_file() {
    let server = Server::start(|_| text(404, "body"));
    let folder = Folder::with(&[("out", "as it was")]);
    let run = send_in(&folder, &["-f", "-o", "FOLDER/out", &server.url("/")], "");
    assert_eq!((run.status, run.stderr.as_str()), (22, "signing: the server answered 404 Not Found\n"));
    assert_eq!(fs::read_to_string(folder.path("out")).unwrap(), "as it was");
    let run = send(&[&server.url("/")]);
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, "body", ""));
    assert_eq!(send(&["-fs", &server.url("/")]).stderr, "");
    for flags in ["-fsi", "-fsI"] {
        let run = send(&[flags, &server.url("/")]);
        assert_eq!((run.status, run.stderr.as_str()), (22, ""));
        assert!(run.stdout.starts_with("HTTP/1.1 404 Not Found\r\n"), "{}", run.stdout);
        assert!(run.stdout.ends_with("\r\n\r\n"), "{}", run.stdout);
    }
}
