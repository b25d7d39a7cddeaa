//! `azure-iot-hub`.

use http::Method;

use crate::base::Base;
use crate::case::{Fault, Group, fault};
use crate::oracle::iot_hub::{KEY, verify};
use crate::oracle::{Oracle, base64};

const METHOD: &str = "azure-iot-hub";
const OTHER_KEY: &str = "Zt6Lq+8Kp5Rx/2dVtHy6McNfUjBsEoGaIiCk1XzPyQ4=";
const ONE_ANSWER: &str = "the service has one answer for all that it does not take";

pub(crate) fn groups() -> Vec<Group> {
    let url = "https://corpus.azure-devices.net/devices/d1/messages/events?api-version=2021-04-12";
    let post = Base::new(Method::POST, url, &[("Method", METHOD), ("SecretAccessKey", KEY)]);
    vec![Group {
        method: METHOD,
        source: "oracle: IoT Hub",
        service: Some(Box::new(Oracle(verify))),
        base: post.body("{}"),
        right: &[],
        faults: FAULTS,
    }]
}

const FAULTS: &[Fault] = &[
    fault("token that has ended", "signature-expired", |base| base.behind(160).sign())
        .telling("arrived 1 min 40 s later by the server's clock"),
    fault("resource of another device", "resource-mismatch", |base| {
        base.param("ResourceURI", "corpus.azure-devices.net/devices/d2").sign()
    })
    .telling("The token is for `corpus.azure-devices.net/devices/d2`"),
    fault("resource of another hub", "resource-mismatch", |base| {
        base.param("ResourceURI", "other.azure-devices.net/devices/d1").sign()
    }),
    fault("key of another device", "credentials-refused", |base| {
        base.param("SecretAccessKey", OTHER_KEY).sign()
    })
    .because(ONE_ANSWER),
    fault("key not decoded", "credentials-refused", |base| {
        base.param("SecretAccessKey", &base64(KEY.as_bytes())).sign()
    })
    .because(ONE_ANSWER),
    fault("policy that the service does not know", "credentials-refused", |base| {
        base.param("SharedAccessKeyName", "nobody").sign()
    })
    .because(ONE_ANSWER),
    fault("key of the generation before", "credentials-replaced", |base| {
        base.param("SecretAccessKey", OTHER_KEY).sign().replaced_since()
    }),
];
