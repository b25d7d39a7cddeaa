//! The request that goes where a redirect leads.

use http::header::{
    ACCEPT, ACCEPT_CHARSET, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_DISPOSITION,
    CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, IF_MATCH, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE, TRANSFER_ENCODING, USER_AGENT,
};
use http::{HeaderMap, HeaderName, Method, StatusCode};
use reqwest::{Request, Url};

use crate::RedirectError;

/// What another origin may know: what describes the request or its body, and nothing that could be a credential.
/// (A list of what must not go would have to know every service's own.)
const FOR_STRANGERS: [HeaderName; 17] = [
    ACCEPT,
    ACCEPT_CHARSET,
    ACCEPT_ENCODING,
    ACCEPT_LANGUAGE,
    CACHE_CONTROL,
    CONTENT_DISPOSITION,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    IF_MATCH,
    IF_MODIFIED_SINCE,
    IF_NONE_MATCH,
    IF_RANGE,
    IF_UNMODIFIED_SINCE,
    RANGE,
    USER_AGENT,
];

/// What describes a body, and goes with it.
const OF_A_BODY: [HeaderName; 6] = [
    CONTENT_DISPOSITION,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    TRANSFER_ENCODING,
];

/// What is left of a request that was sent.
pub(super) struct Spare {
    request: Request,
    /// The body was a stream, and is gone.
    lacks_body: bool,
}

impl Spare {
    pub(super) fn of(request: &mut Request) -> Self {
        if let Some(request) = request.try_clone() {
            return Self { request, lacks_body: false };
        }
        let body = request.body_mut().take();
        let spare = request.try_clone().expect("only a streamed body cannot be cloned");
        *request.body_mut() = body;
        Self { request: spare, lacks_body: true }
    }

    pub(super) fn url(&self) -> &Url {
        self.request.url()
    }

    /// Turns to `target` as `status` says.
    ///
    /// Spec: RFC 9110, sections 15.4.2 to 15.4.9; what it leaves open is as browsers have it.
    pub(super) fn turn(self, status: StatusCode, target: Url) -> Result<Request, RedirectError> {
        let Self { mut request, lacks_body } = self;
        if request.url().scheme() == "https" && target.scheme() == "http" {
            return Err(RedirectError::Downgrade);
        }
        let becomes_get = match status {
            StatusCode::SEE_OTHER => *request.method() != Method::HEAD,
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => *request.method() == Method::POST,
            _ => false,
        };
        if becomes_get {
            *request.method_mut() = Method::GET;
            *request.body_mut() = None;
            for name in OF_A_BODY {
                request.headers_mut().remove(name);
            }
        } else if lacks_body {
            return Err(RedirectError::Body);
        }
        if request.url().origin() != target.origin() {
            keep_for_strangers(request.headers_mut());
        }
        *request.url_mut() = target;
        Ok(request)
    }
}

fn keep_for_strangers(headers: &mut HeaderMap) {
    let names: Vec<_> = headers.keys().filter(|name| !FOR_STRANGERS.contains(name)).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: Method) -> Request {
        let mut request = Request::new(method, Url::parse("https://a/b").unwrap());
        request.headers_mut().insert(CONTENT_TYPE, "text/plain".parse().unwrap());
        *request.body_mut() = Some("body".into());
        request
    }

    #[test]
    fn methods_and_bodies_are_kept_or_dropped() {
        let check = |status: u16, method: Method, expected: Method, keeps_body: bool| {
            let status = StatusCode::from_u16(status).unwrap();
            let target = Url::parse("https://a/c").unwrap();
            let turned = Spare::of(&mut request(method)).turn(status, target).unwrap();
            assert_eq!(*turned.method(), expected);
            assert_eq!(turned.body().is_some(), keeps_body);
            assert_eq!(turned.headers().contains_key(CONTENT_TYPE), keeps_body);
        };
        for status in [301, 302] {
            check(status, Method::POST, Method::GET, false);
            check(status, Method::PUT, Method::PUT, true);
        }
        check(303, Method::PUT, Method::GET, false);
        check(303, Method::HEAD, Method::HEAD, true);
        for status in [307, 308] {
            check(status, Method::POST, Method::POST, true);
        }
    }

    #[test]
    fn https_does_not_become_http() {
        let target = Url::parse("http://a/b").unwrap();
        let turned = Spare::of(&mut request(Method::GET)).turn(StatusCode::FOUND, target);
        assert!(matches!(turned, Err(RedirectError::Downgrade)));
    }
}
