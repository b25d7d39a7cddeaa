//! Presigned URLs: the signature stands in the query, and the URL is good for a while.

use std::time::Duration;

use http::header::AUTHORIZATION;
use http::uri::PathAndQuery;
use http::{HeaderValue, Uri};

use super::canonical_request::{self, SignedHeaders};
use super::payload::{self, UNSIGNED_PAYLOAD};
use super::sigv4::{SigV4, X_AMZ_CONTENT_SHA256, encodes_path_once};
use super::string_to_sign::ALGORITHM;
use crate::buffer::with_buffer;
use crate::encode::{UNRESERVED, hex32, push_decimal, push_percent_encoded};
use crate::{Changes, SignError, SignErrorKind, SigningRequest, Timestamp};

const MOST_SECONDS: u64 = 7 * 24 * 60 * 60;

/// Our parameters are appended to the query that the caller wrote, which stays as it is.
///
/// Spec: [Authenticating requests: using query parameters][spec].
///
/// [spec]: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
pub(super) fn presign(
    method: &SigV4,
    request: &SigningRequest<'_>,
    expires_in: Duration,
    changes: &mut Changes,
) -> Result<(), SignError> {
    let seconds = checked_expiry(method, expires_in, request.now())?;
    let mut space = Vec::new();
    let mut given = canonical_request::Query::default();
    given.parse(request.uri().query().unwrap_or_default(), &mut space);
    refuse_presigned(&given)?;
    if given.has_any(&OURS) {
        return Err(SignError::request("the URL's query has a parameter that presigning sets (`X-Amz-…`)"));
    }
    let is_signature = |value: &HeaderValue| value.as_bytes().starts_with(ALGORITHM.as_bytes());
    if request.headers().get_all(AUTHORIZATION).iter().any(is_signature) {
        return Err(SignError::request(
            "the request is signed by header already; a presigned URL takes no other signature",
        ));
    }
    let host = request.host()?;
    let mut headers = SignedHeaders::default();
    for (name, value) in request.headers().iter().filter(|(name, _)| method.is_signed(name.as_str())) {
        headers.add(name.as_str(), value.as_bytes());
    }
    headers.add("host", &host);
    headers.sort();

    let uri = method.with_key(request, &host, |moment| {
        let key = moment.key();
        let payload_hash = payload_hash(method, request, key.service())?;
        let mut query = Query::of(request.uri());
        query.push("X-Amz-Algorithm", ALGORITHM.as_bytes());
        let credential = [&method.credentials.access_key_id, "/", key.scope()].concat();
        query.push("X-Amz-Credential", credential.as_bytes());
        query.push("X-Amz-Date", moment.iso_date());
        query.push_number("X-Amz-Expires", seconds);
        let mut names = headers.names();
        query.push("X-Amz-SignedHeaders", &names);
        let token = method.credentials.session_token.as_ref();
        let push_token = |query: &mut Query| {
            if let Some(token) = token {
                query.push("X-Amz-Security-Token", token.expose().as_bytes());
            }
        };
        if method.sign_session_token {
            push_token(&mut query);
        }

        let signature = with_buffer(|buffer| {
            let path = (request.uri().path(), method.path_rules(key.service()));
            let mut space = Vec::new();
            let mut canonical_query = canonical_request::Query::default();
            canonical_query.parse(query.as_str(), &mut space);
            let parts = (request.method(), path, &mut canonical_query, &headers);
            names.clear();
            canonical_request::write(buffer, &mut names, parts, &payload_hash);
            moment.sign(buffer, changes)
        });

        query.push("X-Amz-Signature", &signature);
        if !method.sign_session_token {
            push_token(&mut query);
        }
        if let Some(token) = token {
            changes.record_secret(token.expose());
        }
        query.into_uri(request.uri())
    })?;
    changes.set_uri(uri);
    Ok(())
}

/// What a presigned URL says for itself.
const OURS: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
];

/// A URL with a signature in its query is sent as it is; a second signature would only be refused.
pub(super) fn refuse_presigned(query: &canonical_request::Query<'_>) -> Result<(), SignError> {
    if query.has_any(&["X-Amz-Signature"]) {
        return Err(SignError::request("the URL is presigned already: send it without signing it"));
    }
    Ok(())
}

fn checked_expiry(method: &SigV4, expires_in: Duration, now: Timestamp) -> Result<u64, SignError> {
    method.check_alive(now)?;
    let seconds = expires_in.as_secs();
    if expires_in.subsec_nanos() != 0 || !(1..=MOST_SECONDS).contains(&seconds) {
        return Err(SignError::new(
            SignErrorKind::Unsupported,
            "a presigned URL is good for a whole number of seconds from 1 to 604800 (7 days)",
        ));
    }
    match method.credentials.expires_at {
        Some(end) if now.until(end) < expires_in => Err(SignError::new(
            SignErrorKind::Credentials,
            format!("the credentials end in {} s, before the presigned URL would", now.until(end).as_secs()),
        )),
        _ => Ok(seconds),
    }
}

