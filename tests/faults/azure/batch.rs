//! `azure-batch`.

use http::Method;
use signing_core::diagnose::Signed;

use crate::base::{Base, Sent};
use crate::case::{Fault, Group, fault};
use crate::oracle::batch::{ACCOUNT, KEY, string_to_sign, verify};
use crate::oracle::{Oracle, base64, from_base64, hmac};

const METHOD: &str = "azure-batch";
const OTHER_KEY: &str = "Zw3Lq+8Kp5Rx/2dVtHy6McNfUjBsEoGaIiCk1XzPyQ4=";

pub(crate) fn groups() -> Vec<Group> {
    let base = |method, path: &str| {
        let url = format!("https://corpusacct.westeurope.batch.azure.com{path}");
        Base::new(method, &url, &[("Method", METHOD), ("AccountName", ACCOUNT), ("SecretAccessKey", KEY)])
    };
    let get =
        base(Method::GET, "/jobs/j%201?api-version=2024-07-01.20.0&filter=id%20eq%20'a%2Bb'&timeout=20");
    let post = base(Method::POST, "/pools?api-version=2024-07-01.20.0")
        .header("content-type", "application/json")
        .header("ocp-range", "bytes=0-7")
        .body(r#"{"id":"p"}"#);
    let group = |base, faults| Group {
        method: METHOD,
        source: "oracle: Batch",
        service: Some(Box::new(Oracle(verify))),
        base,
        right: &[|base| by_another(base, &from_base64(KEY), str::to_owned)],
        faults,
    };
    vec![group(get, GET), group(post, POST)]
}

const GET: &[Fault] = &[
    fault("clock 20 min behind", "clock-off", |base| base.behind(1200).sign())
        .telling("`ClockCorrection = 1200`"),
    fault("clock 1 d ahead", "clock-off", |base| base.ahead(86_400).sign())
        .telling("1 d ahead of the server's clock"),
    fault("key of another account", "wrong-secret", |base| base.param("SecretAccessKey", OTHER_KEY).sign()),
    fault("key not decoded", "wrong-secret", |base| {
        base.param("SecretAccessKey", &base64(KEY.as_bytes())).sign()
    })
    .telling("keys are base64"),
    fault("key decoded twice", "wrong-secret", |base| {
        // Where what is decoded happens to be base64 as well.
        base.param("SecretAccessKey", &base64(&from_base64(KEY)[..24])).sign()
    })
    .telling("keys are base64"),
    fault("line break behind the decoded key", "wrong-secret", |base| {
        let mut key = from_base64(KEY);
        key.push(b'\n');
        by_another(base, &key, str::to_owned)
    }),
    fault("another account", "account-changed", |base| base.param("AccountName", "otheracct").sign())
        .telling("`otheracct`"),
    fault("host of another account", "account-changed", |base| {
        base.sign().set("host", "elsewhere.westeurope.batch.azure.com")
    }),
    fault("Content-Type added by a client", "header-added", |base| {
        base.sign().set("content-type", "application/json; odata=minimalmetadata; charset=utf-8")
    })
    .telling("`content-type: application/json; odata=minimalmetadata; charset=utf-8`"),
    fault("If-None-Match added by a cache", "header-added", |base| {
        base.sign().set("if-none-match", "\"0x8D4BCC2E4835CD0\"")
    })
    .telling("`if-none-match"),
    fault("ocp header added below the signer", "header-added", |base| {
        base.sign().set("ocp-range", "bytes=0-1")
    }),
    fault("parameter dropped on the way", "query-dropped", |base| base.sign().target("&timeout=20", ""))
        .telling("`timeout`"),
    fault("parameter added below the signer", "query-added", |base| {
        base.sign().target("timeout=20", "timeout=20&maxresults=5")
    })
    .telling("`maxresults`"),
    fault("parameter changed", "query-changed", |base| base.sign().target("timeout=20", "timeout=30")),
    fault("ocp-date set anew by a client", "header-changed", |base| {
        base.sign().set("ocp-date", "Thu, 29 Feb 2024 12:35:01 GMT")
    })
    .telling("`ocp-date`"),
    fault("Date set anew by a client", "header-changed", |base| {
        let sent = base.header("date", "Thu, 29 Feb 2024 12:34:56 GMT").sign();
        sent.set("date", "Thu, 29 Feb 2024 12:35:01 GMT")
    })
    .telling("`date`"),
    fault("plus sign no longer escaped", "query-encoding", |base| base.sign().target("%2B", "+")),
    fault("path changed", "path-changed", |base| base.sign().target("j%201", "j%202")),
    fault("path decoded by another program", "path-changed", |base| {
        by_another(base, &from_base64(KEY), |text| text.replace("/j%201", "/j 1"))
    }),
    fault("query not decoded by another program", "query-encoding", |base| {
        by_another(base, &from_base64(KEY), |text| text.replace("id eq 'a+b'", "id%20eq%20'a%2Bb'"))
    }),
    fault("query in another order by another program", "query-reordered", |base| {
        by_another(base, &from_base64(KEY), |text| {
            let (start, timeout) = text.rsplit_once('\n').unwrap();
            start.replace("\napi-version", &format!("\n{timeout}\napi-version"))
        })
    }),
    fault("space before the resource", "resource-spaced", |base| {
        by_another(base, &from_base64(KEY), |text| text.replace("\n/corpusacct", "\n /corpusacct"))
    }),
    fault("one line too few", "line-count", |base| {
        by_another(base, &from_base64(KEY), |text| text.replace("GET\n\n", "GET\n"))
    }),
    fault("GET sent as HEAD", "method-changed", |base| base.sign().method(Method::HEAD)),
    fault("signed again below, 3 s later", "signed-twice", |base| {
        base.clone().sign().signed_again(base.ahead(3).param("SecretAccessKey", OTHER_KEY))
    }),
    fault("signed again below with another key", "signed-twice", |base| {
        base.clone().sign().signed_again(base.param("SecretAccessKey", OTHER_KEY))
    }),
    fault("Authorization removed by a proxy", "authentication-missing", |base| {
        base.sign().remove("authorization")
    }),
    fault("Authorization replaced by a proxy", "authentication-malformed", |base| {
        base.sign().set("authorization", "Negotiate YII")
    }),
    fault("key of the generation before", "credentials-replaced", |base| {
        base.param("SecretAccessKey", OTHER_KEY).sign().replaced_since()
    }),
];

const POST: &[Fault] = &[
    fault("body sent in chunks", "content-length", |base| base.sign().remove("content-length")),
    fault("body compressed by a layer below", "content-length", |base| base.sign().body("{}")),
    fault("body hidden from the signer", "content-length", |base| {
        base.sign_for_body(b"").body(r#"{"id":"p"}"#)
    }),
    fault("Content-Type changed", "header-changed", |base| {
        base.sign().set("content-type", "application/json; charset=utf-8")
    }),
    fault("Content-Type dropped", "header-dropped", |base| base.sign().remove("content-type")),
    fault("Content-Encoding added by a layer below", "header-added", |base| {
        base.sign().set("content-encoding", "gzip")
    }),
    fault("ocp header dropped", "header-dropped", |base| base.sign().remove("ocp-range")),
    fault("ocp header changed", "header-changed", |base| base.sign().set("ocp-range", "bytes=0-8")),
    fault("POST sent as GET after a redirect", "method-changed", |base| base.sign().method(Method::GET)),
];

/// A program that signs another text.
fn by_another(base: Base, key: &[u8], rewrite: impl FnOnce(&str) -> String) -> Sent {
    let sent = base.sign();
    let text = rewrite(&string_to_sign(&sent.wire));
    let signature = base64(&hmac(key, &text));
    let mut sent = sent.set("authorization", &format!("SharedKey {ACCOUNT}:{signature}"));
    sent.secrets.push(signature);
    sent.of_another_program(Signed::from_string_to_sign(&text))
}
