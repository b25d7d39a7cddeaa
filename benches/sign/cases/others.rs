//! The methods beside SigV4. What they sign is written down here by hand, and its MAC computed with `hmac` alone.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::request::{Builder, Parts};
use http::{HeaderMap, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use signing_core::{Payload, Registry, Signer};

use super::aws::now;
use super::{Case, Contender, Each, NOW, Who, make_room, raw};

/// 32 bytes, as text and in base64.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const DATE: &str = "Thu, 29 Feb 2024 12:34:56 GMT";
const BODY: &[u8] = &[b'x'; 512];
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

struct Other {
    key: &'static str,
    title: &'static str,
    params: &'static [(&'static str, &'static str)],
    request: Builder,
    body: Option<&'static [u8]>,
    /// What is signed, and where the MAC then stands; a method may have none.
    mac: Option<Expected>,
}

struct Expected {
    string_to_sign: String,
    key: Vec<u8>,
    header: &'static str,
    /// How the MAC's base64 is written into the header.
    write: fn(&str) -> String,
}

/// The cases h: each method but SigV4. A SAS token is kept for its second, so that is what is timed.
pub(crate) fn other_cases() -> Vec<Case> {
    let raw_key = STANDARD.decode(KEY).expect("base64");
    let sas = |resource: &str| format!("{}\n{}", utf8_percent_encode(resource, UNRESERVED), NOW + 60);
    let batch = Other {
        key: "h1",
        title: "azure-batch: GET",
        params: &[("Method", "azure-batch"), ("AccountName", "acct"), ("SecretAccessKey", KEY)],
        request: Request::get("https://acct.westus2.batch.azure.com/jobs?api-version=2024-07-01.20.0"),
        body: None,
        mac: Some(Expected {
            string_to_sign: format!(
                "GET\n\n\n\n\n\n\n\n\n\n\n\nocp-date:{DATE}\n/acct/jobs\napi-version:2024-07-01.20.0"
            ),
            key: raw_key.clone(),
            header: "authorization",
            write: |mac| format!("SharedKey acct:{mac}"),
        }),
    };
    let event_hub = Other {
        key: "h2",
        title: "azure-event-hub: SAS token",
        params: &[("Method", "azure-event-hub"), ("SharedAccessKeyName", "send"), ("SecretAccessKey", KEY)],
        request: Request::post("https://acct.servicebus.windows.net/hub/messages"),
        body: None,
        mac: Some(Expected {
            string_to_sign: sas("https://acct.servicebus.windows.net/hub/messages"),
            key: KEY.as_bytes().to_vec(),
            header: "authorization",
            write: |mac| format!("&sig={}&se={}&skn=send", utf8_percent_encode(mac, UNRESERVED), NOW + 60),
        }),
    };
    let iot_hub = Other {
        key: "h3",
        title: "azure-iot-hub: SAS token",
        params: &[("Method", "azure-iot-hub"), ("SharedAccessKeyName", "service"), ("SecretAccessKey", KEY)],
        request: Request::get("https://acct.azure-devices.net/devices/one?api-version=2021-04-12"),
        body: None,
        mac: Some(Expected {
            string_to_sign: sas("acct.azure-devices.net"),
            key: raw_key.clone(),
            header: "authorization",
            write: |mac| format!("&sig={}&se={}&skn=service", utf8_percent_encode(mac, UNRESERVED), NOW + 60),
        }),
    };
    let post = Other {
        key: "h4",
        title: "cybersource-http: POST, 512 B",
        params: CYBERSOURCE,
        request: Request::post("https://apitest.cybersource.com/pts/v2/payments")
            .header("content-type", "application/json"),
        body: Some(BODY),
        mac: Some(Expected {
            string_to_sign: format!(
                "host: apitest.cybersource.com\ndate: {DATE}\nrequest-target: post /pts/v2/payments\n\
                 digest: SHA-256={}\nv-c-merchant-id: acme",
                STANDARD.encode(Sha256::digest(BODY))
            ),
            key: raw_key.clone(),
            header: "signature",
            write: |mac| format!(", signature=\"{mac}\""),
        }),
    };
    let get = Other {
        key: "h5",
        title: "cybersource-http: GET",
        params: CYBERSOURCE,
        request: Request::get("https://apitest.cybersource.com/tss/v2/transactions/1"),
        body: None,
        mac: Some(Expected {
            string_to_sign: format!(
                "host: apitest.cybersource.com\ndate: {DATE}\nrequest-target: get /tss/v2/transactions/1\n\
                 v-c-merchant-id: acme"
            ),
            key: raw_key,
            header: "signature",
            write: |mac| format!(", signature=\"{mac}\""),
        }),
    };
    let token = Other {
        key: "h6",
        title: "auth-token: no MAC",
        params: &[("Method", "auth-token"), ("Header", "authorization"), ("Token", "Bearer abc")],
        request: Request::get("https://partner.example/orders"),
        body: None,
        mac: None,
    };
    [batch, event_hub, iot_hub, post, get, token].into_iter().map(Other::checked).collect()
}

const CYBERSOURCE: &[(&str, &str)] = &[
    ("Method", "cybersource-http"),
    ("MerchantId", "acme"),
    ("MerchantKeyID", "08c94330-f618-42a3-b09d-e1e43be5efda"),
    ("MerchantSecretKey", KEY),
];

impl Other {
    fn checked(self) -> Case {
        let signer =
            Registry::new().signer(&self.params.iter().copied().collect()).expect("valid parameters");
        let head = self.request.body(()).expect("a valid request").into_parts().0;
        let mut contenders: Vec<(Who, Box<dyn Contender>)> = Vec::new();
        if let Some(expected) = &self.mac {
            let mut signed = head.clone();
            sign(&signer, &mut signed, self.body);
            expected.check(&signed.headers, self.title);
            contenders.push((Who::Raw, raw::mac_of(&expected.string_to_sign, self.body)));
        }
        let body = self.body;
        contenders.push((
            Who::Signer,
            Box::new(Each {
                make: move || {
                    let mut head = head.clone();
                    make_room(&mut head);
                    head
                },
                work: move |head: &mut Parts| sign(&signer, head, body),
            }),
        ));
        Case { key: self.key, title: self.title, contenders }
    }
}

fn sign(signer: &Signer, head: &mut Parts, body: Option<&[u8]>) {
    let payload = body.map_or(Payload::EMPTY, Payload::of);
    signer.sign(head, &payload, now()).expect("a request that can be signed");
}

impl Expected {
    fn check(&self, headers: &HeaderMap, title: &str) {
        let mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        let mac = mac.chain_update(&self.string_to_sign).finalize().into_bytes();
        let expected = (self.write)(&STANDARD.encode(mac));
        let is_there = headers[self.header].to_str().expect("ASCII").contains(&expected);
        assert!(is_there, "{title}: not the signature that hmac alone makes");
    }
}
