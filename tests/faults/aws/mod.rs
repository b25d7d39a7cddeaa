//! `aws-signature-v4`: S3 in all its forms, services that speak JSON and the query protocol, API Gateway.

mod chunked;
mod dynamodb;
mod gateway;
mod kinesis;
mod presigned;
mod s3;
mod sns;

use http::Method;
use http::request::Parts;

use crate::base::{Base, Wire};
use crate::case::{Fault, Group};
use crate::oracle::sigv4::{KEY_ID, SECRET};
use crate::oracle::{Answer, NOW, Oracle};
use crate::support::{Secrets, verify_sigv4};

pub(crate) fn groups() -> Vec<Group> {
    [
        s3::groups(),
        presigned::groups(),
        chunked::groups(),
        kinesis::groups(),
        dynamodb::groups(),
        sns::groups(),
        gateway::groups(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(crate) const METHOD: &str = "aws-signature-v4";

/// A request with the credentials that the oracles know.
fn base(method: Method, url: &str) -> Base {
    let params = [("Method", METHOD), ("AccessKeyId", KEY_ID), ("SecretAccessKey", SECRET)];
    Base::new(method, url, &params)
}

fn group(source: &'static str, verify: fn(&Wire) -> Answer, base: Base, faults: &'static [Fault]) -> Group {
    Group { method: METHOD, source, service: Some(Box::new(Oracle(verify))), base, right: &[], faults }
}

#[test]
fn another_library_takes_what_the_oracles_take() {
    let known = Secrets { key_id: KEY_ID, secret: SECRET, token: None };
    let mut taken = 0;
    for group in groups() {
        let (head, body) = group.base.at(NOW).sign().wire.into_parts();
        // Of the body it verifies nothing but a hash, and of a URL nothing.
        let is_streamed = header(&head, "x-amz-content-sha256").starts_with("STREAMING-");
        if !is_streamed && head.headers.contains_key("authorization") {
            assert_eq!(verify_sigv4(&head, &body, known), Ok(()), "{}", group.source);
            taken += 1;
        }
    }
    assert_eq!(taken, 6);
}

fn header<'h>(head: &'h Parts, name: &str) -> &'h str {
    head.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}
