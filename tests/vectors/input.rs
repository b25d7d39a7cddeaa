//! A case as what the public API takes: parameters, a request head, a payload, an instant.

use std::time::Duration;

use http::request::Parts;
use http::{HeaderName, HeaderValue};
use serde_json::Value;
use sha2::{Digest, Sha256};
use signing_core::{AuthParams, Explanation, Masking, Payload, PayloadHash, Registry, Timestamp};

use crate::text::{base64, escaped_url, pairs, percent_decoded, text};

/// Services whose path is encoded once and not normalized, and which are always sent the hash.
const S3_AND_ITS_KIN: [&str; 4] = ["s3", "s3express", "s3-object-lambda", "s3-outposts"];

/// One request, and how to sign it.
pub(crate) struct Input {
    pub(crate) auth: Vec<(&'static str, String)>,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) expires_in: Option<Duration>,
}

/// What to sign for `case`; `None` if that is not for one of our methods.
pub(crate) fn of(case: &Value) -> Option<Input> {
    case.get("request")?;
    let mut input = Input {
        auth: Vec::new(),
        url: text(case, "/request/url").to_owned(),
        headers: owned(&pairs(case, "/request/headers")),
        expires_in: None,
    };
    match text(case, "/method") {
        "aws-sigv4" => {
            input.auth = aws(case);
            input.keep_signed_headers(case);
        }
        "aws-sigv4-query" => {
            input.auth = aws(case);
            input.keep_signed_headers(case);
            input.expires_in = Some(Duration::from_secs(integer(case, "/params/expires")));
        }
        "azure-batch-sharedkey" => input.auth = batch(case),
        "azure-sas-token" => {
            // The resource is given apart, so any URL serves that a client would take.
            input.url = format!("https://{}", input.url.split_once("://")?.1);
            input.auth = event_hub(case);
        }
        "azure-iothub-sas" => input.auth = iot_hub(case),
        "cybersource-http-signature" => input.auth = cybersource(case),
        _ => return None,
    }
    Some(input)
}

impl Input {
    /// In the vectors of whole clients, what the client added after signing is no input of the signer.
    fn keep_signed_headers(&mut self, case: &Value) {
        if let Some(signed) = case.pointer("/params/signed_headers").and_then(Value::as_str) {
            self.headers
                .retain(|(name, _)| signed.split(';').any(|signed| signed.eq_ignore_ascii_case(name)));
        }
    }

    /// Signs, or presigns, at the case's instant.
    pub(crate) fn signed(&self, case: &Value) -> Result<Explanation, Box<dyn std::error::Error>> {
        let params: AuthParams = self.auth.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let signer = Registry::new().signer(&params)?;
        let mut head = self.head(text(case, "/request/method"))?;
        let payload = payload(case);
        let unix = i64::try_from(integer(case, "/time/unix"))?;
        let now = Timestamp::from_unix(unix).ok_or("the case's time is out of range")?;
        Ok(match self.expires_in {
            Some(time) => signer.presign_explained(&head, &payload, time, now, Masking::Unmasked)?,
            None => signer.sign_explained(&mut head, &payload, now, Masking::Unmasked)?,
        })
    }

