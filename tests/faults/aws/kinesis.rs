//! A service that speaks JSON and shows its canonical request.

use http::Method;

use super::{base, group};
use crate::case::{Fault, Group, fault};
use crate::oracle::json;
use crate::oracle::sigv4::{ENDED_TOKEN, FOREIGN_TOKEN, OTHER_SECRET, SESSION_KEY_ID};

pub(crate) fn groups() -> Vec<Group> {
    let post = base(Method::POST, "https://kinesis.eu-west-1.amazonaws.com/")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "Kinesis_20131202.ListStreams")
        .body(r#"{"Limit":7}"#);
    vec![group("oracle: Kinesis", json::kinesis, post, FAULTS)]
}

const FAULTS: &[Fault] = &[
    fault("clock 6 min behind", "clock-off", |base| base.behind(360).sign())
        .telling("6 min behind the server's clock. Set the clock, or `ClockCorrection = 360`"),
    fault("clock 10 min ahead", "clock-off", |base| base.ahead(600).sign())
        .telling("`ClockCorrection = -600`"),
    fault("secret of another key", "wrong-secret", |base| base.param("SecretAccessKey", OTHER_SECRET).sign()),
    fault("key that the service does not know", "unknown-key", |base| {
        base.param("AccessKeyId", "AKIDOFNOBODY").sign()
    }),
    fault("temporary key without its token", "session-token-missing", |base| {
        base.param("AccessKeyId", SESSION_KEY_ID).sign()
    }),
    fault("session token that has ended", "session-token-expired", |base| {
        base.param("AccessKeyId", SESSION_KEY_ID).param("SessionToken", ENDED_TOKEN).sign()
    }),
    fault("session token of another key", "session-token-invalid", |base| {
        base.param("AccessKeyId", SESSION_KEY_ID).param("SessionToken", FOREIGN_TOKEN).sign()
    }),
    fault("another region", "wrong-region", |base| base.param("Region", "us-east-1").sign())
        .telling("`us-east-1`"),
    fault("another service", "wrong-service", |base| base.param("Service", "firehose").sign())
        .telling("Set `Service = kinesis`"),
    fault("body changed after it was hashed", "body-changed", |base| base.sign().body(r#"{"Limit":8}"#)),
    fault("stream hashed as if empty", "empty-body-hashed", |base| base.sign_for_body(b"")),
    fault("Content-Type changed", "header-changed", |base| {
        base.sign().set("content-type", "application/x-amz-json-1.1; charset=UTF-8")
    }),
    fault("x-amz-target dropped", "header-dropped", |base| base.sign().remove("x-amz-target")),
    fault("x-amz-date dropped", "header-dropped", |base| base.sign().remove("x-amz-date"))
        .telling("`x-amz-date`"),
    fault("path not normalized", "path-changed", |base| {
        base.url(".com/", ".com//streams").param("NormalizePath", "false").sign()
    })
    .telling("`NormalizePath = true`"),
    fault("path encoded once", "path-changed", |base| {
        base.url(".com/", ".com/a%20b").param("DoubleEncodePath", "false").sign()
    })
    .telling("`DoubleEncodePath = true`"),
    fault("signed again below with a key of its own", "unknown-key", |base| {
        base.clone().sign().signed_again(base.param("AccessKeyId", "AKIDOFTHELAYERBELOW"))
    })
    .because("the service does not tell which key it does not know"),
    fault("signature removed by a proxy", "authentication-missing", |base| {
        base.sign().remove("authorization")
    }),
];
