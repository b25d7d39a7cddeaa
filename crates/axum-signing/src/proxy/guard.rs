//! Who may ask: a proxy that signs for whoever reaches it is an oracle.

use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use http::{Method, StatusCode, Version};

use super::FailureKind;
use super::failure::Failure;
use super::host::{AllowedHost, AllowedOrigin};

/// Which hosts and origins a request may name. Looks at the request as it came, before anything is stripped.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guard {
    pub(crate) hosts: Vec<AllowedHost>,
    pub(crate) origins: Vec<AllowedOrigin>,
}

impl Guard {
    pub(crate) fn check(&self, head: &Parts) -> Result<(), Failure> {
        check_form(head)?;
        let host = self.check_host(head)?;
        self.check_origin(head, &host)
    }

    pub(crate) fn allows_host(&self, authority: &Authority) -> bool {
        self.hosts.iter().any(|allowed| allowed.covers(authority))
    }

    /// The name that the client used for this proxy. A page that had its own name resolved to this machine (DNS
    /// rebinding) has to tell it here.
    fn check_host(&self, head: &Parts) -> Result<Authority, Failure> {
        let is_http2 = head.version >= Version::HTTP_2;
        if let Some(authority) = head.uri.authority().filter(|authority| !self.allows_host(authority)) {
            return Err(if is_http2 { misdirected(authority.host()) } else { foreign_target() });
        }
        let mut given = head.headers.get_all(HOST).iter();
        let host = match (given.next(), given.next()) {
            (None, _) => {
                let authority = head.uri.authority().filter(|_| is_http2).cloned();
                return authority.ok_or_else(|| Failure::bad_request("the request names no host"));
            }
            (Some(_), Some(_)) => return Err(Failure::bad_request("the request names two hosts")),
            (Some(host), None) => host,
        };
        let authority = Authority::try_from(host.as_bytes()).ok();
        authority
            .filter(|authority| self.allows_host(authority))
            .ok_or_else(|| misdirected(&String::from_utf8_lossy(host.as_bytes())))
    }

    /// Browsers send `Origin` with all that a script may not read without leave, and `Sec-Fetch-Site` with all
    /// that goes to this machine. Nobody else sends them, `none` apart: a person typed the URL.
    fn check_origin(&self, head: &Parts, host: &Authority) -> Result<(), Failure> {
        let is_allowed = |origin: &[u8]| self.origins.iter().any(|allowed| allowed.is(origin));
        let mut origins = head.headers.get_all(ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (None, _) => {}
            (Some(origin), None) if is_allowed(origin.as_bytes()) => return Ok(()),
            _ => return Err(of_a_page("the request's Origin is not allowed")),
        }
        // A GET to the page's own origin has no Origin; it is the one that the request names as its host.
        let is_own = |scheme: &str| is_allowed([scheme, "://", host.as_str()].concat().as_bytes());
        let sites = head.headers.get_all("sec-fetch-site").iter();
        for site in sites {
            match site.as_bytes() {
                b"none" => {}
                b"same-origin" if is_own("http") || is_own("https") => {}
                _ => return Err(of_a_page("the request was sent by a web page (Sec-Fetch-Site)")),
            }
        }
        Ok(())
    }
}

fn check_form(head: &Parts) -> Result<(), Failure> {
    if head.method == Method::CONNECT {
        return Err(Failure::bad_request("CONNECT is not for this proxy: it opens no tunnels"));
    }
    if !head.uri.path().starts_with('/') {
        return Err(Failure::bad_request("the request's target is no path"));
    }
    Ok(())
}

fn foreign_target() -> Failure {
    Failure::bad_request(
        "the request's target is a URL of another host; this proxy forwards to one base URL only",
    )
}

fn misdirected(host: &str) -> Failure {
    let host: String = host.chars().take(100).collect();
    let message = format!("`{}` is not a host name of this proxy", host.escape_debug());
    Failure::new(FailureKind::Host, StatusCode::MISDIRECTED_REQUEST, message)
}

fn of_a_page(message: &'static str) -> Failure {
    Failure::new(FailureKind::Origin, StatusCode::FORBIDDEN, message)
}
