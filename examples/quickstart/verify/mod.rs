//! What a service does with a signed request, written without this project's code: SigV4 by the `aws-sigv4`
//! crate, the other methods by their formulas, written out over the request as it was received.

pub(crate) mod aws;
pub(crate) mod azure;
pub(crate) mod cybersource;
pub(crate) mod token;

use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use hyper::{Request, StatusCode};
use sha2::Sha256;

use crate::services::Key;

/// A request with its whole body.
pub(crate) type Received = Request<Bytes>;

/// The generation of the key that signed the request, or why it is not accepted.
pub(crate) type Verdict = Result<u64, Refusal>;

/// What the client is told. It names no value: a right signature is a credential.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) reason: &'static str,
}

/// It cannot be told who sent this.
fn unauthorized(reason: &'static str) -> Refusal {
    Refusal { status: StatusCode::UNAUTHORIZED, reason }
}

/// The credentials are good, but not for this.
fn forbidden(reason: &'static str) -> Refusal {
    Refusal { status: StatusCode::FORBIDDEN, reason }
}

/// The value of a header that must be there, once.
fn header<'r>(request: &'r Received, name: &str) -> Result<&'r str, Refusal> {
    let mut values = request.headers().get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| unauthorized("a header is not ASCII")),
        (Some(_), Some(_)) => Err(unauthorized("a header is there twice")),
        (None, _) => Err(unauthorized("a header is missing that the signature needs")),
    }
}

/// The path and query, as they came.
fn target(request: &Received) -> &str {
    request.uri().path_and_query().map_or("/", |target| target.as_str())
}

/// A date may be five minutes off, so that a request that was overheard is soon worth nothing.
fn check_date(date: &str, format: Format) -> Result<SystemTime, Refusal> {
    let date = DateTime::from_str(date, format).ok().and_then(|date| SystemTime::try_from(date).ok());
    let date = date.ok_or(unauthorized("the date cannot be read"))?;
    let now = SystemTime::now();
    let off = now.duration_since(date).unwrap_or_else(|future| future.duration());
    if off > Duration::from_secs(5 * 60) {
        return Err(unauthorized("the date is more than five minutes off"));
    }
    Ok(date)
}

/// Finds the key by the id that the request names.
fn key_named<'k>(keys: &'k [Key], id: &str) -> Result<&'k Key, Refusal> {
    keys.iter().find(|key| key.id == id).ok_or(unauthorized("the key id is not known"))
}

/// Finds the key that made `signature` (base64) over `text`. The comparison takes the same time wherever the
/// first difference is. `bytes` says what of a key goes into the HMAC.
fn check_hmac(keys: &[Key], bytes: fn(&Key) -> Vec<u8>, text: &str, signature: &str) -> Verdict {
    let signature = STANDARD.decode(signature).map_err(|_| unauthorized("the signature is not base64"))?;
    let signed_it = |key: &&Key| {
        let mut mac = Hmac::<Sha256>::new_from_slice(&bytes(key)).expect("HMAC takes keys of any length");
        mac.update(text.as_bytes());
        mac.verify_slice(&signature).is_ok()
    };
    let key = keys.iter().find(signed_it);
    key.map(|key| key.generation).ok_or(unauthorized("the signature is not that of this request"))
}

/// Compares in a time that depends on the lengths only.
fn equal(one: &str, other: &str) -> bool {
    let differences = one.bytes().zip(other.bytes()).fold(0, |found, (a, b)| found | (a ^ b));
    one.len() == other.len() && differences == 0
}

impl Key {
    /// The secret's own text, though it looks like base64.
    fn text(&self) -> Vec<u8> {
        self.secret.as_bytes().to_vec()
    }

    /// What the secret is the base64 of.
    fn decoded(&self) -> Vec<u8> {
        STANDARD.decode(&self.secret).expect("the secrets of this example are base64")
    }
}
