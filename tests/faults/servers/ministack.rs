//! ministack: S3 as AWS answers it, DynamoDB, SQS, and the temporary credentials of STS.

use http::Method;

use super::{Place, wrong_secret};
use crate::base::Base;
use crate::case::{Fault, Group, fault};
use crate::server::{MINISTACK, Server};

const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) fn groups() -> Vec<Group> {
    let place = Place(Server::running(MINISTACK));
    let bucket = format!("/faults-{}", std::process::id());
    let object = format!("{bucket}/folder/a%20b.txt");
    let put = place
        .aws(Method::PUT, "s3", &object)
        .header("content-type", "text/plain")
        .header("x-amz-meta-colors", "blue,green")
        .body("hello");
    let sts = place
        .aws(Method::POST, "sts", "/")
        .header("content-type", FORM)
        .body("Action=GetSessionToken&Version=2011-06-15");
    let mut session = put.clone().param("SessionToken", "none");
    if let Some(live) = place.live() {
        live.prepare(place.aws(Method::PUT, "s3", &bucket));
        live.prepare(put.clone());
        let credentials = live.prepare(sts);
        let take = |name: &str| {
            let (_, rest) = credentials.split_once(&format!("<{name}>")).unwrap();
            rest.split_once('<').unwrap().0.to_owned()
        };
        for name in ["AccessKeyId", "SecretAccessKey", "SessionToken"] {
            session = session.param(name, &take(name));
        }
    }
    let get = place.aws(Method::GET, "s3", &format!("{object}?response-content-type=text%20a"));
    let tables = place
        .aws(Method::POST, "dynamodb", "/")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", "DynamoDB_20120810.ListTables")
        .body("{}");
    let queues = place
        .aws(Method::POST, "sqs", "/")
        .header("content-type", FORM)
        .body("Action=ListQueues&Version=2012-11-05");
    vec![
        place.group("ministack: S3", put, S3),
        place.group("ministack: S3", session, SESSION),
        place.group("ministack: S3 query", get.clone(), QUERY),
        place.group("ministack: presigned", get.presigned(300), PRESIGNED),
        place.group("ministack: DynamoDB", tables, DYNAMODB),
        place.group("ministack: SQS", queues, SQS),
    ]
}

const SHOWS_NOTHING: &str = "the server tells that the signatures differ, and no more";

const S3: &[Fault] = &[
    fault("secret of another key", "wrong-secret", |base| wrong_secret(base).sign()),
    fault("key that the service does not know", "unknown-key", |base| {
        base.param("AccessKeyId", "AKIDOFNOBODY12345678").sign()
    }),
    fault("clock 20 min behind", "clock-off", |base| base.behind(1200).sign()),
    fault("clock 1 h ahead", "clock-off", |base| base.ahead(3600).sign()),
    fault("PUT sent as GET", "method-changed", |base| base.sign().method(Method::GET)),
    fault("another path", "path-changed", |base| base.sign().target("a%20b", "a%20c")),
    fault("path encoded twice", "path-changed", |base| base.param("DoubleEncodePath", "true").sign())
        .telling("`DoubleEncodePath = false`"),
    fault("Content-Type changed", "header-changed", |base| base.sign().set("content-type", "text/html")),
    fault("metadata dropped", "header-dropped", |base| base.sign().remove("x-amz-meta-colors")),
    fault("values of a header in another order", "headers-reordered", |base| {
        base.sign().set("x-amz-meta-colors", "green,blue")
    }),
    fault("host of a proxy", "host-changed", |base| base.sign().set("host", "localhost:1")),
    fault("hash replaced by UNSIGNED-PAYLOAD", "body-changed", |base| {
        base.sign().set("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
    }),
    fault("signed again below, 2 s later", "signed-twice", |base| {
        base.clone().sign().signed_again(wrong_secret(base.ahead(2)))
    }),
    fault("signed again below with a key of its own", "signed-twice", |base| {
        base.clone().sign().signed_again(base.param("AccessKeyId", "AKIDOFTHELAYERBELOW1"))
    }),
    fault("secret of the generation before", "credentials-replaced", |base| {
        wrong_secret(base).sign().replaced_since()
    }),
];

const SESSION: &[Fault] = &[
    fault("temporary key without its token", "session-token-missing", |base| {
        base.without("SessionToken").sign()
    }),
    fault("session token of another key", "session-token-invalid", |base| {
        base.param("SessionToken", "FQoGZXIvYXdzEForeignTokenOfAnotherKey").sign()
    }),
    fault("token changed on the way", "session-token-invalid", |base| {
        base.sign().set("x-amz-security-token", "FQoGZXIvYXdzEForeignTokenOfAnotherKey")
    }),
    fault("another path", "path-changed", |base| base.sign().target("a%20b", "a%20c")),
];

/// Only for objects without a query does it show its texts.
const QUERY: &[Fault] = &[
    fault("parameter added below the signer", "mismatch", |base| {
        base.sign().target("?response", "?x-id=GetObject&response")
    })
    .because(SHOWS_NOTHING),
    fault("parameter dropped on the way", "query-dropped", |base| {
        base.sign().target("?response-content-type=text%20a", "")
    }),
    fault("plus sign that the service takes for a space", "mismatch", |base| {
        base.url("text%20a", "text+a").sign()
    })
    .because(SHOWS_NOTHING),
];

const PRESIGNED: &[Fault] = &[
    fault("URL that has ended", "signature-expired", |base| base.behind(600).sign()),
    fault("clock 1 h ahead", "clock-off", |base| base.ahead(3600).sign()),
    fault("key that the service does not know", "unknown-key", |base| {
        base.param("AccessKeyId", "AKIDOFNOBODY12345678").sign()
    }),
];

const DYNAMODB: &[Fault] = &[
    fault("secret of another key", "mismatch", |base| wrong_secret(base).sign()).because(SHOWS_NOTHING),
    fault("body changed after it was hashed", "mismatch", |base| base.sign().body("{ }"))
        .because(SHOWS_NOTHING),
    fault("clock 20 min behind", "clock-off", |base| base.behind(1200).sign()),
    fault("key that the service does not know", "unknown-key", |base| {
        base.param("AccessKeyId", "AKIDOFNOBODY12345678").sign()
    }),
    fault("Authorization removed by a proxy", "authentication-missing", |base: Base| {
        base.sign().remove("authorization")
    }),
    fault("Authorization cut short", "authentication-malformed", |base| {
        base.sign().authorization_cut_short()
    }),
];

const SQS: &[Fault] = &[
    fault("secret of another key", "mismatch", |base| wrong_secret(base).sign()).because(SHOWS_NOTHING),
    fault("clock 20 min ahead", "clock-off", |base| base.ahead(1200).sign()),
    fault("key that the service does not know", "unknown-key", |base| {
        base.param("AccessKeyId", "AKIDOFNOBODY12345678").sign()
    }),
];
