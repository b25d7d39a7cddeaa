//! The URL that a request is forwarded to.

use http::uri::{Authority, Scheme};
use http::{StatusCode, Uri};
use tower_signing::Match;

use super::failure::Failure;
use super::{FailureKind, ProxyConfigError};

/// Where everything goes. Also the scope of the signatures.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    text: Box<str>,
    scheme: Scheme,
    authority: Authority,
    /// Without the final slash, so that a received path can follow.
    path: Box<str>,
}

impl BaseUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, ProxyConfigError> {
        let fault = |reason| ProxyConfigError::new("the base URL", reason);
        // The signing layer will be bound to it: what it cannot compare is no base URL.
        text.parse::<Match>().map_err(|error| fault("cannot be used").with_source(error))?;
        let parts = text.parse::<Uri>().map_err(|error| fault("is no URL").with_source(error))?.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(fault("has no scheme or no host"));
        };
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return Err(fault("is neither http nor https"));
        }
        if authority.as_str().contains('*') {
            return Err(fault("is a pattern: it must name one host"));
        }
        let path = parts.path_and_query.as_ref().map_or("", |path| path.path());
        let path = path.strip_suffix('/').unwrap_or(path).into();
        Ok(Self { text: text.into(), scheme, authority, path })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The base with the received path and query behind it. Nothing is resolved: `//other.example/x` is a path.
    pub(crate) fn join(&self, received: &Uri) -> Result<Uri, Failure> {
        if !self.path.is_empty() && has_dot_segment(received.path()) {
            return Err(Failure::bad_request("a path with dot segments could leave the base URL"));
        }
        if received.query().is_some_and(is_presigned) {
            return Err(Failure::bad_request("the URL is presigned; send it to the service itself"));
        }
        let mut target = [&self.path, received.path()].concat();
        if let Some(query) = received.query() {
            target.extend(["?", query]);
        }
        let builder = Uri::builder().scheme(self.scheme.clone()).authority(self.authority.clone());
        builder.path_and_query(target).build().map_err(|_| {
            let message = "the base URL and the received path together are too long";
            Failure::new(FailureKind::Request, StatusCode::URI_TOO_LONG, message)
        })
    }
}

/// Whether some server could read a `.` or `..` segment out of `path`: raw or percent-encoded, between encoded
/// slashes or backslashes, or before a `;`.
fn has_dot_segment(path: &str) -> bool {
    percent_decoded(path).split(|byte| matches!(byte, b'/' | b'\\')).any(|segment| {
        let name = segment.split(|&byte| byte == b';').next();
        matches!(name, Some(b"." | b".."))
    })
}

/// Whether the query holds a signature already: AWS's (both versions), Google's, CloudFront's, Azure's SAS.
fn is_presigned(query: &str) -> bool {
    let names: Vec<_> = query
        .split('&')
        .map(|pair| percent_decoded(pair.split('=').next().unwrap_or_default()).to_ascii_lowercase())
        .collect();
    let has = |name: &str| names.iter().any(|known| known == name.as_bytes());
    ["x-amz-signature", "x-amz-credential", "x-amz-security-token", "x-goog-signature"].into_iter().any(has)
        || has("signature") && (has("awsaccesskeyid") || has("key-pair-id"))
        || has("sig") && (has("sv") || has("se") || has("sr"))
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escape =
            tail.get(..2).filter(|digits| *first == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        let byte = escape.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        decoded.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(base: &str, received: &str, expected: &str) {
        let target = BaseUrl::parse(base).unwrap().join(&received.parse().unwrap()).unwrap();
        assert_eq!(target.to_string(), expected);
    }

    #[test]
    fn path_and_query_follow_the_base_as_they_are() {
        check("http://up.example:9000", "/a/%2Fb?c=d&e", "http://up.example:9000/a/%2Fb?c=d&e");
        check("http://up.example/", "/", "http://up.example/");
        check("http://up.example/base", "/", "http://up.example/base/");
        check("http://up.example/base/", "/x?", "http://up.example/base/x?");
        check("http://up.example", "//other.example/x", "http://up.example//other.example/x");
        check("http://up.example/base", "//other.example/x", "http://up.example/base//other.example/x");
        check("http://up.example", "http://localhost:8080/x?y", "http://up.example/x?y");
        // Keys of S3 may have them; only under a base path could they leave it.
        check("http://up.example", "/a/../b/%2e", "http://up.example/a/../b/%2e");
        check("http://up.example/base", "/a..b/...;x/.c", "http://up.example/base/a..b/...;x/.c");
    }

    #[track_caller]
    fn check_refused(received: &str) {
        let base = BaseUrl::parse("http://up.example/base").unwrap();
        let failure = base.join(&received.parse().unwrap()).unwrap_err();
        assert_eq!(failure.status, StatusCode::BAD_REQUEST, "{received}");
    }

    #[test]
    fn no_path_leaves_the_base() {
        for received in [
            "/..",
            "/../x",
            "/./x",
            "/a/..",
            "/%2e%2e/x",
            "/%2E./x",
            "/a%2f..%2fb",
            "/a/..%5cb",
            "/..;a=b/x",
            "/%2e%2e%3bx/y",
        ] {
            check_refused(received);
        }
    }

    #[test]
    fn a_presigned_query_is_refused() {
        for received in [
            "/x?X-Amz-Signature=0",
            "/x?a&x%2damz%2Dcredential=0",
            "/x?X-Amz-Security-Token=t",
            "/x?AWSAccessKeyId=a&Signature=b",
            "/x?X-Goog-Signature=0",
            "/x?sv=2020&sig=0",
        ] {
            check_refused(received);
        }
        check("http://up.example/base", "/x?signature=1&sig", "http://up.example/base/x?signature=1&sig");
    }

    #[test]
    fn texts_that_are_no_base_url_are_refused() {
        for text in [
            "",
            "*",
            "/path",
            "up.example",
            "ftp://up.example:21/",
            "http://user@up.example/",
            "http://up.example/?q",
            "http://up.example/#f",
            "http://up.example/a/../b",
            "http://*.up.example/",
        ] {
            assert!(BaseUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_target_that_is_too_long_is_refused() {
        let base = BaseUrl::parse("http://up.example/base").unwrap();
        let received = format!("/{}", "x".repeat(65_530)).parse().unwrap();
        assert_eq!(base.join(&received).unwrap_err().status, StatusCode::URI_TOO_LONG);
    }
}
