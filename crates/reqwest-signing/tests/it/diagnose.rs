//! Why a service refused a signature.

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use reqwest_signing::SigningMiddleware;
use tower_signing::DiagnoseLayer;
use tower_signing::signing_core::diagnose::{Cause, Diagnosis};

use crate::support::{Answer, Server, client, client_with, signer, signing, within};

const WRONG_REGION: &str = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region 'eu-west-1' is wrong; expecting 'us-east-1'</Message><Region>us-east-1</Region></Error>";

fn diagnosing() -> SigningMiddleware {
    signing(signer("AKIDONE")).diagnose(DiagnoseLayer::new())
}

fn refusal(status: u16) -> Answer {
    Response::builder().status(status).body(Full::new(Bytes::from_static(WRONG_REGION.as_bytes()))).unwrap()
}

#[tokio::test]
async fn a_refusal_is_told_and_stays_what_it_is() {
    let server = Server::answering(|_, _| refusal(403)).await;
    let url = server.url("/bucket/key");
    let response = within(client_with(diagnosing()).get(&url).send()).await.unwrap();
    let diagnosis = response.extensions().get::<Diagnosis>().unwrap();
    assert!(matches!(diagnosis.causes(), [Cause::WrongRegion { .. }]), "{diagnosis}");
    assert_eq!((diagnosis.section(), diagnosis.key_id()), (Some("auth"), Some("AKIDONE")));

    assert_eq!((response.url().as_str(), response.status().as_u16()), (url.as_str(), 403));
    assert_eq!(response.remote_addr(), Some(server.address));
    assert_eq!(response.content_length(), Some(WRONG_REGION.len() as u64));
    assert_eq!(within(response.text()).await.unwrap(), WRONG_REGION);
}

#[tokio::test]
async fn other_responses_and_those_that_nobody_asked_about_are_not() {
    let server = Server::answering(|_, _| refusal(404)).await;
    let response = within(client_with(diagnosing()).get(server.url("/")).send()).await.unwrap();
    assert!(response.extensions().get::<Diagnosis>().is_none());

    let server = Server::answering(|_, _| refusal(403)).await;
    let response = within(client().get(server.url("/")).send()).await.unwrap();
    assert!(response.extensions().get::<Diagnosis>().is_none());
    assert_eq!(within(response.text()).await.unwrap(), WRONG_REGION);
}
