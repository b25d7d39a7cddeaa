//! The names that a proxy answers to, and the origins that it answers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use http::Uri;
use http::uri::Authority;

use super::ProxyConfigError;

/// A host that `Host` may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AllowedHost {
    host: Name,
    /// `None`: any port. A page chooses the name that it lies with, so it is the name that counts.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    Address(IpAddr),
    /// Lower case.
    Dns(Box<str>),
}

impl AllowedHost {
    /// `host` or `host:port`.
    pub(crate) fn parse(text: &str) -> Result<Self, ProxyConfigError> {
        let fault = |reason| ProxyConfigError::new("an allowed host", reason);
        let authority: Authority =
            text.parse().map_err(|error| fault("is no host name").with_source(error))?;
        let (host, port) = split(&authority).ok_or_else(|| fault("is no host name, or has no valid port"))?;
        if host == Name::Dns("*".into()) || text.contains('*') {
            return Err(fault("cannot be a pattern: any host is what an attacker would name"));
        }
        Ok(Self { host, port })
    }

    pub(crate) fn localhost(port: Option<u16>) -> Self {
        Self { host: Name::Dns("localhost".into()), port }
    }

    /// What may stand in `Host` for a socket that listens at `address`.
    ///
    /// Not the unspecified address: browsers connect to it, but do not count it as this machine, so they would
    /// not say that it is a page that asks.
    pub(crate) fn of_listener(address: SocketAddr) -> Vec<Self> {
        let port = Some(address.port());
        let at = |address: IpAddr| Self { host: Name::Address(address), port };
        let mut allowed = match address.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => vec![at(Ipv4Addr::LOCALHOST.into())],
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => {
                vec![at(Ipv4Addr::LOCALHOST.into()), at(Ipv6Addr::LOCALHOST.into())]
            }
            address => vec![at(address)],
        };
        allowed.push(Self::localhost(port));
        allowed
    }

    pub(crate) fn covers(&self, authority: &Authority) -> bool {
        let Some((host, port)) = split(authority) else { return false };
        host == self.host
            && match (self.port, port) {
                (None, _) => true,
                (Some(ours), Some(port)) => ours == port,
                // The default port of a scheme that the request does not tell.
                (Some(ours), None) => matches!(ours, 80 | 443),
            }
    }
}

/// Host and port; `None` if there is user info, no host, or a port that is none.
fn split(authority: &Authority) -> Option<(Name, Option<u16>)> {
    let host = authority.host();
    let port = match &authority.as_str().strip_prefix(host)?.strip_prefix(':') {
        None if authority.as_str() == host => None,
        None => return None,
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
        Some(_) => return None,
    };
    let v6 = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = match v6 {
        Some(v6) => Some(v6.parse::<Ipv6Addr>().ok()?.into()),
        None => host.parse::<Ipv4Addr>().ok().map(IpAddr::from),
    };
    match address {
        Some(address) => Some((Name::Address(address), port)),
        None if host.is_empty() => None,
        None => Some((Name::Dns(host.to_ascii_lowercase().into()), port)),
    }
}

/// The origin of a page that may use the proxy, as browsers write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AllowedOrigin(Box<str>);

impl AllowedOrigin {
    /// `scheme://host` or `scheme://host:port`.
    pub(crate) fn parse(text: &str) -> Result<Self, ProxyConfigError> {
        let fault = |reason| ProxyConfigError::new("an allowed origin", reason);
        let uri: Uri = text.parse().map_err(|error| fault("is no URL").with_source(error))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(fault("is not `scheme://host` or `scheme://host:port`"));
        };
        if uri.path() != "/"
            || uri.query().is_some()
            || text.contains(['*', '#'])
            || split(authority).is_none()
        {
            return Err(fault("is not `scheme://host` or `scheme://host:port`"));
        }
        let default = matches!((scheme, authority.port_u16()), ("http", Some(80)) | ("https", Some(443)));
        let host = if default { authority.host() } else { authority.as_str() };
        Ok(Self([scheme, "://", host].concat().to_ascii_lowercase().into()))
    }

    pub(crate) fn is(&self, origin: &[u8]) -> bool {
        origin.eq_ignore_ascii_case(self.0.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(allowed: &[AllowedHost], host: &str, expected: bool) {
        let authority: Result<Authority, _> = host.parse();
        let covered =
            authority.is_ok_and(|authority| allowed.iter().any(|allowed| allowed.covers(&authority)));
        assert_eq!(covered, expected, "{host}");
    }

    #[test]
    fn a_listener_answers_to_its_address_and_to_localhost() {
        let loopback = AllowedHost::of_listener(([127, 0, 0, 1], 8080).into());
        for host in ["127.0.0.1:8080", "localhost:8080", "LocalHost:8080", "localhost:08080"] {
            check(&loopback, host, true);
        }
        for host in [
            "127.0.0.1",
            "localhost",
            "127.0.0.1:80",
            "localhost:",
            "localhost:99999",
            "localhost.:8080",
            "127.1:8080",
            "127.0.0.2:8080",
            "[::1]:8080",
            "[::ffff:127.0.0.1]:8080",
            "localhost.evil.example:8080",
            "127.0.0.1.evil.example:8080",
            "localhost:8080@evil.example",
            "user@localhost:8080",
            "evil.example:8080",
            "",
        ] {
            check(&loopback, host, false);
        }
    }

    #[test]
    fn an_unspecified_address_is_answered_at_loopback_only() {
        let any = AllowedHost::of_listener(([0, 0, 0, 0], 80).into());
        check(&any, "127.0.0.1", true);
        check(&any, "localhost", true);
        check(&any, "0.0.0.0", false);
        check(&any, "192.168.1.5", false);
        let any = AllowedHost::of_listener((Ipv6Addr::UNSPECIFIED, 8080).into());
        check(&any, "[0:0:0:0:0:0:0:1]:8080", true);
        check(&any, "127.0.0.1:8080", true);
        check(&any, "[::]:8080", false);
    }

    #[test]
    fn an_allowed_name_without_a_port_is_good_at_any() {
        let allowed =
            [AllowedHost::parse("App.example").unwrap(), AllowedHost::parse("b.example:81").unwrap()];
        for host in ["app.example", "APP.example:8443", "b.example:81"] {
            check(&allowed, host, true);
        }
        for host in ["b.example", "b.example:82", "x.app.example"] {
            check(&allowed, host, false);
        }
        for text in ["", "*", "*.example", "user@h", "h:99999", "h:", "h/x", "http://h"] {
            assert!(AllowedHost::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn origins_are_compared_as_browsers_write_them() {
        let check = |text: &str, origin: &str| AllowedOrigin::parse(text).unwrap().is(origin.as_bytes());
        assert!(check("https://App.example", "https://app.example"));
        assert!(check("https://app.example:443/", "https://app.example"));
        assert!(check("http://localhost:3000", "http://localhost:3000"));
        assert!(check("chrome-extension://abc", "chrome-extension://abc"));
        assert!(!check("https://app.example", "http://app.example"));
        assert!(!check("https://app.example", "https://app.example.evil.example"));
        assert!(!check("https://app.example", "null"));
        for text in
            ["null", "", "*", "https://*.example", "app.example", "https://h/x", "https://h?q", "https://u@h"]
        {
            assert!(AllowedOrigin::parse(text).is_err(), "{text}");
        }
    }
}
