//! API Gateway.

use http::Method;

use super::{base, group};
use crate::case::{Fault, Group, fault};
use crate::oracle::gateway;
use crate::oracle::sigv4::{ENDED_TOKEN, FOREIGN_TOKEN, OTHER_SECRET, SESSION_KEY_ID};

pub(crate) fn groups() -> Vec<Group> {
    let post =
        base(Method::POST, "https://abc123.execute-api.eu-west-1.amazonaws.com/prod/orders/7%20a?limit=5")
            .header("content-type", "application/json")
            .body("{}");
    vec![group("oracle: API Gateway", gateway::execute_api, post, FAULTS)]
}

const FAULTS: &[Fault] = &[
    fault("clock 7 min behind", "clock-off", |base| base.behind(420).sign())
        .telling("`ClockCorrection = 420`"),
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
    fault("another region", "wrong-region", |base| base.param("Region", "us-east-1").sign()),
    fault("another service", "wrong-service", |base| base.param("Service", "apigateway").sign())
        .telling("Set `Service = execute-api`"),
    fault("stage stripped by a custom domain", "path-changed", |base| base.sign().target("/prod/", "/"))
        .telling("The beginning of the path was dropped"),
    fault("path encoded once", "path-changed", |base| base.param("DoubleEncodePath", "false").sign())
        .telling("`DoubleEncodePath = true`"),
    fault("host of a custom domain", "host-changed", |base| base.sign().set("host", "api.example")),
    fault("parameter dropped on the way", "query-dropped", |base| base.sign().target("?limit=5", "")),
    fault("body changed after it was hashed", "body-changed", |base| base.sign().body("{ }")),
    fault("signature removed by a proxy", "authentication-missing", |base| {
        base.sign().remove("authorization")
    }),
    fault("Authorization cut short", "authentication-malformed", |base| {
        base.sign().authorization_cut_short()
    }),
    fault("signed again below, 2 s later", "signed-twice", |base| {
        base.clone().sign().signed_again(base.ahead(2).param("SecretAccessKey", OTHER_SECRET))
    }),
];
