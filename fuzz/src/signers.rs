//! A signer of each method.

use signing_core::{AuthParams, Registry, Signer};

use crate::secrets::{MAC, PASSWORD, SECRET_KEY, TOKEN};

const KEY: (&str, &str) = ("AccessKeyId", "AKIDEXAMPLE");
const SECRET: (&str, &str) = ("SecretAccessKey", SECRET_KEY);
const SESSION: (&str, &str) = ("SessionToken", TOKEN);
const SIGV4: (&str, &str) = ("Method", "aws-signature-v4");
const REGION: (&str, &str) = ("Region", "us-east-1");

const PARAMS: [&[(&str, &str)]; 12] = [
    &[SIGV4, KEY, SECRET, REGION, ("Service", "s3")],
    &[SIGV4, KEY, SECRET, SESSION, REGION, ("Service", "execute-api")],
    &[SIGV4, KEY, SECRET, SESSION],
    &[SIGV4, KEY, SECRET, SESSION, REGION, ("Service", "s3"), ("SignSessionToken", "false")],
    &[SIGV4, KEY, SECRET, REGION, ("Service", "s3"), ("Payload", "chunked")],
    &[SIGV4, KEY, SECRET, REGION, ("Service", "s3"), ("Payload", "unsigned"), ("ClockCorrection", "-900")],
    &[("Method", "azure-batch"), ("AccountName", "account"), ("SecretAccessKey", MAC)],
    &[("Method", "azure-event-hub"), ("SharedAccessKeyName", "send"), SECRET],
    &[("Method", "azure-iot-hub"), ("SharedAccessKeyName", "service"), ("SecretAccessKey", MAC)],
    &[("Method", "azure-iot-hub"), ("SecretAccessKey", MAC), ("TokenTTL", "1")],
    &[
        ("Method", "cybersource-http"),
        ("MerchantId", "m"),
        ("MerchantKeyID", "k"),
        ("MerchantSecretKey", MAC),
    ],
    &[("Method", "auth-token"), ("Header", "x-api-key"), ("Token", PASSWORD)],
];

/// One for each of [`PARAMS`].
///
/// # Panics
///
/// The parameters are wrong.
pub fn all() -> Vec<Signer> {
    let signer = |params: &&[(&str, &str)]| {
        let params: AuthParams = params.iter().copied().collect();
        Registry::new().signer(&params).expect("the parameters are right")
    };
    PARAMS.iter().map(signer).collect()
}
