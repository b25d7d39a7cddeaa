//! Random credentials and settings for `aws-signature-v4`.

use std::time::Duration;

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use signing_core::{AuthParams, Explanation, Masking, Payload, Registry, SignError, Signer, Timestamp};

use crate::request::Request;

/// How, when and for how long to sign.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) key_id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
    pub(crate) sign_token: bool,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) is_payload_signed: bool,
    pub(crate) normalize_path: Option<bool>,
    pub(crate) double_encode_path: Option<bool>,
    pub(crate) content_sha256_header: Option<bool>,
    pub(crate) unix: i64,
    pub(crate) expires_in: u64,
}

/// In the year 9999, which leaves room for a later day.
const LATEST: i64 = 253_400_000_000;

pub(crate) fn setup() -> impl Strategy<Value = Setup> {
    let services = vec!["s3", "s3express", "s3-object-lambda", "s3-outposts", "sqs", "execute-api", "es"];
    let service = prop_oneof![8 => select(services).prop_map(str::to_owned), 1 => "[a-z][a-z0-9.-]{0,8}"];
    let keys = ("[A-Z0-9]{16,20}", "[!-~]{1,60}", option::of("[A-Za-z0-9+/=]{1,80}"), any::<bool>());
    let scope = ("[a-z]{2}-[a-z]{4,9}-[1-9]", service);
    let rules = (rule(), rule(), rule(), prop::bool::weighted(0.8));
    let time = (0..LATEST, 1..=604_800u64);
    (keys, scope, rules, time).prop_map(|(keys, scope, rules, time)| Setup {
        key_id: keys.0,
        secret: keys.1,
        token: keys.2,
        sign_token: keys.3,
        region: scope.0,
        service: scope.1,
        normalize_path: rules.0,
        double_encode_path: rules.1,
        content_sha256_header: rules.2,
        is_payload_signed: rules.3,
        unix: time.0,
        expires_in: time.1,
    })
}

/// Most often what the service implies.
fn rule() -> impl Strategy<Value = Option<bool>> {
    option::weighted(0.2, any::<bool>())
}

impl Setup {
    /// S3 and its kin: the path is encoded once and not normalized, and the hash is always sent.
    pub(crate) fn is_for_s3(&self) -> bool {
        ["s3", "s3express", "s3-object-lambda", "s3-outposts"].contains(&self.service.as_str())
    }

    pub(crate) fn normalizes_path(&self) -> bool {
        self.normalize_path.unwrap_or(!self.is_for_s3())
    }

    pub(crate) fn encodes_path_twice(&self) -> bool {
        self.double_encode_path.unwrap_or(!self.is_for_s3())
    }

    pub(crate) fn sends_hash(&self) -> bool {
        self.content_sha256_header.unwrap_or(self.is_for_s3())
    }

    pub(crate) fn signer(&self) -> Signer {
        let mut params: AuthParams = [
            ("Method", "aws-signature-v4"),
            ("AccessKeyId", &self.key_id),
            ("SecretAccessKey", &self.secret),
            ("Region", &self.region),
            ("Service", &self.service),
            ("SignSessionToken", if self.sign_token { "true" } else { "false" }),
            ("Payload", if self.is_payload_signed { "auto" } else { "unsigned" }),
            // The peer does not ask how a request is sent.
            ("AllowPlainHttp", "true"),
        ]
        .into_iter()
        .collect();
        let rules = [
            ("NormalizePath", self.normalize_path),
            ("DoubleEncodePath", self.double_encode_path),
            ("ContentSha256Header", self.content_sha256_header),
        ];
        for (name, rule) in rules {
            if let Some(rule) = rule {
                params.set(name, rule.to_string());
            }
        }
        if let Some(token) = &self.token {
            params.set("SessionToken", token.as_str());
        }
        Registry::new().signer(&params).expect("the parameters are right")
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.unix).expect("the time is in range")
    }

    pub(crate) fn sign(&self, request: &Request) -> Result<Explanation, SignError> {
        let payload = Payload::of(&request.body);
        self.signer().sign_explained(&mut request.head(), &payload, self.now(), Masking::Unmasked)
    }

    pub(crate) fn presign(&self, request: &Request) -> Result<Explanation, SignError> {
        let payload = Payload::of(&request.body);
        let time = Duration::from_secs(self.expires_in);
        self.signer().presign_explained(&request.head(), &payload, time, self.now(), Masking::Unmasked)
    }
}
