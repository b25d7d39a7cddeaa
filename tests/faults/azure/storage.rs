//! Azure Storage: Shared Key by a method of a user's own, and a SAS that another program made.

use http::Method;

use crate::base::{Base, Sent};
use crate::case::{Fault, Group, fault};
use crate::oracle::storage::{ACCOUNT, KEY, sas_string, verify};
use crate::oracle::{Oracle, base64, escaped, from_base64, hmac, iso_date};
use crate::shared_key::METHOD_NAME;

const OTHER_KEY: &str = "Xr2Kq+8Kp5Rx/2dVtHy6McNfUjBsEoGaIiCk1XzPyQ4=";

pub(crate) fn groups() -> Vec<Group> {
    let params = [("Method", METHOD_NAME), ("AccountName", ACCOUNT), ("SecretAccessKey", KEY)];
    let put =
        Base::new(Method::PUT, "https://corpusblobs.blob.core.windows.net/box/a%20b?timeout=20", &params)
            .header("x-ms-version", "2024-11-04")
            .header("x-ms-blob-type", "BlockBlob")
            .header("content-type", "text/plain")
            .body("a line\n");
    vec![Group {
        method: "a user's own",
        source: "oracle: Storage",
        service: Some(Box::new(Oracle(verify))),
        base: put,
        right: &[|base| sas(base, 60, -3600, KEY, "/box/a%20b")],
        faults: FAULTS,
    }]
}

const FAULTS: &[Fault] = &[
    fault("clock 1 h behind", "clock-off", |base| base.behind(3600).sign())
        .telling("1 h behind the server's clock"),
    fault("key of another account", "wrong-secret", |base| base.param("SecretAccessKey", OTHER_KEY).sign()),
    fault("x-ms header added below the signer", "header-added", |base| {
        base.sign().set("x-ms-client-request-id", "7")
    })
    .telling("`x-ms-client-request-id: 7`"),
    fault("x-ms header changed", "header-changed", |base| base.sign().set("x-ms-blob-type", "AppendBlob")),
    fault("Content-Type changed", "header-changed", |base| base.sign().set("content-type", "text/html")),
    fault("body sent in chunks", "content-length", |base| base.sign().remove("content-length")),
    fault("parameter added below the signer", "query-added", |base| {
        base.sign().target("timeout=20", "timeout=20&comp=metadata")
    }),
    fault("path changed", "path-changed", |base| base.sign().target("/a%20b", "/a%20c")),
    fault("Authorization removed by a proxy", "authentication-missing", |base| {
        base.sign().remove("authorization")
    }),
    fault("SAS that has ended", "signature-expired", |base| sas(base, 7200, 3600, KEY, "/box/a%20b"))
        .telling("arrived 1 h later by the server's clock"),
    fault("SAS without a start that has ended", "signature-expired", |base| {
        let start = format!("&st={}", iso_date(base.now().unix() - 7200));
        sas(base, 7200, 3600, KEY, "/box/a%20b").target(&start, "")
    })
    .telling("arrived 1 h later by the server's clock"),
    fault("SAS that is not good yet", "clock-off", |base| sas(base, -600, -7200, KEY, "/box/a%20b"))
        .telling("10 min ahead of the server's clock"),
    fault("SAS with the key of another account", "wrong-secret", |base| {
        sas(base, 60, -3600, OTHER_KEY, "/box/a%20b")
    }),
    fault("SAS of another blob", "path-changed", |base| sas(base, 60, -3600, KEY, "/box/other")),
];

/// A SAS of the oracle's account for `path`, from and until so many seconds ago.
fn sas(base: Base, start: i64, end: i64, key: &str, path: &str) -> Sent {
    let base = base.url("?timeout=20", "");
    sas_of(base, &from_base64(key), &[ACCOUNT, path].concat(), (start, end))
}

/// Another program has made a SAS of `resource`, from and until so many seconds ago.
pub(crate) fn sas_of(base: Base, key: &[u8], resource: &str, (start, end): (i64, i64)) -> Sent {
    let date = |ago: i64| iso_date(base.now().unix().checked_add_signed(-ago).unwrap());
    let (start, end) = (date(start), date(end));
    let text = sas_string("r", &start, &end, resource);
    let signature = base64(&hmac(key, &text));
    let escaped = escaped(&signature);
    let query = format!("?sv=2020-12-06&sr=b&sp=r&spr=https,http&st={start}&se={end}&sig={escaped}");
    let mut sent = base.method(Method::GET).body("").unsigned(&query, &text);
    sent.secrets.extend([signature, escaped]);
    sent
}
