//! Requests to AWS, signed by all contenders.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::request::{Builder, Parts};
use http::{Request, Uri};
use signing_core::{AuthParams, Payload, PayloadHash, Registry, Signer, Timestamp};
use tower_signing::{DiagnoseLayer, SigningLayer};

use super::peers::{Reqsign, Sigv4};
use super::{Case, Contender, Each, NOW, Who, make_room, raw, service};

pub(crate) const KEY_ID: &str = "AKIDEXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub(crate) const REGION: &str = "us-east-1";
/// As long as those that AWS hands out.
const TOKEN_LENGTH: usize = 700;
pub(crate) const EXPIRES_IN: Duration = Duration::from_secs(900);

/// A request to AWS as its caller has it.
#[derive(Clone)]
pub(crate) struct AwsCase {
    key: &'static str,
    title: &'static str,
    pub(crate) head: Parts,
    pub(crate) body: Bytes,
    pub(crate) service: &'static str,
    pub(crate) payload: AwsPayload,
    pub(crate) session_token: Option<String>,
    presigned: bool,
    /// Whether its header map has room for what a signature adds.
    has_room: bool,
    /// Whether `reqsign` signs such a request as AWS does.
    is_for_reqsign: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AwsPayload {
    Hashed,
    Unsigned,
    /// Chunk by chunk: only for the peer to compare with.
    Chunked,
}

/// What the head of an aws-chunked upload must be, by all that stands in it but the signature itself.
pub(crate) fn check_chunked_head(head: &Parts) {
    let mut unsigned = case("e", "", "s3", Request::put(head.uri.clone()));
    unsigned.payload = AwsPayload::Chunked;
    unsigned.head.headers = head.headers.clone();
    for name in ["authorization", "x-amz-date", "x-amz-content-sha256"] {
        unsigned.head.headers.remove(name);
    }
    unsigned.check(head, "SigningService::call");
}

/// The cases a, b, c, d, f, g and i; a and b also with a header map that must grow.
pub(crate) fn aws_cases() -> Vec<AwsCase> {
    let get = case("a", "GET, 4 headers, unsigned payload", "s3", get_object()).unsigned();
    let post = Request::post("https://dynamodb.us-east-1.amazonaws.com/")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", "DynamoDB_20120810.GetItem")
        .header("accept-encoding", "identity")
        .header("amz-sdk-invocation-id", "7e1d4f3a-2c55-4b0e-9a0b-5b0d8c1f2e6d")
        .header("amz-sdk-request", "ttl=20240229T123556Z; attempt=1; max=3")
        .header("content-length", "512");
    let post = case("b", "POST, 512 B JSON hashed", "dynamodb", post).body(json(512));
    let value = |at: usize| if at.is_multiple_of(2) { "some.long-value" } else { "some%20value%20" };
    let query: Vec<_> = (0..20).map(|at| format!("parameter{at:02}={}{at:02}", value(at))).collect();
    let mut many = Request::get(format!("{API}/prod/pets?{}", query.join("&")));
    for at in 0..15 {
        many = many.header(format!("x-example-header-{at:02}"), format!("some value of {at:02}"));
    }
    let many = case("c", "GET, 20 query parameters, 15 headers", "execute-api", many);
    let put = Request::put("https://bucket.s3.us-east-1.amazonaws.com/some/key");
    let odd = Request::get(format!("{API}/prod//pets/./a%20b/x/../y?b=%7e2&a=%2f1&c=x%20y&a=%2F0&d&e="))
        .header("x-spaces", "  a   b  c ")
        .header("x-twice", "1")
        .header("x-twice", "2");
    vec![
        get.clone(),
        AwsCase { key: "a2", title: "the same, header map without room", has_room: false, ..get.clone() },
        post.clone(),
        AwsCase { key: "b2", title: "the same, header map without room", has_room: false, ..post },
        many,
        case("d", "PUT, 1 MiB hashed", "s3", put).body(json(1024 * 1024)),
        AwsCase {
            key: "f",
            title: "GET presigned",
            presigned: true,
            ..case("f", "", "s3", Request::get("https://bucket.s3.us-east-1.amazonaws.com/some/key"))
                .unsigned()
        },
        AwsCase {
            key: "g",
            title: "a with a session token",
            session_token: Some("IQoJb3JpZ2luX2Vj".repeat(TOKEN_LENGTH / 16)),
            ..get
        },
        AwsCase {
            is_for_reqsign: false,
            ..case("i", "GET, path and query not canonical", "execute-api", odd)
        },
    ]
}

const API: &str = "https://abc123.execute-api.us-east-1.amazonaws.com";

fn get_object() -> Builder {
    Request::get("https://bucket.s3.us-east-1.amazonaws.com/some/key")
        .header("accept", "*/*")
        .header("range", "bytes=0-1023")
        .header("if-none-match", "\"9b2cf535\"")
        .header("x-amz-request-payer", "requester")
}

fn json(length: usize) -> Bytes {
    let text = r#"{"TableName":"Pets","Key":{"Id":{"S":"0123456789abcdef"}}} "#;
    text.bytes().cycle().take(length).collect()
}

fn case(key: &'static str, title: &'static str, service: &'static str, request: Builder) -> AwsCase {
    AwsCase {
        key,
        title,
        head: request.body(()).expect("a valid request").into_parts().0,
        body: Bytes::new(),
        service,
        payload: AwsPayload::Hashed,
        session_token: None,
        presigned: false,
        has_room: true,
        is_for_reqsign: true,
    }
}

impl AwsCase {
    fn unsigned(self) -> Self {
        Self { payload: AwsPayload::Unsigned, ..self }
    }

