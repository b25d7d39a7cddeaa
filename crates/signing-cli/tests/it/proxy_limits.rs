//! Clients that send too much, too slowly, or do not read.

use std::time::Duration;

use http::StatusCode;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::proxy::*;
use super::upstream::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_beyond_the_limit_is_refused_and_never_looks_whole() {
    let (upstream, record) = recorder().await;
    for payload in ["auto", "unsigned"] {
        let auth = format!("{}Payload = {payload}\n", sigv4("AKIDONE"));
        let proxy = Proxy::start(upstream, &auth, &["--max-body", "8"]);
        assert_eq!(fetch(&client(false), &proxy.url("/"), "8 bytes.").await.unwrap().0, 200);
        assert_eq!(fetch(&client(true), &proxy.url("/"), "8 bytes.").await.unwrap().0, 200);
        assert_eq!(record.take().len(), 2);

        let (status, text) = fetch(&client(false), &proxy.url("/"), "9 bytes..").await.unwrap();
        assert_eq!((status, text.as_str()), (413, "the request's body is larger than this proxy takes\n"));
        assert_eq!(fetch(&client(true), &proxy.url("/"), "9 bytes..").await.unwrap().0, 413);
        let chunks = "POST / HTTP/1.1\nHost: HOST\nTransfer-Encoding: chunked\nConnection: close\n\n5\nhello\n4\ngood\n0\n\n";
        let mut stream = proxy.send(chunks).await;
        let answer = read_to_end(&mut stream).await;
        assert_eq!(status_of(&answer), 413, "{answer}");
        assert_eq!(record.len(), 0, "{record:?}");
    }
}

#[track_caller]
fn status_of(answer: &str) -> u16 {
    status(answer).unwrap_or_else(|| panic!("no answer: {answer:?}"))
}

/// A client that does not wait for leave gets its answer nevertheless.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_upload_is_answered_though_it_goes_on() {
    let (upstream, _) = recorder().await;
    let proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &["--max-body", "1KiB"]);
    let length = 32 * 1024 * 1024;
    let mut stream = proxy.send(&format!("PUT / HTTP/1.1\nHost: HOST\nContent-Length: {length}\n\n")).await;
    let piece = vec![b'x'; 64 * 1024];
    for _ in 0..length / piece.len() {
        within(stream.write_all(&piece)).await.unwrap();
    }
    let answer = read_to_end(&mut stream).await;
    assert_eq!(status_of(&answer), 413);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_beyond_the_limit_is_refused() {
    let (upstream, record) = recorder().await;
    let proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &["--max-head", "8KiB"]);
    let long = |bytes| format!("GET / HTTP/1.1\nHost: HOST\nX-Long: {}", "x".repeat(bytes));
    assert_eq!(proxy.status(&long(4_000)).await, 200);
    assert_eq!(proxy.status(&long(9_000)).await, 431);
    let request = http::Request::get(proxy.url("/")).header("x-long", "x".repeat(9_000));
    let response = client(true).request(request.body(Default::default()).unwrap());
    // hyper's client sends no more than the server's settings allow; either way it does not pass.
    let refused = within(response).await.map_or(true, |response| response.status() == 431);
    assert!(refused);
    assert_eq!(record.len(), 1);
}

/// Many headers are no long head, in either direction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_of_many_headers_pass() {
    let upstream = super::upstream::upstream(|request| async move {
        let mut response = answer(StatusCode::OK, "ok");
        *response.headers_mut() = request.headers().clone();
        response.headers_mut().remove("host");
        response
    })
    .await;
    let many = |count| format!("GET / HTTP/1.1\nHost: HOST{}", "\nX-Many: x".repeat(count));
    // An HTTP/2 upstream, which counts bytes and no headers.
    let proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &["--http2-prior-knowledge"]);
    let answer = proxy.raw(&many(300)).await;
    assert_eq!((status_of(&answer), answer.matches("x-many: x").count()), (200, 300));
    assert_eq!(proxy.status(&many(1001)).await, 431);

    let upstream = super::upstream::upstream(|_| async {
        let mut response = super::upstream::answer(StatusCode::OK, "ok");
        for _ in 0..500 {
            response.headers_mut().append("x-many", http::HeaderValue::from_static("x"));
        }
        response
    })
    .await;
    let proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &[]);
    let answer = proxy.raw("GET / HTTP/1.1\nHost: HOST").await;
    assert_eq!((status_of(&answer), answer.matches("x-many: x").count()), (200, 500));
}

