//! A proxy at a Unix socket.

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::Path;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::command::Folder;
use super::proxy::*;
use super::upstream::*;

async fn ask(path: &Path, host: &str) -> String {
    let mut stream = UnixStream::connect(path).await.unwrap();
    let head = format!("GET /x HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    within(stream.read_to_string(&mut answer)).await.unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_owner_can_open_the_socket_and_it_goes_with_the_proxy() {
    let (upstream, record) = verifier().await;
    let folder = Folder::with(&[]);
    let path = folder.path("proxy.sock");
    // What a process has left that is no more.
    drop(UnixListener::bind(&path).unwrap());
    let mut proxy =
        Proxy::start(upstream, &sigv4("AKIDONE"), &["--listen", &format!("unix:{}", path.display())]);
    proxy.logged("listening on unix:");
    let data = fs::symlink_metadata(&path).unwrap();
    assert!(data.file_type().is_socket());
    assert_eq!(data.permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing else is left");

    let answer = ask(&path, "localhost").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("AKIDONE"), "{answer}");
    assert_eq!(status(&ask(&path, "evil.example").await), Some(421));
    assert_eq!(proxy.status("GET /x HTTP/1.1\nHost: HOST").await, 200);
    assert_eq!(record.len(), 2);

    proxy.signal("TERM");
    assert_eq!(proxy.ended().await, 0);
    assert!(!path.exists());
}

#[test]
fn a_socket_in_use_and_a_file_that_is_none_are_left_alone() {
    let folder = Folder::with(&[("file", "precious")]);
    let listens = UnixListener::bind(folder.path("used")).unwrap();
    for (name, reason) in [
        ("used", "another process listens there"),
        ("file", "the file exists and is no socket"),
        ("none/x", "No such file or directory"),
    ] {
        let listen = format!("unix:{}", folder.text(name));
        let auth = Folder::with(&[("auth.conf", &sigv4("AKIDONE"))]);
        let file = auth.text("auth.conf");
        let args = ["proxy", "--base-url", "http://127.0.0.1:1", "--auth", &file, "--listen", &listen];
        let mut proxy = Proxy::run(auth, &args);
        proxy.logged(&format!("--listen {listen}: {reason}"));
        assert_eq!(proxy.exit_status(), 2);
    }
    assert_eq!(fs::read_to_string(folder.path("file")).unwrap(), "precious");
    drop(listens);
}
