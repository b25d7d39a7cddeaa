//! `SignedClient`: what a handler sends with it, and what it is told.

use std::error::Error;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::FromRef;
use axum::response::IntoResponse;
use axum::routing::get;
use axum_signing::{ClientError, ClientErrorKind, HttpClient, SignedClient};
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::{Layer, ServiceExt};
use tower_signing::signing_core::diagnose::Cause;
use tower_signing::{SignerStore, SigningErrorKind, SigningLayer, SigningOptions};

use super::client_support::{accepts, layer};
use super::support::*;

fn client() -> SignedClient {
    SignedClient::over_http(layer(SignerStore::new(signer(SIGNED))))
}

#[track_caller]
fn kind<T>(result: Result<T, ClientError>) -> ClientErrorKind {
    result.err().unwrap().kind()
}

/// An error and its sources, as a log shows them.
fn all_of(error: &ClientError) -> String {
    let mut text = format!("{error:?} {error}");
    let mut source = error.source();
    while let Some(error) = source {
        text += &format!(": {error}");
        source = error.source();
    }
    text
}

#[tokio::test]
async fn each_method_is_signed_and_its_body_arrives() {
    let (upstream, mut seen) = recorder().await;
    let url = format!("http://{upstream}/a%20b?x=1");
    let client = client();
    let requests = [
        (client.get(&url), "GET", ""),
        (client.put(&url).body("new"), "PUT", "new"),
        (client.post(&url).header("x-note", "two  spaces").body(vec![b'x'; 3]), "POST", "xxx"),
        (client.request(Method::DELETE, &url), "DELETE", ""),
    ];
    for (request, method, sent) in requests {
        assert_eq!(within(request.receive_bytes()).await.unwrap(), "ok");
        let (head, body) = within(seen.recv()).await.unwrap();
        let body = body.unwrap();
        assert_eq!((head.method.as_str(), &*body), (method, sent.as_bytes()));
        verify(&head, Some(&body)).unwrap();
    }
}

#[tokio::test]
async fn both_bodies_stream() {
    let upstream =
        upstream(|request| async { Response::new(super::support::body(request.into_body())) }).await;
    let client = SignedClient::over_http(layer(SignerStore::new(signer(STREAMED))));
    let (mut sender, pieces) = pieces();
    let request = client.post(format!("http://{upstream}/")).body(Body::new(pieces));
    sender.send_data("one".into()).await.unwrap();
    let mut response = within(request.send()).await.unwrap().into_body();
    assert_eq!(within(response.frame()).await.unwrap().unwrap().into_data().unwrap(), "one");
    sender.send_data("two".into()).await.unwrap();
    assert_eq!(within(response.frame()).await.unwrap().unwrap().into_data().unwrap(), "two");
    drop(sender);
    assert!(within(response.frame()).await.is_none());
}

#[derive(Clone)]
struct App {
    client: SignedClient,
    upstream: String,
}

impl FromRef<App> for SignedClient {
    fn from_ref(app: &App) -> Self {
        app.client.clone()
    }
}

impl FromRef<App> for String {
    fn from_ref(app: &App) -> Self {
        app.upstream.clone()
    }
}

