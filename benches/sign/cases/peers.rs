//! The crates that others sign with, used as their users do.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningInstructions, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use http::Request;
use http::request::Parts;
use reqsign_aws_v4::{Credential, RequestSigner, StaticCredentialProvider};
use reqsign_core::{Context, Signer};

use super::aws::{AwsCase, AwsPayload, KEY_ID, REGION, SECRET, hex_hash};
use super::service::wait;
use super::{Contender, Each, NOW};

/// The crate `aws-sigv4`.
pub(crate) struct Sigv4 {
    identity: Identity,
}

impl Sigv4 {
    pub(crate) fn new(case: &AwsCase) -> Self {
        let credentials = Credentials::new(KEY_ID, SECRET, case.session_token.clone(), None, "bench");
        Self { identity: credentials.into() }
    }

    fn settings(case: &AwsCase, presign: Option<Duration>) -> SigningSettings {
        let mut settings = SigningSettings::default();
        if case.service == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        if presign.is_some() {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
            settings.expires_in = presign;
        }
        settings
    }

    /// The signature at an instant, and what to do to the request.
    pub(crate) fn sign(
        &self,
        case: &AwsCase,
        at: Duration,
        presign: Option<Duration>,
    ) -> (String, SigningInstructions) {
        self.sign_head(case, &case.head, at, presign)
    }

    fn sign_head(
        &self,
        case: &AwsCase,
        head: &Parts,
        at: Duration,
        presign: Option<Duration>,
    ) -> (String, SigningInstructions) {
        let params = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(REGION)
            .name(case.service)
            .time(UNIX_EPOCH + at)
            .settings(Self::settings(case, presign))
            .build()
            .expect("all is set")
            .into();
        let headers =
            head.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().expect("ASCII")));
        let body = match case.payload {
            AwsPayload::Hashed => SignableBody::Bytes(&case.body),
            AwsPayload::Unsigned => SignableBody::UnsignedPayload,
            AwsPayload::Chunked => SignableBody::Precomputed("STREAMING-AWS4-HMAC-SHA256-PAYLOAD".to_owned()),
        };
        let request = SignableRequest::new(head.method.as_str(), head.uri.to_string(), headers, body);
        let signed = sign(request.expect("a valid request"), &params).expect("a request that can be signed");
        let (instructions, signature) = signed.into_parts();
        (signature, instructions)
    }

    pub(crate) fn contender(self, case: &AwsCase) -> Box<dyn Contender> {
        let (case, maker) = (case.clone(), case.clone());
        let presign = case.expires_in();
        Box::new(Each {
            make: move || {
                let head = maker.fresh_head();
                (head.clone(), Request::from_parts(head, ()))
            },
            work: move |(head, request): &mut (Parts, Request<()>)| {
                let (_, instructions) =
                    self.sign_head(&case, head, Duration::from_secs(NOW.unsigned_abs()), presign);
                instructions.apply_to_request_http1x(request);
            },
        })
    }
}

/// The crates `reqsign-core` and `reqsign-aws-v4`. The clock is their own.
#[derive(Clone)]
pub(crate) struct Reqsign {
    signer: Signer<Credential>,
}

impl Reqsign {
    pub(crate) fn new(case: &AwsCase) -> Self {
        let mut provider = StaticCredentialProvider::new(KEY_ID, SECRET);
        if let Some(token) = &case.session_token {
            provider = provider.with_session_token(token);
        }
        Self { signer: Signer::new(Context::new(), provider, RequestSigner::new(case.service, REGION)) }
    }

    fn sign(&self, case: &AwsCase, head: &mut Parts, presign: Option<Duration>) {
        if case.payload == AwsPayload::Hashed {
            // It takes the hash from the head; without it signs an unsigned payload.
            let hash = hex_hash(&case.body).parse().expect("hex");
            head.headers.insert("x-amz-content-sha256", hash);
        }
        // Two threads wait for the same cached keys.
        wait(self.signer.sign(head, presign)).expect("a request that can be signed");
    }

    pub(crate) fn check(&self, case: &AwsCase) {
        let mut head = case.fresh_head();
        self.sign(case, &mut head, case.expires_in());
        if case.is_presigned() {
            case.check_uri(&head.uri, "reqsign");
        } else {
            case.with_hash_header().check(&head, "reqsign");
        }
    }

    pub(crate) fn contender(self, case: &AwsCase) -> Box<dyn Contender> {
        let (case, maker) = (case.clone(), case.clone());
        let presign = case.expires_in();
        Box::new(Each {
            make: move || maker.fresh_head(),
            work: move |head: &mut Parts| self.sign(&case, head, presign),
        })
    }
}
