//! SIGTERM and SIGINT.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use http::StatusCode;
use http_body_util::BodyExt;
use tokio::io::AsyncReadExt;
use tokio::sync::Semaphore;

use super::proxy::*;
use super::upstream::*;

/// An upstream that answers when it gets leave.
async fn patient() -> (std::net::SocketAddr, Arc<Semaphore>, Arc<AtomicUsize>) {
    let (leave, came) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    let (waits, counts) = (Arc::clone(&leave), Arc::clone(&came));
    let address = upstream(move |_| {
        let waits = Arc::clone(&waits);
        counts.fetch_add(1, Relaxed);
        async move {
            drop(waits.acquire().await);
            answer(StatusCode::OK, "done")
        }
    })
    .await;
    (address, leave, came)
}

/// Clients that keep their connections, clients that make one for each request, and HTTP/2: whoever is connected is
/// answered in full, and the others are refused when they connect.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_under_load_loses_no_request() {
    let (upstream, record) = verifier().await;
    for signal in ["TERM", "INT"] {
        let mut proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &[]);
        let loads: Vec<_> = (0..12)
            .map(|number| {
                let url = proxy.url("/x");
                let kept = client(number % 4 == 3);
                tokio::spawn(async move {
                    for requests in 0.. {
                        let client = if number % 4 == 2 { client(false) } else { kept.clone() };
                        match fetch(&client, &url, "a body").await {
                            Ok((200, _)) => {}
                            // Connected at the very moment when the socket was closed, and never accepted.
                            Err(error)
                                if number % 4 == 2
                                    && ["ConnectionReset", "BrokenPipe"]
                                        .iter()
                                        .any(|word| error.contains(word)) =>
                            {
                                return requests;
                            }
                            // Nobody listens any more.
                            Err(error) if error.contains("ConnectionRefused") => return requests,
                            other => panic!("client {number} after {requests} requests: {other:?}"),
                        }
                    }
                    unreachable!()
                })
            })
            .collect();
        until(|| record.len() > 200).await;
        proxy.signal(signal);
        let mut requests = 0;
        for load in loads {
            requests += within(load).await.unwrap();
        }
        assert_eq!(proxy.ended().await, 0, "{}", proxy.log());
        assert_eq!(record.take().len(), requests, "each request that was sent on was answered");
        assert!(proxy.log().ends_with("stopped\n"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_in_flight_finishes() {
    let (upstream, leave, came) = patient().await;
    for is_http2 in [false, true] {
        let mut proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &["--admin", "127.0.0.1:0"]);
        let admin = proxy.logged_address("admin on http://");
        let url = proxy.url("/");
        let before = came.load(Relaxed);
        let request = tokio::spawn(async move { fetch(&client(is_http2), &url, "").await });
        until(|| came.load(Relaxed) > before).await;
        proxy.signal("TERM");
        proxy.logged("stopping");
        let health = fetch(&client(false), &format!("http://{admin}/health"), "").await;
        assert_eq!(health, Ok((503, "{\"status\":\"draining\",\"generation\":1}\n".to_owned())));
        until(|| std::net::TcpStream::connect(proxy.address).is_err()).await;
        leave.add_permits(1);
        assert_eq!(within(request).await.unwrap(), Ok((200, "done".to_owned())));
        assert_eq!(proxy.ended().await, 0);
        leave.forget_permits(1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_or_the_end_of_the_drain_cuts_requests_off() {
    let (upstream, _, came) = patient().await;
    for (flags, is_signaled) in [(&["--drain", "60s"], true), (&["--drain", "1s"], false)] {
        let mut proxy = Proxy::start(upstream, &sigv4("AKIDONE"), flags);
        let before = came.load(Relaxed);
        let mut stream = proxy.send("GET / HTTP/1.1\nHost: HOST\n\n").await;
        until(|| came.load(Relaxed) > before).await;
        proxy.signal("TERM");
        proxy.logged("stopping");
        if is_signaled {
            proxy.signal("INT");
        }
        assert_eq!(proxy.ended().await, 1);
        assert!(proxy.logged("stopped before").contains("requests=1"));
        assert_eq!(within(stream.read(&mut [0])).await.unwrap_or(0), 0, "no half an answer");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_proxy_ends_soon() {
    let (upstream, _) = recorder().await;
    let mut proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &["--drain", "600s", "--idle-timeout", "600s"]);
    let mut kept = Vec::new();
    for start in ["", "GET / HT", "PRI * HTTP/2.0\n\nSM\n\n", "GET / HTTP/1.1\nHost: HOST\n\n"] {
        kept.push(proxy.send(start).await);
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    proxy.signal("TERM");
    assert_eq!(proxy.ended().await, 0);
}

/// hyper holds the end of an answer that the client has no window for yet: the request is not over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_not_taken_yet_is_waited_for() {
    let upstream = upstream(|_| async { answer(StatusCode::OK, vec![0; 6000]) }).await;
    for (flags, expected) in [(&[][..], Ok(6000)), (&["--drain", "1s"], Err(()))] {
        let mut proxy = Proxy::start(upstream, &sigv4("AKIDONE"), flags);
        let response = response_in_windows_of(&proxy, 1000).await;
        proxy.logged("path=/windows");
        proxy.signal("TERM");
        proxy.logged("stopping");
        // Longer than an idle connection is kept.
        tokio::time::sleep(Duration::from_millis(3500)).await;
        let body = within(response.into_body().collect()).await;
        assert_eq!(body.map(|body| body.to_bytes().len()).map_err(drop), expected);
        let status = i32::from(expected.is_err());
        assert_eq!(proxy.ended().await, status);
    }
}
