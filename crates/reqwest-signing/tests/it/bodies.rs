//! Every kind of body arrives whole, and as it was signed.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_sigv4::http_request::SignableBody;
use bytes::Bytes;
use http::Extensions;
use http_body_util::Full;
use reqwest::multipart::Form;
use reqwest::{Body, Request, Response};
use reqwest_middleware::{ClientBuilder, Middleware, Next, RequestBuilder, Result};
use tower_signing::signing_core::aws::PayloadMode;

use crate::support::{Server, client, signer, signing, stream, verify, within};

async fn check(body: impl FnOnce(RequestBuilder) -> RequestBuilder, expected: &str) {
    let server = Server::new().await;
    let request = body(client().put(server.url("/bucket/a//b%20c/~d?x=1&a=%2F")));
    assert_eq!(within(request.send()).await.unwrap().status(), 200);
    let seen = server.only();
    assert_eq!(seen.body, expected);
    seen.assert_signed();
    if !expected.is_empty() {
        assert_eq!(seen.header("content-length"), Some(expected.len().to_string().as_str()));
    }
}

#[tokio::test]
async fn none() {
    check(|request| request, "").await;
}

#[tokio::test]
async fn in_memory() {
    check(|request| request.body("one two"), "one two").await;
}

#[tokio::test]
async fn empty_in_memory() {
    check(|request| request.body(""), "").await;
}

#[tokio::test]
async fn stream_of_pieces() {
    check(|request| request.body(stream(&["one", " ", "two"])), "one two").await;
}

#[tokio::test]
async fn empty_stream() {
    check(|request| request.body(stream(&[])), "").await;
}

#[tokio::test]
async fn wrapped() {
    check(|request| request.body(Body::wrap(Full::new(Bytes::from("one two")))), "one two").await;
}

#[tokio::test]
async fn multipart() {
    let server = Server::new().await;
    let form = Form::new().text("name", "value").text("other", "text");
    within(client().post(server.url("/form")).multipart(form).send()).await.unwrap();
    let seen = server.only();
    seen.assert_signed();
    let body = str::from_utf8(&seen.body).unwrap();
    assert!(body.contains("name=\"name\"\r\n\r\nvalue\r\n") && body.ends_with("--\r\n"), "{body}");
    assert!(seen.header("content-type").unwrap().starts_with("multipart/form-data; boundary="));
}

#[tokio::test]
async fn encoded_while_it_is_sent() {
    let server = Server::new().await;
    for body in [Body::from("one two"), Body::wrap(Full::new(Bytes::from("one two")))] {
        let request = client().put(server.url("/bucket/key")).with_extension(PayloadMode::Chunked).body(body);
        within(request.send()).await.unwrap();
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    for seen in seen {
        let form = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
        assert_eq!(verify(&seen.head, SignableBody::Precomputed(form.into())), Ok(()));
        assert!(seen.body.starts_with(b"7;chunk-signature="), "{:?}", seen.body);
    }
}

/// Tells which requests could be cloned.
#[derive(Default)]
struct Below(Arc<Mutex<Vec<bool>>>);

#[async_trait]
impl Middleware for Below {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        self.0.lock().unwrap().push(request.try_clone().is_some());
        next.run(request, extensions).await
    }
}

#[tokio::test]
async fn what_is_in_memory_stays_cloneable() {
    let server = Server::new().await;
    let below = Below::default();
    let cloneable = Arc::clone(&below.0);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let client = ClientBuilder::new(client).with(signing(signer("AKIDONE"))).with(below).build();
    let put = || client.put(server.url("/bucket/key"));
    for request in [put(), put().body("text"), put().body(stream(&["text"]))] {
        within(request.send()).await.unwrap();
    }
    assert_eq!(*cloneable.lock().unwrap(), [true, true, false]);
    server.seen().iter().for_each(|seen| seen.assert_signed());
}
