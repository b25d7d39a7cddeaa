//! `cybersource-http`.

use http::Method;

use crate::base::Base;
use crate::case::{Fault, Group, fault};
use crate::oracle::cybersource::{KEY, KEY_ID, verify};
use crate::oracle::{Oracle, base64};

const METHOD: &str = "cybersource-http";
const OTHER_KEY: &str = "Zc4Lq+8Kp5Rx/2dVtHy6McNfUjBsEoGaIiCk1XzPyQ4=";
const ONE_ANSWER: &str = "the service has one answer for all that it does not take";

pub(crate) fn groups() -> Vec<Group> {
    let params =
        [("Method", METHOD), ("MerchantId", "corpus"), ("MerchantKeyID", KEY_ID), ("MerchantSecretKey", KEY)];
    let post = Base::new(Method::POST, "https://apitest.cybersource.com/pts/v2/payments?x=1", &params);
    vec![Group {
        method: METHOD,
        source: "oracle: CyberSource",
        service: Some(Box::new(Oracle(verify))),
        base: post.header("content-type", "application/json").body(r#"{"amount":1}"#),
        right: &[],
        faults: FAULTS,
    }]
}

const FAULTS: &[Fault] = &[
    fault("clock 10 min behind", "clock-off", |base| base.behind(600).sign())
        .telling("`ClockCorrection = 600`"),
    fault("clock 2 h ahead", "clock-off", |base| base.ahead(7200).sign())
        .telling("2 h ahead of the server's clock"),
    fault("Host header of another environment", "host-changed", |base| {
        base.header("host", "api.cybersource.com").sign()
    })
    .telling("`api.cybersource.com`"),
    fault("secret of another key", "credentials-refused", |base| {
        base.param("MerchantSecretKey", OTHER_KEY).sign()
    })
    .because(ONE_ANSWER),
    fault("secret not decoded", "credentials-refused", |base| {
        base.param("MerchantSecretKey", &base64(KEY.as_bytes())).sign()
    })
    .because(ONE_ANSWER),
    fault("key that the service does not know", "credentials-refused", |base| {
        base.param("MerchantKeyID", "00000000-f618-42a3-b09d-e1e43be5efda").sign()
    })
    .telling("`00000000-f618-42a3-b09d-e1e43be5efda`")
    .because(ONE_ANSWER),
    fault("body changed after it was hashed", "credentials-refused", |base| {
        base.sign().body(r#"{"amount":2}"#)
    })
    .because(ONE_ANSWER),
    fault("secret of the generation before", "credentials-replaced", |base| {
        base.param("MerchantSecretKey", OTHER_KEY).sign().replaced_since()
    }),
];
