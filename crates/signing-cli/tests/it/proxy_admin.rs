//! Health and metrics.

use super::proxy::*;
use super::upstream::*;

async fn get(proxy: &mut Proxy, head: &str) -> String {
    let admin = proxy.logged_address("admin on http://");
    let mut stream = tokio::net::TcpStream::connect(admin).await.unwrap();
    let head = format!("{head}\nConnection: close\n\n").replace("ADMIN", &admin.to_string());
    tokio::io::AsyncWriteExt::write_all(&mut stream, head.replace('\n', "\r\n").as_bytes()).await.unwrap();
    read_to_end(&mut stream).await
}

/// The value of a metric.
#[track_caller]
fn value(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_tell_what_happened() {
    let (upstream, _) = verifier().await;
    let mut proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &["--admin", "127.0.0.1:0"]);
    let client = client(false);
    assert_eq!(fetch(&client, &proxy.url("/"), "five!").await, Ok((200, "AKIDONE".to_owned())));
    assert_eq!(proxy.status("GET / HTTP/1.1\nHost: evil.example").await, 421);
    proxy.logged("status=421");
    let text = get(&mut proxy, "GET /metrics HTTP/1.1\nHost: ADMIN").await;
    assert!(text.contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"));
    assert!(text.ends_with("# EOF\n"), "{text}");
    for (name, expected) in [
        ("signing_proxy_requests_total", 2.0),
        ("signing_proxy_requests_in_flight", 0.0),
        ("signing_proxy_failures_total{kind=\"host\"}", 1.0),
        ("signing_proxy_failures_total{kind=\"upstream\"}", 0.0),
        ("signing_proxy_uploaded_bytes_total", 5.0),
        ("signing_proxy_downloaded_bytes_total", 7.0),
        ("signing_proxy_generation", 1.0),
        ("signing_proxy_signing_seconds_count", 1.0),
    ] {
        assert_eq!(value(&text, name), expected, "{name}");
    }
    // The client keeps its connection.
    assert!(value(&text, "signing_proxy_connections_open") >= 1.0);
    assert!(value(&text, "signing_proxy_credentials_age_seconds") > 0.0);
    let time = value(&text, "signing_proxy_signing_seconds_sum");
    assert!(0.0 < time && time < 1.0, "{time}");
    for secret in [secret_of("AKIDONE"), "AKIDONE".to_owned()] {
        assert!(!text.contains(&secret));
    }
}

/// What is passed on unsigned has no signing time, also after a request that could not be signed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_signatures_have_a_signing_time() {
    let (upstream, record) = recorder().await;
    let auth = format!("[auth]\nMethod = none\n\n[auth.aws]\nMatch = http://{upstream}/aws\n");
    let auth = auth + sigv4("AKIDONE").trim_start_matches("[auth]\n");
    let mut proxy = Proxy::start(upstream, &auth, &["--admin", "127.0.0.1:0"]);
    for path in ["/none", "/aws", "/none"] {
        assert_eq!(proxy.status(&format!("GET {path} HTTP/1.1\nHost: HOST")).await, 200);
    }
    assert_eq!(record.take().iter().filter(|seen| seen.header("authorization").is_some()).count(), 1);
    let text = get(&mut proxy, "GET /metrics HTTP/1.1\nHost: ADMIN").await;
    assert_eq!(value(&text, "signing_proxy_signing_seconds_count"), 1.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_admin_address_is_for_this_machine_and_no_page() {
    let (upstream, _) = recorder().await;
    let mut proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &["--admin", "127.0.0.1:0"]);
    let health = get(&mut proxy, "GET /health HTTP/1.1\nHost: ADMIN").await;
    assert!(health.ends_with("\r\n\r\n{\"status\":\"ok\",\"generation\":1}\n"), "{health}");
    let port = proxy.logged_address("admin on http://").port();
    for (head, expected) in [
        ("GET /health HTTP/1.1\nHost: ADMIN".to_owned(), 200),
        (format!("GET /health HTTP/1.1\nHost: localhost:{port}"), 200),
        ("HEAD /metrics HTTP/1.1\nHost: ADMIN".into(), 200),
        ("GET /other HTTP/1.1\nHost: ADMIN".into(), 404),
        ("POST /metrics HTTP/1.1\nHost: ADMIN\nContent-Length: 0".into(), 405),
        (format!("GET /metrics HTTP/1.1\nHost: evil.example:{port}"), 421),
        ("GET /metrics HTTP/1.1\nHost: localhost".into(), 421),
        ("GET /metrics HTTP/1.1".into(), 400),
        ("GET /metrics HTTP/1.1\nHost: ADMIN\nOrigin: http://ADMIN".into(), 403),
        ("GET /metrics HTTP/1.1\nHost: ADMIN\nSec-Fetch-Site: cross-site".into(), 403),
    ] {
        let answer = get(&mut proxy, &head).await;
        assert_eq!(status(&answer), Some(expected), "{head}: {answer}");
    }
    assert_eq!(proxy.status("GET /metrics HTTP/1.1\nHost: HOST").await, 200, "the proxy's own is forwarded");
}
