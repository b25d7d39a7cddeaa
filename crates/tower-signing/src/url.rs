//! The components of a URL that routing compares: never its text as a whole.

use std::borrow::Cow;
use std::net::Ipv6Addr;

use http::Uri;

use crate::SigningError;

/// Where a request goes: scheme, host, port and path of its URL, brought to one form.
#[derive(Debug)]
pub(crate) struct Target<'u> {
    /// As in the URL; compare without case.
    pub(crate) scheme: &'u str,
    /// Lower case, one final dot dropped; an IPv6 address in its canonical form, in brackets.
    pub(crate) host: Cow<'u, str>,
    /// The one that will be connected to, if that is known.
    pub(crate) port: Option<u16>,
    /// As in the URL.
    pub(crate) path: &'u str,
}

/// Why a URL cannot be compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UrlFault(&'static str);

impl From<UrlFault> for SigningError {
    fn from(UrlFault(message): UrlFault) -> Self {
        Self::url(message)
    }
}

impl<'u> Target<'u> {
    pub(crate) fn of(uri: &'u Uri) -> Result<Self, UrlFault> {
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(UrlFault("the URL is not absolute: it names no scheme or no host"));
        };
        let (text, path) = (authority.as_str(), uri.path());
        // Most often there is nothing but a name that is normal.
        if is_normal_name(text) {
            return Ok(Self { scheme, host: Cow::Borrowed(text), port: default_port(scheme), path });
        }
        if text.contains('@') {
            return Err(UrlFault("the URL holds user info; leave it out"));
        }
        let (host, after_host) = text.split_at(authority.host().len());
        let host = normal_host(host).ok_or(UrlFault("the URL's host is not one that can be compared"))?;
        let port = match after_host {
            "" | ":" => default_port(scheme),
            _ => match authority.port_u16() {
                Some(port) => Some(port),
                None => return Err(UrlFault("the URL's port is not a number up to 65535")),
            },
        };
        Ok(Self { scheme, host, port, path })
    }

    pub(crate) fn is_secure(&self) -> bool {
        default_port(self.scheme) == Some(443)
    }
}

pub(crate) fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "https" | "wss" => Some(443),
        "http" | "ws" => Some(80),
        _ if scheme.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            default_port(&scheme.to_ascii_lowercase())
        }
        _ => None,
    }
}

/// A host name or address in the form that is compared; `None` if it is neither.
pub(crate) fn normal_host(host: &str) -> Option<Cow<'_, str>> {
    if let Some(v6) = host.strip_prefix('[') {
        let address: Ipv6Addr = v6.strip_suffix(']')?.parse().ok()?;
        return Some(Cow::Owned(format!("[{address}]")));
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    if is_normal_name(name) {
        return Some(Cow::Borrowed(name));
    }
    Some(name.to_ascii_lowercase()).filter(|name| is_normal_name(name)).map(Cow::Owned)
}

/// Labels of lower-case letters, digits, `-` and `_`, with single dots between them.
fn is_normal_name(name: &str) -> bool {
    let name = name.as_bytes();
    let is_in_name = |byte: u8| {
        byte.is_ascii_lowercase() | byte.is_ascii_digit() | (byte == b'-') | (byte == b'_') | (byte == b'.')
    };
    let is_gap = |pair: &[u8]| (pair[0] == b'.') & (pair[1] == b'.');
    // Without a way out at each byte, many are looked at in one step.
    !matches!(name, [] | [b'.', ..] | [.., b'.'])
        && name.iter().fold(true, |all, &byte| all & is_in_name(byte))
        && !name.windows(2).fold(false, |any, pair| any | is_gap(pair))
}

/// `path` with needless escapes decoded and the digits of the others in upper case, so that two spellings of
/// one path compare equal. `%2F` stays: it is no separator.
pub(crate) fn normal_path(path: &str) -> Cow<'_, str> {
    if !path.contains('%') {
        return Cow::Borrowed(path);
    }
    let mut normal = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        normal.push_str(&rest[..at]);
        rest = &rest[at..];
        match rest.get(1..3).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') => {
                normal.push(char::from(byte));
                rest = &rest[3..];
            }
            Some(_) => {
                normal.push_str(&rest[..3].to_ascii_uppercase());
                rest = &rest[3..];
            }
            None => {
                normal.push('%');
                rest = &rest[1..];
            }
        }
    }
    normal.push_str(rest);
    Cow::Owned(normal)
}

/// Whether a path in its normal form has a `.` or `..` segment, which the server may resolve to another path.
///
/// Some servers take a backslash or an encoded slash for a separator, and cut a segment's `;parameters` off.
pub(crate) fn has_dot_segment(normal_path: &str) -> bool {
    let path = match normal_path.contains('%') {
        true => Cow::Owned(normal_path.replace("%2F", "/").replace("%5C", "/")),
        false => Cow::Borrowed(normal_path),
    };
    let name = |segment: &str| matches!(segment.split(';').next(), Some("." | ".."));
    path.split(['/', '\\']).any(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_compare_in_one_form() {
        let check =
            |host, expected: Option<&str>| assert_eq!(normal_host(host).as_deref(), expected, "{host}");
        check("Example.COM.", Some("example.com"));
        check("[0:0:0:0:0:0:0:1]", Some("[::1]"));
        check("127.0.0.1", Some("127.0.0.1"));
        for host in ["", ".", "a..b", "example.com..", "[::1", "a%2eb", "a b", "ex\u{e4}mple"] {
            check(host, None);
        }
    }

    #[test]
    fn paths_compare_in_one_form() {
        assert_eq!(normal_path("/%61%2e%2E/%c3%2f%"), "/a../%C3%2F%");
        assert!(has_dot_segment(&normal_path("/a/%2e%2E/b")));
        assert!(has_dot_segment(&normal_path("/a/.%2e\\b")));
        for path in ["/v1/..%2Fadmin", "/v1/%2e%2e%2fadmin", "/v1/..%5Cadmin", "/v1/..;/admin", "/v1/.;x=1"] {
            assert!(has_dot_segment(&normal_path(path)), "{path}");
        }
        assert!(!has_dot_segment(&normal_path("/a/.../..b/c./a%2Fb;..")));
    }
}
