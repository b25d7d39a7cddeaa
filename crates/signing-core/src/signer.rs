//! A method with its credentials, ready to sign.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use http::request::Parts;

use crate::explain::Masking;
use crate::{
    BodyEncoder, Changes, Explanation, Method, Payload, PayloadNeed, Reach, SignError, SignErrorKind,
    SigningRequest, Timestamp,
};

/// Signs requests with one method and one set of credentials. Immutable; share it in an `Arc`.
///
/// ```
/// use signing_core::{AuthParams, Payload, Registry, Timestamp};
///
/// let params: AuthParams = [
///     ("Method", "aws-signature-v4"),
///     ("AccessKeyId", "AKIDEXAMPLE"),
///     ("SecretAccessKey", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
/// ]
/// .into_iter()
/// .collect();
/// let signer = Registry::new().signer(&params)?;
///
/// let request = http::Request::get("https://sqs.eu-west-1.amazonaws.com/?Action=ListQueues").body(())?;
/// let (mut head, ()) = request.into_parts();
/// signer.sign(&mut head, &Payload::EMPTY, Timestamp::from_unix(1_709_210_096).unwrap())?;
/// assert_eq!(head.headers["x-amz-date"], "20240229T123456Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Signer {
    name: Arc<str>,
    method: Box<dyn Method>,
    clock_correction: i64,
}

impl Signer {
    /// A signer for a method built in code. `name` is what explanations and events call it.
    pub fn new(name: &str, method: impl Method) -> Self {
        Self::from_parts(Arc::from(name), Box::new(method), 0)
    }

    pub(crate) fn from_parts(name: Arc<str>, method: Box<dyn Method>, clock_correction: i64) -> Self {
        Self { name, method, clock_correction }
    }

    /// The name of its method, as in a config file.
    pub fn method_name(&self) -> &str {
        &self.name
    }

    /// What must be known of the body before this head can be signed.
    pub fn payload_need(&self, head: &Parts) -> PayloadNeed {
        self.method.payload_need(head)
    }

