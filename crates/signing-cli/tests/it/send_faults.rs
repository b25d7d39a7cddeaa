//! `signing send`: what goes wrong, in a sentence and an exit status.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use tokio::net::TcpSocket;

use crate::command::{Folder, Run, SECRET, command};
use crate::send::{send, send_in, send_with};
use crate::server::{Server, broken, text, verified};

#[track_caller]
fn check(run: &Run, status: i32, message: &str) {
    assert_eq!(run.status, status, "{}", run.stderr);
    assert!(run.stderr.contains(message), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
}

/// A server that does `with` to its first connection, after the head of the request was read.
fn raw(with: impl FnOnce(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/p?q=hunter2", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() > 0 {
            head.push(byte[0]);
        }
        with(stream);
    });
    url
}

#[test]
fn nobody_listens() {
    // Bound, so that nobody else takes the port, and not listening.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    let run = send(&[&format!("http://{address}/p?q=hunter2")]);
    check(&run, 7, &format!("no connection to {address}: "));
    assert!(run.stderr.to_lowercase().contains("refused"), "{}", run.stderr);
}

#[test]
fn the_host_has_no_address() {
    // A label of 64 letters is no name: no server has to be asked.
    let host = format!("{}.example", "a".repeat(64));
    let run = send_with("Match = *", &Folder::with(&[]), &[&format!("http://{host}/?q=hunter2")], "");
    check(&run, 6, &format!("the host {host} was not found: "));
}

#[test]
fn tls_fails() {
    let plain = Server::start(verified);
    check(
        &send(&[&plain.url("/?q=hunter2").replace("http:", "https:")]),
        35,
        "no TLS connection to 127.0.0.1:",
    );
    let (server, _) = Server::start_tls(verified);
    check(&send(&[&server.url("/?q=hunter2")]), 60, "is not trusted: ");
    assert_eq!(server.seen().len(), 0);
}

#[test]
fn the_server_says_nothing() {
    check(&send(&[&raw(drop)]), 52, "closed the connection without an answer");
    let url = raw(|mut stream| stream.write_all(b"220 hello, this is SMTP\r\n").unwrap());
    check(&send(&[&url]), 56, "no answer from 127.0.0.1:");
}

#[test]
fn there_is_an_end_to_waiting() {
    let (done, wait) = std::sync::mpsc::channel::<()>();
    let url = raw(move |_stream| wait.recv().unwrap_or_default());
    let start = Instant::now();
    check(&send(&["--max-time", "0.5", &url]), 28, "not done within --max-time, which is 0.5 s");
    // A pipe into which nobody writes. The timeout must not wait for it.
    for body in [&["-T", "-"], &["-d", "@-"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        let mut waiting =
            command(&["send", "-m", "1", "--method", "aws-signature-v4", "--param", "Service=s", &url]);
        waiting
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "x")
            .env("AWS_REGION", "r");
        let output = waiting.args(body).stdin(reader).output().unwrap();
        assert_eq!(output.status.code(), Some(28), "{output:?}");
        drop(writer);
    }
    assert!(start.elapsed() < Duration::from_secs(20));
    drop(done);
}

#[test]
fn the_time_to_give_a_secret_does_not_count() {
    let server = Server::start(verified);
    let url = server.url("/");
    let (reader, mut writer) = std::io::pipe().unwrap();
    let waiting = thread::spawn(move || {
        let secret = ["--param", "AccessKeyId=AKIDEXAMPLE", "--param", "SecretAccessKey=-"];
        let scope = ["--param", "Region=us-east-1", "--param", "Service=execute-api"];
        let args = ["send", "-m", "5", "--method", "aws-signature-v4", &url];
        command(&[&args[..], &secret, &scope].concat()).stdin(reader).output().unwrap()
    });
    thread::sleep(Duration::from_secs(6));
    writeln!(writer, "{SECRET}").unwrap();
    let output = waiting.join().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "verified", "{output:?}");
}

#[test]
fn the_response_breaks_off() {
    for flags in [&[][..], &["--http2-prior-knowledge"]] {
        let server = Server::start(|_| broken(1_000_000, 400_000));
        let folder = Folder::with(&[]);
        let run = send_in(&folder, &[&["-o", "FOLDER/out", &server.url("/")], flags].concat(), "");
        check(&run, 18, "the response broke off after ");
        assert!(run.stderr.contains(" of 1000000 bytes"), "{}", run.stderr);
        assert!(fs::metadata(folder.path("out")).unwrap().len() <= 600_000);
        let silent = send_in(&folder, &[&["-s", "-o", "FOLDER/out", &server.url("/")], flags].concat(), "");
        assert_eq!((silent.status, silent.stderr.as_str()), (18, ""));
    }
}

#[test]
fn a_file_that_shrinks_while_it_is_sent_is_not_sent_as_if_it_were_whole() {
    let folder = Folder::with(&[("file", "")]);
    let file = File::options().write(true).open(folder.path("file")).unwrap();
    file.set_len(64 << 20).unwrap();
    let url = raw(move |mut stream| {
        file.set_len(0).unwrap();
        drop(std::io::copy(&mut stream, &mut std::io::sink()));
    });
    let run = send_in(&folder, &["-T", "FOLDER/file", &url], "");
    check(&run, 26, "became shorter while it was sent");
}

#[test]
fn output_that_cannot_be_written() {
    let server = Server::start(verified);
    let run = send_in(&Folder::with(&[]), &["-o", "FOLDER/none/out", &server.url("/")], "");
    check(&run, 23, "none/out cannot be written: ");
}

#[test]
fn what_is_not_sent_at_all() {
    let server = Server::start(|_| text(200, ""));
    let url = server.url("/");
    check(&send(&["https://stranger.example/?q=hunter2"]), 1, "does not know this host");
    let too_long = vec![b'x'; 9 << 20];
    let in_memory = ["-T", "-", "--spool-limit", "0", &url];
    check(&send_in(&Folder::with(&[]), &in_memory, too_long), 1, "or name a regular file");
    check(&send(&["--spool-dir", "/nonexistent", &url]), 2, "--spool-dir /nonexistent: is no folder");
    for (args, message) in [
        (&["127.0.0.1/x"][..], "the URL must begin with https:// or http://"),
        (&["ftp://127.0.0.1/"], "the URL must begin with"),
        (&["http://u:hunter2@127.0.0.1/"], "user info"),
        (&["-T", "/nonexistent/file", &url], "/nonexistent/file cannot be read: "),
        (&["-T", "/", &url], "/ is a folder"),
        (&["-d", "@/nonexistent/file", &url], "cannot be read: "),
        (&["-I", "-d", "x", &url], "-I sends no body"),
        (&["-O", &url], "-O finds no file name"),
        (&["-H", "hunter2", &url], "-H must be"),
        (&["-H", "b d: hunter2", &url], "the header `b d` has no valid name"),
        (&["-H", "b: hunter2\u{1}", &url], "the header `b` holds a control character"),
        (&["-X", "G T", &url], "the method is no HTTP method"),
        (&["http://[::1/?hunter2"], "the URL cannot be used: "),
        (&["http://h:x/", "-G", "-d", "hunter2"], "the URL has a port that is not a number"),
    ] {
        check(&send(args), 2, message);
    }
    assert_eq!(send(&["-T", "x", "-d", "y", &url]).status, 2);
    assert_eq!(send(&["-m", "0", &url]).status, 2);
    assert_eq!(server.seen().len(), 0);
}
