//! What a signing scheme must answer: the one thing to implement for a new scheme.

use std::time::Duration;

use crate::{Changes, PayloadNeed, SignError, SignErrorKind, SigningRequest};

/// A signing scheme with its credentials.
///
/// An implementation is built from the parameters of a config section (see [`Registry::register`]), holds
/// what can be prepared once, and answers for each request what the signature changes. It does no I/O and
/// reads no clock: the same input gives the same signature.
///
/// ```
/// use http::{HeaderName, HeaderValue};
/// use signing_core::{AuthParams, Changes, MacKey, Method, Payload, Registry, SignError, SigningRequest, Timestamp};
///
/// struct PathHmac(MacKey);
///
/// impl Method for PathHmac {
///     fn sign(&self, request: &SigningRequest<'_>, changes: &mut Changes) -> Result<(), SignError> {
///         let mac = self.0.sign(request.uri().path().as_bytes());
///         let text: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
///         let value = HeaderValue::try_from(text).expect("hexadecimal digits make a header value");
///         changes.set(HeaderName::from_static("x-path-hmac"), value);
///         Ok(())
///     }
/// }
///
/// let mut registry = Registry::new();
/// registry.register("path-hmac", |params| Ok(PathHmac(MacKey::new(params.secret("Key")?.expose().as_bytes()))))?;
/// let params: AuthParams = [("Method", "path-hmac"), ("Key", "k")].into_iter().collect();
/// let signer = registry.signer(&params)?;
///
/// let (mut head, ()) = http::Request::get("https://example.com/a").body(())?.into_parts();
/// signer.sign(&mut head, &Payload::EMPTY, Timestamp::from_unix(1_709_210_096).unwrap())?;
/// assert!(head.headers.contains_key("x-path-hmac"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`Registry::register`]: crate::Registry::register
pub trait Method: Send + Sync + 'static {
    /// What must be known of the body before [`sign`](Self::sign) can be called for this head.
    fn payload_need(&self, head: &http::request::Parts) -> PayloadNeed {
        let _ = head;
        PayloadNeed::Nothing
    }

    /// Puts into `changes` what signing changes in the request.
    ///
    /// The request may bear the headers of an earlier signature (a retry of the same head): they are to be
    /// left out of what is signed, and replaced or [removed](Changes::remove).
    ///
    /// # Errors
    ///
    /// The request cannot be signed; nothing of `changes` is applied then.
    fn sign(&self, request: &SigningRequest<'_>, changes: &mut Changes) -> Result<(), SignError>;

    /// Puts a URL into `changes` that holds the signature and is good for `expires_in`.
    ///
    /// # Errors
    ///
    /// The method has no presigned URLs (the default), or the request or the time cannot be signed.
    fn presign(
        &self,
        request: &SigningRequest<'_>,
        expires_in: Duration,
        changes: &mut Changes,
    ) -> Result<(), SignError> {
        let _ = (request, expires_in, changes);
        Err(SignError::new(SignErrorKind::Unsupported, "the method has no presigned URLs"))
    }

    /// Where the method may sign when nobody said where: in a config file, a section without `Match`.
    fn reach(&self) -> Reach<'_> {
        Reach::Named
    }

    /// What tells the service whose key it was: no secret, and fit for a log. `None` where nothing does.
    fn key_id(&self) -> Option<&str> {
        None
    }
}

/// Where a signer may be used when its section has no `Match` and no base URL was given.
///
/// A redirect, or a URL that a user typed in, must not carry credentials to a stranger.
#[derive(Clone, Copy, Debug)]
pub enum Reach<'m> {
    /// Nowhere: a `Match` or a base URL must say it. For methods whose output whoever receives it can use
    /// again, and for those that do not know their services' hosts.
    Named,
    /// At the hosts (lower case, no port, no final dot) that the function knows as the service's own. It always says
    /// the same of a host, and may not be asked again.
    Known(fn(&str) -> bool),
    /// At one host (lower case, no port, no final dot).
    Host(&'m str),
}
