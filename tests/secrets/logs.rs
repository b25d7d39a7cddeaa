//! What is logged, down to the last detail, while everything happens that the layer knows.

use std::fs;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::Full;
use signing_core::Masking;
use tokio::time::timeout;
use tower::{Layer, ServiceExt, service_fn};
use tower_signing::{BoxError, SignedBody, SigningLayer, SigningOptions};
use tracing_subscriber::filter::LevelFilter;

use super::{secrets, shown_in};
use crate::support::{DEADLINE, Log, SCHEMES, Scheme};

fn section(scheme: &Scheme) -> String {
    let scope = match scheme.method {
        "auth-token" => String::new(),
        _ => format!("Match = {}\n", scheme.url.split('?').next().unwrap()),
    };
    scheme.section(&format!("auth.{}", scheme.method)) + &scope
}

/// Sends one request with each method, and others that fail; returns what was sent.
async fn send_all(layer: &SigningLayer) -> Vec<Parts> {
    let mut sent = Vec::new();
    let inner = service_fn(|request: Request<SignedBody<Full<Bytes>>>| async {
        Ok::<_, BoxError>(Response::new(request.into_parts().0))
    });
    for scheme in &SCHEMES {
        for options in [
            SigningOptions::new(),
            SigningOptions::new().section(scheme.method).explain(Masking::Unmasked),
            SigningOptions::new().params(scheme.params()),
        ] {
            let request = Request::post(scheme.url).extension(options).body(Full::from("{}")).unwrap();
            let answer = layer.layer(inner).oneshot(request).await;
            sent.push(answer.unwrap_or_else(|error| panic!("{}: {error}", scheme.method)).into_body());
        }
        let stranger =
            Request::post("https://evil.example/").extension(SigningOptions::new().section(scheme.method));
        layer.layer(inner).oneshot(stranger.body(Full::from("{}")).unwrap()).await.unwrap_err();
        let contradiction =
            Request::post(scheme.url).header("content-length", "7").body(Full::from("{}")).unwrap();
        layer.layer(inner).oneshot(contradiction).await.unwrap_err();
    }
    sent
}

#[tokio::test]
async fn nothing_that_is_logged_shows_a_secret_a_token_or_a_signature() {
    let log = Log::install(LevelFilter::TRACE);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("auth.conf");
    let good: String = SCHEMES.iter().map(section).collect();
    fs::write(&path, &good).unwrap();
    let layer = SigningLayer::builder().monitor(Duration::from_secs(2)).from_file(&path).unwrap();
    let mut sent = send_all(&layer).await;

    // A secret on the broken line, and one in a file of its own that is not what it should be.
    let secret = secrets()[0];
    for (broken, told) in [
        (
            format!("{good}[auth]\nMethod = aws-signature-v4\nAccessKeyId = a\nSecretAcessKey = {secret}\n"),
            "SecretAcessKey",
        ),
        (
            format!("{good}[auth]\nMethod = azure-batch\nAccountName = a\nSecretAccessKey = {secret}!\n"),
            "base64",
        ),
        (format!("{good}[auth\nSecretAccessKey = {secret}\n"), "header ends with"),
    ] {
        fs::write(&path, broken).unwrap();
        log.wait_for(&["ERROR", told]);
    }
    let mut seen = layer.store().subscribe();
    fs::write(&path, format!("# rotated\n{good}")).unwrap();
    let is_next = |generation: &tower_signing::Generation| generation.number == 2;
    timeout(DEADLINE, seen.wait_for(is_next)).await.expect("the good file was not taken").unwrap();
    log.wait_for(&["INFO", "signing credentials replaced"]);
    sent.extend(send_all(&layer).await);

    let text = log.text();
    for event in ["signing credentials loaded", "refused", "signing credentials replaced"] {
        assert!(text.contains(event), "`{event}` was not logged:\n{text}");
    }
    assert_eq!(shown_in(&text, &secrets()), [""; 0], "{text}");
    let names = ["authorization", "signature", "x-api-key", "x-amz-security-token"];
    for value in sent.iter().flat_map(|head| names.iter().filter_map(|name| head.headers.get(*name))) {
        let value = value.to_str().unwrap();
        // The parts that are secret, wherever the method puts them.
        let parts = value
            .split([' ', ',', '&', '"'])
            .map(|part| part.trim_start_matches(|c| c != '=').trim_start_matches('='));
        for part in parts.chain([value]).filter(|part| part.len() > 20) {
            let is_public =
                ["SignedHeaders", "Credential"].iter().any(|name| value.contains(&format!("{name}={part}")));
            assert!(is_public || !text.contains(part), "{part}");
        }
    }
}
