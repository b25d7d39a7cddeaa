//! What `-v` tells on standard error.
//!
//! Masked is what sounds like a credential, and of URLs in headers all that is not scheme, host and path. A
//! credential by an innocent name, or in a path, is shown.

use std::borrow::Cow;

use http::header::{AUTHORIZATION, CONTENT_LOCATION, HOST, LINK, LOCATION, REFRESH};
use http::{HeaderName, HeaderValue, Request, Response, Uri};
use hyper_rustls::MaybeHttpsStream;
use signing_core::diagnose::is_telling_name;

use super::output::status_line;
use super::signature::Signed;
use crate::client::Connection;
use crate::terminal::visible;

const MASK: &str = "<masked>";

/// Whether `-v` was given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verbose {
    pub(super) is_on: bool,
}

impl Verbose {
    pub(super) fn signed(self, signed: &Signed) {
        self.line('*', &signed.to_string());
    }

    /// The head of a request as it goes to the client.
    pub(super) fn request<B>(self, request: &Request<B>) {
        if !self.is_on {
            return;
        }
        self.line('>', &format!("{} {}", request.method(), target(request.uri())));
        if let (None, Some(authority)) = (request.headers().get(HOST), request.uri().authority()) {
            self.line('>', &format!("host: {authority}"));
        }
        for (name, value) in request.headers() {
            self.line('>', &format!("{name}: {}", masked(name, value)));
        }
        self.line('>', "");
    }

    pub(super) fn connection(self, connection: &Connection) {
        let (tcp, tls) = match connection {
            MaybeHttpsStream::Http(tcp) => (tcp, None),
            MaybeHttpsStream::Https(tls) => {
                let (tcp, tls) = tls.inner().get_ref();
                (tcp.inner(), tls.protocol_version())
            }
        };
        let Ok(peer) = tcp.inner().peer_addr() else { return };
        let version =
            tls.and_then(|version| version.as_str()).map(|version| version.replace("TLSv1_", ", TLS 1."));
        self.line('*', &format!("connected to {peer}{}", version.unwrap_or_default()));
    }

    pub(super) fn response<B>(self, response: &Response<B>) {
        if !self.is_on {
            return;
        }
        self.line('<', &status_line(response));
        for (name, value) in response.headers() {
            self.line('<', &format!("{name}: {}", masked(name, value)));
        }
        self.line('<', "");
    }

    pub(super) fn redirect(self, to: &Uri) {
        self.line('*', &format!("redirected to {}", without_query(to)));
    }

    fn line(self, mark: char, text: &str) {
        if self.is_on {
            eprintln!("{}", format!("{mark} {}", visible(text)).trim_end());
        }
    }
}

/// Scheme, host and path: a query may hold a credential.
pub(super) fn without_query(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or_default();
    let authority = uri.authority().map(|authority| authority.as_str()).unwrap_or_default();
    format!("{scheme}://{authority}{}", uri.path())
}

/// Path and query, with the values of parameters that sound like credentials masked.
fn target(uri: &Uri) -> String {
    let Some(query) = uri.query() else { return uri.path().to_owned() };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_telling_name(name) => Cow::Owned(format!("{name}={MASK}")),
        _ => Cow::Borrowed(pair),
    });
    format!("{}?{}", uri.path(), pairs.collect::<Vec<_>>().join("&"))
}

fn masked(name: &HeaderName, value: &HeaderValue) -> Cow<'static, str> {
    let text = String::from_utf8_lossy(value.as_bytes());
    if !value.is_sensitive() && !is_telling_name(name.as_str()) {
        // These may hold relative URLs.
        let holds_url = [CONTENT_LOCATION, LINK, LOCATION, REFRESH].contains(name) || text.contains("://");
        return Cow::Owned(if holds_url { without_credentials(&text) } else { text.into_owned() });
    }
    // The scheme is known to the server's logs anyway, and helps.
    match text.split_once(' ') {
        Some((scheme, _)) if *name == AUTHORIZATION && SCHEMES.contains(&scheme) => {
            Cow::Owned(format!("{scheme} {MASK}"))
        }
        _ => Cow::Borrowed(MASK),
    }
}

/// `text` with URLs in it, without user info, and no further than the first query or fragment.
fn without_credentials(text: &str) -> String {
    let (mut rest, end) = match text.find(['?', '#']) {
        Some(at) => (&text[..at], &text[at..=at]),
        None => (text, ""),
    };
    let mut shown = String::new();
    while let Some(at) = rest.find("//") {
        let (before, authority) = rest.split_at(at + 2);
        shown.push_str(before);
        let length = authority.find(['/', '\\', '"', '<', '>', ' ', '\t']).unwrap_or(authority.len());
        rest = authority;
        if let Some(at) = authority[..length].rfind('@') {
            shown.push_str(MASK);
            rest = &authority[at..];
        }
    }
    shown.push_str(rest);
    if !end.is_empty() {
        shown.push_str(end);
        shown.push_str(MASK);
    }
    shown
}

const SCHEMES: [&str; 6] =
    ["AWS4-HMAC-SHA256", "Basic", "Bearer", "SharedAccessSignature", "SharedKey", "Signature"];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &'static str, value: &'static str, expected: &str) {
        let name = HeaderName::from_static(name);
        assert_eq!(masked(&name, &HeaderValue::from_static(value)), expected);
    }

    #[test]
    fn what_sounds_like_a_credential_is_masked() {
        check("authorization", "AWS4-HMAC-SHA256 Credential=x", "AWS4-HMAC-SHA256 <masked>");
        check("authorization", "hunter2 and more", "<masked>");
        check("x-amz-security-token", "hunter2", "<masked>");
        check("ocp-apim-subscription-key", "hunter2", "<masked>");
        check("set-cookie", "sid=hunter2", "<masked>");
        check("x-session-id", "hunter2", "<masked>");
        check("x-jwt-assertion", "hunter2", "<masked>");
        check("content-type", "text/plain", "text/plain");
    }

    #[test]
    fn urls_are_shown_as_far_as_their_path() {
        check("location", "https://h/p?sig=hunter2", "https://h/p?<masked>");
        check("location", "http://h/cb#access_token=hunter2", "http://h/cb#<masked>");
        check("location", "cb?#hunter2", "cb?<masked>");
        check("location", "https://u:hunter2;@x@h:1/p@q", "https://<masked>@h:1/p@q");
        check("location", "//hunter2@h", "//<masked>@h");
        check("content-location", "p?sig=hunter2", "p?<masked>");
        check("refresh", "0; url=/p?hunter2", "0; url=/p?<masked>");
        check("link", "<http://u@h/p?X-Amz-Signature=hunter2>; rel=next", "<http://<masked>@h/p?<masked>");
        check("link", "<a://b@h>, <c://d@h/>", "<a://<masked>@h>, <c://<masked>@h/>");
        check("x-next", "https://h/p?hunter2", "https://h/p?<masked>");
        check("x-other", "why? #1 // a@b", "why? #1 // a@b");
    }

    #[test]
    fn a_sensitive_header_is_masked_whatever_its_name() {
        let mut value = HeaderValue::from_static("hunter2");
        value.set_sensitive(true);
        assert_eq!(masked(&HeaderName::from_static("x-mine"), &value), MASK);
    }

    #[test]
    fn so_is_the_query() {
        let uri = "https://h/p?a=1&X-Amz-Signature=s&sig=s&code=s&zipcode=1&b".parse().unwrap();
        assert_eq!(target(&uri), "/p?a=1&X-Amz-Signature=<masked>&sig=<masked>&code=<masked>&zipcode=1&b");
    }
}