    fn body(self, body: Bytes) -> Self {
        Self { body, ..self }
    }

    pub(crate) fn key(&self) -> &'static str {
        self.key
    }

    pub(crate) fn is_presigned(&self) -> bool {
        self.presigned
    }

    /// Signs with everybody, compares, and hands them over.
    pub(crate) fn checked(self) -> Case {
        let mut contenders: Vec<(Who, Box<dyn Contender>)> = Vec::new();
        contenders.push((Who::Raw, raw::of_aws(&self)));
        let signer = Arc::new(self.signer());
        if self.presigned {
            self.check_presigned();
            contenders.push((Who::Signer, self.presigner(signer)));
        } else {
            self.check_ours();
            contenders.push((Who::Signer, self.ours(signer)));
            contenders.push((Who::Service, service::of_aws(&self)));
            if self.key == "a" {
                let layers = (DiagnoseLayer::new(), SigningLayer::new(self.signer()));
                contenders.push((Who::Diagnosed, service::over(&self, layers)));
            }
        }
        let peer = Sigv4::new(&self);
        contenders.push((Who::AwsSigv4, peer.contender(&self)));
        if self.is_for_reqsign {
            let reqsign = Reqsign::new(&self);
            reqsign.check(&self);
            contenders.push((Who::Reqsign, reqsign.contender(&self)));
        }
        Case { key: self.key, title: self.title, contenders }
    }

    pub(crate) fn signer(&self) -> Signer {
        Registry::new().signer(&self.params()).expect("valid parameters")
    }

    fn params(&self) -> AuthParams {
        let mut given = vec![
            ("Method", "aws-signature-v4"),
            ("AccessKeyId", KEY_ID),
            ("SecretAccessKey", SECRET),
            // With `auto` a layer may encode.
            ("Payload", if self.payload == AwsPayload::Unsigned { "unsigned" } else { "signed" }),
        ];
        given.extend(self.session_token.as_deref().map(|token| ("SessionToken", token)));
        given.into_iter().collect()
    }

    /// The head as it is before each signature.
    pub(crate) fn fresh_head(&self) -> Parts {
        let mut head = self.head.clone();
        if self.has_room {
            make_room(&mut head);
        }
        head
    }

