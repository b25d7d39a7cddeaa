//! `azure-event-hub`.

use http::Method;
use signing_core::diagnose::Signed;

use crate::base::{Base, Sent};
use crate::case::{Fault, Group, fault};
use crate::oracle::service_bus::{KEY, POLICY, verify};
use crate::oracle::{NOW, Oracle, base64, escaped, from_base64, hmac};

const METHOD: &str = "azure-event-hub";
const RESOURCE: &str = "https%3A%2F%2Fcorpus.servicebus.windows.net%2Fhub";
const OTHER_KEY: &str = "Zr8Lq+8Kp5Rx/2dVtHy6McNfUjBsEoGaIiCk1XzPyQ4=";

pub(crate) fn groups() -> Vec<Group> {
    let params = [("Method", METHOD), ("SharedAccessKeyName", POLICY), ("SecretAccessKey", KEY)];
    let post = Base::new(Method::POST, "https://corpus.servicebus.windows.net/hub/messages", &params);
    vec![Group {
        method: METHOD,
        source: "oracle: Event Hubs",
        service: Some(Box::new(Oracle(verify))),
        base: post.body("{}"),
        right: &[|base| by_another(base, KEY.as_bytes(), RESOURCE)],
        faults: FAULTS,
    }]
}

const FAULTS: &[Fault] = &[
    fault("token that has ended", "signature-expired", |base| base.behind(160).sign())
        .telling("arrived 1 min 40 s later by the server's clock"),
    fault("key of another policy", "wrong-secret", |base| base.param("SecretAccessKey", OTHER_KEY).sign())
        .telling("those of Event Hubs are text"),
    fault("key decoded, though it is text", "wrong-secret", |base| {
        by_another(base, &from_base64(KEY), RESOURCE)
    })
    .telling("those of Event Hubs are text"),
    fault("line break behind the key", "wrong-secret", |base| {
        by_another(base, [KEY, "\n"].concat().as_bytes(), RESOURCE)
    })
    .telling("without a line break"),
    fault("resource signed without escapes by another program", "mismatch", |base| {
        by_another(base, KEY.as_bytes(), "https://corpus.servicebus.windows.net/hub")
    })
    .because("another text and a wrong key have one answer"),
    fault("policy that the service does not know", "wrong-secret", |base| {
        base.param("SharedAccessKeyName", "nobody").sign()
    })
    .because("an unknown policy and a wrong key have one answer"),
    fault("resource of another hub", "resource-mismatch", |base| {
        base.param("ResourceURI", "https://corpus.servicebus.windows.net/other").sign()
    })
    .telling("The token is for `https://corpus.servicebus.windows.net/other`"),
    fault("resource below the one that is asked", "resource-mismatch", |base| {
        base.param("ResourceURI", "https://corpus.servicebus.windows.net/hub/messages/today").sign()
    }),
    fault("path changed by a proxy", "resource-mismatch", |base| base.sign().target("/hub/", "/other/"))
        .telling("which is not the resource that was asked"),
    fault("Authorization removed by a proxy", "authentication-missing", |base| {
        base.sign().remove("authorization")
    }),
    fault("Authorization replaced by a proxy", "authentication-malformed", |base| {
        base.sign().set("authorization", "Bearer eyJhbGciOiJub25lIn0")
    }),
    fault("key of the generation before", "credentials-replaced", |base| {
        base.param("SecretAccessKey", OTHER_KEY).sign().replaced_since()
    }),
];

/// A program that signs this text for the resource, with another key.
fn by_another(base: Base, key: &[u8], signed: &str) -> Sent {
    let (resource, end) = (RESOURCE, NOW + 60);
    let text = format!("{signed}\n{end}");
    let signature = base64(&hmac(key, &text));
    let escaped = escaped(&signature);
    let token = format!("SharedAccessSignature sr={resource}&sig={escaped}&se={end}&skn={POLICY}");
    let mut sent = base.sign().set("authorization", &token);
    sent.secrets.extend([signature, escaped]);
    sent.of_another_program(Signed::from_string_to_sign(&text))
}
