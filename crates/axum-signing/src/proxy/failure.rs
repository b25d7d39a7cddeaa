//! Why the proxy answers by itself, and what it says then.

use std::borrow::Cow;
use std::error::Error;
use std::iter;

use http::StatusCode;
use tower_signing::signing_core::{SignError, SignErrorKind};
use tower_signing::{BoxError, SigningError, SigningErrorKind};

/// What went wrong with a request: the label of a metric, and a field of the access log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// The request was meant for another host: 421.
    Host,
    /// A web page sent it: 403.
    Origin,
    /// It cannot be forwarded as it is: 400, 413, 414, 417 or 501.
    Request,
    /// It was not signed, and so not sent: 400, 413, 500 or 503.
    Signing,
    /// The client's body broke off (400), or nothing came of it for too long (408).
    Upload,
    /// The upstream could not be reached, or broke off before it answered: 502.
    Upstream,
    /// The upstream kept still for too long: 504, or the response breaks off.
    Timeout,
    /// The upstream broke off in the midst of its response, and so does ours.
    Download,
    /// The client went away before the response was complete.
    Canceled,
}

impl FailureKind {
    /// All of them, in the order of declaration.
    pub const ALL: [Self; 9] = [
        Self::Host,
        Self::Origin,
        Self::Request,
        Self::Signing,
        Self::Upload,
        Self::Upstream,
        Self::Timeout,
        Self::Download,
        Self::Canceled,
    ];

    /// A stable lower-case word for machines.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Origin => "origin",
            Self::Request => "request",
            Self::Signing => "signing",
            Self::Upload => "upload",
            Self::Upstream => "upstream",
            Self::Timeout => "timeout",
            Self::Download => "download",
            Self::Canceled => "canceled",
        }
    }
}

/// A response of the proxy's own. The message is fit to be shown.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    pub(crate) status: StatusCode,
    pub(crate) message: Cow<'static, str>,
}

impl Failure {
    pub(crate) fn new(kind: FailureKind, status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, status, message: message.into() }
    }

    /// The request cannot be forwarded as it is.
    pub(crate) fn bad_request(message: &'static str) -> Self {
        Self::new(FailureKind::Request, StatusCode::BAD_REQUEST, message)
    }

    /// The body is longer than the limit.
    pub(crate) fn too_large() -> Self {
        let message = "the request's body is larger than this proxy takes";
        Self::new(FailureKind::Request, StatusCode::PAYLOAD_TOO_LARGE, message)
    }

    /// The inner service failed: either nothing was signed and sent, or the upstream is at fault.
    pub(crate) fn of_service(error: &BoxError) -> Self {
        if let Some(error) = chain(&**error).find_map(|error| error.downcast_ref::<SigningError>()) {
            let mut message = shown(&error.to_string());
            for source in chain(error).skip(1) {
                message.extend([": ", &shown(&source.to_string())]);
            }
            return Self::new(FailureKind::Signing, status_of(error), message);
        }
        let message = format!("the upstream did not answer: {}", cause(&**error));
        Self::new(FailureKind::Upstream, StatusCode::BAD_GATEWAY, message)
    }
}

/// Whose fault it is that nothing was signed: the request's (4xx), or the configuration's (5xx).
fn status_of(error: &SigningError) -> StatusCode {
    match error.kind() {
        SigningErrorKind::Url => StatusCode::BAD_REQUEST,
        SigningErrorKind::Body => StatusCode::PAYLOAD_TOO_LARGE,
        // Until there is space again.
        SigningErrorKind::Spool => StatusCode::SERVICE_UNAVAILABLE,
        SigningErrorKind::Sign => {
            let error = error.source().and_then(|source| source.downcast_ref::<SignError>());
            match error.map(SignError::kind) {
                Some(SignErrorKind::Request | SignErrorKind::Payload) => StatusCode::BAD_REQUEST,
                // Until they are replaced.
                Some(SignErrorKind::Credentials) => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            }
        }
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The innermost error, which says most: `Connection refused`, `invalid peer certificate: UnknownIssuer`.
pub(crate) fn cause(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map(|error| shown(&error.to_string())).unwrap_or_default()
}

fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    iter::successors(Some(error), |&error| error.source())
}

/// Text from elsewhere, fit for a terminal, a log and a response: short, escaped, and without the query of any
/// URL in it, since a presigned URL is a credential.
fn shown(text: &str) -> String {
    const MOST: usize = 200;
    let mut shown = String::new();
    let mut in_query = false;
    for c in text.chars() {
        if shown.len() > MOST {
            shown.push('…');
            break;
        }
        match c {
            _ if c.is_whitespace() => {
                in_query = false;
                shown.push(' ');
            }
            _ if in_query => {}
            '?' => {
                in_query = true;
                shown.push_str("?…");
            }
            '"' | '\'' => shown.push(c),
            _ => shown.extend(c.escape_debug()),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_is_escaped_and_shortened_and_loses_queries() {
        let check = |text, expected| assert_eq!(shown(text), expected);
        check("Connection refused (os error 111)", "Connection refused (os error 111)");
        check("for url (http://h/p?X-Amz-Signature=secret) it failed", "for url (http://h/p?… it failed");
        check("\u{1b}[31mred\r\nline\u{202e}", "\\u{1b}[31mred  line\\u{202e}");
        check("it's \"so\"", "it's \"so\"");
        assert!(shown(&"long ".repeat(1000)).len() < 210);
    }

    #[track_caller]
    fn check(kind: SignErrorKind, status: u16) {
        let error = SigningError::from(SignError::new(kind, "the reason of https://h/?secret"));
        let failure = Failure::of_service(&error.into());
        assert_eq!((failure.kind, failure.status.as_u16()), (FailureKind::Signing, status));
        assert_eq!(failure.message, "the request cannot be signed: the reason of https://h/?…");
    }

    #[test]
    fn what_is_not_signed_is_the_fault_of_the_request_or_of_the_configuration() {
        check(SignErrorKind::Request, 400);
        check(SignErrorKind::Payload, 400);
        check(SignErrorKind::Credentials, 503);
        check(SignErrorKind::Endpoint, 500);
        check(SignErrorKind::Clock, 500);
    }

    #[test]
    fn the_order_of_all_is_the_order_of_declaration() {
        for (at, kind) in FailureKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, at);
        }
    }
}
