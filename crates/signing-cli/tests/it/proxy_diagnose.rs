//! Why a service refused what the proxy has signed: in its log, and nowhere else.

use http::StatusCode;

use super::proxy::*;
use super::upstream::*;

/// Padding keeps the answer from being read whole before it is given on.
const PADDING: usize = 200_000;

fn refusal() -> String {
    let said = "<Error><Code>InvalidAccessKeyId</Code><Message>\u{1b}[31mno such key</Message></Error>";
    format!("{said}\n<!--{}-->", "x".repeat(PADDING))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sentence_is_in_the_log_and_the_answer_is_as_it_was() {
    let upstream = upstream(|request| async move {
        match request.uri().path() {
            "/denied" => answer(StatusCode::FORBIDDEN, refusal()),
            _ => answer(StatusCode::OK, refusal()),
        }
    })
    .await;
    let mut proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &[]);
    for is_http2 in [false, true] {
        let client = client(is_http2);
        assert_eq!(fetch(&client, &proxy.url("/fine"), "").await, Ok((200, refusal())));
        assert_eq!(fetch(&client, &proxy.url("/denied"), "").await, Ok((403, refusal())));
    }
    let line = tokio::task::block_in_place(|| proxy.logged("does not know the key"));
    assert!(
        line.contains(" WARN tower_signing::diagnose: The service does not know the key `AKIDONE`."),
        "{line}"
    );
    let log = proxy.log();
    assert_eq!(log.matches("does not know the key").count(), 2, "{log}");
    assert!(!log.contains('\u{1b}') && !log.contains(&secret_of("AKIDONE")), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_pass_as_they_are() {
    let upstream = upstream(|_| async {
        let mut response = answer(StatusCode::UNAUTHORIZED, "no");
        response.headers_mut().insert("www-authenticate", "Custom realm=\"x\"".parse().unwrap());
        response
    })
    .await;
    let mut proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &[]);
    let answer = proxy.raw("GET / HTTP/1.1\nHost: HOST").await;
    assert!(
        answer.starts_with("HTTP/1.1 401 Unauthorized\r\n") && answer.ends_with("\r\n\r\nno"),
        "{answer}"
    );
    assert!(answer.contains("\r\nwww-authenticate: Custom realm=\"x\"\r\n"), "{answer}");
    assert!(answer.contains("\r\ncontent-length: 2\r\n"), "{answer}");
    let line = tokio::task::block_in_place(|| {
        proxy.logged("nothing in it that is known here tells of the signature")
    });
    assert!(line.contains("section `auth` signed with the key `AKIDONE`"), "{line}");
}

/// What an upstream says, and what a client gives beside the signature.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_has_neither_commands_nor_credentials() {
    let upstream = upstream(|request| async move {
        let said = match request.uri().path() {
            "/strange" => "<Error><Code>Mo\u{1b}[31mved\u{202e}Away</Code></Error>".to_owned(),
            _ => {
                let header = |name: &str| request.headers()[name].to_str().unwrap();
                format!(
                    "<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>GET\n/\naccess_token=hunter2other\nhost:{}\nx-amz-content-sha256:{hash}\nx-amz-date:{}\nx-session-id:hunter2other\n\nhost;x-amz-content-sha256;x-amz-date;x-session-id\n{hash}</CanonicalRequest></Error>",
                    header("host"),
                    header("x-amz-date"),
                    hash = header("x-amz-content-sha256"),
                )
            }
        };
        let mut response = answer(StatusCode::FORBIDDEN, said);
        response.headers_mut().insert("x-amz-request-id", "1".parse().unwrap());
        response
    })
    .await;
    let mut proxy = Proxy::start(upstream, &sigv4("AKIDONE"), &[]);
    proxy.raw("GET /strange HTTP/1.1\nHost: HOST").await;
    let line = tokio::task::block_in_place(|| proxy.logged("which does not tell"));
    assert!(line.contains("Mo\\u{1b}[31mved\\u{202e}Away"), "{line:?}");
    proxy.raw("GET /?access_token=hunter2token HTTP/1.1\nHost: HOST\nx-session-id: hunter2id").await;
    let line = tokio::task::block_in_place(|| proxy.logged("was signed as"));
    assert!(line.contains("`<masked>`, but arrived as `<masked, another>`"), "{line}");
    let log = proxy.log();
    assert!(!log.contains("hunter2") && !log.contains(['\u{1b}', '\u{202e}']), "{log:?}");
}