    fn head(&self, method: &str) -> Result<Parts, http::Error> {
        let mut request = http::Request::builder().method(method).uri(escaped_url(&self.url));
        for (name, value) in &self.headers {
            // A folded line ends where the next one begins: with a space.
            let value = HeaderValue::from_bytes(value.replace('\n', " ").as_bytes())?;
            request = request.header(HeaderName::from_bytes(name.as_bytes())?, value);
        }
        Ok(request.body(())?.into_parts().0)
    }
}

pub(crate) fn aws(case: &Value) -> Vec<(&'static str, String)> {
    let param = |name| text(case, &format!("/params/{name}")).to_owned();
    let mut auth = vec![
        ("Method", "aws-signature-v4".into()),
        ("AccessKeyId", param("access_key_id")),
        ("SecretAccessKey", param("secret_access_key")),
        ("Region", param("region")),
        ("Service", param("service")),
    ];
    if !param("session_token").is_empty() {
        auth.push(("SessionToken", param("session_token")));
    }
    // Given only where they differ from what the service implies, which the signer must know by itself.
    let implied = !S3_AND_ITS_KIN.contains(&text(case, "/params/service"));
    for (param, name) in [("normalize_path", "NormalizePath"), ("double_encode_path", "DoubleEncodePath")] {
        let given = case["params"][param].as_bool().unwrap_or(implied);
        if given != implied {
            auth.push((name, given.to_string()));
        }
    }
    if case["params"]["sign_body_header"] == true {
        auth.push(("ContentSha256Header", "true".into()));
    }
    if case["params"]["omit_session_token"] == true {
        auth.push(("SignSessionToken", "false".into()));
    }
    if param("payload") == "unsigned" {
        auth.push(("Payload", "unsigned".into()));
    }
    auth
}

fn batch(case: &Value) -> Vec<(&'static str, String)> {
    vec![
        ("Method", "azure-batch".into()),
        ("AccountName", text(case, "/params/account").into()),
        ("SecretAccessKey", text(case, "/params/key_base64").into()),
    ]
}

fn event_hub(case: &Value) -> Vec<(&'static str, String)> {
    let (name, seconds) = match case.pointer("/params/expiry") {
        Some(_) => ("TokenExpiry", integer(case, "/params/expiry")),
        None => ("TokenTTL", integer(case, "/params/lifetime")),
    };
    vec![
        ("Method", "azure-event-hub".into()),
        ("SharedAccessKeyName", text(case, "/params/key_name").into()),
        ("SecretAccessKey", text(case, "/params/key").into()),
        ("ResourceURI", resource(case)),
        (name, seconds.to_string()),
    ]
}

fn iot_hub(case: &Value) -> Vec<(&'static str, String)> {
    let mut auth = vec![
        ("Method", "azure-iot-hub".into()),
        ("SecretAccessKey", text(case, "/params/key_base64").into()),
        ("ResourceURI", resource(case)),
        ("TokenExpiry", integer(case, "/params/expiry").to_string()),
    ];
    match text(case, "/params/key_name") {
        "" => {}
        name => auth.push(("SharedAccessKeyName", name.into())),
    }
    auth
}

/// The resource of a SAS token as text. One SDK takes it encoded.
pub(crate) fn resource(case: &Value) -> String {
    match case.pointer("/params/resource_uri_as_given") {
        Some(_) => percent_decoded(text(case, "/params/resource_uri_as_given")),
        None => text(case, "/params/resource_uri").to_owned(),
    }
}

fn cybersource(case: &Value) -> Vec<(&'static str, String)> {
    let generation = text(case, "/params/generation");
    let mut auth = vec![
        ("Method", "cybersource-http".into()),
        ("MerchantId", text(case, "/params/merchant_id").into()),
        ("MerchantKeyID", text(case, "/params/key_id").into()),
        ("MerchantSecretKey", text(case, "/params/shared_secret_base64").into()),
        ("DateHeader", if generation == "v-c-date" { "v-c-date" } else { "date" }.into()),
        ("RequestTarget", if generation == "parens" { "(request-target)" } else { "request-target" }.into()),
    ];
    match text(case, "/params/portfolio_id") {
        "" => {}
        id => auth.push(("PortfolioId", id.into())),
    }
    auth
}

fn payload(case: &Value) -> Payload {
    let Some(repeat) = case.pointer("/request/body_repeat") else {
        return Payload::of(&base64(text(case, "/request/body_base64")));
    };
    let (unit, count) = (base64(text(repeat, "/unit_base64")), integer(repeat, "/count"));
    let mut hasher = Sha256::new();
    for _ in 0..count {
        hasher.update(&unit);
    }
    Payload::hashed(PayloadHash::from_bytes(hasher.finalize().into()), Some(unit.len() as u64 * count))
}

fn integer(value: &Value, pointer: &str) -> u64 {
    let number = value.pointer(pointer);
    let parsed = number.and_then(|number| number.as_u64().or_else(|| number.as_str()?.parse().ok()));
    parsed.unwrap_or_else(|| panic!("the case has no whole number at {pointer}"))
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}