/// Whoever made the URL rarely has the body: S3 takes `UNSIGNED-PAYLOAD`, unless a signed header says the hash.
fn payload_hash(method: &SigV4, request: &SigningRequest<'_>, service: &str) -> Result<Vec<u8>, SignError> {
    let mut given = request.headers().get_all(X_AMZ_CONTENT_SHA256).iter();
    match (given.next(), given.next()) {
        (Some(hash), None) if !hash.as_bytes().trim_ascii().starts_with(b"STREAMING-") => {
            return Ok(hash.as_bytes().trim_ascii().to_vec());
        }
        (Some(_), _) => {
            return Err(SignError::request(
                "x-amz-content-sha256 is there twice, or is of an aws-chunked body",
            ));
        }
        (None, _) => {}
    }
    if encodes_path_once(service) || !method.presigns_payload() {
        return Ok(UNSIGNED_PAYLOAD.as_bytes().to_vec());
    }
    payload::payload_hash(request).map(|hash| hex32(hash.as_bytes()).to_vec())
}

/// A query that grows at its end.
struct Query(Vec<u8>);

impl Query {
    fn of(uri: &Uri) -> Self {
        Self(uri.query().unwrap_or_default().as_bytes().to_vec())
    }

    fn push(&mut self, name: &str, value: &[u8]) {
        self.push_name(name);
        push_percent_encoded(&mut self.0, value, &UNRESERVED);
    }

    fn push_number(&mut self, name: &str, value: u64) {
        self.push_name(name);
        push_decimal(&mut self.0, value);
    }

    fn push_name(&mut self, name: &str) {
        if !self.0.is_empty() {
            self.0.push(b'&');
        }
        self.0.extend_from_slice(name.as_bytes());
        self.0.push(b'=');
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a URL's query and ASCII")
    }

    fn into_uri(self, original: &Uri) -> Result<Uri, SignError> {
        let too_long = |error| SignError::request("the presigned URL would be too long").with_source(error);
        let path_and_query = [original.path(), "?", self.as_str()].concat();
        let mut parts = original.clone().into_parts();
        parts.path_and_query = Some(PathAndQuery::try_from(path_and_query).map_err(too_long)?);
        Uri::from_parts(parts)
            .map_err(|error| SignError::request("the URL cannot carry a query").with_source(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Credentials;
    use crate::{Payload, SecretText, Signer};

    const NOW: Timestamp = Timestamp::from_unix(1_709_210_096).unwrap();

    fn presign_for(expires_in: Duration, expires_at: Option<Timestamp>, url: &str) -> Result<Uri, SignError> {
        let credentials = Credentials {
            access_key_id: "AKIDEXAMPLE".into(),
            secret_access_key: SecretText::new("secret"),
            session_token: None,
            expires_at,
        };
        let signer = Signer::new("aws", SigV4::new(credentials).unwrap());
        let head = http::Request::get(url).body(()).unwrap().into_parts().0;
        signer.presign(&head, &Payload::EMPTY, expires_in, NOW)
    }

    const URL: &str = "https://sqs.eu-west-1.amazonaws.com/q?b=+&a";

    #[test]
    fn the_callers_query_stays_in_front_as_written() {
        let uri = presign_for(Duration::from_secs(60), None, URL).unwrap().to_string();
        assert!(uri.starts_with("https://sqs.eu-west-1.amazonaws.com/q?b=+&a&X-Amz-Algorithm="), "{uri}");
    }

    #[test]
    fn the_time_is_bounded() {
        let kind =
            |expires_in, expires_at| presign_for(expires_in, expires_at, URL).map_err(|error| error.kind());
        for seconds in [0, 604_801] {
            assert_eq!(kind(Duration::from_secs(seconds), None).unwrap_err(), SignErrorKind::Unsupported);
        }
        assert_eq!(kind(Duration::from_millis(1_500), None).unwrap_err(), SignErrorKind::Unsupported);
        assert!(kind(Duration::from_secs(1), None).is_ok());
        assert!(kind(Duration::from_secs(604_800), None).is_ok());
    }

    #[test]
    fn no_url_outlives_its_credentials() {
        let end = NOW.checked_add(100);
        assert!(presign_for(Duration::from_secs(100), end, URL).is_ok());
        let error = presign_for(Duration::from_secs(101), end, URL).unwrap_err();
        assert_eq!(error.kind(), SignErrorKind::Credentials);
        assert_eq!(error.to_string(), "the credentials end in 100 s, before the presigned URL would");
        let error = presign_for(Duration::from_secs(1), Some(NOW), URL).unwrap_err();
        assert_eq!(error.to_string(), "the credentials have expired");
    }

    #[test]
    fn a_presigned_url_is_not_presigned_again() {
        let uri = presign_for(Duration::from_secs(60), None, URL).unwrap().to_string();
        let error = presign_for(Duration::from_secs(60), None, &uri).unwrap_err();
        assert_eq!(error.to_string(), "the URL is presigned already: send it without signing it");
        let error =
            presign_for(Duration::from_secs(60), None, &format!("{URL}&X%2DAmz-Expires=9")).unwrap_err();
        assert!(error.to_string().contains("a parameter that presigning sets"), "{error}");
    }

    #[test]
    fn a_request_that_any_header_signs_is_not_presigned() {
        let credentials = Credentials {
            access_key_id: "AKIDEXAMPLE".into(),
            secret_access_key: SecretText::new("secret"),
            session_token: None,
            expires_at: None,
        };
        let signer = Signer::new("aws", SigV4::new(credentials).unwrap());
        let request = http::Request::get(URL).header(AUTHORIZATION, "Basic x");
        let request = request.header(AUTHORIZATION, "AWS4-HMAC-SHA256 Credential=…");
        let head = request.body(()).unwrap().into_parts().0;
        let error = signer.presign(&head, &Payload::EMPTY, Duration::from_secs(1), NOW).unwrap_err();
        assert!(error.to_string().starts_with("the request is signed by header already"), "{error}");
    }
}
