//! The method `aws-signature-v4`: credentials, settings, and signing by header.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use http::header::{AUTHORIZATION, HOST};
use http::request::Parts;
use http::{HeaderName, HeaderValue};

use super::canonical_request::{self, PathRules, Query, SignedHeaders, is_kept_on_the_way};
use super::chunked::{self, Checksum, Upload};
use super::credential_scope::CredentialScope;
use super::payload::{PayloadMode, PayloadRules, checked_chunk_size};
use super::signing_key::SigningKeys;
use super::string_to_sign::{ALGORITHM, Moment};
use super::{date, endpoint, presign};
use crate::buffer::with_buffer;
use crate::header::{self, check_visible};
use crate::{
    Changes, Method, ParamError, ParamReader, PayloadNeed, Reach, SecretText, SignError, SignErrorKind,
    SigningRequest, Timestamp,
};

/// Its name in a config file.
pub const METHOD_NAME: &str = "aws-signature-v4";

/// In place of a host where nothing is derived from it. Not empty: comparing empty boxes is slow on some processors,
/// since `memcmp` looks at an address where there is nothing.
const ANY_HOST: &[u8] = b"*";
const SIGNATURE: &[u8] = b", Signature=";

const X_AMZ_DATE: &str = "x-amz-date";
pub(super) const X_AMZ_CONTENT_SHA256: &str = "x-amz-content-sha256";
const X_AMZ_SECURITY_TOKEN: &str = "x-amz-security-token";

/// AWS credentials: long-term, or temporary with a token and perhaps a known end.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The public name of the key.
    pub access_key_id: String,
    /// The secret key.
    pub secret_access_key: SecretText,
    /// The token of temporary credentials.
    pub session_token: Option<SecretText>,
    /// When temporary credentials end, if that is known. Nothing is signed from then on, and no presigned
    /// URL outlives it.
    pub expires_at: Option<Timestamp>,
}

/// What differs between services. `None` means: as the service has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Fold dot segments and repeated slashes in what is signed.
    pub normalize_path: Option<bool>,
    /// Encode the path a second time in what is signed.
    pub double_encode_path: Option<bool>,
    /// Send and sign `x-amz-content-sha256`. No effect on presigned URLs.
    pub content_sha256_header: Option<bool>,
}

/// AWS Signature Version 4 with one set of credentials.
///
/// ```
/// use signing_core::aws::{Credentials, SigV4};
/// use signing_core::{Payload, Signer, Timestamp};
///
/// let credentials = Credentials {
///     access_key_id: "AKIDEXAMPLE".into(),
///     secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
///     session_token: None,
///     expires_at: None,
/// };
/// let method = SigV4::new(credentials)?.region("eu-central-1")?.service("s3")?;
/// let signer = Signer::new("minio", method);
///
/// let (mut head, ()) = http::Request::get("http://127.0.0.1:9000/bucket/key").body(())?.into_parts();
/// signer.sign(&mut head, &Payload::EMPTY, Timestamp::from_unix(1_709_210_096).unwrap())?;
/// assert!(head.headers.contains_key("x-amz-content-sha256"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SigV4 {
    pub(super) credentials: Credentials,
    session_token: Option<HeaderValue>,
    region: Option<Box<str>>,
    service: Option<Box<str>>,
    payload: PayloadRules,
    rules: Rules,
    pub(super) sign_session_token: bool,
    unsigned_headers: Box<[HeaderName]>,
    keys: SigningKeys,
}

