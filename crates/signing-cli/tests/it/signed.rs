//! Requests that the `aws-sigv4` crate has signed, and what S3 answers where it verifies something else.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use sha2::{Digest, Sha256};

use crate::command::SECRET;

const HOST: &str = "bucket.s3.eu-west-1.amazonaws.com";
const DATE: &str = "20240229T123456Z";
pub(crate) const SCOPE: &str = "20240229/eu-west-1/s3/aws4_request";

/// As it is on the wire, and in the canonical form of the specification.
pub(crate) struct Request {
    pub(crate) text: String,
    pub(crate) canonical: String,
}

impl Request {
    /// A PUT of `hello` with these headers.
    pub(crate) fn put(headers: &[(&str, &str)]) -> Self {
        Self::signed(headers, PayloadChecksumKind::XAmzSha256)
    }

    /// The same without the header that has the body's hash, as some clients sign it.
    pub(crate) fn without_hash() -> Self {
        Self::signed(&[], PayloadChecksumKind::NoHeader)
    }

    fn signed(headers: &[(&str, &str)], checksum: PayloadChecksumKind) -> Self {
        let body = b"hello";
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = checksum;
        let identity = Credentials::new("AKIDEXAMPLE", SECRET, None, None, "test").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region("eu-west-1")
            .name("s3")
            .time(UNIX_EPOCH + Duration::from_secs(1_709_210_096))
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let url = format!("https://{HOST}/a%20b?x=1");
        let given = headers.iter().copied().chain([("host", HOST)]);
        let request = SignableRequest::new("PUT", &url, given, SignableBody::Bytes(body)).unwrap();
        let (instructions, signature) = sign(request, &params).unwrap().into_parts();
        let set: Vec<_> = instructions.headers().collect();

        let mut text = format!("PUT /a%20b?x=1 HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 5\r\n");
        for (name, value) in headers.iter().chain(&set) {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\nhello");

        let hash = hex(body);
        let mut lines: Vec<_> = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        lines.push(format!("host:{HOST}\n"));
        if checksum == PayloadChecksumKind::XAmzSha256 {
            lines.push(format!("x-amz-content-sha256:{hash}\n"));
        }
        lines.push(format!("x-amz-date:{DATE}\n"));
        lines.sort();
        let names: Vec<_> = lines.iter().map(|line| line.split(':').next().unwrap()).collect();
        let canonical = format!("PUT\n/a%20b\nx=1\n{}\n{}\n{hash}", lines.concat(), names.join(";"));
        // The form is right if the other library has signed it.
        let key = [DATE, "\n", SCOPE].concat();
        let string = format!("AWS4-HMAC-SHA256\n{key}\n{}", hex(canonical.as_bytes()));
        let derived = v4::generate_signing_key(
            SECRET,
            UNIX_EPOCH + Duration::from_secs(1_709_210_096),
            "eu-west-1",
            "s3",
        );
        assert_eq!(v4::calculate_signature(derived, string.as_bytes()), signature);
        Self { text, canonical }
    }
}

/// S3's refusal, with what it computed.
pub(crate) fn s3_answer(canonical: &str, scope: &str) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let string = format!("AWS4-HMAC-SHA256\n{DATE}\n{scope}\n{}", hex(canonical.as_bytes()));
    format!(
        "HTTP/1.1 403 Forbidden\ncontent-type: application/xml\nx-amz-request-id: 4442587FB7D0A2F9\ndate: Thu, 29 Feb 2024 12:34:57 GMT\n\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message><AWSAccessKeyId>AKIDEXAMPLE</AWSAccessKeyId><StringToSign>{}</StringToSign><CanonicalRequest>{}</CanonicalRequest></Error>",
        escaped(&string),
        escaped(canonical)
    )
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
