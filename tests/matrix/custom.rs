//! A method of the user's own: `X-Signature: hmac-sha256=HEX`, over the method, the target and the body's hash.

use http::request::Parts;
use http::{HeaderName, HeaderValue};
use signing_core::{
    Changes, MacKey, Method, ParamError, ParamReader, PayloadNeed, SignError, SignErrorKind, SigningRequest,
};

use crate::support::Scheme;
use crate::verify::hex;

pub(crate) const METHOD_NAME: &str = "webhook-hmac";

pub(crate) const SCHEME: Scheme = Scheme {
    method: METHOD_NAME,
    url: "https://hooks.example/builds",
    pairs: &[("Key", "Wh0ok+secret/OfTheTests")],
    secrets: &["Key"],
};

pub(crate) struct WebhookHmac(MacKey);

impl WebhookHmac {
    pub(crate) fn from_params(params: &mut ParamReader<'_>) -> Result<Self, ParamError> {
        Ok(Self(MacKey::new(params.secret("Key")?.expose().as_bytes())))
    }
}

impl Method for WebhookHmac {
    fn payload_need(&self, head: &Parts) -> PayloadNeed {
        if head.method == http::Method::GET { PayloadNeed::Nothing } else { PayloadNeed::Sha256 }
    }

    fn sign(&self, request: &SigningRequest<'_>, changes: &mut Changes) -> Result<(), SignError> {
        let unknown = || SignError::new(SignErrorKind::Payload, "the SHA-256 of the body is not known");
        let body = hex(request.payload().hash().ok_or_else(unknown)?.as_bytes());
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        let text = format!("{}\n{target}\n{body}", request.method());
        let value = format!("hmac-sha256={}", hex(&self.0.sign(text.as_bytes())));
        changes.set(
            HeaderName::from_static("x-signature"),
            HeaderValue::try_from(value).expect("hexadecimal digits make a header value"),
        );
        Ok(())
    }
}
