//! Whatever `http` accepts is signed or refused: nothing panics, and a refusal changes nothing.

use std::time::Duration;

use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Uri};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use signing_core::{AuthParams, Masking, Payload, Registry, Signer, Timestamp};

use crate::config;

const CASES: u32 = 1_000;
const NOW: Timestamp = Timestamp::from_unix(1_709_210_096).unwrap();
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Every method, and those that derive something from the URL also without being told it.
const SECTIONS: [&[(&str, &str)]; 10] = [
    &[("Method", "aws-signature-v4"), ("AccessKeyId", "AKIDEXAMPLE"), ("SecretAccessKey", KEY)],
    &[
        ("Method", "aws-signature-v4"),
        ("AccessKeyId", "AKIDEXAMPLE"),
        ("SecretAccessKey", KEY),
        ("SessionToken", "token"),
        ("Region", "eu-west-1"),
        ("Service", "s3"),
    ],
    &[
        ("Method", "aws-signature-v4"),
        ("AccessKeyId", "AKIDEXAMPLE"),
        ("SecretAccessKey", KEY),
        ("Region", "eu-west-1"),
        ("Service", "sqs"),
        ("Payload", "unsigned"),
        ("AllowPlainHttp", "true"),
    ],
    &[("Method", "azure-batch"), ("AccountName", "account"), ("SecretAccessKey", KEY)],
    &[("Method", "azure-event-hub"), ("SharedAccessKeyName", "policy"), ("SecretAccessKey", KEY)],
    &[("Method", "azure-iot-hub"), ("SharedAccessKeyName", "policy"), ("SecretAccessKey", KEY)],
    &[("Method", "azure-iot-hub"), ("SecretAccessKey", KEY)],
    &[
        ("Method", "azure-event-hub"),
        (
            "ConnectionString",
            "Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=p;SharedAccessKey=a2V5",
        ),
    ],
    &[
        ("Method", "cybersource-http"),
        ("MerchantId", "acme"),
        ("MerchantKeyID", "key"),
        ("MerchantSecretKey", KEY),
    ],
    &[("Method", "auth-token"), ("Header", "x-api-key"), ("Token", "token")],
];

/// Headers that some method reads or sets, and any other.
const NAMES: [&str; 20] = [
    "authorization",
    "content-encoding",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "digest",
    "host",
    "if-match",
    "ocp-date",
    "ocp-x",
    "range",
    "signature",
    "transfer-encoding",
    "v-c-date",
    "v-c-merchant-id",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-custom",
];

/// Values that mean something to a method.
const VALUES: [&str; 10] = [
    "0",
    "3",
    "03",
    "chunked",
    "UNSIGNED-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "AWS4-HMAC-SHA256 Credential=x",
    "SharedKey account:x",
    "sqs.eu-west-1.amazonaws.com:443",
    "sqs.\u{e9}u-west-1.amazonaws.com",
];

/// What stands before a path: hosts that methods know, and what is wrong with a URL.
const PREFIXES: [&str; 16] = [
    "",
    "https://sqs.eu-west-1.amazonaws.com",
    "https://b.s3.amazonaws.com.",
    "https://x.s3-accelerate.amazonaws.com",
    "https://ns.servicebus.windows.net",
    "https://hub.azure-devices.net",
    "http://127.0.0.1:9000",
    "http://[::1]",
    "https://user:password@example.com",
    "https://example.com:99999",
    "https://example.com:0443",
    "https://example.com:",
    "https://EXAMPLE.com",
    "https://a-.-b.amazonaws.com",
    "https://.amazonaws.com",
    "wss://example.com",
];

/// Whole targets of another form: that of a proxy, of CONNECT, of OPTIONS.
const TARGETS: [&str; 5] = ["*", "example.com:443", "https://example.com", "/?X-Amz-Signature=0", "//a//?&&"];

proptest! {
    #![proptest_config(config(CASES))]

    #[test]
    fn whatever_http_accepts_is_signed_or_refused_unchanged(head in head(), payload in payload()) {
        for section in SECTIONS {
            check(&signer(section), &head, &payload)?;
        }
    }
}

fn check(signer: &Signer, head: &Head, payload: &Payload) -> Result<(), TestCaseError> {
    let before = snapshot(&head.parts());
    let (mut signed, mut explained) = (head.parts(), head.parts());
    let result = signer.sign(&mut signed, payload, NOW);
    let told = signer.sign_explained(&mut explained, payload, NOW, Masking::Masked);
    prop_assert_eq!(result.is_ok(), told.is_ok());
    prop_assert_eq!(snapshot(&signed), snapshot(&explained));
    match result {
        Ok(()) => prop_assert_eq!(&signed.uri, &head.uri),
        Err(error) => {
            prop_assert_eq!(snapshot(&signed), before, "{}", error);
            prop_assert!(!error.to_string().contains(KEY));
        }
    }
    let (parts, time) = (head.parts(), Duration::from_secs(60));
    let uri = signer.presign(&parts, payload, time, NOW);
    let told = signer.presign_explained(&parts, payload, time, NOW, Masking::Unmasked);
    prop_assert_eq!(uri.map(|uri| uri.to_string()).ok(), told.map(|told| told.url().to_owned()).ok());
    Ok(())
}

