//! The request that the documentation made someone sign, and the answer that holds its own explanation.

use signing_core::diagnose::{DiffLine, DiffOf, Signed};

use crate::raw::Response;

const SIGNED: &str = r"GET\n\n\n\n\n\n\n\n\n\n\n\nocp-date:Sun, 24 Nov 2019 21:08:20 GMT\n /ACCOUNT/jobs\napi-version:2019-08-01.10.0\ntimeout:20";
const REFUSAL: &str = r#"403 Server failed to authenticate the request
content-type: application/json; odata=minimalmetadata
date: Sun, 24 Nov 2019 21:08:20 GMT

{
  "odata.metadata": "https://account.westus.batch.azure.com/$metadata#Microsoft.Azure.Batch.Protocol.Entities.Container.errors/@Element",
  "code": "AuthenticationFailed",
  "message": {
    "lang": "en-US",
    "value": "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.\nRequestId:94a6e4f3-1ed4-4a5b-a8e5-1f1f42a7c01b\nTime:2019-11-24T21:08:20.6424431Z"
  },
  "values": [
    {
      "key": "AuthenticationErrorDetail",
      "value": "The MAC signature found in the HTTP request 'Jm3sVGtNvKqwZfX0cPq9kJcDaS2zIYpS0xOqGqk0rXU=' is not the same as any computed signature. Server used following string to sign: 'GET\n\n\n\n\napplication/json; odata=minimalmetadata; charset=utf-8\n\n\n\n\n\n\nocp-date:Sun, 24 Nov 2019 21:08:20 GMT\n/ACCOUNT/jobs\napi-version:2019-08-01.10.0'."
    }
  ]
}"#;

#[test]
fn three_causes_are_told_in_order() {
    for signed in [SIGNED.to_owned(), SIGNED.replace("\\n", "\n"), SIGNED.replace("\\n", "\n") + "\n"] {
        let diagnosis = Response::parse(REFUSAL).diagnose(&Signed::from_string_to_sign(&signed));
        let sentences: Vec<String> = diagnosis.causes().iter().map(ToString::to_string).collect();
        assert_eq!(
            sentences,
            [
                "The query parameter `timeout` was signed, but is not in the request that arrived.",
                "The header `content-type: application/json; odata=minimalmetadata; charset=utf-8` arrived, but was not signed: a client or layer below the signer added it.",
                "The canonicalized resource was signed with a leading space.",
            ]
        );
        assert_eq!(diagnosis.to_string(), sentences[0]);
    }
}

#[test]
fn each_cause_has_its_remedy() {
    let diagnosis = Response::parse(REFUSAL).diagnose(&Signed::from_string_to_sign(SIGNED));
    let remedies: Vec<_> = diagnosis.causes().iter().map(|cause| cause.remedy()).collect();
    assert_eq!(
        remedies,
        [
            "Sign the URL as it is sent: whatever changes it has to do so before it is signed.",
            "Set the header before signing, so that it is signed, or see that nothing adds it afterwards.",
            "The resource begins with `/` and has no white space around it.",
        ]
    );
}

#[test]
fn the_texts_stand_side_by_side_with_what_differs() {
    let diagnosis = Response::parse(REFUSAL).diagnose(&Signed::from_string_to_sign(SIGNED));
    let diff = diagnosis.diff().unwrap();
    assert_eq!(diff.of(), DiffOf::StringToSign);
    let marked = |line: &DiffLine| {
        let side = |text: &Option<signing_core::diagnose::DiffText>| {
            text.as_ref().map(|line| (line.text.clone(), line.text[line.differs.clone()].to_owned()))
        };
        (side(&line.signed), side(&line.arrived))
    };
    let pair = |text: &str, differs: &str| Some((text.to_owned(), differs.to_owned()));
    let lines: Vec<_> = diff.lines().iter().map(marked).collect();
    assert_eq!(lines.len(), 16);
    let content_type = "application/json; odata=minimalmetadata; charset=utf-8";
    assert_eq!(lines[5], (pair("", ""), pair(content_type, content_type)));
    assert_eq!(lines[13], (pair(" /ACCOUNT/jobs", " "), pair("/ACCOUNT/jobs", "")));
    assert_eq!(lines[15], (pair("timeout:20", "timeout:20"), None));
    assert_eq!(diff.lines().iter().filter(|line| !line.is_equal()).count(), 3);
}

#[test]
fn the_service_is_quoted_without_the_signature() {
    let diagnosis = Response::parse(REFUSAL).diagnose(&Signed::from_string_to_sign(SIGNED));
    assert_eq!(diagnosis.service_code(), Some("AuthenticationFailed"));
    assert_eq!(
        diagnosis.service_message(),
        Some(
            "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature."
        )
    );
}