    /// Where it may sign when nobody said where.
    pub fn reach(&self) -> Reach<'_> {
        self.method.reach()
    }

    /// The public name of its key, such as an `AccessKeyId`, if the method has one.
    pub fn key_id(&self) -> Option<&str> {
        self.method.key_id()
    }

    /// The seconds that are added to the clock before it is signed: its section's `ClockCorrection`.
    pub fn clock_correction(&self) -> i64 {
        self.clock_correction
    }

    /// Signs `head` in place. The headers of an earlier signature are replaced.
    ///
    /// # Errors
    ///
    /// The request cannot be signed; `head` is unchanged then.
    pub fn sign(&self, head: &mut Parts, payload: &Payload, now: Timestamp) -> Result<(), SignError> {
        let mut changes = Changes::new();
        self.method.sign(&self.request(head, payload, now)?, &mut changes)?;
        changes.check_not_encoded()?;
        changes.apply(head)
    }

    /// Signs `head` in place and tells how: the explanation is of this very signature.
    ///
    /// # Errors
    ///
    /// As [`sign`](Self::sign).
    pub fn sign_explained(
        &self,
        head: &mut Parts,
        payload: &Payload,
        now: Timestamp,
        masking: Masking,
    ) -> Result<Explanation, SignError> {
        let mut changes = Changes::recording();
        self.method.sign(&self.request(head, payload, now)?, &mut changes)?;
        changes.check_not_encoded()?;
        changes.apply_explained(head, &self.name, masking)
    }

    /// Signs `head` in place for a body of `length` bytes that is encoded while it is sent: aws-chunked. For a head
    /// whose [`payload_need`](Self::payload_need) allows it.
    ///
    /// The head is not to be signed again; keep a copy of the one that was not signed for a retry.
    ///
    /// # Errors
    ///
    /// The method does not encode this body, or the request cannot be signed; `head` is unchanged then.
    pub fn sign_encoded(
        &self,
        head: &mut Parts,
        length: u64,
        now: Timestamp,
        explain: Option<Masking>,
    ) -> Result<Encoded, SignError> {
        let payload = Payload::encoded(length);
        let mut changes = if explain.is_some() { Changes::recording() } else { Changes::new() };
        self.method.sign(&self.request(head, &payload, now)?, &mut changes)?;
        let encoder = changes.take_encoder().ok_or_else(|| {
            SignError::new(
                SignErrorKind::Unsupported,
                "the method does not encode bodies while they are sent",
            )
        })?;
        let explanation = match explain {
            Some(masking) => Some(changes.apply_explained(head, &self.name, masking)?),
            None => {
                changes.apply(head)?;
                None
            }
        };
        Ok(Encoded { encoder, explanation })
    }

    /// Tells how `head` would be signed, without changing it.
    ///
    /// # Errors
    ///
    /// As [`sign`](Self::sign).
    pub fn explain(
        &self,
        head: &Parts,
        payload: &Payload,
        now: Timestamp,
        masking: Masking,
    ) -> Result<Explanation, SignError> {
        self.sign_explained(&mut head.clone(), payload, now, masking)
    }

    /// A URL that holds the signature, good for `expires_in` (whole seconds). `head` is not changed: send
    /// its headers with the URL.
    ///
    /// # Errors
    ///
    /// The method has no presigned URLs, the time is outside its bounds or longer than the credentials
    /// live, or the request cannot be signed.
    pub fn presign(
        &self,
        head: &Parts,
        payload: &Payload,
        expires_in: Duration,
        now: Timestamp,
    ) -> Result<Uri, SignError> {
        let mut changes = Changes::new();
        self.method.presign(&self.request(head, payload, now)?, expires_in, &mut changes)?;
        changes
            .into_uri()
            .ok_or_else(|| SignError::new(SignErrorKind::Unsupported, "the method has made no presigned URL"))
    }

    /// [`presign`](Self::presign), told stage by stage; the URL is in the explanation.
    ///
    /// # Errors
    ///
    /// As [`presign`](Self::presign).
    pub fn presign_explained(
        &self,
        head: &Parts,
        payload: &Payload,
        expires_in: Duration,
        now: Timestamp,
        masking: Masking,
    ) -> Result<Explanation, SignError> {
        let mut changes = Changes::recording();
        self.method.presign(&self.request(head, payload, now)?, expires_in, &mut changes)?;
        changes.apply_explained(&mut head.clone(), &self.name, masking)
    }

    fn request<'r>(
        &self,
        head: &'r Parts,
        payload: &'r Payload,
        now: Timestamp,
    ) -> Result<SigningRequest<'r>, SignError> {
        let corrected = now.checked_add(self.clock_correction).ok_or_else(|| {
            SignError::new(
                SignErrorKind::Clock,
                "the clock with its ClockCorrection is outside the years 1970 to 9999",
            )
        })?;
        SigningRequest::new(head, payload, corrected)
    }
}

/// A head is signed, and this is what its body must be sent through.
#[derive(Debug)]
#[non_exhaustive]
pub struct Encoded {
    /// Takes the body, and gives what is to be sent.
    pub encoder: Box<dyn BodyEncoder>,
    /// How the head's signature came about, if that was asked.
    pub explanation: Option<Explanation>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("method", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[cfg(all(feature = "aws", feature = "azure", feature = "cybersource", feature = "token"))]
mod tests {
    use crate::Registry;

    #[track_caller]
    fn check(params: &[(&str, &str)], expected: Option<&str>) {
        let signer = Registry::new().signer(&params.iter().copied().collect()).unwrap();
        assert_eq!(signer.key_id(), expected);
    }

    #[test]
    fn the_key_id_is_what_the_service_knows_the_key_by() {
        check(
            &[("Method", "aws-signature-v4"), ("AccessKeyId", "AKID"), ("SecretAccessKey", "s")],
            Some("AKID"),
        );
        check(
            &[("Method", "azure-batch"), ("AccountName", "account"), ("SecretAccessKey", "aw==")],
            Some("account"),
        );
        check(
            &[("Method", "azure-event-hub"), ("SharedAccessKeyName", "send"), ("SecretAccessKey", "s")],
            Some("send"),
        );
        // The key of a device has no name.
        check(&[("Method", "azure-iot-hub"), ("SecretAccessKey", "aw==")], None);
        check(
            &[
                ("Method", "cybersource-http"),
                ("MerchantId", "m"),
                ("MerchantKeyID", "08c94330"),
                ("MerchantSecretKey", "aw=="),
            ],
            Some("08c94330"),
        );
        check(&[("Method", "auth-token"), ("Header", "x"), ("Token", "t")], None);
    }
}