#[tokio::test]
async fn a_handler_takes_it_from_the_state() {
    async fn handler(
        client: SignedClient,
        axum::extract::State(upstream): axum::extract::State<String>,
    ) -> Result<Response<Body>, ClientError> {
        client.get(upstream).send().await
    }
    async fn alone(client: SignedClient) -> String {
        format!("{client:?}")
    }

    let (upstream, mut seen) = recorder().await;
    let app = App { client: client(), upstream: format!("http://{upstream}/x") };
    let router = Router::new().route("/", get(handler)).with_state(app);
    let response = within(router.oneshot(Request::new(Body::empty()))).await.unwrap();
    assert_eq!((response.status(), &*read(response).await), (StatusCode::OK, &b"ok"[..]));
    verify(&within(seen.recv()).await.unwrap().0, Some(b"")).unwrap();

    let router = Router::new().route("/", get(alone)).with_state(client());
    let response = within(router.oneshot(Request::new(Body::empty()))).await.unwrap();
    assert!(read(response).await.starts_with(b"SignedClient"));
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Order {
    item: String,
    count: u32,
}

#[tokio::test]
async fn json_goes_out_and_comes_in() {
    let upstream = upstream(|request| async {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        verify(&head, Some(&body)).unwrap();
        assert_eq!(head.headers["content-type"], "application/json");
        let mut order: Order = serde_json::from_slice(&body).unwrap();
        order.count += 1;
        let answer = match head.uri.path() {
            "/more" => serde_json::to_string(&order).unwrap(),
            "/other" => r#"{"item":"x","count":"private"}"#.to_owned(),
            "/half" => r#"{"item":"#.to_owned(),
            _ => "<private>".to_owned(),
        };
        Response::new(super::support::body(answer))
    })
    .await;
    let order = Order { item: "ü".to_owned(), count: 1 };
    let client = client();
    let send = async |path: &str| {
        let request = client.post(format!("http://{upstream}/{path}")).json(&order);
        within(request.receive_json::<Order>()).await
    };
    assert_eq!(send("more").await.unwrap(), Order { item: "ü".to_owned(), count: 2 });
    for (path, what) in [
        ("other", "it is not the JSON that was asked for: line 1, column 29"),
        ("half", "it ends in the middle of JSON: line 1, column 8"),
        ("page", "it is not JSON: line 1, column 1"),
    ] {
        let error = send(path).await.unwrap_err();
        assert_eq!(error.kind(), ClientErrorKind::Response);
        assert_eq!(error.source().unwrap().to_string(), what);
        assert!(!all_of(&error).contains("private"));
    }

    let unwritable = std::collections::HashMap::from([((1, 2), 3)]);
    let request = client.post(format!("http://{upstream}/")).json(&unwritable);
    assert_eq!(kind(within(request.send()).await), ClientErrorKind::Request);
}

#[tokio::test]
async fn a_refusal_tells_its_status_and_a_piece_of_its_text() {
    let upstream = upstream(|_| async {
        let page = body("private ".repeat(10_000));
        Response::builder().status(403).body(page).unwrap()
    })
    .await;
    let url = format!("http://{upstream}/");
    let error = within(client().get(&url).receive_bytes()).await.unwrap_err();
    assert_eq!(error.kind(), ClientErrorKind::Status);
    assert_eq!(error.status(), Some(StatusCode::FORBIDDEN));
    assert_eq!(error.body(), "private ".repeat(512).as_bytes());
    assert!(error.signing().is_none());
    assert_eq!(error.to_string(), "the server answered 403 Forbidden");
    assert!(!all_of(&error).contains("private"));

    let response = error.into_response();
    assert_eq!(
        (response.status(), &*read(response).await),
        (StatusCode::BAD_GATEWAY, &b"another server failed"[..])
    );

    let response = within(client().call(Request::get(&url).body(Body::empty()).unwrap())).await.unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_refused_signature_is_explained() {
    let upstream = upstream(|_| async {
        let answer = text("<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region 'eu-west-1' is wrong; expecting 'us-east-1'</Message></Error>");
        Response::builder().status(403).body(answer).unwrap()
    })
    .await;
    let error = within(client().get(format!("http://{upstream}/")).receive_bytes()).await.unwrap_err();
    let diagnosis = error.diagnosis().unwrap();
    assert!(matches!(diagnosis.causes(), [Cause::WrongRegion { .. }]), "{diagnosis}");
    assert!(error.body().starts_with(b"<Error>"));
}

#[tokio::test]
async fn what_is_not_signed_is_not_sent() {
    let (upstream, mut seen) = recorder().await;
    let error = within(client().get("http://stranger.example/?private").send()).await.unwrap_err();
    assert_eq!(error.kind(), ClientErrorKind::Signing);
    assert_eq!(error.signing().unwrap().kind(), SigningErrorKind::Route);
    assert!(!all_of(&error).contains("private"), "{}", all_of(&error));
    assert_eq!(error.into_response().status(), StatusCode::INTERNAL_SERVER_ERROR);

    let request = client().get("http://127.0.0.1/?private").header("x-key", "private");
    assert_eq!(format!("{request:?}"), "RequestBuilder { method: Some(GET), .. }");
    let url = format!("http://{upstream}/");
    let request = client().get(&url).extension(SigningOptions::new().section("absent"));
    assert_eq!(kind(within(request.send()).await), ClientErrorKind::Signing);
    assert_eq!(kind(within(client().get("no url").send()).await), ClientErrorKind::Request);
    assert_eq!(kind(within(client().get(&url).header("x y", "").send()).await), ClientErrorKind::Request);
    assert!(seen.try_recv().is_err());
}

#[tokio::test]
async fn a_connection_that_breaks_is_told() {
    let (listener, address) = listen().await;
    drop(listener);
    let error = within(client().get(format!("http://{address}/")).send()).await.unwrap_err();
    assert_eq!(error.kind(), ClientErrorKind::Connection);

    let (listener, upstream) = listen().await;
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        assert_ne!(stream.read(&mut [0; 1024]).await.unwrap(), 0);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").await.unwrap();
        stream.shutdown().await.unwrap();
        // Until the client goes away: what it has not read is not lost to a reset.
        while stream.read(&mut [0; 1024]).await.is_ok_and(|length| length > 0) {}
    });
    let error = within(client().get(format!("http://{upstream}/")).receive_bytes()).await.unwrap_err();
    assert_eq!(error.kind(), ClientErrorKind::Response);
}

