//! The methods, each with its parameters, a URL that it is good for, and what verifies it.

use bytes::Bytes;
use http::request::Parts;
use signing_core::{AuthParams, ParamError, Registry, Signer};

use crate::kind::Kind;
use crate::support::{self, SCHEMES};
use crate::{aws, custom, verify};

/// One table.
pub(crate) struct Scheme {
    pub(crate) title: String,
    /// Path and query.
    pub(crate) target: &'static str,
    base: support::Scheme,
    more: Vec<(&'static str, &'static str)>,
    covers: Covers,
    verify: Verify,
    /// The signature is in the URL, and made before the request.
    pub(crate) is_presigned: bool,
}

/// What a service does: the content that it takes, or why it refuses.
type Verify = fn(&Scheme, &Parts, &Bytes) -> Result<Bytes, String>;

/// What a signature needs of the body of an upload.
#[derive(Clone, Copy)]
enum Covers {
    Nothing,
    Hash,
    /// Its length, and then chunk by chunk.
    Chunks,
    /// The same where the length is known and the hash cannot be.
    HashOrChunks,
}

impl Scheme {
    pub(crate) fn is_custom(&self) -> bool {
        self.base.method == custom::METHOD_NAME
    }

    /// The parameters as a service and its user agree on them.
    pub(crate) fn params(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let own = self.base.pairs.iter().filter(|(name, _)| *name != "Match");
        [("Method", self.base.method)].into_iter().chain(own.chain(&self.more).copied())
    }

    pub(crate) fn param(&self, wanted: &str) -> Option<&'static str> {
        self.params().find(|(name, _)| *name == wanted).map(|(_, value)| value)
    }

    pub(crate) fn secret_names(&self) -> &'static [&'static str] {
        self.base.secrets
    }

    /// The key or token.
    pub(crate) fn secret(&self) -> &'static str {
        self.param(self.base.secrets[0]).unwrap()
    }

    /// What too long a body would have to be read for, so that it is refused.
    pub(crate) fn reads_first(&self, kind: Kind) -> Option<&'static str> {
        match (kind, self.covers) {
            (Kind::LongSized, Covers::Hash) | (Kind::LongOpen, Covers::Hash | Covers::HashOrChunks) => {
                Some("hashed")
            }
            (Kind::LongOpen, Covers::Chunks) => Some("measured"),
            _ => None,
        }
    }

    pub(crate) fn verify(&self, head: &Parts, body: &Bytes) -> Result<Bytes, String> {
        (self.verify)(self, head, body)
    }
}

/// A signer of any of them.
pub(crate) fn signer(params: &AuthParams) -> Result<Signer, ParamError> {
    let mut registry = Registry::new();
    registry.register(custom::METHOD_NAME, custom::WebhookHmac::from_params)?;
    registry.signer(params)
}

/// All of them.
pub(crate) fn schemes() -> impl Iterator<Item = Scheme> {
    let aws = |payload: &'static str, service: &'static str, covers| {
        let more =
            [("Region", "eu-west-1"), ("Service", service), ("Payload", payload), ("ChunkSize", "8192")];
        // What stands behind the bucket's name makes it an upload of an object.
        let target =
            if service == "s3" { "/bucket/a%20key%2B1?x-id=PutObject" } else { "/queue%20a?b=2&a=1" };
        let title = format!("aws-signature-v4 {payload}");
        Scheme {
            title,
            target,
            base: support::AWS,
            more: more.into(),
            covers,
            verify: aws::verify,
            is_presigned: false,
        }
    };
    let presigned = Scheme {
        title: "aws-signature-v4 presigned".to_owned(),
        is_presigned: true,
        ..aws("auto", "s3", Covers::Nothing)
    };
    let other = |method: &str, target, covers, verify| {
        let base = *SCHEMES.iter().find(|scheme| scheme.method == method).unwrap();
        Scheme {
            title: method.to_owned(),
            target,
            base,
            more: Vec::new(),
            covers,
            verify,
            is_presigned: false,
        }
    };
    let custom = Scheme {
        title: "custom: webhook-hmac".to_owned(),
        target: "/builds?id=1",
        base: custom::SCHEME,
        more: Vec::new(),
        covers: Covers::Hash,
        verify: verify::custom,
        is_presigned: false,
    };
    [
        aws("signed", "sqs", Covers::Hash),
        aws("auto", "s3", Covers::HashOrChunks),
        aws("unsigned", "s3", Covers::Nothing),
        aws("chunked", "s3", Covers::Chunks),
        aws("chunked-trailer", "s3", Covers::Chunks),
        aws("unsigned-trailer", "s3", Covers::Chunks),
        presigned,
        other("azure-batch", "/jobs?timeout=30&api-version=2024-07-01.20.0", Covers::Nothing, verify::batch),
        other("azure-event-hub", "/hub/messages?timeout=60", Covers::Nothing, verify::event_hub),
        other("azure-iot-hub", "/twins/d1?api-version=2021-04-12", Covers::Nothing, verify::iot_hub),
        other("cybersource-http", "/pts/v2/Payments?x=1", Covers::Hash, verify::cybersource),
        other("auth-token", "/v1/orders", Covers::Nothing, verify::auth_token),
        custom,
    ]
    .into_iter()
}
