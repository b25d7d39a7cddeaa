//! What cannot be signed is not sent, and the error says why without secrets.

use bytes::Bytes;
use reqwest::Body;
use reqwest_middleware::{ClientBuilder, Error};
use reqwest_signing::{RedirectError, UrlError, signing_error};
use tower_signing::signing_core::{Changes, Method, Reach, SignError, Signer, SigningRequest};
use tower_signing::{SigningError, SigningErrorKind, SigningLayer, SigningOptions};

use crate::support::{Server, client, client_with, now, redirect, signer, signing, stream, within};

#[tokio::test]
async fn nothing_is_sent_unsigned() {
    let server = Server::new().await;
    let url = server.url("/");
    let layer = SigningLayer::builder().clock(now).buffer_limit(4).signers(signer("AKIDONE"));
    let client = client_with(layer.into());
    for (request, kind) in [
        (client.get("http://elsewhere.example/"), SigningErrorKind::Route),
        (client.get(&url).with_extension(SigningOptions::new().section("unknown")), SigningErrorKind::Route),
        (client.put(&url).body(stream(&["five", "5"])), SigningErrorKind::Body),
        (client.get(&url).header("content-length", "no number"), SigningErrorKind::Sign),
    ] {
        let error = within(request.send()).await.unwrap_err();
        assert_eq!(signing_error(&error).map(SigningError::kind), Some(kind), "{error:?}");
        let Error::Middleware(error) = error else { panic!("{error:?}") };
        assert!(error.downcast_ref::<SigningError>().is_some());
        assert!(!format!("{error:?} {error:#}").contains("secret of"));
    }
    assert!(server.seen().is_empty());
    assert!(!format!("{:?}", signing(signer("AKIDONE"))).contains("secret of"));
}

#[tokio::test]
async fn user_info_in_a_url_is_refused() {
    let server = Server::new().await;
    let url = format!("http://user:password@{}/", server.address).parse().unwrap();
    let request = reqwest::Request::new(reqwest::Method::GET, url);
    let error = within(client().execute(request)).await.unwrap_err();
    assert_eq!(signing_error(&error).unwrap().kind(), SigningErrorKind::Url);
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_body_that_fails_is_reqwests_error() {
    let server = Server::new().await;
    let pieces = [Ok(Bytes::from("one")), Err(std::io::Error::other("the disk is gone"))];
    let body = Body::wrap_stream(futures_util::stream::iter(pieces));
    let error = within(client().put(server.url("/")).body(body).send()).await.unwrap_err();
    let Error::Reqwest(error) = error else { panic!("{error:?}") };
    assert!(error.is_body() && format!("{error:?}").contains("the disk is gone"), "{error:?}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_client_that_follows_below_is_told() {
    let server = Server::answering(|number, _| match number {
        0 => redirect(302, "/b"),
        _ => crate::support::answer(200),
    })
    .await;
    let below = reqwest::Client::builder().no_proxy().build().unwrap();
    let client = ClientBuilder::new(below).with(signing(signer("AKIDONE"))).build();
    let error = within(client.get(server.url("/a")).send()).await.unwrap_err();
    let Error::Middleware(error) = error else { panic!("{error:?}") };
    assert!(matches!(error.downcast_ref(), Some(RedirectError::Below)), "{error:?}");
}

/// A method of the user's own that signs in the query.
struct InQuery(&'static str);

impl Method for InQuery {
    fn sign(&self, request: &SigningRequest<'_>, changes: &mut Changes) -> Result<(), SignError> {
        changes.set_uri(format!("{}?{}", request.uri(), self.0).parse().unwrap());
        Ok(())
    }

    fn reach(&self) -> Reach<'_> {
        Reach::Known(|_| false)
    }
}

#[tokio::test]
async fn a_signature_in_the_query_is_in_no_error() {
    let server = Server::new().await;
    let client = |query| client_with(signing(Signer::new("in-query", InQuery(query))));
    within(client("sig=secret").get(server.url("/")).send()).await.unwrap();
    assert_eq!(server.only().head.uri, "/?sig=secret");

    // Nobody listens there any more.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = within(client("sig=secret").get(format!("http://{closed}/")).send()).await.unwrap_err();
    assert_eq!(error.url().unwrap().as_str(), format!("http://{closed}/"));
    assert!(!format!("{error:?} {error}").contains("secret"));

    // reqwest would send it as `%27`.
    let Err(Error::Middleware(error)) = within(client("sig='").get(server.url("/")).send()).await else {
        panic!("no error")
    };
    assert!(matches!(error.downcast_ref(), Some(UrlError::Changed)), "{error:?}");
    assert_eq!(server.seen().len(), 1);
}
