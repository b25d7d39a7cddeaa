//! What `-v` tells on standard error. Nothing in it can be used to sign in.

use std::borrow::Cow;

use http::header::{AUTHORIZATION, HOST, LOCATION};
use http::{HeaderName, HeaderValue, Request, Response, Uri};
use hyper_rustls::MaybeHttpsStream;

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
        Some((name, _)) if is_telling(name) => Cow::Owned(format!("{name}={MASK}")),
        _ => Cow::Borrowed(pair),
    });
    format!("{}?{}", uri.path(), pairs.collect::<Vec<_>>().join("&"))
}

fn masked(name: &HeaderName, value: &HeaderValue) -> Cow<'static, str> {
    let text = String::from_utf8_lossy(value.as_bytes());
    if *name == LOCATION {
        return match text.split_once('?') {
            Some((url, _)) => Cow::Owned(format!("{url}?{MASK}")),
            None => Cow::Owned(text.into_owned()),
        };
    }
    if !value.is_sensitive() && !is_telling(name.as_str()) {
        return Cow::Owned(text.into_owned());
    }
    // The scheme is known to the server's logs anyway, and helps.
    match text.split_once(' ') {
        Some((scheme, _)) if *name == AUTHORIZATION && SCHEMES.contains(&scheme) => {
            Cow::Owned(format!("{scheme} {MASK}"))
        }
        _ => Cow::Borrowed(MASK),
    }
}

const SCHEMES: [&str; 6] =
    ["AWS4-HMAC-SHA256", "Basic", "Bearer", "SharedAccessSignature", "SharedKey", "Signature"];

/// Whether the value of a header or query parameter of this name may be a credential. Rather too often than
/// too rarely.
fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["auth", "cookie", "credential", "key", "passw", "secret", "sig", "token"]
        .iter()
        .any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sounds_like_a_credential_is_masked() {
        let check = |name: &'static str, value: &'static str, expected: &str| {
            let name = HeaderName::from_static(name);
            assert_eq!(masked(&name, &HeaderValue::from_static(value)), expected);
        };
        check("authorization", "AWS4-HMAC-SHA256 Credential=x", "AWS4-HMAC-SHA256 <masked>");
        check("authorization", "hunter2 and more", "<masked>");
        check("x-amz-security-token", "hunter2", "<masked>");
        check("ocp-apim-subscription-key", "hunter2", "<masked>");
        check("set-cookie", "sid=hunter2", "<masked>");
        check("location", "https://h/p?sig=hunter2", "https://h/p?<masked>");
        check("content-type", "text/plain", "text/plain");
    }

    #[test]
    fn a_sensitive_header_is_masked_whatever_its_name() {
        let mut value = HeaderValue::from_static("hunter2");
        value.set_sensitive(true);
        assert_eq!(masked(&HeaderName::from_static("x-mine"), &value), MASK);
    }

    #[test]
    fn so_is_the_query() {
        let uri = "https://h/p?a=1&X-Amz-Signature=s&sig=s&access_token=s&b".parse().unwrap();
        assert_eq!(target(&uri), "/p?a=1&X-Amz-Signature=<masked>&sig=<masked>&access_token=<masked>&b");
    }
}
