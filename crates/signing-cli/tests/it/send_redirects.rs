//! `signing send -L`: each hop signed anew, and nobody else signed for.

use std::sync::Arc;

use crate::command::Folder;
use crate::send::{check_verified, send, send_in, send_with};
use crate::server::{Server, redirect, text, verified};

/// Leads from `/from` to `location`, and verifies what arrives elsewhere.
fn leading(status: u16, location: impl Into<String>) -> Server {
    let location = location.into();
    Server::start(move |seen| match seen.head.uri.path() {
        "/from" => redirect(status, &location),
        _ => verified(seen),
    })
}

#[test]
fn a_redirect_is_an_answer_unless_it_is_to_be_followed() {
    let server = leading(302, "/to");
    let run = send(&[&server.url("/from")]);
    assert_eq!((run.status, run.stdout.as_str(), server.seen().len()), (0, "elsewhere", 1));
}

#[test]
fn within_an_origin_each_hop_is_signed_anew() {
    let server = leading(302, "to//x/../%41?b=1&a");
    check_verified(&send(&["-L", "-H", "Cookie: c=1", &server.url("/from")]));
    let seen = server.seen();
    assert_eq!(seen[0].verify(), Ok(()));
    assert_eq!(seen[1].target(), "/to//%41?b=1&a");
    assert_eq!(seen[1].header("cookie"), Some("c=1"));
    assert_ne!(seen[0].header("authorization"), seen[1].header("authorization"));
}

#[test]
fn over_http2_too() {
    let server = leading(307, "/to");
    check_verified(&send(&["-L", "--http2-prior-knowledge", "-d", "x", &server.url("/from")]));
    assert_eq!(server.seen()[1].body, b"x");
}

#[test]
fn methods_and_bodies_change_as_the_status_says() {
    let check = |status: u16, flags: &[&str], method: &str, body: &[u8]| {
        let server = leading(status, "/to");
        let folder = Folder::with(&[("file", "data")]);
        let url = server.url("/from");
        let args = [&["-L", &url], flags].concat();
        check_verified(&send_in(&folder, &args, ""));
        let seen = server.seen().pop().unwrap();
        assert_eq!((seen.head.method.as_str(), seen.body.as_slice()), (method, body), "{status} {flags:?}");
        assert_eq!(seen.header("content-type").is_some(), !body.is_empty() && method == "POST");
    };
    for status in [301, 302, 303] {
        check(status, &["-d", "data"], "GET", b"");
    }
    for status in [307, 308] {
        check(status, &["-d", "data"], "POST", b"data");
        check(status, &["--data-binary", "@FOLDER/file"], "POST", b"data");
    }
    check(303, &["-T", "FOLDER/file"], "GET", b"");
    check(302, &["-T", "FOLDER/file"], "PUT", b"data");
}

#[test]
fn other_origins_get_nothing_of_ours_and_neither_does_the_first_one_after_them() {
    let home = Server::start(|seen| match seen.head.uri.path() {
        "/back" => text(200, "back"),
        _ => redirect(302, seen.head.uri.query().unwrap()),
    });
    let back = home.url("/back");
    let third = Server::start(move |_| redirect(307, &back));
    let there = third.url("/third");
    let second = Server::start(move |_| redirect(307, &there));
    let mut args = vec!["-L", "-v"];
    for header in [
        "Authorization: hunter2",
        "Cookie: hunter2",
        "Proxy-Authorization: hunter2",
        "X-Api-Key: hunter2",
        "x-amz-security-token: hunter2",
        "Host: hunter2.example",
        "Accept: text/plain",
    ] {
        args.extend(["-H", header]);
    }
    let url = home.url(&format!("/?{}", second.url("/second?q")));
    args.push(&url);
    let run = send_with("Match = *", &Folder::with(&[]), &args, "");
    assert_eq!((run.status, run.stdout.as_str()), (0, "back"), "{}", run.stderr);
    assert!(run.stderr.contains("* sent unsigned: a redirect has left"), "{}", run.stderr);
    assert!(!run.stderr.contains("hunter2\n"), "{}", run.stderr);
    let first = &home.seen()[0];
    assert!(first.header("authorization").unwrap().starts_with("AWS4-HMAC-SHA256 "));
    for seen in [&second.seen()[0], &third.seen()[0], &home.seen()[1]] {
        assert!(seen.is_bare(), "{:?}", seen.head);
        assert_eq!(seen.header("accept"), Some("text/plain"));
    }
    assert_eq!(second.seen()[0].target(), "/second?q");
}

#[test]
fn tls_is_an_origin_of_its_own() {
    let plain = Arc::new(Server::start(|_| text(403, "no")));
    let there = plain.url("/").replace("127.0.0.1", "localhost");
    let (server, certificate) = Server::start_tls(move |_| redirect(301, &there));
    let folder = Folder::with(&[("ca.pem", &certificate)]);
    let run = send_in(&folder, &["-L", "--cacert", "FOLDER/ca.pem", &server.url("/")], "");
    assert!(plain.seen()[0].is_bare());
    assert_eq!(
        run.stderr,
        "signing: 403 Forbidden: the request was sent unsigned: a redirect has left the scheme, host or port that the first request was for\n"
    );
}

#[test]
fn a_redirect_out_of_the_match_of_a_section_is_not_followed() {
    let server = leading(302, "/elsewhere?q=hunter2");
    let url = server.url("/from");
    let run = send_with(&format!("Match = {url}"), &Folder::with(&[]), &["-L", &url], "");
    assert_eq!((run.status, run.stdout.as_str(), server.seen().len()), (1, "", 1));
    assert!(run.stderr.contains("/elsewhere is not followed: no section has a `Match`"), "{}", run.stderr);
    assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
}

#[test]
fn there_is_an_end_of_redirects() {
    let server = leading(302, "/from");
    let run = send(&["-L", "--max-redirs", "3", &server.url("/from")]);
    assert_eq!((run.status, server.seen().len()), (47, 4));
    assert!(run.stderr.contains("more than 3 redirects"), "{}", run.stderr);
    for location in ["ftp://127.0.0.1/", "https://user@127.0.0.1/", "javascript:x", "http://[/"] {
        let run = send(&["-L", &leading(302, location).url("/from")]);
        assert_eq!((run.status, run.stdout.as_str()), (47, ""), "{location}: {}", run.stderr);
    }
}

#[test]
fn a_stream_is_sent_once() {
    let server = leading(307, "/to");
    let run = send_in(&Folder::with(&[]), &["-L", "-T", "-", &server.url("/from")], "data");
    assert_eq!((run.status, server.seen().len()), (65, 1));
    assert!(run.stderr.contains("a stream can be read once only"), "{}", run.stderr);
    let server = leading(303, "/to");
    check_verified(&send_in(&Folder::with(&[]), &["-L", "-T", "-", &server.url("/from")], "data"));
}

#[test]
fn heads_on_the_way_are_shown_and_bodies_are_not() {
    let server = leading(302, "/to");
    let run = send(&["-L", "-i", &server.url("/from")]);
    let heads: Vec<_> = run.stdout.lines().filter(|line| line.starts_with("HTTP/")).collect();
    assert_eq!(heads, ["HTTP/1.1 302 Found", "HTTP/1.1 200 OK"]);
    assert!(run.stdout.ends_with("\r\n\r\nverified") && !run.stdout.contains("elsewhere"), "{}", run.stdout);
}
