//! Which URLs stay on this machine.

use std::net::{IpAddr, Ipv6Addr};

use http::Uri;

/// Whether the URL's host is this machine by its text alone: `localhost`, `127.0.0.0/8`, `[::1]`.
///
/// No name is resolved, so `localhost.example.com` is not.
pub fn is_loopback(uri: &Uri) -> bool {
    let Some(host) = uri.host() else { return false };
    let name = host.strip_suffix('.').unwrap_or(host);
    if name.eq_ignore_ascii_case("localhost") {
        return true;
    }
    match name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(v6) => {
            v6.parse::<Ipv6Addr>().is_ok_and(|address| IpAddr::from(address).to_canonical().is_loopback())
        }
        None => name.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback()),
    }
}

/// Whether nobody on the way can read or change what is sent: TLS, or this machine.
#[cfg(any(feature = "aws", feature = "token"))]
pub(crate) fn is_private(uri: &Uri) -> bool {
    matches!(uri.scheme_str(), Some("https" | "wss")) || is_loopback(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        let check = |host: &str| is_loopback(&format!("http://{host}/").parse().unwrap());
        for host in ["localhost", "LOCALHOST.", "127.0.0.1", "127.9.9.9:80", "[::1]:80", "[::ffff:127.0.0.1]"]
        {
            assert!(check(host), "{host}");
        }
        for host in ["localhost.evil.example", "127.0.0.1.nip.io", "128.0.0.1", "[::2]", "0.0.0.0", "127.1"] {
            assert!(!check(host), "{host}");
        }
        assert!(!is_loopback(&"/relative".parse().unwrap()));
    }
}