    /// What a caller tells of the body, hashed where it must be.
    pub(crate) fn payload(&self) -> Payload {
        match self.payload {
            AwsPayload::Hashed if self.body.is_empty() => Payload::EMPTY,
            AwsPayload::Hashed => Payload::of(&self.body),
            AwsPayload::Unsigned | AwsPayload::Chunked => Payload::unread(Some(self.body.len() as u64)),
        }
    }

    pub(crate) fn ours(&self, signer: Arc<Signer>) -> Box<dyn Contender> {
        let (case, maker) = (self.clone(), self.clone());
        let now = now();
        Box::new(Each {
            make: move || maker.fresh_head(),
            work: move |head: &mut Parts| {
                signer.sign(head, &case.payload(), now).expect("a request that can be signed");
            },
        })
    }

    fn presigner(&self, signer: Arc<Signer>) -> Box<dyn Contender> {
        let (case, maker) = (self.clone(), self.clone());
        let now = now();
        Box::new(Each {
            make: move || maker.fresh_head(),
            work: move |head: &mut Parts| -> Uri {
                signer
                    .presign(head, &case.payload(), EXPIRES_IN, now)
                    .expect("a request that can be presigned")
            },
        })
    }

    pub(crate) fn expires_in(&self) -> Option<Duration> {
        self.presigned.then_some(EXPIRES_IN)
    }

    fn check_ours(&self) {
        let mut head = self.fresh_head();
        self.signer().sign(&mut head, &self.payload(), now()).expect("a request that can be signed");
        self.check(&head, "Signer::sign");
    }

    /// Whether a head bears the signature that `aws-sigv4` makes at the instant of its date.
    pub(crate) fn check(&self, head: &Parts, who: &str) {
        let date = head.headers["x-amz-date"].to_str().expect("a date");
        let (signature, _) = Sigv4::new(self).sign(self, from_iso(date), None);
        let authorization = head.headers[AUTHORIZATION].to_str().expect("ASCII");
        assert!(
            authorization.ends_with(&format!("Signature={signature}")),
            "case {}: {who} does not sign as aws-sigv4",
            self.key
        );
    }

    fn check_presigned(&self) {
        let uri = self
            .signer()
            .presign(&self.fresh_head(), &self.payload(), EXPIRES_IN, now())
            .expect("a request that can be presigned");
        self.check_uri(&uri, "Signer::presign");
    }

    pub(crate) fn check_uri(&self, uri: &Uri, who: &str) {
        let query = uri.query().expect("a signed query");
        let parameter = |name: &str| {
            let found = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            found.unwrap_or_else(|| panic!("{who} sets {name}"))
        };
        let (signature, _) = Sigv4::new(self).sign(self, from_iso(parameter("X-Amz-Date")), Some(EXPIRES_IN));
        assert_eq!(
            parameter("X-Amz-Signature"),
            signature,
            "case {}: {who} does not presign as aws-sigv4",
            self.key
        );
    }

    /// The same with its hash in the head, which is where `reqsign` wants it.
    pub(crate) fn with_hash_header(&self) -> Self {
        let mut case = self.clone();
        if self.payload == AwsPayload::Hashed {
            let hash = hex_hash(&self.body).parse().expect("hex");
            case.head.headers.insert("x-amz-content-sha256", hash);
        }
        case
    }
}

/// The SHA-256 of a body, in hex.
pub(crate) fn hex_hash(body: &[u8]) -> String {
    let hash = PayloadHash::of(body);
    let digits = hash.as_bytes().iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])).collect()
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix(NOW).expect("an instant of our times")
}

/// Since 1970, of `20240229T123456Z`.
pub(crate) fn from_iso(text: &str) -> Duration {
    let [year, month, day] = [&text[..4], &text[4..6], &text[6..8]];
    let [hour, minute, second] = [&text[9..11], &text[11..13], &text[13..15]];
    let text = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
    let date = DateTime::from_str(&text, Format::DateTime).expect("a date");
    Duration::from_secs(date.secs().unsigned_abs())
}
