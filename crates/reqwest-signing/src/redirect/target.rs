//! Where a redirect leads.

use http::header::LOCATION;
use reqwest::{Response, Url};

use crate::RedirectError;
use crate::exact_url::{exact_url, is_path_of};

/// The URL that a response leads to; `None` if it is no redirect.
///
/// Spec: RFC 9110, section 15.4.
pub(super) fn target(response: &Response, base: &Url) -> Option<Result<Url, RedirectError>> {
    let location = response.headers().get(LOCATION)?;
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let text = str::from_utf8(location.as_bytes()).map_err(|_| "is no text");
    Some(text.and_then(|location| resolve(base, location)).map_err(RedirectError::Location))
}

fn resolve(base: &Url, reference: &str) -> Result<Url, &'static str> {
    let url = base.join(reference).map_err(|_| "is no URL")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("is no http or https URL");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds user info");
    }
    // A path from the root may be an object's key. One that is relative to the base's is there to be resolved.
    let is_exact = if Url::parse(reference).is_ok() {
        exact_url(reference).is_ok()
    } else if reference.starts_with("//") {
        exact_url(&format!("{}:{reference}", base.scheme())).is_ok()
    } else {
        !reference.starts_with('/') || is_path_of(reference, &url)
    };
    if is_exact { Ok(url) } else { Err("has a path that reqwest would rewrite") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reference: &str, expected: Result<&str, &str>) {
        let base = Url::parse("https://a/b/c/d?q").unwrap();
        assert_eq!(resolve(&base, reference).as_ref().map(Url::as_str).map_err(|error| *error), expected);
    }

    #[test]
    fn references_are_resolved() {
        for (reference, expected) in [
            ("../e", "https://a/b/e"),
            ("e?r", "https://a/b/c/e?r"),
            ("?r", "https://a/b/c/d?r"),
            ("/e//f?../", "https://a/e//f?../"),
            ("//h:8443/e", "https://h:8443/e"),
            ("http://h", "http://h/"),
        ] {
            check(reference, Ok(expected));
        }
    }

    #[test]
    fn what_is_not_followed() {
        for (reference, expected) in [
            ("ftp://h/", "is no http or https URL"),
            ("mailto:x", "is no http or https URL"),
            ("https://", "is no URL"),
            ("https://u@h/", "holds user info"),
            ("//:p@h/", "holds user info"),
            ("/e/../f", "has a path that reqwest would rewrite"),
            ("//h/%2e/f", "has a path that reqwest would rewrite"),
            ("https://h/e/..", "has a path that reqwest would rewrite"),
        ] {
            check(reference, Err(expected));
        }
    }
}
