//! A request as a method sees it while it signs.

use std::borrow::Cow;
use std::fmt;

use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Uri};

use crate::{Payload, SignError, SignErrorKind, Timestamp};

/// Far above what any server takes, and far below where a header map may refuse one more.
const MOST_HEADERS: usize = 4096;

/// One request to sign: its head, what is known of its body, and the instant.
#[derive(Clone, Copy)]
pub struct SigningRequest<'r> {
    head: &'r Parts,
    payload: &'r Payload,
    now: Timestamp,
    host_header: Option<&'r HeaderValue>,
    /// Host and port of the URL.
    authority: Option<(&'r str, Option<u16>)>,
}

impl<'r> SigningRequest<'r> {
    /// Refuses what no method can sign rightly: user info in the URL, a port that is none, and a
    /// `Content-Length` that contradicts the body, another one, or `Transfer-Encoding`.
    pub(crate) fn new(head: &'r Parts, payload: &'r Payload, now: Timestamp) -> Result<Self, SignError> {
        if head.headers.len() > MOST_HEADERS {
            return Err(SignError::request("the request has more than 4096 headers"));
        }
        let host_header = head.headers.get(HOST);
        if host_header.is_some() && head.headers.get_all(HOST).iter().nth(1).is_some() {
            return Err(SignError::request("the Host header is there twice"));
        }
        let authority = head.uri.authority().map(host_and_port).transpose()?;
        let request = Self { head, payload, now, host_header, authority };
        request.check_content_length()?;
        Ok(request)
    }

    /// To ask for the host only.
    #[cfg(feature = "aws")]
    pub(crate) fn of_head(head: &'r Parts) -> Self {
        const NEVER: Timestamp = Timestamp::from_unix(0).expect("1970 is a year");
        let authority = head.uri.authority().and_then(|authority| host_and_port(authority).ok());
        Self { head, payload: &Payload::EMPTY, now: NEVER, host_header: head.headers.get(HOST), authority }
    }

    /// The whole head; extensions may say something of this request alone.
    #[inline]
    pub fn head(&self) -> &'r Parts {
        self.head
    }

    /// The HTTP method, as it will be sent.
    #[inline]
    pub fn method(&self) -> &'r str {
        self.head.method.as_str()
    }

    /// The URL, as it will be sent.
    #[inline]
    pub fn uri(&self) -> &'r Uri {
        &self.head.uri
    }

    /// The headers, as the caller left them. They may hold those of an earlier signature.
    #[inline]
    pub fn headers(&self) -> &'r HeaderMap {
        &self.head.headers
    }

    /// What is known of the body.
    #[inline]
    pub fn payload(&self) -> &'r Payload {
        self.payload
    }

    /// The instant of signing, with the section's correction applied.
    #[inline]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The `Host` header as the client will send it, which is what the service verifies.
    ///
    /// The caller's own, or else the URL's host as it is written, with the port unless it is the scheme's
    /// default. It is not inserted into the request: HTTP/2 would send it beside `:authority`.
    ///
    /// # Errors
    ///
    /// Neither the URL nor the headers name a host, or the header is empty.
    #[inline]
    pub fn host(&self) -> Result<Cow<'r, [u8]>, SignError> {
        match self.host_header.map(|host| host.as_bytes().trim_ascii()) {
            Some(b"") => Err(SignError::request("the Host header is empty")),
            Some(host) => Ok(Cow::Borrowed(host)),
            None => self.host_of_url(),
        }
    }

    /// The name in [`host`](Self::host) without its port, lower case, without a final dot: what the region
    /// or the namespace is derived from. An IPv6 address keeps its brackets.
    ///
    /// # Errors
    ///
    /// As [`host`](Self::host), or it is not ASCII.
    pub fn host_name(&self) -> Result<Cow<'r, str>, SignError> {
        let utf8 = match self.host()? {
            Cow::Borrowed(host) => std::str::from_utf8(host).ok().map(Cow::Borrowed),
            Cow::Owned(host) => String::from_utf8(host).ok().map(Cow::Owned),
        };
        let Some(host) = utf8.filter(|host| host.is_ascii()) else {
            return Err(SignError::request("the Host header is not ASCII"));
        };
        let name = without_port(&host);
        let name = name.strip_suffix('.').unwrap_or(name);
        Ok(match host {
            _ if name.bytes().any(|byte| byte.is_ascii_uppercase()) => Cow::Owned(name.to_ascii_lowercase()),
            Cow::Borrowed(host) => Cow::Borrowed(&host[..name.len()]),
            Cow::Owned(_) => Cow::Owned(name.to_owned()),
        })
    }

    fn host_of_url(&self) -> Result<Cow<'r, [u8]>, SignError> {
        let Some((host, port)) = self.authority.filter(|(host, _)| !host.is_empty()) else {
            return Err(SignError::request("the URL has no host, and there is no Host header"));
        };
        // The rule of hyper-util's client, so that what is signed is what it sends.
        let is_default = |port| port == if is_secure(self.uri()) { 443 } else { 80 };
        Ok(match port {
            Some(port) if !is_default(port) => Cow::Owned(format!("{host}:{port}").into_bytes()),
            _ => Cow::Borrowed(host.as_bytes()),
        })
    }

    fn check_content_length(&self) -> Result<(), SignError> {
        let Some(first) = self.headers().get(CONTENT_LENGTH) else { return Ok(()) };
        let fault = |message| Err(SignError::new(SignErrorKind::Payload, message));
        if self.headers().get_all(CONTENT_LENGTH).iter().nth(1).is_some() {
            return fault("Content-Length is there twice");
        }
        if self.headers().contains_key(TRANSFER_ENCODING) {
            return fault("Content-Length and Transfer-Encoding contradict each other");
        }
        let Some(length) = decimal(first.as_bytes()) else {
            return fault("Content-Length is not a number");
        };
        match self.payload.length() {
            Some(known) if known != length => fault("Content-Length is not the length of the body"),
            _ => Ok(()),
        }
    }
}

