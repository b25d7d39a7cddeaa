//! Where a redirect leads, and what goes there.

use http::header::{
    ACCEPT, ACCEPT_CHARSET, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_DISPOSITION,
    CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, IF_MATCH, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, LOCATION, RANGE, TRANSFER_ENCODING, USER_AGENT,
};
use http::request::Parts;
use http::{HeaderName, Method, Response, StatusCode, Uri};

use super::request::Request;
use super::upload::Source;
use crate::head::head;

/// What a stranger may know: what describes the request or its body, and nothing that could be a credential.
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

/// The URL that a response leads to; `None` if it is no redirect. The error says what is wrong with it.
///
/// Spec: RFC 9110, section 15.4.
pub(super) fn target<B>(response: &Response<B>, base: &Uri) -> Option<Result<Uri, &'static str>> {
    let status = response.status().as_u16();
    let location = response.headers().get(LOCATION)?;
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let text = str::from_utf8(location.as_bytes()).map_err(|_| "is no text");
    Some(text.and_then(|location| resolve(base, location)))
}

impl Request {
    /// Turns to `target` as `status` says.
    ///
    /// Spec: RFC 9110, sections 15.4.2 to 15.4.9; what it leaves open is as curl and browsers have it.
    pub(super) fn redirect(&mut self, status: StatusCode, target: Uri) {
        self.head.uri = target;
        let becomes_get = match status {
            StatusCode::SEE_OTHER => self.head.method != Method::HEAD,
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => self.head.method == Method::POST,
            _ => false,
        };
        if becomes_get {
            self.head.method = Method::GET;
            self.body = Source::Nothing;
            for name in OF_A_BODY {
                self.head.headers.remove(name);
            }
        }
    }

    /// Takes off what is not for strangers.
    pub(super) fn keep_for_strangers(&mut self) {
        keep_for_strangers(&mut self.head);
    }
}

fn keep_for_strangers(head: &mut Parts) {
    let names: Vec<_> = head.headers.keys().filter(|name| !FOR_STRANGERS.contains(name)).cloned().collect();
    for name in names {
        head.headers.remove(name);
    }
}

/// The URL that `reference` means at `base`, without fragment.
///
/// A path from the root stays as it is written, dot segments and repeated slashes included: it may be an
/// object's key. Only a path relative to the base's is resolved.
///
/// Spec: RFC 3986, section 5.2.
fn resolve(base: &Uri, reference: &str) -> Result<Uri, &'static str> {
    let reference = reference.split('#').next().unwrap_or_default();
    let scheme = base.scheme_str().unwrap_or_default();
    let authority = base.authority().map(|authority| authority.as_str()).unwrap_or_default();
    let url = if let Some(scheme) = scheme_of(reference) {
        if !["http", "https"].iter().any(|known| known.eq_ignore_ascii_case(scheme)) {
            return Err("is no http or https URL");
        }
        reference.to_owned()
    } else if reference.starts_with("//") {
        format!("{scheme}:{reference}")
    } else if reference.starts_with('/') {
        format!("{scheme}://{authority}{reference}")
    } else if reference.starts_with('?') {
        format!("{scheme}://{authority}{}{reference}", base.path())
    } else if reference.is_empty() {
        format!("{scheme}://{authority}{}", base.path_and_query().map_or("/", |target| target.as_str()))
    } else {
        let (path, query) = reference.split_at(reference.find('?').unwrap_or(reference.len()));
        format!("{scheme}://{authority}{}{query}", merged(base.path(), path))
    };
    let uri = head("GET", &url).map_err(|_| "is no URL")?.uri;
    match (uri.scheme(), uri.authority()) {
        (_, Some(authority)) if authority.as_str().contains('@') => Err("holds user info"),
        (Some(_), Some(authority)) if !authority.host().is_empty() => Ok(uri),
        _ => Err("names no host"),
    }
}

fn scheme_of(reference: &str) -> Option<&str> {
    let (scheme, _) = reference.split_once(':')?;
    let is_one = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    is_one.then_some(scheme)
}

/// `reference` in the place of the last segment of `base`.
fn merged(base: &str, reference: &str) -> String {
    let mut segments: Vec<_> = base.split('/').skip(1).collect();
    segments.pop();
    let mut names_folder = false;
    for segment in reference.split('/') {
        names_folder = matches!(segment, "." | "..");
        match segment {
            "." => {}
            ".." => drop(segments.pop()),
            name => segments.push(name),
        }
    }
    if names_folder {
        segments.push("");
    }
    format!("/{}", segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reference: &str, expected: &str) {
        let base = "http://a/b/c/d;p?q".parse().unwrap();
        assert_eq!(
            resolve(&base, reference).map(|uri| uri.to_string()).as_deref(),
            Ok(expected),
            "{reference}"
        );
    }

    /// Spec: RFC 3986, section 5.4.
    #[test]
    fn the_examples_of_the_specification() {
        for (reference, expected) in [
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g/"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"),
            ("g#s", "http://a/b/c/g"),
            ("g?y#s", "http://a/b/c/g?y"),
            (";x", "http://a/b/c/;x"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../../g", "http://a/g"),
            ("g.", "http://a/b/c/g."),
            ("./g/.", "http://a/b/c/g/"),
            ("g/../h", "http://a/b/c/h"),
            ("g?y/../x", "http://a/b/c/g?y/../x"),
        ] {
            check(reference, expected);
        }
    }

    #[test]
    fn what_may_be_a_key_stays_as_it_is_written() {
        check("/x//y/../%7Ea%2f?q=%41", "http://a/x//y/../%7Ea%2f?q=%41");
        check("HTTPS://B.example/a/../b//c", "https://B.example/a/../b//c");
        check("/a b/ä", "http://a/a%20b/%C3%A4");
    }

    #[test]
    fn what_is_not_followed() {
        let base = "https://a/b".parse().unwrap();
        for reference in
            ["ftp://a/", "javascript:x", "file:///etc/passwd", "http:", "https:///x", "//", "http://u@a/"]
        {
            assert!(resolve(&base, reference).is_err(), "{reference}");
        }
    }
}
