//! The ways to say which signer it is to be, and where each of them ends.

use signing_core::{AuthParams, Registry};
use tower_signing::{Signers, SigningLayer, SigningLayerBuilder, SigningOptions};

use crate::support::{AWS, SCHEMES};

/// A way to say which signer it is to be, where it may sign, and where it may not.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) layer: fn(SigningLayerBuilder) -> SigningLayer,
    pub(crate) options: fn() -> Option<SigningOptions>,
    pub(crate) start: &'static str,
    /// Where a redirect may lead and is signed again.
    pub(crate) inside: &'static [&'static str],
    /// Beside those of [`STRANGERS`].
    pub(crate) outside: &'static [&'static str],
    /// The names of headers that must not reach a stranger.
    pub(crate) headers: &'static [&'static str],
    pub(crate) secrets: fn() -> Vec<&'static str>,
}

const SIGV4_HEADERS: &[&str] =
    &["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"];
/// No one's service, and hosts and paths that only look like someone's.
pub(crate) const STRANGERS: &[&str] = &[
    "https://evil.example/",
    "http://evil.example:8080/queue",
    "//evil.example/queue",
    "https://sqs.eu-west-1.amazonaws.com.evil.example/queue",
    "https://sqs.eu-west-1.amazonaws.com@evil.example/queue",
    "https://evil-amazonaws.com/queue",
    "https://amazonaws.com.evil.example/",
    "https://partner.example.evil.example/v1/orders",
    "https://xpartner.example/v1/orders",
    "https://partner-example/v1/orders",
];
/// Around `https://partner.example/v1`.
const NEAR_PARTNER: &[&str] = &[
    "https://partner.example:8443/v1/orders",
    "http://partner.example/v1/orders",
    "https://other.partner.example/v1/orders",
    "https://partner.example/v10/orders",
    "https://partner.example/v2/orders",
    "/v2/orders",
    "../",
];
const IN_PARTNER: &[&str] = &[
    "https://partner.example/v1/others",
    "https://PARTNER.example.:443/v1",
    "/v1/a?b=c",
    "orders/2",
    "?again",
];
const PARTNER: &str = "https://partner.example/v1/orders";

fn aws_secrets() -> Vec<&'static str> {
    AWS.pairs.iter().map(|&(_, value)| value).collect()
}

fn aws_params() -> AuthParams {
    AWS.params_with(&[("Region", "eu-west-1"), ("Service", "sqs")])
}

fn signers(sections: &[(&str, Option<&str>, AuthParams)]) -> Signers {
    let mut signers = Signers::new();
    for (name, scope, params) in sections {
        let mut params = params.clone();
        params.remove("Match");
        let scope = scope.map(|scope| scope.parse().unwrap());
        signers.insert(name, scope, Registry::new().signer(&params).unwrap()).unwrap();
    }
    signers
}

/// Only a section that was read from a file has parameters that a request can override.
fn from_file() -> Signers {
    let file = tempfile::NamedTempFile::new().unwrap();
    let section =
        AWS.section("auth.p") + "Match = https://partner.example/v1\nRegion = eu-west-1\nService = sqs\n";
    std::fs::write(&file, section).unwrap();
    Signers::from_file(file.path(), &Registry::new()).unwrap()
}

