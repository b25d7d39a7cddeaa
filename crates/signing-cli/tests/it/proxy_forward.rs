//! What goes through the proxy, whole or broken off.

use std::time::Duration;

use http::{StatusCode, Version};
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::proxy::*;
use super::upstream::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_signed_over_both_versions_on_both_sides() {
    let (upstream, record) = verifier().await;
    for (flags, version) in [(&[][..], Version::HTTP_11), (&["--http2-prior-knowledge"], Version::HTTP_2)] {
        let proxy = Proxy::start(upstream, &sigv4("AKIDONE"), flags);
        for is_http2 in [false, true] {
            let url = proxy.url("/some/k%20ey?b=2&a=1");
            let answer = fetch(&client(is_http2), &url, "the body").await;
            assert_eq!(answer, Ok((200, "AKIDONE".to_owned())), "{version:?}, {is_http2}");
            let seen = record.take_one();
            assert_eq!((seen.head.version, seen.body.as_ref()), (version, &b"the body"[..]));
            assert_eq!(seen.head.uri.path_and_query().unwrap(), "/some/k%20ey?b=2&a=1");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_path_follows_that_of_the_base_url() {
    let (upstream, record) = verifier().await;
    let proxy = Proxy::with_base_url(&format!("http://{upstream}/base/"), &sigv4("AKIDONE"), &[]);
    assert_eq!(proxy.status("GET //other.example/x?y HTTP/1.1\nHost: HOST").await, 200);
    assert_eq!(record.take_one().head.uri, "/base//other.example/x?y");
}

/// A token's header is not in the list of those that are always stripped: it is in the config file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_header_of_a_token_is_ours_alone() {
    let (upstream, record) = recorder().await;
    let auth = "[auth]\nMethod = auth-token\nHeader = X-Api-Key\nToken = ours\n";
    let proxy = Proxy::start(upstream, auth, &["--strip-header", "x-private"]);
    let head =
        "GET / HTTP/1.1\nHost: HOST\nx-api-key: theirs\nX-API-KEY: theirs too\nX-Private: 1\nX-Kept: 1";
    assert_eq!(proxy.status(head).await, 200);
    let seen = record.take_one();
    let tokens: Vec<_> = seen.head.headers.get_all("x-api-key").iter().collect();
    assert_eq!(tokens, ["ours"]);
    assert_eq!((seen.header("x-private"), seen.header("x-kept")), (None, Some("1")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_section_can_be_named() {
    let (upstream, record) = verifier().await;
    let auth = format!("{}{}", sigv4("AKIDONE"), sigv4("AKIDTWO").replace("[auth]", "[auth.two]"));
    let proxy = Proxy::start(upstream, &auth, &["--section", "two"]);
    assert_eq!(fetch(&client(false), &proxy.url("/"), "").await, Ok((200, "AKIDTWO".to_owned())));
    assert_eq!(record.len(), 1);
}

/// A body of an unknown length, piece by piece: each one arrives before the next one is sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_streams() {
    let (tell, mut pieces) = mpsc::unbounded_channel();
    let upstream = upstream(move |request| {
        let tell = tell.clone();
        async move {
            let mut body = request.into_body();
            while let Some(Ok(frame)) = body.frame().await {
                tell.send(frame.into_data().unwrap()).unwrap();
            }
            answer(StatusCode::OK, "ok")
        }
    })
    .await;
    let auth = format!("{}Payload = unsigned\n", sigv4("AKIDONE"));
    let proxy = Proxy::start(upstream, &auth, &[]);
    let mut stream = proxy.send("PUT / HTTP/1.1\nHost: HOST\nTransfer-Encoding: chunked\n\n").await;
    for piece in ["one", "two", "six"] {
        stream.write_all(format!("3\r\n{piece}\r\n").as_bytes()).await.unwrap();
        assert_eq!(within(pieces.recv()).await.unwrap(), piece);
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    let mut start = [0; 12];
    within(stream.read_exact(&mut start)).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 200");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_breaks_off_never_looks_whole() {
    let (tell, mut ends) = mpsc::unbounded_channel();
    let upstream = upstream(move |request| {
        let tell = tell.clone();
        // Apart from this future, which is dropped with its connection.
        tokio::spawn(async move {
            let is_whole = request.into_body().collect().await.is_ok();
            tell.send(is_whole).unwrap();
        });
        async { std::future::pending().await }
    })
    .await;
    let auth = format!("{}Payload = unsigned\n", sigv4("AKIDONE"));
    for flags in [&[][..], &["--http2-prior-knowledge"]] {
        let proxy = Proxy::start(upstream, &auth, flags);
        for half in ["Content-Length: 10\n\nhalf", "Transfer-Encoding: chunked\n\n4\nhalf\n"] {
            let stream = proxy.send(&format!("PUT / HTTP/1.1\nHost: HOST\n{half}")).await;
            // Long enough for the half to be on its way; if it is not, there is nothing to look whole.
            tokio::time::sleep(Duration::from_millis(300)).await;
            drop(stream);
            assert!(!within(ends.recv()).await.unwrap(), "{flags:?} {half}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_away_cancels_upstream() {
    struct Tell(mpsc::UnboundedSender<&'static str>);
    impl Drop for Tell {
        fn drop(&mut self) {
            self.0.send("gone").unwrap();
        }
    }
    let (tell, mut told) = mpsc::unbounded_channel();
    let upstream = upstream(move |_| {
        tell.send("came").unwrap();
        let tell = Tell(tell.clone());
        async move {
            std::future::pending::<()>().await;
            drop(tell);
            unreachable!()
        }
    })
    .await;
    for flags in [&[][..], &["--http2-prior-knowledge"]] {
        let mut proxy = Proxy::start(upstream, &sigv4("AKIDONE"), flags);
        let stream = proxy.send("GET / HTTP/1.1\nHost: HOST\n\n").await;
        assert_eq!(within(told.recv()).await, Some("came"));
        drop(stream);
        assert_eq!(within(told.recv()).await, Some("gone"));
        assert!(proxy.logged("the client went away").contains("failure=\"canceled\""));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_upstream_is_a_bad_gateway_and_a_still_one_a_timeout() {
    // Nobody listens at the port of a listener that is gone.
    let dead = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let proxy = Proxy::start(dead, &sigv4("AKIDONE"), &[]);
    let answer = proxy.raw("GET / HTTP/1.1\nHost: HOST").await;
    assert_eq!(status(&answer), Some(502));
    assert!(answer.contains("the upstream did not answer: Connection refused"), "{answer}");

    let still = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = Proxy::start(still.local_addr().unwrap(), &sigv4("AKIDONE"), &["--idle-timeout", "1s"]);
    let answer = proxy.raw("GET / HTTP/1.1\nHost: HOST").await;
    assert_eq!(status(&answer), Some(504));
    assert!(answer.contains("the upstream kept still for 1s"), "{answer}");
}