impl SigV4 {
    /// Region and service come from each request's host unless they are set.
    ///
    /// # Errors
    ///
    /// The key id is empty or cannot stand in a header, the secret is empty, or the token cannot be sent.
    pub fn new(credentials: Credentials) -> Result<Self, ParamError> {
        let key_id = &credentials.access_key_id;
        if key_id.is_empty() || !key_id.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'/' | b',')) {
            return Err(ParamError::invalid(
                "AccessKeyId",
                "is empty or holds a character that no key id has",
            ));
        }
        if credentials.secret_access_key.expose().is_empty() {
            return Err(ParamError::invalid("SecretAccessKey", "is empty"));
        }
        let session_token = credentials.session_token.as_ref().map(|token| {
            check_visible("SessionToken", token.expose())?;
            Ok(header::sensitive(token.expose().as_bytes().to_vec()))
        });
        Ok(Self {
            session_token: session_token.transpose()?,
            credentials,
            region: None,
            service: None,
            payload: PayloadRules::default(),
            rules: Rules::default(),
            sign_session_token: true,
            unsigned_headers: Box::default(),
            keys: SigningKeys::new(),
        })
    }

    /// Signs for this region, whatever the host says.
    ///
    /// # Errors
    ///
    /// It cannot stand in a credential scope.
    pub fn region(mut self, region: &str) -> Result<Self, ParamError> {
        self.region = Some(checked_scope_part("Region", region)?);
        Ok(self)
    }

    /// Signs for this service (`s3`, `execute-api`), whatever the host says.
    ///
    /// # Errors
    ///
    /// It cannot stand in a credential scope.
    pub fn service(mut self, service: &str) -> Result<Self, ParamError> {
        self.service = Some(checked_scope_part("Service", service)?);
        Ok(self)
    }

    /// How much of the body is covered.
    #[must_use]
    pub fn payload(mut self, payload: PayloadMode) -> Self {
        self.payload.mode = payload;
        self
    }

    /// What is sent behind an aws-chunked body that has a trailer.
    #[must_use]
    pub fn checksum(mut self, checksum: Checksum) -> Self {
        self.payload.checksum = checksum;
        self
    }

    /// Bytes of each chunk but the last of an aws-chunked body; 65536 unless it is set.
    ///
    /// # Errors
    ///
    /// It is not from 8192, which is S3's least, to 1073741824.
    pub fn chunk_size(mut self, bytes: u64) -> Result<Self, ParamError> {
        self.payload.chunk_size = checked_chunk_size(bytes)?;
        Ok(self)
    }

    /// Whether a body that is not covered may go over plain http to other machines.
    #[must_use]
    pub fn allow_plain_http(mut self, allow: bool) -> Self {
        self.payload.allow_plain_http = allow;
        self
    }

    /// Overrides what the service implies.
    #[must_use]
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// Whether the session token is covered by the signature, or only sent.
    #[must_use]
    pub fn sign_session_token(mut self, sign: bool) -> Self {
        self.sign_session_token = sign;
        self
    }

    /// More headers that are not signed, beside those that [hops change](super::is_signed_by_default).
    #[must_use]
    pub fn unsigned_headers(mut self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        self.unsigned_headers = names.into_iter().filter(|name| *name != HOST).collect();
        self
    }

    pub(crate) fn from_params(params: &mut ParamReader<'_>) -> Result<Self, ParamError> {
        let credentials = Credentials {
            access_key_id: params.text("AccessKeyId")?.to_owned(),
            secret_access_key: params.secret("SecretAccessKey")?,
            session_token: params.optional_secret("SessionToken")?,
            expires_at: None,
        };
        let mut method = Self::new(credentials)?;
        method.region = scope_part(params, "Region")?;
        method.service = scope_part(params, "Service")?;
        method.payload = PayloadRules::from_params(params)?;
        method.rules = Rules {
            normalize_path: params.flag("NormalizePath")?,
            double_encode_path: params.flag("DoubleEncodePath")?,
            content_sha256_header: params.flag("ContentSha256Header")?,
        };
        method.sign_session_token = params.flag("SignSessionToken")?.unwrap_or(true);
        if let Some(names) = params.optional_text("UnsignedHeaders")? {
            method.unsigned_headers = header_names(names)?;
        }
        Ok(method)
    }

    /// Region and service: given, or derived from the host name.
    fn scope<'a>(&'a self, now: Timestamp, host_name: &'a str) -> Result<CredentialScope<'a>, SignError> {
        let derived = if self.needs_host_name() { endpoint::from_host(host_name) } else { None };
        let region = self.region.as_deref().or(derived.map(|endpoint| endpoint.region));
        if self.region.is_none() && region == Some(endpoint::EVERY_REGION) {
            let message = format!(
                "the host `{host_name}` serves every region: set the parameter Region (some such hosts take SigV4A only)"
            );
            return Err(SignError::new(SignErrorKind::Endpoint, message));
        }
        let service = self.service.as_deref().or(derived.map(|endpoint| endpoint.service));
        match (region, service) {
            (Some(region), Some(service)) => Ok(CredentialScope::new(now, region, service)),
            (None, Some(_)) => Err(underivable("region", "parameter Region", host_name)),
            (Some(_), None) => Err(underivable("service", "parameter Service", host_name)),
            (None, None) => {
                Err(underivable("region and service", "parameters Region and Service", host_name))
            }
        }
    }

    /// The host name, where something is derived from it.
    fn host_name<'r>(&self, request: &SigningRequest<'r>) -> Result<Cow<'r, str>, SignError> {
        if self.needs_host_name() { request.host_name() } else { Ok(Cow::Borrowed("")) }
    }

    fn needs_host_name(&self) -> bool {
        self.region.is_none() || self.service.is_none()
    }

    pub(super) fn path_rules(&self, service: &str) -> PathRules {
        let once = encodes_path_once(service);
        PathRules {
            normalize: self.rules.normalize_path.unwrap_or(!once),
            double_encode: self.rules.double_encode_path.unwrap_or(!once),
        }
    }

    /// Whether a header of this name is signed; `name` is in lower case.
    #[inline]
    pub(super) fn is_signed(&self, name: &str) -> bool {
        // Host is signed as the client sends it, from wherever that is known.
        name != "host"
            && is_kept_on_the_way(name)
            && !self.unsigned_headers.iter().any(|unsigned| unsigned == name)
    }

    /// Whether a presigned URL covers the body's hash, where the service is not S3 or its kin.
    pub(super) fn presigns_payload(&self) -> bool {
        self.payload.mode != PayloadMode::Unsigned
    }

    /// Whether a request goes to S3 itself, by what its head and the parameters say.
    fn is_for_s3(&self, head: &Parts) -> bool {
        let is_s3 = |service: &str| matches!(service, "s3" | "s3express");
        match &self.service {
            Some(service) => is_s3(service),
            None => {
                let host = SigningRequest::of_head(head).host_name();
                host.is_ok_and(|host| endpoint::from_host(&host).is_some_and(|end| is_s3(end.service)))
            }
        }
    }

    /// Calls `sign` with the signing key for a request to `host`, at its instant.
    pub(super) fn with_key<T>(
        &self,
        request: &SigningRequest<'_>,
        host: &[u8],
        sign: impl FnOnce(&Moment) -> Result<T, SignError>,
    ) -> Result<T, SignError> {
        let now = request.now();
        let host = if self.needs_host_name() { host } else { ANY_HOST };
        if let Some(moment) = self.keys.load().find(host, now) {
            return sign(moment);
        }
        let host_name = self.host_name(request)?;
        let scope = self.scope(now, &host_name)?;
        sign(&self.keys.make(host, scope, now, &self.credentials))
    }

    pub(super) fn check_alive(&self, now: Timestamp) -> Result<(), SignError> {
        match self.credentials.expires_at {
            Some(end) if end <= now => {
                Err(SignError::new(SignErrorKind::Credentials, "the credentials have expired"))
            }
            _ => Ok(()),
        }
    }
}