/// Every way.
pub(crate) const CASES: &[Case] = &[
    Case {
        name: "a default section without Match",
        layer: |builder| builder.signers(signers(&[("auth", None, AWS.params())])),
        options: || None,
        start: AWS.url,
        inside: &[
            "/queue/2",
            "https://sqs.eu-west-1.amazonaws.com/other",
            "https://sqs.us-east-1.amazonaws.com/",
        ],
        outside: &[],
        headers: SIGV4_HEADERS,
        secrets: aws_secrets,
    },
    Case {
        name: "a default section with a base URL",
        layer: |builder| {
            let builder = builder.base_url("https://partner.example/v1").unwrap();
            builder.signers(signers(&[("auth", None, aws_params())]))
        },
        options: || None,
        start: PARTNER,
        inside: IN_PARTNER,
        outside: NEAR_PARTNER,
        headers: SIGV4_HEADERS,
        secrets: aws_secrets,
    },
    Case {
        name: "a section with Match by the URL",
        layer: |builder| builder.signers(signers(&[("p", Some("https://partner.example/v1"), aws_params())])),
        options: || None,
        start: PARTNER,
        inside: IN_PARTNER,
        outside: NEAR_PARTNER,
        headers: SIGV4_HEADERS,
        secrets: aws_secrets,
    },
    Case {
        name: "a section with Match by name",
        layer: |builder| {
            builder.signers(signers(&[
                ("auth", None, SCHEMES[1].params()),
                ("P", Some("https://partner.example/v1"), aws_params()),
            ]))
        },
        options: || Some(SigningOptions::new().section("p")),
        start: PARTNER,
        inside: IN_PARTNER,
        outside: NEAR_PARTNER,
        headers: SIGV4_HEADERS,
        secrets: aws_secrets,
    },
    Case {
        name: "a section without Match by name",
        layer: |builder| builder.signers(signers(&[("tenant", None, AWS.params())])),
        options: || Some(SigningOptions::new().section("tenant")),
        start: AWS.url,
        inside: &["/queue/2", "https://sqs.eu-west-1.amazonaws.com/other"],
        outside: &[],
        headers: SIGV4_HEADERS,
        secrets: aws_secrets,
    },
    Case {
        name: "a signer of the request's own, with a scope",
        layer: |builder| builder.signers(Signers::new()),
        options: || {
            let signer = Registry::new().signer(&aws_params()).unwrap();
            Some(
                SigningOptions::new()
                    .signer(signer.into(), Some("https://partner.example/v1".parse().unwrap())),
            )
        },
        start: PARTNER,
        inside: IN_PARTNER,
        outside: NEAR_PARTNER,
        headers: SIGV4_HEADERS,
        secrets: aws_secrets,
    },
    Case {
        name: "a signer of the request's own, without a scope",
        layer: |builder| builder.signers(Signers::new()),
        options: || Some(SigningOptions::new().signer(AWS.signer().into(), None)),
        start: AWS.url,
        inside: &["/queue/2"],
        outside: &[],
        headers: SIGV4_HEADERS,
        secrets: aws_secrets,
    },
    Case {
        name: "parameters of the request's own, with Match",
        layer: |builder| builder.signers(Signers::new()),
        options: || {
            let mut params = aws_params();
            params.set("Match", "https://partner.example/v1");
            Some(SigningOptions::new().params(params))
        },
        start: PARTNER,
        inside: IN_PARTNER,
        outside: NEAR_PARTNER,
        headers: SIGV4_HEADERS,
        secrets: aws_secrets,
    },
    Case {
        name: "parameters on top of a section, with a wider Match",
        layer: |builder| builder.signers(from_file()),
        options: || {
            let params = [("Match", "*"), ("Region", "us-east-1")].into_iter().collect();
            Some(SigningOptions::new().section("p").params(params))
        },
        start: PARTNER,
        inside: IN_PARTNER,
        outside: NEAR_PARTNER,
        headers: SIGV4_HEADERS,
        secrets: aws_secrets,
    },
    Case {
        name: "parameters of the request's own, without Match",
        layer: |builder| builder.signers(Signers::new()),
        options: || Some(SigningOptions::new().params(AWS.params())),
        start: AWS.url,
        inside: &["/queue/2"],
        outside: &[],
        headers: SIGV4_HEADERS,
        secrets: aws_secrets,
    },
    Case {
        name: "auth-token",
        layer: |builder| {
            let token = &SCHEMES[5];
            builder.signers(signers(&[("t", Some("https://partner.example/v1"), token.params())]))
        },
        options: || None,
        start: PARTNER,
        inside: IN_PARTNER,
        outside: NEAR_PARTNER,
        headers: &["x-api-key"],
        secrets: || SCHEMES[5].secret_values().collect(),
    },
    Case {
        name: "auth-token by name",
        layer: |builder| {
            let token = &SCHEMES[5];
            builder.signers(signers(&[
                ("auth", None, AWS.params()),
                ("t", Some("https://partner.example/v1"), token.params()),
            ]))
        },
        options: || Some(SigningOptions::new().section("T")),
        start: PARTNER,
        inside: IN_PARTNER,
        outside: NEAR_PARTNER,
        headers: &["x-api-key", "authorization", "x-amz-date"],
        secrets: || SCHEMES[5].secret_values().chain(aws_secrets()).collect(),
    },
];
