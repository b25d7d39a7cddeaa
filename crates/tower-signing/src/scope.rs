//! `Match`: the URLs that a section signs.

use std::fmt;
use std::str::FromStr;

use http::Uri;

use crate::SigningError;
use crate::url::{Target, UrlFault, default_port, has_dot_segment, normal_host, normal_path};

/// The URLs for which a signer may be used, compared component by component, never as text.
///
/// `https://api.example.com/v1`: scheme and host without case, one final dot of the host dropped; the port
/// in effect; a path prefix that ends at a `/`. `https://*.example.com/` stands for one or more labels, not
/// for `example.com` itself. `*` is any URL, said on purpose.
///
/// ```
/// use tower_signing::Match;
///
/// let scope: Match = "https://api.example.com/v1".parse()?;
/// assert!(scope.covers(&"https://API.example.com:443/v1/users".parse()?)?);
/// assert!(!scope.covers(&"https://api.example.com/v10".parse()?)?);
/// assert!(!scope.covers(&"https://api.example.com.evil.example/v1".parse()?)?);
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Match(Pattern);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Pattern {
    Any,
    Url(UrlPattern),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct UrlPattern {
    scheme: Box<str>,
    pub(crate) host: HostPattern,
    port: u16,
    /// Without its final slash; empty for the whole host.
    pub(crate) path: Box<str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum HostPattern {
    Exact(Box<str>),
    /// One or more labels, then a dot and this.
    Below(Box<str>),
}

impl Match {
    pub(crate) fn pattern(&self) -> &Pattern {
        &self.0
    }

    /// Whether a request to `uri` is covered.
    ///
    /// # Errors
    ///
    /// The URL cannot be compared safely: it is relative, holds user info, a port that is none, or a dot
    /// segment where the path decides.
    pub fn covers(&self, uri: &Uri) -> Result<bool, SigningError> {
        self.covers_target(&Target::of(uri))
    }

    /// A target that cannot be compared is an error only where it must be.
    pub(crate) fn covers_target(&self, target: &Result<Target<'_>, UrlFault>) -> Result<bool, SigningError> {
        match &self.0 {
            Pattern::Any => Ok(true),
            Pattern::Url(pattern) => {
                let target = target.as_ref().map_err(|&fault| fault)?;
                Ok(pattern.host.covers(&target.host) && pattern.covers_below_host(target)?)
            }
        }
    }
}

impl UrlPattern {
    /// Scheme, port and path; the host was compared before.
    pub(crate) fn covers_below_host(&self, target: &Target<'_>) -> Result<bool, SigningError> {
        if !self.scheme.eq_ignore_ascii_case(target.scheme) || target.port != Some(self.port) {
            return Ok(false);
        }
        if self.path.is_empty() {
            return Ok(true);
        }
        let path = normal_path(target.path);
        if has_dot_segment(&path) {
            return Err(SigningError::url(
                "the path has a dot segment, and the `Match` of a section has a path",
            ));
        }
        let rest = path.strip_prefix(&*self.path);
        Ok(rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }
}

impl HostPattern {
    fn covers(&self, host: &str) -> bool {
        match self {
            Self::Exact(name) => **name == *host,
            Self::Below(suffix) => {
                host.strip_suffix(&**suffix).is_some_and(|labels| labels.len() > 1 && labels.ends_with('.'))
            }
        }
    }
}

impl FromStr for Match {
    type Err = MatchError;

    fn from_str(text: &str) -> Result<Self, MatchError> {
        if text == "*" {
            return Ok(Self(Pattern::Any));
        }
        parse(text).map(|pattern| Self(Pattern::Url(pattern))).map_err(MatchError)
    }
}

/// Why a text is no [`Match`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchError(&'static str);

impl fmt::Display for MatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for MatchError {}

fn parse(text: &str) -> Result<UrlPattern, &'static str> {
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("must be ASCII without spaces (write an international name as `xn--…`)");
    }
    let (scheme, rest) = text.split_once("://").ok_or("must be `*` or begin with a scheme, as `https://`")?;
    if !scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        || !scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    {
        return Err("has no valid scheme before `://`");
    }
    if rest.contains(['?', '#']) {
        return Err("cannot have a query or a fragment");
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if authority.contains('@') {
        return Err("cannot have user info");
    }
    let port_at = match authority.rfind([':', ']']) {
        Some(colon) if authority.as_bytes()[colon] == b':' => colon,
        _ => authority.len(),
    };
    let (host, port) = authority.split_at(port_at);
    let port = match port.strip_prefix(':') {
        None => default_port(scheme).ok_or("needs a port, since its scheme has no known one")?,
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().map_err(|_| "has a port that is not a number up to 65535")?
        }
        Some(_) => return Err("has a port that is not a number up to 65535"),
    };
    let path = normal_path(path.strip_suffix('/').unwrap_or(path));
    if path.contains(['*', '\\']) {
        return Err("can have `*` only in place of the first labels of its host");
    }
    if has_dot_segment(&path) || path.contains("//") {
        return Err("cannot have `.`, `..` or empty segments in its path");
    }
    Ok(UrlPattern {
        scheme: scheme.to_ascii_lowercase().into(),
        host: parse_host(host)?,
        port,
        path: path.into(),
    })
}

fn parse_host(host: &str) -> Result<HostPattern, &'static str> {
    let name = |text| normal_host(text).map(Box::from).ok_or("has no valid host name");
    match host.strip_prefix("*.") {
        Some(suffix) if suffix.starts_with('[') => Err("has no valid host name"),
        Some(suffix) => name(suffix).map(HostPattern::Below),
        None if host.contains('*') => Err("can have `*` only in place of the first labels of its host"),
        None => name(host).map(HostPattern::Exact),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(scope: &str, url: &str, expected: bool) {
        let scope: Match = scope.parse().unwrap();
        assert_eq!(scope.covers(&url.parse().unwrap()).unwrap(), expected, "{url}");
    }

    #[test]
    fn components_are_compared_each_in_its_own_way() {
        check("https://h.example/", "https://h.example", true);
        check("HTTPS://H.Example.", "https://h.EXAMPLE./x?y", true);
        check("https://h.example/", "http://h.example/", false);
        check("https://h.example/", "https://h.example:0443/", true);
        check("https://h.example:8443/", "https://h.example/", false);
        check("https://h.example:8443/", "https://h.example:8443/", true);
        check("http://[::1]:9000/", "http://[0::1]:9000/x", true);
        check("https://h.example/", "https://h.example.evil.example/", false);
        check("https://h.example/", "https://xh.example/", false);
    }

    #[test]
    fn a_path_ends_at_a_slash() {
        for scope in ["https://h/a/b", "https://h/a/b/", "https://h/a/%62"] {
            check(scope, "https://h/a/b", true);
            check(scope, "https://h/a/b/c", true);
            check(scope, "https://h/a/%62/c", true);
            check(scope, "https://h/a/bc", false);
            check(scope, "https://h/a", false);
            check(scope, "https://h/a%2Fb", false);
        }
    }

    #[test]
    fn a_wildcard_is_one_or_more_labels() {
        check("https://*.example.com/", "https://a.example.com/", true);
        check("https://*.example.com/", "https://a.b.example.com/", true);
        check("https://*.example.com/", "https://example.com/", false);
        check("https://*.example.com/", "https://aexample.com/", false);
        check("*", "gopher://anything:1/", true);
    }

    #[track_caller]
    fn check_url_error(url: &str, expected: &str) {
        let scope: Match = "https://h.example/a".parse().unwrap();
        assert!(scope.covers(&url.parse().unwrap()).unwrap_err().to_string().contains(expected), "{url}");
    }

    #[test]
    fn urls_that_cannot_be_compared_safely_are_errors() {
        check_url_error("https://u@h.example/a", "user info");
        check_url_error("https://h.example:99999/a", "port");
        check_url_error("https://h.example/a/../b", "dot segment");
        check_url_error("https://h.example/a/%2e%2E/b", "dot segment");
        check_url_error("https://h.example/.", "dot segment");
        check_url_error("/relative", "absolute");
    }

    #[test]
    fn texts_that_are_no_match_are_errors() {
        for (text, expected) in [
            ("", "scheme"),
            ("h.example", "scheme"),
            ("://h/", "scheme"),
            ("https://", "host"),
            ("https://u@h/", "user info"),
            ("https://h/?q", "query"),
            ("https://h/#f", "query"),
            ("https://h:99999/", "port"),
            ("https://h:/", "port"),
            ("https://h:+1/", "port"),
            ("ftp://h/", "port"),
            ("https://*/", "`*`"),
            ("https://a.*.com/", "`*`"),
            ("https://h/*", "`*`"),
            ("https://h/a/../b", "segments"),
            ("https://h/a/%2e/b", "segments"),
            ("https://h//a", "segments"),
            ("https://h..x/", "host"),
            ("https://[::1/", "host"),
            ("https://b\u{fc}cher.example/", "ASCII"),
        ] {
            let error = text.parse::<Match>().unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
