//! S3, signed in the URL.

use http::Method;

use super::{base, group};
use crate::case::{Fault, Group, fault};
use crate::oracle::s3;
use crate::oracle::sigv4::{ENDED_TOKEN, FOREIGN_TOKEN, OTHER_SECRET, SESSION_KEY_ID};

pub(crate) fn groups() -> Vec<Group> {
    let get = base(Method::GET, "https://corpus.s3.eu-west-1.amazonaws.com/folder/a%20b.txt?versionId=7");
    vec![group("oracle: S3 presigned", s3::verify, get.presigned(300), FAULTS)]
}

const FAULTS: &[Fault] = &[
    fault("URL that has ended", "signature-expired", |base| base.behind(400).sign())
        .telling("arrived 1 min 40 s later by the server's clock"),
    fault("clock 1 h ahead", "clock-off", |base| base.ahead(3600).sign())
        .telling("1 h ahead of the server's clock"),
    fault("secret of another key", "wrong-secret", |base| base.param("SecretAccessKey", OTHER_SECRET).sign()),
    fault("key that the service does not know", "unknown-key", |base| {
        base.param("AccessKeyId", "AKIDOFNOBODY").sign()
    }),
    fault("session token that has ended", "session-token-expired", |base| {
        base.param("AccessKeyId", SESSION_KEY_ID).param("SessionToken", ENDED_TOKEN).sign()
    }),
    fault("session token of another key", "session-token-invalid", |base| {
        base.param("AccessKeyId", SESSION_KEY_ID).param("SessionToken", FOREIGN_TOKEN).sign()
    }),
    fault("another region", "wrong-region", |base| base.param("Region", "us-east-1").sign())
        .telling("Set `Region = eu-west-1`"),
    fault("life prolonged in the URL", "query-changed", |base| {
        base.sign().target("X-Amz-Expires=300", "X-Amz-Expires=86400")
    })
    .telling("`X-Amz-Expires`"),
    fault("parameter added to the URL", "query-added", |base| {
        base.sign().target("versionId=7", "versionId=7&utm_source=mail")
    })
    .telling("`utm_source`"),
    fault("parameter dropped from the URL", "query-dropped", |base| base.sign().target("versionId=7&", "")),
    fault("GET sent as PUT", "method-changed", |base| base.sign().method(Method::PUT)),
    fault("host of a proxy", "host-changed", |base| base.sign().set("host", "cdn.example")),
    fault("another path", "path-changed", |base| base.sign().target("a%20b", "c")),
    fault("Authorization beside the URL's signature", "signed-twice", |base| {
        base.sign().set("authorization", "AWS4-HMAC-SHA256 Credential=AKIDOFTHELAYERBELOW/20240229/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=00")
    }),
    fault("x-amz-acl sent with the URL", "header-added", |base| base.sign().set("x-amz-acl", "private"))
        .telling("`x-amz-acl`"),
];
