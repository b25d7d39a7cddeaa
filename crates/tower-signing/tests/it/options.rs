//! What one request may say for itself.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::Empty;
use signing_core::{AuthParams, Explanation, Masking};
use tower::{Layer, ServiceExt, service_fn};
use tower_signing::{BoxError, SignedBody, Signers, SigningError, SigningErrorKind, SigningOptions};

use crate::{AWS, builder, signer};

const TOKEN: &[(&str, &str)] = &[("Method", "auth-token"), ("Header", "x-key"), ("Token", "t0ken")];

fn signers() -> Signers {
    let mut signers = Signers::new();
    signers.insert("auth", None, signer(AWS)).unwrap();
    signers.insert("partner", Some("https://partner.example/v1".parse().unwrap()), signer(TOKEN)).unwrap();
    signers
}

/// The headers that arrive, and the explanation that comes back.
async fn send(url: &str, options: SigningOptions) -> Result<(HeaderMap, Option<Explanation>), BoxError> {
    let inner = service_fn(|request: Request<SignedBody<Empty<Bytes>>>| async move {
        Ok::<_, BoxError>(Response::new(request.headers().clone()))
    });
    let request = Request::get(url).extension(options).body(Empty::new()).unwrap();
    let response = builder().signers(signers()).layer(inner).oneshot(request).await?;
    let (mut head, headers) = response.into_parts();
    Ok((headers, head.extensions.remove()))
}

async fn refused(url: &str, options: SigningOptions) -> SigningError {
    *send(url, options).await.unwrap_err().downcast::<SigningError>().expect("a SigningError")
}

fn params(pairs: &[(&str, &str)]) -> AuthParams {
    pairs.iter().copied().collect()
}

const SQS: &str = "https://sqs.eu-west-1.amazonaws.com/";

#[tokio::test]
async fn a_section_is_picked_by_name_within_its_match() {
    let partner = || SigningOptions::new().section("Partner");
    let (headers, _) = send("https://partner.example/v1/x", partner()).await.unwrap();
    assert_eq!(headers["x-key"], "t0ken");
    for url in ["https://partner.example/v2", "http://partner.example/v1", SQS] {
        let error = refused(url, partner()).await;
        assert_eq!(error.kind(), SigningErrorKind::Route, "{url}");
        assert!(error.to_string().contains("its `Match` does not cover the URL"), "{error}");
    }
    let unknown = refused(SQS, SigningOptions::new().section("nobody")).await;
    assert_eq!(unknown.to_string(), "there is no section `nobody`");
}

#[tokio::test]
async fn a_signer_of_its_own_keeps_to_its_scope() {
    let own = |scope: Option<&str>| {
        SigningOptions::new().signer(Arc::new(signer(TOKEN)), scope.map(|scope| scope.parse().unwrap()))
    };
    let tenant = "https://tenant.example/";
    assert_eq!(send(tenant, own(Some(tenant))).await.unwrap().0["x-key"], "t0ken");
    assert_eq!(refused("https://other.example/", own(Some(tenant))).await.kind(), SigningErrorKind::Route);
    // A token goes nowhere by itself.
    assert_eq!(refused(tenant, own(None)).await.kind(), SigningErrorKind::Route);
}

#[tokio::test]
async fn skip_sends_unsigned_wherever_it_goes() {
    let (headers, _) = send("https://stranger.example/", SigningOptions::new().skip()).await.unwrap();
    assert!(headers.is_empty());
}

#[tokio::test]
async fn parameters_override_those_of_the_section() {
    // The section was inserted as a signer, so it has no parameters to override: a Method stands alone.
    let mut own = params(AWS);
    own.set("Region", "mars-north-1");
    let (headers, _) = send(SQS, SigningOptions::new().params(own.clone())).await.unwrap();
    assert!(headers["authorization"].to_str().unwrap().contains("/mars-north-1/sqs/"));
    // It is bound as a section without Match is.
    let error = refused("https://stranger.example/", SigningOptions::new().params(own.clone())).await;
    assert_eq!(error.kind(), SigningErrorKind::Route);
    own.set("Service", "s3").set("Match", "https://stranger.example/");
    assert!(send("https://stranger.example/", SigningOptions::new().params(own)).await.is_ok());
}

#[tokio::test]
async fn wrong_parameters_name_what_is_wrong() {
    let mut own = params(AWS);
    own.set("Regoin", "x");
    let error = refused(SQS, SigningOptions::new().params(own)).await;
    assert_eq!(error.kind(), SigningErrorKind::Params);
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "`Regoin` is not a known parameter; did you mean `Region`?");
}

#[tokio::test]
async fn parameters_that_nobody_would_read_are_an_error() {
    let region = || params(&[("Region", "eu-west-1")]);
    let own = SigningOptions::new().signer(Arc::new(signer(AWS)), None).params(region());
    assert_eq!(refused(SQS, own).await.kind(), SigningErrorKind::Params);
    assert_eq!(
        refused(SQS, SigningOptions::new().skip().params(region())).await.kind(),
        SigningErrorKind::Params
    );
}

#[tokio::test]
async fn values_from_a_request_are_literal() {
    let own =
        params(&[("Method", "auth-token"), ("Header", "x"), ("Token", "env:HOME"), ("Match", "https://h/")]);
    let (headers, _) = send("https://h/", SigningOptions::new().params(own)).await.unwrap();
    assert_eq!(headers["x"], "env:HOME");
}

#[tokio::test]
async fn an_explanation_comes_back_with_the_response_when_asked_for() {
    let (headers, explanation) = send(SQS, SigningOptions::new().explain(Masking::Masked)).await.unwrap();
    let explanation = explanation.expect("an explanation");
    assert_eq!(explanation.method(), "aws-signature-v4");
    assert!(
        explanation.canonical_request().unwrap().starts_with("GET\n/\n\nhost:sqs.eu-west-1.amazonaws.com\n")
    );
    let signature = explanation.signature().unwrap();
    assert!(headers["authorization"].to_str().unwrap().ends_with(signature));
    assert!(send(SQS, SigningOptions::new()).await.unwrap().1.is_none());
}