/// URL, headers, what is known of the body.
type Refused = (&'static str, &'static [(&'static str, &'static str)], Payload);

#[test]
fn what_cannot_be_signed_rightly_is_refused_and_left_as_it_was() {
    let known = Payload::of(b"abc");
    let refused: [Refused; 8] = [
        ("https://user@example.com/", &[], known),
        ("https://example.com:99999/", &[], known),
        ("/no-host", &[], known),
        ("https://example.com/", &[("host", "a"), ("host", "b")], known),
        ("https://example.com/", &[("content-length", "4")], known),
        ("https://example.com/", &[("content-length", "3"), ("transfer-encoding", "chunked")], known),
        ("https://example.com/?x-amz-signature=1", &[], known),
        ("https://example.com/", &[], Payload::unread(None)),
    ];
    let signer = signer(SECTIONS[1]);
    for (url, headers, payload) in refused {
        let headers = headers.iter().map(|&(name, value)| (name, HeaderValue::from_static(value))).collect();
        let head = Head { method: Method::GET, uri: Uri::from_static(url), headers };
        let mut parts = head.parts();
        assert!(signer.sign(&mut parts, &payload, NOW).is_err(), "{url}");
        assert_eq!(snapshot(&parts), snapshot(&head.parts()), "{url}");
    }
}

/// A head that can be made again and again.
#[derive(Clone, Debug)]
struct Head {
    method: Method,
    uri: Uri,
    headers: Vec<(&'static str, HeaderValue)>,
}

impl Head {
    fn parts(&self) -> Parts {
        let mut parts = http::Request::new(()).into_parts().0;
        parts.method = self.method.clone();
        parts.uri = self.uri.clone();
        for (name, value) in &self.headers {
            parts.headers.append(HeaderName::from_static(name), value.clone());
        }
        parts
    }
}

fn head() -> impl Strategy<Value = Head> {
    let methods = select(vec![Method::GET, Method::POST, Method::CONNECT, Method::OPTIONS]);
    let headers = vec((select(NAMES.to_vec()), value()), 0..5);
    (methods, uri(), headers).prop_map(|(method, uri, headers)| Head { method, uri, headers })
}

/// Any bytes behind a prefix that make a URL; what `http` refuses is replaced by a slash.
fn uri() -> impl Strategy<Value = Uri> {
    let byte = prop_oneof![3 => 0x20u8.., 2 => select(b"/?&=%+.;".to_vec())].prop_map(|byte| vec![byte]);
    let beyond_ascii = any::<char>().prop_map(|character| character.to_string().into_bytes());
    let pieces = vec(prop_oneof![5 => byte, 1 => beyond_ascii], 0..24);
    let accepted = (select(PREFIXES.to_vec()), pieces).prop_map(|(prefix, pieces)| {
        let mut text = format!("{prefix}/").into_bytes();
        for piece in pieces {
            let longer = [&text[..], &piece].concat();
            text = if Uri::try_from(&longer[..]).is_ok() { longer } else { [&text[..], b"/"].concat() };
        }
        Uri::try_from(&text[..]).expect("nothing was kept that http refuses")
    });
    prop_oneof![8 => accepted, 1 => select(TARGETS.to_vec()).prop_map(Uri::from_static)]
}

/// All bytes that a header value may hold.
fn value() -> impl Strategy<Value = HeaderValue> {
    let byte = (0x20u8..).prop_filter("DEL", |byte| *byte != 0x7f);
    let any = vec(prop_oneof![9 => byte, 1 => Just(b'\t')], 0..16);
    let any = any.prop_map(|bytes| HeaderValue::from_bytes(&bytes).expect("all of them are accepted"));
    let known = select(VALUES.to_vec());
    prop_oneof![any, known.prop_map(|text| HeaderValue::from_bytes(text.as_bytes()).expect("it is accepted"))]
}

fn payload() -> impl Strategy<Value = Payload> {
    let known = vec(any::<u8>(), 0..5).prop_map(|body| Payload::of(&body));
    let unread = proptest::option::of(0u64..5).prop_map(Payload::unread);
    prop_oneof![3 => known, 1 => unread]
}

fn signer(section: &[(&str, &str)]) -> Signer {
    let params: AuthParams = section.iter().copied().collect();
    Registry::new().signer(&params).expect("the parameters are right")
}

/// All of a head that signing could change, in the order in which it is sent.
pub(crate) fn snapshot(head: &Parts) -> (Method, String, Vec<(String, Vec<u8>)>) {
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
    (head.method.clone(), head.uri.to_string(), headers.collect())
}
