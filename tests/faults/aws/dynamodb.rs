//! A service that speaks JSON and shows nothing.

use http::Method;

use super::{base, group};
use crate::case::{Fault, Group, fault};
use crate::oracle::json;
use crate::oracle::sigv4::OTHER_SECRET;

pub(crate) fn groups() -> Vec<Group> {
    let post = base(Method::POST, "https://dynamodb.eu-west-1.amazonaws.com/")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", "DynamoDB_20120810.ListTables")
        .body("{}");
    vec![group("oracle: DynamoDB", json::dynamodb, post, FAULTS)]
}

const SHOWS_NOTHING: &str = "the service tells that the signatures differ, and no more";

const FAULTS: &[Fault] = &[
    fault("secret of another key", "mismatch", |base| base.param("SecretAccessKey", OTHER_SECRET).sign())
        .telling("See that the secret is complete")
        .because(SHOWS_NOTHING),
    fault("x-amz-target changed", "mismatch", |base| {
        base.sign().set("x-amz-target", "DynamoDB_20120810.ListBackups")
    })
    .because(SHOWS_NOTHING),
    fault("signed Accept-Encoding set by a proxy", "headers-in-transit", |base| {
        base.header("accept-encoding", "identity").sign().set("accept-encoding", "gzip")
    })
    .telling("name them in `UnsignedHeaders`"),
    fault("signed X-Forwarded-For lengthened by a proxy", "headers-in-transit", |base| {
        base.header("x-forwarded-for", "10.0.0.1").sign().append("x-forwarded-for", "10.0.0.2")
    })
    .telling("`x-forwarded-for`"),
    fault("clock 20 min ahead", "clock-off", |base| base.ahead(1200).sign())
        .telling("`ClockCorrection = -1200`"),
    fault("another region", "wrong-region", |base| base.param("Region", "eu-central-1").sign()),
    fault("secret of the generation before", "credentials-replaced", |base| {
        base.param("SecretAccessKey", OTHER_SECRET).sign().replaced_since()
    }),
];
