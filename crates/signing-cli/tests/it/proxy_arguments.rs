//! Arguments of the proxy, and what its log may hold.

use std::net::TcpListener;

use super::command::Folder;
use super::proxy::*;
use super::upstream::*;

/// Runs a proxy that must not start, and finds `expected` in what it says.
#[track_caller]
fn check(args: &[&str], expected: &str) {
    let folder = Folder::with(&[("auth.conf", &sigv4("AKIDONE"))]);
    let mut given = vec!["proxy"];
    let auth = folder.text("auth.conf");
    if !args.contains(&"--auth") {
        given.extend(["--auth", &auth]);
    }
    if !args.contains(&"--base-url") {
        given.extend(["--base-url", "https://bucket.s3.eu-west-1.amazonaws.com"]);
    }
    if !args.contains(&"--listen") {
        given.extend(["--listen", "127.0.0.1:0"]);
    }
    given.extend(args);
    let mut proxy = Proxy::run(folder, &given);
    proxy.logged(expected);
    assert_eq!(proxy.exit_status(), 2, "{args:?}: {}", proxy.log());
    assert!(!proxy.log().contains("listening"), "{args:?}: {}", proxy.log());
}

#[test]
fn unusable_arguments_are_told_before_anything_is_served() {
    check(&["--listen", "8080"], "must be ADDRESS:PORT");
    check(&["--listen", "localhost:8080"], "must be ADDRESS:PORT with an IP address, such as 127.0.0.1:8080");
    check(&["--listen", "unix:"], "must have a path");
    check(&["--base-url", "bucket.example"], "--base-url: the base URL");
    check(&["--base-url", "http://h/?q"], "--base-url: the base URL cannot be used");
    check(&["--monitor", "30"], "must be `auth:` and a whole number of seconds");
    check(&["--monitor", "auth:0"], "must be `auth:` and a whole number of seconds");
    check(&["--allow-host", "*"], "--allow-host *: an allowed host cannot be a pattern");
    check(&["--allow-origin", "app.example"], "--allow-origin app.example: an allowed origin is not");
    check(&["--allow-origin", "null"], "--allow-origin null: an allowed origin");
    check(&["--strip-header", "no name"], "invalid value 'no name' for '--strip-header <NAME>'");
    check(&["--admin", "0.0.0.0:0"], "must be a loopback address");
    check(&["--admin", "9090"], "must be ADDRESS:PORT");
    check(&["--max-connections", "0"], "--max-connections");
    check(&["--max-head", "1KiB"], "must be between 8KiB and 1MiB");
    check(&["--max-body", "1MB"], "must be a whole number of bytes");
    check(&["--idle-timeout", "0s"], "must be at least 1s");
    check(&["--drain", "30"], "must be a whole number and a unit");
    check(&["--log", "loud"], "off, error, warn, info, debug, trace");
    check(&["--auth", "no-such-file"], "no-such-file");
    check(&["--section", "nobody"], "nobody");
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = holder.local_addr().unwrap().to_string();
    check(&["--listen", &taken], &format!("--listen {taken}: Address"));
    check(&["--admin", &taken], &format!("--admin {taken}: Address"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wider_address_is_told_whatever_the_level_of_the_log() {
    let (upstream, _) = recorder().await;
    let mut proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &["--listen", "0.0.0.0:0"]);
    assert!(proxy.logged("is open to other machines").contains("WARN"));
    let mut proxy = Proxy::silent(upstream, &sigv4("AKIDONE"), &["--listen", "0.0.0.0:0", "--log", "off"]);
    proxy.logged("is open to other machines");
    assert_eq!(proxy.log().lines().count(), 1, "{}", proxy.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_level_of_the_log_holds_secrets() {
    let (upstream, record) = recorder().await;
    let mut proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &["--log", "trace"]);
    let head = "POST /x?token=query-secret HTTP/1.1\nHost: HOST\nCookie: cookie-secret\nX-Amz-Security-Token: token-secret\nContent-Length: 11";
    let mut stream = proxy.send(&format!("{head}\nConnection: close\n\nbody-secret")).await;
    assert_eq!(status(&read_to_end(&mut stream).await), Some(200));
    proxy.logged("path=/x");
    let seen = record.take_one();
    let signature = seen.header("authorization").unwrap().rsplit('=').next().unwrap().to_owned();
    let request = http::Request::get(proxy.url("/y?query-secret")).header("cookie", "cookie-secret");
    within(client(true).request(request.body(Default::default()).unwrap())).await.unwrap();
    proxy.logged("path=/y");
    let log = proxy.log();
    for secret in
        ["query-secret", "cookie-secret", "token-secret", "body-secret", &secret_of("AKIDONE"), &signature]
    {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