/// Neither query nor headers: they may hold credentials.
impl fmt::Debug for SigningRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningRequest")
            .field("method", &self.method())
            .field("path", &self.uri().path())
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

fn is_secure(uri: &Uri) -> bool {
    matches!(uri.scheme_str(), Some("https" | "wss"))
}

/// # Errors
///
/// There is user info, or a port that is none.
#[inline]
fn host_and_port(authority: &Authority) -> Result<(&str, Option<u16>), SignError> {
    let text = authority.as_str();
    // Nothing but a name: most often so, and found without stopping at each byte.
    if !text.bytes().fold(false, |found, byte| found | matches!(byte, b'@' | b':' | b'[')) {
        return Ok((text, None));
    }
    if text.contains('@') {
        return Err(SignError::request("the URL holds user info; leave it out"));
    }
    let host = authority.host();
    match (&text[host.len()..], authority.port_u16()) {
        ("" | ":", _) => Ok((host, None)),
        (_, Some(port)) => Ok((host, Some(port))),
        (_, None) => Err(SignError::request("the URL's port is not a number up to 65535")),
    }
}

/// Digits only: `str::parse` would take a plus sign.
fn decimal(text: &[u8]) -> Option<u64> {
    let digits = text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text).ok().filter(|_| digits)?.parse().ok()
}

/// The host of `host:port`; the colons of an IPv6 address stand in brackets.
pub(crate) fn without_port(host: &str) -> &str {
    match host.rfind([':', ']']) {
        Some(colon) if host.as_bytes()[colon] == b':' => &host[..colon],
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    const NOW: Timestamp = Timestamp::from_unix(1_709_210_096).unwrap();

    fn head(url: &str, headers: &[(&str, &str)]) -> Parts {
        let mut builder = Request::post(url);
        for &(name, value) in headers {
            builder = builder.header(name, value);
        }
        builder.body(()).unwrap().into_parts().0
    }

    #[track_caller]
    fn check_host(url: &str, headers: &[(&str, &str)], host: &str, name: &str) {
        let head = head(url, headers);
        let request = SigningRequest::new(&head, &Payload::EMPTY, NOW).unwrap();
        assert_eq!(String::from_utf8_lossy(&request.host().unwrap()), host);
        assert_eq!(request.host_name().unwrap(), name);
    }

    #[test]
    fn host_is_what_the_client_sends() {
        check_host("https://example.com/", &[], "example.com", "example.com");
        check_host("https://EXAMPLE.com./", &[], "EXAMPLE.com.", "example.com");
        check_host("https://example.com:443/", &[], "example.com", "example.com");
        check_host("https://example.com:0443/", &[], "example.com", "example.com");
        check_host("https://example.com:/", &[], "example.com", "example.com");
        check_host("https://example.com:80/", &[], "example.com:80", "example.com");
        check_host("http://example.com:80/", &[], "example.com", "example.com");
        check_host("http://example.com:08080/", &[], "example.com:8080", "example.com");
        check_host("http://example.com:443/", &[], "example.com:443", "example.com");
        check_host("http://[::1]:9000/", &[], "[::1]:9000", "[::1]");
        check_host("http://[::1]/", &[], "[::1]", "[::1]");
        check_host(
            "http://localhost/",
            &[("host", " s3.Example.com:8 ")],
            "s3.Example.com:8",
            "s3.example.com",
        );
        check_host("/relative", &[("host", "example.com")], "example.com", "example.com");
    }

    #[track_caller]
    fn check_refused(url: &str, headers: &[(&str, &str)], payload: Payload, expected: &str) {
        let head = head(url, headers);
        let error = SigningRequest::new(&head, &payload, NOW).and_then(|request| request.host().map(drop));
        assert_eq!(error.unwrap_err().to_string(), expected);
    }

    #[test]
    fn refuses_what_cannot_be_signed_rightly() {
        let url = "https://example.com/";
        let empty = Payload::EMPTY;
        check_refused("https://u:p@example.com/", &[], empty, "the URL holds user info; leave it out");
        check_refused("https://h:99999/", &[], empty, "the URL's port is not a number up to 65535");
        check_refused("/relative", &[], empty, "the URL has no host, and there is no Host header");
        check_refused(url, &[("host", "a"), ("host", "a")], empty, "the Host header is there twice");
        check_refused(url, &[("host", " ")], empty, "the Host header is empty");
        check_refused(
            url,
            &[("content-length", "3")],
            Payload::of(b"hello"),
            "Content-Length is not the length of the body",
        );
        check_refused(url, &[("content-length", "+0")], empty, "Content-Length is not a number");
        check_refused(
            url,
            &[("content-length", "0"), ("content-length", "0")],
            empty,
            "Content-Length is there twice",
        );
        check_refused(
            url,
            &[("content-length", "5"), ("transfer-encoding", "chunked")],
            Payload::unread(None),
            "Content-Length and Transfer-Encoding contradict each other",
        );
    }

    #[test]
    fn a_head_with_more_headers_than_any_server_takes_is_refused() {
        let mut head = head("https://example.com/", &[]);
        for _ in 0..MOST_HEADERS {
            head.headers.append("x", http::HeaderValue::from_static("1"));
        }
        assert!(SigningRequest::new(&head, &Payload::EMPTY, NOW).is_ok());
        head.headers.append("x", http::HeaderValue::from_static("1"));
        let error = SigningRequest::new(&head, &Payload::EMPTY, NOW).unwrap_err();
        assert_eq!(error.to_string(), "the request has more than 4096 headers");
    }
}
