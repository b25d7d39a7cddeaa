//! A signing method of your own: `X-Signature: hmac-sha256=HEX`, over the method, the path and the body's hash.
//!
//! Start it with `cargo run --example custom_method`. It needs no network.

use std::io::Write;

use http::{HeaderName, HeaderValue, Request, Response, request::Parts};
use signing_core::{
    Changes, MacKey, Method, PayloadNeed, Registry, SignError, SignErrorKind, SigningRequest,
};
use tower::{Layer, ServiceExt, service_fn};
use tower_signing::{BoxError, SignedBody, SigningLayer};

struct WebhookHmac(MacKey);

impl Method for WebhookHmac {
    fn payload_need(&self, _: &Parts) -> PayloadNeed {
        PayloadNeed::Sha256
    }

    fn sign(&self, request: &SigningRequest<'_>, changes: &mut Changes) -> Result<(), SignError> {
        let unknown = || SignError::new(SignErrorKind::Payload, "the SHA-256 of the body is not known");
        let body = hex(request.payload().hash().ok_or_else(unknown)?.as_bytes());
        let text = format!("{}\n{}\n{body}", request.method(), request.uri().path());
        let signature = format!("hmac-sha256={}", hex(&self.0.sign(text.as_bytes())));
        let mut value = HeaderValue::try_from(signature).expect("hexadecimal digits make a header value");
        value.set_sensitive(true);
        changes.set(HeaderName::from_static("x-signature"), value);
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let mut registry = Registry::new();
    registry.register("webhook-hmac", |params| {
        Ok(WebhookHmac(MacKey::new(params.secret("Key")?.expose().as_bytes())))
    })?;
    let mut file = tempfile::NamedTempFile::new()?;
    writeln!(
        file,
        "[auth.hooks]\nMatch = https://hooks.example/\nMethod = webhook-hmac\nKey = not-a-real-key"
    )?;

    let layer = SigningLayer::builder().registry(registry).from_file(file.path())?;
    let client = service_fn(|request: Request<SignedBody<String>>| async move {
        for (name, value) in request.headers() {
            println!("{name}: {}", value.to_str()?);
        }
        Ok::<_, BoxError>(Response::new(()))
    });
    let request = Request::post("https://hooks.example/builds").body("done".to_owned())?;
    layer.layer(client).oneshot(request).await?;
    Ok(())
}
