//! What an explanation shows, masked and not.

use std::time::Duration;

use http::Request;
use http::request::Parts;
use signing_core::{Explanation, Masking, Payload, Timestamp};

use super::{secrets, shown_in};
use crate::support::{AWS, SCHEMES};

const NOW: Timestamp = Timestamp::from_unix(1_709_210_096).unwrap();

fn head(url: &str) -> Parts {
    Request::post(url).body(()).unwrap().into_parts().0
}

/// Everything that an explanation can be asked for.
fn all_of(explanation: &Explanation) -> String {
    let headers = explanation.set_headers().iter().chain(explanation.headers());
    let stages = [explanation.canonical_request(), explanation.string_to_sign(), explanation.signature()];
    let texts = stages.into_iter().flatten().chain([explanation.url(), explanation.method()]);
    let values = headers.map(|(_, value)| value.as_str());
    texts.chain(values).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_masked_explanation_shows_no_secret_and_an_unmasked_one_shows_the_token() {
    for scheme in &SCHEMES {
        let explain = |masking| {
            let mut head = head(scheme.url);
            all_of(&scheme.signer().sign_explained(&mut head, &Payload::of(b"{}"), NOW, masking).unwrap())
        };
        let masked = explain(Masking::Masked);
        assert_eq!(shown_in(&masked, &secrets()), [""; 0], "{}:\n{masked}", scheme.method);
        let unmasked = explain(Masking::Unmasked);
        assert!(!unmasked.contains("<masked>"), "{}", scheme.method);
        match scheme.method {
            // These send a secret itself.
            "aws-signature-v4" => assert!(unmasked.contains(AWS.secret_values().last().unwrap())),
            "auth-token" => assert!(unmasked.contains(scheme.secret_values().next().unwrap())),
            // These send what is as good as one for a while.
            "azure-event-hub" | "azure-iot-hub" => {
                let sent = unmasked.split("&sig=").nth(1).unwrap().split('&').next().unwrap();
                assert_eq!(shown_in(&masked, &[sent]), [""; 0], "{masked}");
            }
            _ => {}
        }
        // The long-term key is never a part of what is sent.
        let keys: Vec<_> = scheme.secret_values().take(1).filter(|_| scheme.method != "auth-token").collect();
        assert_eq!(shown_in(&unmasked, &keys), [""; 0], "{}", scheme.method);
    }
}

#[test]
fn a_masked_explanation_of_a_presigned_url_shows_neither_token_nor_signature() {
    let signer = AWS.signer();
    for extra in [&[][..], &[("SignSessionToken", "false")]] {
        let signer = match extra {
            [] => &signer,
            changed => &signing_core::Registry::new().signer(&AWS.params_with(changed)).unwrap(),
        };
        let explain = |masking| {
            let minute = Duration::from_secs(60);
            signer.presign_explained(&head(AWS.url), &Payload::EMPTY, minute, NOW, masking).unwrap()
        };
        let (masked, unmasked) = (explain(Masking::Masked), explain(Masking::Unmasked));
        let signature = unmasked.signature().unwrap();
        assert!(unmasked.url().contains(&format!("X-Amz-Signature={signature}")));
        assert_eq!(shown_in(unmasked.url(), &secrets()), [AWS.secret_values().last().unwrap()]);
        assert_eq!(shown_in(&all_of(&masked), &secrets()), [""; 0], "{}", all_of(&masked));
        assert!(!all_of(&masked).contains(signature), "{}", all_of(&masked));
        assert!(masked.url().contains("X-Amz-Security-Token=<masked>"), "{}", masked.url());
    }
}

/// What the caller put into the head is not ours to show, either.
#[test]
fn a_masked_explanation_shows_no_credential_of_the_callers() {
    let mut head = head(
        "https://sqs.eu-west-1.amazonaws.com/?sig=caller%2Bsignature&x-amz-security-token=callerstoken&access_token=callersaccess&Api_Key=callersquerykey&apikey=callersotherkey",
    );
    for (name, value) in [
        ("cookie", "session=callers-cookie"),
        ("proxy-authorization", "Basic callersproxy"),
        ("x-api-key", "callers1key"),
        ("api-key", "callers2key"),
        ("ocp-apim-subscription-key", "callers3key"),
        ("x-auth-token", "callers4key"),
        ("x-functions-key", "callers5key"),
    ] {
        head.headers.insert(name, value.parse().unwrap());
    }
    let shown = AWS.signer().sign_explained(&mut head, &Payload::EMPTY, NOW, Masking::Masked).unwrap();
    let known = [
        "caller%2Bsignature",
        "callerstoken",
        "session=callers-cookie",
        "Basic callersproxy",
        "callersaccess",
        "callersquerykey",
        "callersotherkey",
        "callers1key",
        "callers2key",
        "callers3key",
        "callers4key",
        "callers5key",
    ];
    assert_eq!(shown_in(&all_of(&shown), &known), [""; 0], "{}", all_of(&shown));
}
