//! `Signer::sign` beside the hash it cannot do without, and beside the `aws-sigv4` crate.
//!
//! `cargo bench --bench sign` prints, per case, the median nanoseconds and the medians of ratios. The contenders
//! take turns within each round, so a machine whose speed drifts slows them alike.

use std::hint::black_box;
use std::time::{Instant, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use http::request::Parts;
use sha2::{Digest, Sha256};
use signing_core::{AuthParams, Masking, Payload, Registry, Signer, Timestamp};

const ROUNDS: usize = 201;
const SIGNATURES_PER_ROUND: u32 = 200;
const KEY_ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const NOW: u64 = 1_709_210_096;

struct Case {
    name: &'static str,
    head: Parts,
    body: Vec<u8>,
    /// More parameters than the credentials.
    params: &'static [(&'static str, &'static str)],
}

fn cases() -> Vec<Case> {
    let get = Request::get("https://bucket.s3.us-east-1.amazonaws.com/some/key")
        .header("accept", "*/*")
        .header("range", "bytes=0-1023")
        .header("x-amz-request-payer", "requester")
        .header("x-amz-expected-bucket-owner", "123456789012");
    let post = Request::post("https://dynamodb.us-east-1.amazonaws.com/")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", "DynamoDB_20120810.GetItem");
    let query: Vec<_> = (0..20).map(|at| format!("parameter{at:02}=value%20{at}")).collect();
    let url = format!("https://abc123.execute-api.us-east-1.amazonaws.com/prod/pets?{}", query.join("&"));
    let mut many = Request::get(url);
    for at in 0..15 {
        many = many.header(format!("x-header-{at:02}"), format!("some value {at}"));
    }
    let head = |builder: http::request::Builder| builder.body(()).expect("a valid request").into_parts().0;
    vec![
        Case {
            name: "a: GET, 4 headers, unsigned",
            head: head(get),
            body: Vec::new(),
            params: &[("Payload", "unsigned")],
        },
        Case { name: "b: POST, 512 B hashed", head: head(post), body: vec![b'x'; 512], params: &[] },
        Case { name: "c: GET, 20 parameters, 15 headers", head: head(many), body: Vec::new(), params: &[] },
    ]
}

impl Case {
    fn signer(&self) -> Signer {
        let given = [("Method", "aws-signature-v4"), ("AccessKeyId", KEY_ID), ("SecretAccessKey", SECRET)];
        let params: AuthParams = given.iter().chain(self.params).copied().collect();
        Registry::new().signer(&params).expect("valid parameters")
    }

    fn ours(&self, signer: &Signer, mut head: Parts) -> Parts {
        let now = Timestamp::from_unix(NOW as i64).expect("a date of ours");
        let payload = if self.body.is_empty() { Payload::EMPTY } else { Payload::of(&self.body) };
        signer.sign(&mut head, &payload, now).expect("a request that can be signed");
        head
    }

    /// What no signer can save: the canonical request and the body hashed, the string to sign under a kept key.
    fn raw<'t>(&self, signer: &Signer) -> impl Fn() -> [u8; 32] + use<'_, 't> {
        let now = Timestamp::from_unix(NOW as i64).expect("a date of ours");
        let shown = signer
            .sign_explained(&mut self.head.clone(), &Payload::of(&self.body), now, Masking::Unmasked)
            .expect("a request that can be signed");
        let canonical = shown.canonical_request().expect("SigV4 has one").to_owned();
        let string_to_sign = shown.string_to_sign().expect("SigV4 has one").to_owned();
        let key = Hmac::<Sha256>::new_from_slice(&[7; 32]).expect("any length");
        move || {
            if !self.body.is_empty() {
                black_box(Sha256::digest(&self.body));
            }
            black_box(Sha256::digest(&canonical));
            key.clone().chain_update(&string_to_sign).finalize().into_bytes().into()
        }
    }

    fn peer(&self, identity: &aws_smithy_runtime_api::client::identity::Identity) -> String {
        let host = self.head.uri.host().expect("an absolute URL");
        let (service, region) = host
            .split_once(".us-east-1")
            .map_or(("", ""), |(left, _)| (left.rsplit('.').next().unwrap_or_default(), "us-east-1"));
        let mut settings = SigningSettings::default();
        if service == "s3" {
            settings.percent_encoding_mode = aws_sigv4::http_request::PercentEncodingMode::Single;
            settings.uri_path_normalization_mode =
                aws_sigv4::http_request::UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = aws_sigv4::http_request::PayloadChecksumKind::XAmzSha256;
        }
        let params = v4::SigningParams::builder()
            .identity(identity)
            .region(region)
            .name(service)
            .time(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(NOW))
            .settings(settings)
            .build()
            .expect("all is set")
            .into();
        let headers =
            self.head.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().expect("ASCII")));
        let body = if self.params.is_empty() {
            SignableBody::Bytes(&self.body)
        } else {
            SignableBody::UnsignedPayload
        };
        let uri = self.head.uri.to_string();
        let request =
            SignableRequest::new(self.head.method.as_str(), uri, headers, body).expect("a valid request");
        sign(request, &params).expect("a request that can be signed").into_parts().1
    }
}

/// Nanoseconds for each call of `work`.
fn time(mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..SIGNATURES_PER_ROUND {
        work();
    }
    start.elapsed().as_nanos() as f64 / f64::from(SIGNATURES_PER_ROUND)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let identity = Credentials::new(KEY_ID, SECRET, None, None, "bench").into();
    println!(
        "{:36} {:>8} {:>8} {:>10} {:>10} {:>12}",
        "case", "raw ns", "ours ns", "aws-sigv4", "ours/raw", "peer/ours"
    );
    for case in cases() {
        let signer = case.signer();
        let signed = case.ours(&signer, case.head.clone());
        let authorization = signed.headers["authorization"].to_str().expect("ASCII");
        let expected = case.peer(&identity);
        assert!(authorization.ends_with(&expected), "{}: the peer signs {expected}", case.name);
        let raw = case.raw(&signer);
        let mut times = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            // Cloning the head is the caller's; it is measured apart and taken off.
            let cloning = time(|| drop(black_box(case.head.clone())));
            times[0].push(time(|| _ = black_box(raw())));
            times[1].push(time(|| drop(black_box(case.ours(&signer, case.head.clone())))) - cloning);
            times[2].push(time(|| drop(black_box(case.peer(&identity)))));
        }
        let ratio =
            |above: &[f64], below: &[f64]| median(above.iter().zip(below).map(|(a, b)| a / b).collect());
        let (over_raw, over_ours) = (ratio(&times[1], &times[0]), ratio(&times[2], &times[1]));
        let [raw, ours, peer] = times.map(median);
        println!("{:36} {raw:8.0} {ours:8.0} {peer:10.0} {over_raw:10.2} {over_ours:12.2}", case.name);
    }
}