#[tokio::test]
async fn a_long_response_is_not_held() {
    let upstream = upstream(|_| async { Response::new(text("12345")) }).await;
    let url = format!("http://{upstream}/");
    assert_eq!(within(client().response_limit(5).get(&url).receive_bytes()).await.unwrap(), "12345");
    let error = within(client().response_limit(4).get(&url).receive_bytes()).await.unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "it is longer than 4 bytes");
}

#[tokio::test]
async fn a_server_that_keeps_still_is_given_up() {
    let upstream = upstream(|request| async move {
        let (sender, pieces) = pieces();
        // For as long as the test's runtime lives.
        tokio::spawn(async move {
            let _sender = sender;
            std::future::pending::<()>().await;
        });
        match request.uri().path() {
            "/head" => std::future::pending().await,
            "/body" => Response::new(pieces),
            _ => Response::builder().status(503).body(pieces).unwrap(),
        }
    })
    .await;
    let client = client().timeout(Duration::from_secs(1));
    let get = |path: &str| client.get(format!("http://{upstream}/{path}"));
    let (head, body, refusal) = tokio::join!(
        within(get("head").send()),
        within(get("body").receive_bytes()),
        within(get("refusal").receive_bytes())
    );
    let head = head.unwrap_err();
    assert_eq!(head.kind(), ClientErrorKind::Timeout);
    assert_eq!(head.into_response().status(), StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(kind(body), ClientErrorKind::Timeout);
    assert_eq!(refusal.unwrap_err().status(), Some(StatusCode::SERVICE_UNAVAILABLE));
    assert!(within(get("body").send()).await.is_ok());
    within(client.timeout(Duration::MAX).get(format!("http://{upstream}/body")).send()).await.unwrap();
}

#[tokio::test]
async fn a_connection_that_does_not_stand_is_given_up() {
    // Accepted by the system, but nobody says a word of TLS.
    let (_listener, address) = listen().await;
    let http = HttpClient::builder().connect_timeout(Duration::from_millis(100)).build();
    let client = SignedClient::new(layer(SignerStore::new(signer(SIGNED))).layer(http));
    let error = within(client.get(format!("https://{address}/")).send()).await.unwrap_err();
    assert_eq!(error.kind(), ClientErrorKind::Connection);
}

#[tokio::test]
async fn connections_are_used_again() {
    let (upstream, accepted) = accepts(|_| async { Some(Response::new(text("ok"))) }).await;
    let client = client();
    for _ in 0..20 {
        // A clone, as each handler gets one.
        let request = client.clone().get(format!("http://{upstream}/"));
        assert_eq!(within(request.receive_bytes()).await.unwrap(), "ok");
    }
    assert_eq!(accepted.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[tokio::test]
async fn any_service_can_stand_below() {
    let echo = tower::service_fn(|request: Request<tower_signing::SignedBody<Body>>| {
        let is_signed = request.headers().contains_key("authorization");
        std::future::ready(Ok::<_, std::convert::Infallible>(Response::new(format!("signed: {is_signed}"))))
    });
    let client = SignedClient::new(SigningLayer::new(signer(SIGNED)).layer(echo));
    assert_eq!(within(client.get("http://127.0.0.1/").receive_bytes()).await.unwrap(), "signed: true");
}
