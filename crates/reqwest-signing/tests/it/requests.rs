//! What a request says for itself, and what it keeps.

use std::time::Duration;

use aws_sigv4::http_request::SignableBody;
use reqwest::Version;
use reqwest_signing::SigningMiddleware;
use tower_signing::signing_core::aws::PayloadMode;
use tower_signing::signing_core::{Explanation, Masking};
use tower_signing::{Signers, SigningLayer, SigningOptions};

use crate::support::{Server, client, client_with, now, signer, signing, stream, verify, within};

#[tokio::test]
async fn options_choose_the_section() {
    let server = Server::new().await;
    let mut signers = Signers::from(signer("AKIDONE"));
    signers.insert("other", None, signer("AKIDTWO")).unwrap();
    let client = client_with(signing(signers));
    let get = || client.get(server.url("/bucket/key"));
    for request in [
        get(),
        get().with_extension(SigningOptions::new().section("other")),
        get().with_extension(SigningOptions::new().skip()),
    ] {
        within(request.send()).await.unwrap();
    }
    let seen = server.seen();
    let keys: Vec<_> = seen.iter().map(|seen| seen.key_id()).collect();
    assert_eq!(keys, ["AKIDONE", "AKIDTWO", "unsigned"]);
    seen[..2].iter().for_each(|seen| seen.assert_signed());
}

#[tokio::test]
async fn a_methods_own_settings_and_the_explanation() {
    let server = Server::new().await;
    let request = client()
        .put(server.url("/bucket/key"))
        .with_extension(PayloadMode::Unsigned)
        .with_extension(SigningOptions::new().explain(Masking::Masked))
        .body(stream(&["a stream"]));
    let response = within(request.send()).await.unwrap();
    let explanation = response.extensions().get::<Explanation>().unwrap();
    assert_eq!(explanation.body(), Some("nothing"));
    let seen = server.only();
    assert_eq!(verify(&seen.head, SignableBody::UnsignedPayload), Ok(()));
    assert_eq!(seen.body, "a stream");
}

#[tokio::test]
async fn timeout_and_version_stay() {
    let server = Server::new().await;
    within(client().get(server.url("/")).version(Version::HTTP_10).send()).await.unwrap();
    assert_eq!(server.only().head.version, Version::HTTP_10);

    // Takes connections, and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let error = within(client().get(url).timeout(Duration::from_millis(50)).send()).await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
}

#[tokio::test]
async fn rotation_counts_from_the_next_request() {
    let server = Server::new().await;
    let layer = SigningLayer::builder().clock(now).signers(signer("AKIDONE"));
    let signing = SigningMiddleware::from(layer.clone());
    let client = client_with(signing.clone());
    within(client.get(server.url("/")).send()).await.unwrap();
    layer.store().replace(signer("AKIDTWO"));
    assert_eq!(signing.store().generation().number, 2);
    within(client.get(server.url("/")).send()).await.unwrap();
    let seen = server.seen();
    assert_eq!([seen[0].key_id(), seen[1].key_id()], ["AKIDONE", "AKIDTWO"]);
    seen.iter().for_each(|seen| seen.assert_signed());
}

#[tokio::test]
async fn basic_authentication_is_replaced_and_fragments_are_not_sent() {
    let server = Server::new().await;
    let url = format!("http://user:password@{}/key#fragment", server.address);
    within(client().get(url).send()).await.unwrap();
    let seen = server.only();
    seen.assert_signed();
    assert_eq!(seen.head.uri, "/key");
    assert_eq!(seen.head.headers.get_all("authorization").iter().count(), 1);
}

#[cfg(feature = "watch")]
#[tokio::test]
async fn signers_come_from_a_file() {
    let server = Server::new().await;
    let text =
        format!("[auth]\nMatch = {}\nMethod = auth-token\nHeader = X-Key\nToken = t\n", server.url("/"));
    let path = crate::support::config("from_a_file.conf", &text);
    let client = client_with(SigningMiddleware::from_file(&path).unwrap());
    within(client.get(server.url("/")).send()).await.unwrap();
    assert_eq!(server.only().header("x-key"), Some("t"));
    assert!(SigningMiddleware::from_file(path.with_extension("missing")).is_err());
}
