//! `HttpClient` over TLS: whom it trusts, and HTTP/2 where the server chooses it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use axum_signing::{ClientErrorKind, HttpClient, SignedClient};
use futures_util::future::join_all;
use http::{Request, Response, Version};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tower::Layer;
use tower_signing::SignerStore;

use super::client_support::layer;
use super::support::*;

struct TlsServer {
    address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    certificate: String,
}

/// A server that speaks `protocols`, verifies, and answers with the version of HTTP.
async fn server(protocols: &[&str]) -> TlsServer {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (listener, address) = listen().await;
    let accepted = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&accepted);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, SeqCst);
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that does not trust it goes away.
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let server = auto::Builder::new(TokioExecutor::new());
                let _ = server.serve_connection(TokioIo::new(stream), service_fn(answer)).await;
            });
        }
    });
    TlsServer { address, accepted, certificate: made.cert.pem() }
}

async fn answer(request: Request<Incoming>) -> Result<Response<TestBody>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    Ok(match verify(&head, Some(&body)) {
        Ok(()) => Response::new(text(if head.version == Version::HTTP_2 { "HTTP/2" } else { "HTTP/1" })),
        Err(reason) => Response::builder().status(403).body(super::support::body(reason)).unwrap(),
    })
}

fn client(http: HttpClient) -> SignedClient {
    SignedClient::new(layer(SignerStore::new(signer(SIGNED))).layer(http))
}

fn trusting(server: &TlsServer) -> SignedClient {
    client(HttpClient::builder().roots(server.certificate.as_bytes()).unwrap().build())
}

#[tokio::test]
async fn http_2_is_spoken_on_one_connection() {
    let server = server(&["h2", "http/1.1"]).await;
    let (client, url) = (trusting(&server), format!("https://{}/a", server.address));
    assert_eq!(within(client.get(&url).receive_bytes()).await.unwrap(), "HTTP/2");
    let requests = (0..50).map(|number| client.put(&url).body(format!("body {number}")).receive_bytes());
    for answer in within(join_all(requests)).await {
        assert_eq!(answer.unwrap(), "HTTP/2");
    }
    assert_eq!(server.accepted.load(SeqCst), 1);
}

#[tokio::test]
async fn http_1_is_spoken_where_the_server_knows_no_other() {
    let server = server(&["http/1.1"]).await;
    let request = trusting(&server).get(format!("https://{}/a", server.address));
    assert_eq!(within(request.receive_bytes()).await.unwrap(), "HTTP/1");
}

#[tokio::test]
async fn a_stranger_is_not_trusted() {
    let server = server(&["h2"]).await;
    let request = client(HttpClient::new()).get(format!("https://{}/a", server.address));
    assert_eq!(within(request.send()).await.unwrap_err().kind(), ClientErrorKind::Connection);
}

#[test]
fn roots_must_be_certificates() {
    let error = |pem: &str| HttpClient::builder().roots(pem.as_bytes()).unwrap_err().to_string();
    assert_eq!(error("hello"), "the root certificates are none");
    assert_eq!(error("-----BEGIN CERTIFICATE-----\nAAAA"), "the root certificates are no PEM text");
    let wrong = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert_eq!(error(wrong), "the root certificates hold one that cannot be used");
}
