//! A service that speaks the query protocol.

use http::Method;

use super::{base, group};
use crate::case::{Fault, Group, fault};
use crate::oracle::query;
use crate::oracle::sigv4::{ENDED_TOKEN, OTHER_SECRET, SESSION_KEY_ID};

pub(crate) fn groups() -> Vec<Group> {
    let get = base(
        Method::GET,
        "https://sns.eu-west-1.amazonaws.com/?Action=Publish&Message=a%20b%2Bc&Version=2010-03-31",
    );
    vec![group("oracle: SNS", query::sns, get, FAULTS)]
}

const FAULTS: &[Fault] = &[
    fault("clock 20 min behind", "clock-off", |base| base.behind(1200).sign())
        .telling("`ClockCorrection = 1200`"),
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
    fault("another region", "wrong-region", |base| base.param("Region", "us-east-1").sign()),
    fault("another service", "wrong-service", |base| base.param("Service", "sqs").sign())
        .telling("Set `Service = sns`"),
    fault("space written as a plus sign", "query-encoding", |base| base.sign().target("a%20b", "a+b")),
    fault("parameter added below the signer", "query-added", |base| {
        base.sign().target("Version", "TopicArn=t&Version")
    }),
    fault("parameter changed", "query-changed", |base| base.sign().target("%2Bc", "%2Bd")),
    fault("GET sent as POST", "method-changed", |base| base.sign().method(Method::POST)),
    fault("host of a proxy", "host-changed", |base| base.sign().set("host", "localhost:4566")),
    fault("signature removed by a proxy", "authentication-missing", |base| {
        base.sign().remove("authorization")
    }),
    fault("Authorization replaced by a proxy", "authentication-malformed", |base| {
        base.sign().set("authorization", "Basic dXNlcjpodW50ZXIy")
    }),
];