/// Whatever it has sent of a head, in whatever version, a connection without a request ends after the idle time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_without_a_request_end() {
    let (upstream, _) = recorder().await;
    let proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &["--idle-timeout", "1s"]);
    for start in [
        "",
        "GET / HTTP/1.1\nHost: HOST\nX-Slow:",
        "PRI * HTTP",
        "PRI * HTTP/2.0\n\nSM\n\n",
        "GET / HTTP/1.1\nHost: HOST\n\n",
    ] {
        let mut stream = proxy.send(start).await;
        // The slowloris goes on, one byte at a time.
        let slow = async {
            let mut sent = Vec::new();
            loop {
                match timeout(Duration::from_millis(200), stream.read_buf(&mut sent)).await {
                    Ok(Ok(0) | Err(_)) => return,
                    Ok(Ok(_)) => {}
                    Err(_) if start.contains("Slow") => drop(stream.write_all(b"x").await),
                    Err(_) => {}
                }
            }
        };
        within(slow).await;
    }
    // A request that takes longer than the idle time to be answered is another matter: it is not idle.
    let upstream = super::upstream::upstream(|_| async {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        answer(StatusCode::OK, "late")
    })
    .await;
    let proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &["--idle-timeout", "3s"]);
    let client = client(false);
    for _ in 0..2 {
        assert_eq!(fetch(&client, &proxy.url("/"), "").await, Ok((200, "late".to_owned())));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_beyond_the_limit_wait() {
    let (upstream, _) = recorder().await;
    let proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &["--max-connections", "1"]);
    let mut first = proxy.send("GET / HTTP/1.1\nHost: HOST\n\n").await;
    let mut start = [0; 12];
    within(first.read_exact(&mut start)).await.unwrap();
    let mut second = proxy.send("GET / HTTP/1.1\nHost: HOST\nConnection: close\n\n").await;
    assert!(timeout(Duration::from_millis(500), second.readable()).await.is_err(), "it did not wait");
    drop(first);
    assert_eq!(status_of(&read_to_end(&mut second).await), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_read_is_ended() {
    let upstream = super::upstream::upstream(|_| async { answer(StatusCode::OK, vec![0; 64 << 20]) }).await;
    let mut proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &["--idle-timeout", "1s"]);
    let _unread = proxy.send("GET /large HTTP/1.1\nHost: HOST\n\n").await;
    assert!(proxy.logged("path=/large").contains("failure="));
}

/// One that opens no window is no more than one that does not read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_opens_no_window_is_ended() {
    let upstream = super::upstream::upstream(|_| async { answer(StatusCode::OK, vec![0; 1 << 20]) }).await;
    let mut proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &["--idle-timeout", "1s"]);
    let _unread = response_in_windows_of(&proxy, 0).await;
    assert!(proxy.logged("path=/windows").contains("failure="));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_reads_slowly_gets_all() {
    let upstream = super::upstream::upstream(|_| async { answer(StatusCode::OK, vec![0; 12_000]) }).await;
    let proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &["--idle-timeout", "3s"]);
    let mut body = response_in_windows_of(&proxy, 1000).await.into_body();
    let mut length = 0;
    while let Some(frame) = within(body.frame()).await {
        length += frame.unwrap().into_data().unwrap().len();
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(length, 12_000);
}