impl Method for SigV4 {
    fn payload_need(&self, head: &Parts) -> PayloadNeed {
        self.payload.need(head, || self.is_for_s3(head))
    }

    fn sign(&self, request: &SigningRequest<'_>, changes: &mut Changes) -> Result<(), SignError> {
        self.check_alive(request.now())?;
        let mut space = Vec::new();
        let mut query = Query::default();
        query.parse(request.uri().query().unwrap_or_default(), &mut space);
        presign::refuse_presigned(&query)?;
        let host = request.host()?;
        self.with_key(request, &host, |moment| self.sign_with(moment, request, &host, &mut query, changes))
    }

    fn presign(
        &self,
        request: &SigningRequest<'_>,
        expires_in: Duration,
        changes: &mut Changes,
    ) -> Result<(), SignError> {
        presign::presign(self, request, expires_in, changes)
    }

    fn reach(&self) -> Reach<'_> {
        // Not every host below AWS's domains: load balancers and machines there are anyone's.
        Reach::Known(|host| endpoint::from_host(host).is_some())
    }

    fn key_id(&self) -> Option<&str> {
        Some(&self.credentials.access_key_id)
    }
}

impl SigV4 {
    fn sign_with(
        &self,
        moment: &Moment,
        request: &SigningRequest<'_>,
        host: &[u8],
        query: &mut Query<'_>,
        changes: &mut Changes,
    ) -> Result<(), SignError> {
        let key = moment.key();
        let coverage;
        let mut hex = [0; 64];
        let mut headers = SignedHeaders::default();
        let mut earlier = Earlier::default();
        for (name, value) in request.headers() {
            let name = name.as_str();
            if !earlier.note(name, value)? && self.is_signed(name) {
                headers.add(name, value.as_bytes());
            }
        }
        coverage = self.payload.coverage(request, key.service())?;
        let content_sha256 = coverage.content_sha256(&mut hex);
        let upload = coverage.upload();
        if let Some(upload) = upload {
            headers.remove(|name| upload.replaces(name));
        }
        let sends_hash = earlier.content_sha256
            || upload.is_some()
            || self.rules.content_sha256_header.unwrap_or(encodes_path_once(key.service()));
        headers.add("host", host);
        headers.add(X_AMZ_DATE, moment.iso_date());
        if sends_hash {
            headers.add(X_AMZ_CONTENT_SHA256, content_sha256);
        }
        match &self.session_token {
            Some(token) if self.sign_session_token => {
                headers.add(X_AMZ_SECURITY_TOKEN, token.as_bytes());
            }
            // The caller's own.
            None if earlier.token && !earlier.signature && self.is_signed(X_AMZ_SECURITY_TOKEN) => {
                for token in request.headers().get_all(X_AMZ_SECURITY_TOKEN) {
                    headers.add(X_AMZ_SECURITY_TOKEN, token.as_bytes());
                }
            }
            _ => {}
        }
        for (name, value) in upload.into_iter().flat_map(Upload::headers) {
            headers.add(name, value);
        }
        headers.sort();

        // Of the exact size: a vector with room to spare costs another allocation on its way to a header.
        let opening = key.authorization();
        let length = opening.len() + headers.names_length() + SIGNATURE.len() + 64;
        let mut authorization = Vec::with_capacity(length);
        authorization.extend_from_slice(opening);
        let signature = with_buffer(|buffer| {
            let path = (request.uri().path(), self.path_rules(key.service()));
            let parts = (request.method(), path, query, &headers);
            canonical_request::write(buffer, &mut authorization, parts, content_sha256);
            moment.sign(buffer, changes)
        });
        authorization.extend_from_slice(SIGNATURE);
        authorization.extend_from_slice(&signature);

        if let Some(upload) = upload {
            changes.set_encoder(chunked::encoder(upload, key, *moment.iso_date(), signature));
            upload.change(changes);
        }
        changes.set(
            const { HeaderName::from_static(X_AMZ_DATE) },
            date::header(moment.second(), moment.iso_date()),
        );
        if sends_hash {
            changes.set(const { HeaderName::from_static(X_AMZ_CONTENT_SHA256) }, coverage.header());
        }
        match &self.session_token {
            Some(token) => {
                changes.set(const { HeaderName::from_static(X_AMZ_SECURITY_TOKEN) }, token.clone())
            }
            None if earlier.signature && earlier.token => {
                changes.remove(const { HeaderName::from_static(X_AMZ_SECURITY_TOKEN) })
            }
            None => {}
        }
        if let Some(token) = &self.credentials.session_token {
            changes.record_secret(token.expose());
        }
        changes.set(AUTHORIZATION, header::sensitive(authorization));
        Ok(())
    }
}

