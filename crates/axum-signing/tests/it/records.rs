//! What is counted and logged, and what is not.

use std::io;
use std::sync::{Arc, Mutex};

use axum_signing::{FailureKind, SigningProxy};
use http::{Request, Response};
use tower::ServiceExt;
use tower_signing::BoxError;

use super::support::*;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn each_request_is_one_line_without_query_and_headers() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let proxy = SigningProxy::builder("http://127.0.0.1:9000").unwrap().build(tower::service_fn(
        |request: Request<axum_signing::UploadBody<TestBody>>| async move {
            let is_good = request.uri().path() == "/good";
            let fault = || BoxError::from("for http://h/?sig=secret2 \u{1b}[31m: it failed");
            if is_good { Ok(Response::new(text("answer"))) } else { Err(fault()) }
        },
    ));
    let metrics = proxy.metrics().clone();
    for (path, expected) in [
        ("/good?token=secret1", "answer"),
        ("/bad?token=secret1", "the upstream did not answer: for http://h/?… \\u{1b}[31m: it failed\n"),
    ] {
        let request =
            Request::get(path).header("host", "localhost").header("authorization", "secret3").body(text(""));
        let response = within(proxy.clone().oneshot(request.unwrap())).await.unwrap();
        assert_eq!(read(response).await, expected);
    }
    // Nobody asks for the answer.
    let request = Request::get("/good").header("host", "localhost").body(text("")).unwrap();
    drop(within(proxy.clone().oneshot(request)).await.unwrap());

    assert_eq!((metrics.requests(), metrics.in_flight(), metrics.downloaded_bytes()), (3, 0, 6));
    assert_eq!(metrics.failures(FailureKind::Upstream), 1);
    assert_eq!(metrics.failures(FailureKind::Canceled), 1);

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| line.contains("axum_signing::access")).collect();
    let [good, bad, dropped] = lines[..] else { panic!("{text}") };
    for part in ["method=GET", "path=/good", "status=200", "duration_ms=", "uploaded=0", "downloaded=6"] {
        assert!(good.contains(part), "{part}: {good}");
    }
    assert!(!good.contains("failure"), "{good}");
    assert!(
        bad.contains("path=/bad") && bad.contains("status=502") && bad.contains("failure=\"upstream\""),
        "{bad}"
    );
    assert!(dropped.contains("failure=\"canceled\""), "{dropped}");
    assert!(!text.contains("secret") && !text.contains('\u{1b}'), "{text}");
}
