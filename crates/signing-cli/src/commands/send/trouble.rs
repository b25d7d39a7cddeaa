//! What went wrong between us and a server: one sentence, and an exit status.

use std::error::Error;
use std::io;
use std::time::Duration;

use http::{StatusCode, Uri};
use tower::timeout::error::Elapsed;
use tower_signing::{BoxError, SigningError, SigningErrorKind};

use super::verbose::without_query;
use crate::client::Unresolved;
use crate::failure::Failure;
use crate::refusal::{Refusal, causes};

// As curl has them, where it has one. They stand in the help text, too.
const RESOLVE: u8 = 6;
const CONNECT: u8 = 7;
const PARTIAL: u8 = 18;
const HTTP_STATUS: u8 = 22;
const WRITE: u8 = 23;
const READ: u8 = 26;
const TIMEOUT: u8 = 28;
const TLS: u8 = 35;
const REDIRECT: u8 = 47;
const NO_ANSWER: u8 = 52;
const EXCHANGE: u8 = 56;
const CERTIFICATE: u8 = 60;
const NOT_AGAIN: u8 = 65;

/// A request without response. `fault` is that of its body, if it had one.
pub(super) fn no_response(error: BoxError, fault: Option<&String>, uri: &Uri, is_stream: bool) -> Failure {
    if let Some(fault) = fault {
        return Failure::with_status(READ, fault.clone());
    }
    let error = match error.downcast::<SigningError>() {
        Ok(error) => return unsigned(*error, is_stream),
        Err(error) => error,
    };
    let host = uri.authority().map(|authority| authority.as_str()).unwrap_or_default();
    let cause = cause(&*error);
    let find = |is: fn(&(dyn Error + 'static)) -> bool| causes(&*error).any(is);
    let (status, message) = if find(|error| error.is::<Unresolved>()) {
        (RESOLVE, format!("the host {host} was not found: {cause}"))
    } else if find(|error| error.is::<Elapsed>()) {
        (TIMEOUT, format!("no connection to {host} within --connect-timeout"))
    } else if let Some(error) = causes(&*error).find_map(|error| error.downcast_ref::<rustls::Error>()) {
        match error {
            rustls::Error::InvalidCertificate(_) => {
                (CERTIFICATE, format!("the certificate of {host} is not trusted: {cause}"))
            }
            _ => (TLS, format!("no TLS connection to {host}: {cause}")),
        }
    } else if find(is_connect) {
        (CONNECT, format!("no connection to {host}: {cause}"))
    } else if find(is_silent) {
        (NO_ANSWER, format!("{host} closed the connection without an answer"))
    } else {
        (EXCHANGE, format!("no answer from {host}: {cause}"))
    };
    Failure::with_status(status, message)
}

fn unsigned(error: SigningError, is_stream: bool) -> Failure {
    let needs_file = is_stream && error.kind() == SigningErrorKind::Body;
    let refusal = Refusal::from(error);
    let hint = if needs_file { "; or name a regular file: it is read twice instead" } else { "" };
    Refusal::new(refusal.kind(), format!("{}{hint}", refusal.message())).into()
}

/// The response broke off.
pub(super) fn partial(error: &hyper::Error, received: u64, length: Option<u64>) -> Failure {
    let of = length.map(|length| format!(" of {length}")).unwrap_or_default();
    let message = format!("the response broke off after {received}{of} bytes: {}", cause(error));
    Failure::with_status(PARTIAL, message)
}

pub(super) fn bad_status(status: StatusCode) -> Failure {
    Failure::with_status(HTTP_STATUS, format!("the server answered {status}"))
}

pub(super) fn not_written(name: &str, error: &io::Error) -> Failure {
    Failure::with_status(WRITE, format!("{name} cannot be written: {error}"))
}

pub(super) fn not_for_terminals() -> Failure {
    let message =
        "the response holds bytes that could command your terminal: use -o FILE, or -o - to see them";
    Failure::with_status(WRITE, message)
}

pub(super) fn timeout(limit: Duration) -> Failure {
    Failure::with_status(TIMEOUT, format!("not done within --max-time, which is {} s", limit.as_secs_f64()))
}

pub(super) fn too_many_redirects(most: usize) -> Failure {
    Failure::with_status(REDIRECT, format!("more than {most} redirects (--max-redirs)"))
}

pub(super) fn bad_redirect(from: &Uri, why: &str) -> Failure {
    Failure::with_status(REDIRECT, format!("{} redirects to what {why}", without_query(from)))
}

pub(super) fn redirect_not_signed(to: &Uri, refusal: &Refusal) -> Failure {
    let message = format!("the redirect to {} is not followed: {}", without_query(to), refusal.message());
    Refusal::new(refusal.kind(), message).into()
}

pub(super) fn not_again() -> Failure {
    Failure::with_status(NOT_AGAIN, "a redirect asks for the body again, and a stream can be read once only")
}

fn is_connect(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<hyper_util::client::legacy::Error>().is_some_and(|error| error.is_connect())
}

/// The connection ended where the answer should have begun.
fn is_silent(error: &(dyn Error + 'static)) -> bool {
    error
        .downcast_ref::<hyper::Error>()
        .is_some_and(|error| error.is_incomplete_message() || error.is_closed() || error.is_canceled())
}

/// The innermost error, which says most; without the query of any URL in it.
fn cause(error: &(dyn Error + 'static)) -> String {
    let text = causes(error).last().map(ToString::to_string).unwrap_or_default();
    let words = text.split(' ').map(|word| match word.split_once('?') {
        Some((url, query)) if !query.is_empty() => format!("{url}?…"),
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}