impl fmt::Debug for SigV4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigV4")
            .field("access_key_id", &self.credentials.access_key_id)
            .field("region", &self.region)
            .field("service", &self.service)
            .field("payload", &self.payload)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

/// What an earlier signature, or the caller, left in the head.
#[derive(Default)]
struct Earlier {
    signature: bool,
    token: bool,
    content_sha256: bool,
}

impl Earlier {
    /// Whether this is a header that a signature sets. A token of the caller's own is not replaced, for all that.
    #[inline]
    fn note(&mut self, name: &str, value: &HeaderValue) -> Result<bool, SignError> {
        match name {
            X_AMZ_DATE => {}
            X_AMZ_SECURITY_TOKEN => self.token = true,
            X_AMZ_CONTENT_SHA256 => {
                if value.as_bytes().trim_ascii().starts_with(b"STREAMING-") {
                    return Err(SignError::new(
                        SignErrorKind::Payload,
                        "x-amz-content-sha256 says that the body is aws-chunked already; its chunks cannot be signed here",
                    ));
                }
                self.content_sha256 = true;
            }
            "authorization" => self.signature |= value.as_bytes().starts_with(ALGORITHM.as_bytes()),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// S3 and its kin: the path is encoded once and not normalized, and the payload's hash is always sent.
pub(super) fn encodes_path_once(service: &str) -> bool {
    matches!(service, "s3" | "s3express" | "s3-object-lambda" | "s3-outposts")
}

fn underivable(what: &str, parameter: &str, host_name: &str) -> SignError {
    let message =
        format!("the host `{}` does not tell {what}; set the {parameter}", host_name.escape_debug());
    SignError::new(SignErrorKind::Endpoint, message)
}

fn scope_part(params: &mut ParamReader<'_>, name: &'static str) -> Result<Option<Box<str>>, ParamError> {
    params.optional_text(name)?.map(|text| checked_scope_part(name, text)).transpose()
}

/// A region or service stands between slashes in the credential scope.
fn checked_scope_part(name: &str, text: &str) -> Result<Box<str>, ParamError> {
    let is_part = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'/' | b',' | b'*');
    if !text.is_empty() && text.bytes().all(is_part) {
        return Ok(text.into());
    }
    Err(ParamError::invalid(name, "is empty or holds a character that no region or service name has"))
}

fn header_names(text: &str) -> Result<Box<[HeaderName]>, ParamError> {
    let fault = |reason| ParamError::invalid("UnsignedHeaders", reason);
    let names = text.split([',', ' ']).filter(|name| !name.is_empty());
    let names: Box<[_]> = names
        .map(|name| name.parse().map_err(|_| fault("must be header names, separated by commas or spaces")))
        .collect::<Result<_, _>>()?;
    if names.contains(&HOST) {
        return Err(fault("cannot hold `host`, which must be signed"));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_stand_in_a_scope_is_refused_when_it_is_set() {
        let method = || {
            let credentials = Credentials {
                access_key_id: "AKIDEXAMPLE".into(),
                secret_access_key: SecretText::new("secret"),
                session_token: None,
                expires_at: None,
            };
            SigV4::new(credentials).unwrap()
        };
        for part in ["", "us-east-1\n", "a/b", "a,b", "*", "a b"] {
            assert_eq!(method().region(part).unwrap_err().parameter(), Some("Region"), "{part:?}");
            assert_eq!(method().service(part).unwrap_err().parameter(), Some("Service"), "{part:?}");
        }
        assert!(method().region("us-east-1").and_then(|method| method.service("s3")).is_ok());
    }

    #[track_caller]
    fn check_refused(payload: PayloadMode, url: &str, headers: &[(&str, &str)], expected: &str) {
        let credentials = Credentials {
            access_key_id: "AKIDEXAMPLE".into(),
            secret_access_key: SecretText::new("secret"),
            session_token: None,
            expires_at: None,
        };
        let signer = crate::Signer::new("aws", SigV4::new(credentials).unwrap().payload(payload));
        let mut request = http::Request::put(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut head = request.body(()).unwrap().into_parts().0;
        let now = Timestamp::from_unix(1_709_210_096).unwrap();
        let error = signer.sign(&mut head, &crate::Payload::unread(None), now).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
    }

    #[test]
    fn what_is_signed_or_encoded_already_is_told_first() {
        let presigned = "the URL is presigned already";
        check_refused(PayloadMode::Auto, "https://minio.example/b/k?X-Amz-Signature=1", &[], presigned);
        let encoded = ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
        let url = "https://b.s3.eu-west-1.amazonaws.com/k";
        for payload in [PayloadMode::Chunked, PayloadMode::Signed] {
            let expected = "x-amz-content-sha256 says that the body is aws-chunked already";
            check_refused(payload, url, &[encoded], expected);
            check_refused(payload, url, &[("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), encoded], expected);
        }
    }
}
