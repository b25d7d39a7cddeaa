//! One sentence for each cause: what is wrong.

use std::fmt;

use super::instant::{spelled, spoken};
use super::{Cause, DiffOf, PathChange};
use crate::Timestamp;

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authorization { code, names_caller: true } => {
                write!(f, "The signature looks right: this is an authorization matter (`{code}`).")
            }
            Self::Authorization { code, .. } => write!(
                f,
                "The service does not object to the signature: this is an authorization matter (`{code}`)."
            ),
            Self::AuthenticationMissing => f.write_str("The service found no signature in the request."),
            Self::AuthenticationMalformed { message } => {
                write!(f, "The service cannot read the signature: {message}")
            }
            Self::AuthenticationRefused { message } => {
                write!(f, "The service does not take the authentication: {message}")
            }
            Self::SignedTwice { signed_at: Some(signed), arrived_at: Some(arrived) } => write!(
                f,
                "The request was signed at {}, but arrived with the date {}: something signed it again, or an old signature was sent.",
                spelled(*signed),
                spelled(*arrived)
            ),
            Self::SignedTwice { .. } => f.write_str(
                "The request arrived with two signatures, or with another one than that which was made.",
            ),
            Self::ClockOff { signed_at, server, .. } => clock_off(f, *signed_at, *server),
            Self::SignatureExpired { at: Some(at), server: Some(server) } if at <= server => write!(
                f,
                "The signature was good until {}, and arrived {} later by the server's clock.",
                spelled(*at),
                spoken(at.until(*server).as_secs().max(1))
            ),
            Self::SignatureExpired { at: Some(at), .. } => {
                write!(f, "The signature was good until {} only.", spelled(*at))
            }
            Self::SignatureExpired { .. } => f.write_str("The signature has expired."),
            Self::CredentialsReplaced { key_id } => write!(
                f,
                "The request was signed with credentials{} that have been replaced since.",
                of_key(key_id)
            ),
            Self::UnknownKey { key_id } => write!(f, "The service does not know the key{}.", named(key_id)),
            Self::WrongSecret { key_id } => write!(
                f,
                "What was signed is what the service verifies: the secret is not that of the key{}.",
                named(key_id)
            ),
            Self::CredentialsRefused { key_id, rest_is_right: true } => write!(
                f,
                "The service does not take the credentials{}, and date and resource are in order as far as can be seen.",
                of_key(key_id)
            ),
            Self::CredentialsRefused { key_id, .. } => {
                write!(f, "The service does not take the credentials{}.", of_key(key_id))
            }
            Self::SessionTokenMissing { key_id } => write!(
                f,
                "The key{} is a temporary one, and the request has no session token.",
                named(key_id)
            ),
            Self::SessionTokenExpired => f.write_str("The session token has expired."),
            Self::SessionTokenInvalid => {
                f.write_str("The session token is damaged, or belongs to another key.")
            }
            Self::WrongRegion { signed, expected } => wrong_scope(f, "region", signed, expected),
            Self::WrongService { signed, expected } => wrong_scope(f, "service", signed, expected),
            Self::WrongScopeDate { signed, expected } => write!(
                f,
                "The credential scope is of the day `{signed}`, and the request's date of `{expected}`."
            ),
            Self::MethodChanged { signed, arrived } => {
                write!(f, "The request was signed as {signed}, but arrived as {arrived}.")
            }
            Self::HostChanged { signed, arrived } => {
                write!(f, "The host `{signed}` was signed, but `{arrived}` arrived.")
            }
            Self::PathChanged { signed, arrived, how } => path_changed(f, signed, arrived, *how),
            Self::AccountChanged { signed, arrived } => {
                write!(f, "The request was signed for the account `{signed}`, but asks `{arrived}`.")
            }
            Self::ResourceSpaced { leading: true } => {
                f.write_str("The canonicalized resource was signed with a leading space.")
            }
            Self::ResourceSpaced { .. } => f.write_str(
                "The canonicalized resource was signed with other white space around it than arrived.",
            ),

            Self::ResourceMismatch { signed: Some(signed), asked: Some(asked) } => {
                write!(f, "The token is for `{signed}`, but the request asks for `{asked}`.")
            }
            Self::ResourceMismatch { signed: Some(signed), .. } => {
                write!(f, "The token is for `{signed}`, which is not the resource that was asked.")
            }
            Self::ResourceMismatch { .. } => f.write_str("The token is not for the resource that was asked."),
            Self::QueryAdded { name } => {
                write!(f, "The query parameter `{name}` arrived, but was not signed.")
            }
            Self::QueryDropped { name } => {
                write!(f, "The query parameter `{name}` was signed, but is not in the request that arrived.")
            }
            Self::QueryChanged { name, signed, arrived } => write!(
                f,
                "The query parameter `{name}` was signed as `{signed}`, but arrived as `{arrived}`."
            ),
            Self::QueryEncoding { name, plus_for_space: true, signed, arrived } => write!(
                f,
                "In the query parameter `{name}`, a space and a plus sign are confused: `{signed}` was signed, and the service has `{arrived}`."
            ),
            Self::QueryEncoding { name, signed, arrived, .. } => write!(
                f,
                "The query parameter `{name}` is encoded in two ways: `{signed}` was signed, and the service has `{arrived}`."
            ),
            Self::QueryReordered => {
                f.write_str("The query's parameters were signed in another order than the service has them.")
            }
            Self::HeaderAdded { name, value: Some(value) } => write!(
                f,
                "The header `{name}: {value}` arrived, but was not signed: a client or layer below the signer added it."
            ),
            Self::HeaderAdded { name, value: None } => write!(
                f,
                "The header `{name}` arrived, but was not signed: a client or layer below the signer added it."
            ),
            Self::HeaderDropped { name } => {
                write!(f, "The header `{name}` was signed, but is not in the request that arrived.")
            }
            Self::HeaderChanged { name, signed, arrived } => {
                write!(f, "The header `{name}` was signed as `{signed}`, but arrived as `{arrived}`.")
            }
            Self::HeadersReordered { name: Some(name) } => {
                write!(f, "The values of the header `{name}` arrived in another order.")
            }
            Self::HeadersReordered { name: None } => {
                f.write_str("The headers were signed in another order than the service has them.")
            }
            Self::HeadersInTransit { names } => write!(
                f,
                "Headers are signed that proxies and clients change on the way: `{}`.",
                names.join("`, `")
            ),
            Self::ContentLength { signed, arrived } => write!(
                f,
                "{} was signed as the Content-Length, but {} arrived.",
                length(signed),
                length(arrived)
            ),
            Self::BodyChanged { signed: Some(signed), arrived: Some(arrived) }
                if !(is_hash(signed) && is_hash(arrived)) =>
            {
                write!(f, "In place of the body's hash, `{signed}` was signed, but `{arrived}` arrived.")
            }
            Self::BodyChanged { signed: Some(signed), arrived: Some(arrived) } => write!(
                f,
                "The body that arrived has the hash `{arrived}`, and `{signed}` was signed: it was changed after it was hashed."
            ),
            Self::BodyChanged { .. } => f.write_str(
                "The body that arrived has another hash or checksum (a header like `content-md5`) than the one that was sent with it.",
            ),
            Self::EmptyBodyHashed => f.write_str("The hash of an empty body was signed, but a body arrived."),
            Self::ChunkSignature => f.write_str(
                "A chunk of the aws-chunked body is broken, or does not have the signature that it needs.",
            ),
            Self::Trailer => {
                f.write_str("The trailer behind the aws-chunked body is wrong, or is not what was signed.")
            }
            Self::LineCount { signed, expected } => write!(
                f,
                "The string to sign has {signed} lines before its headers and resource, where the service has {expected}."
            ),
            Self::StringsDiffer => {
                f.write_str("What was signed is not what the service computed from the request.")
            }
            Self::Mismatch => {
                f.write_str("The service computed another signature, and does not show what from.")
            }
            Self::TrailingLineBreak { is_signed: true } => {
                f.write_str("What was signed ends with a line break that does not belong to it.")
            }
            Self::TrailingLineBreak { .. } => {
                f.write_str("What was signed lacks the line break that it has to end with.")
            }
            Self::SignedOtherwise { .. } => f.write_str(
                "The service verifies what the request shows: another secret signed it, its program made another text of it, or it was changed after it was signed.",
            ),
            Self::NotCompared { of } => write!(
                f,
                "The service shows the {} that it computed, and what was signed is not known, or only in part.",
                if *of == DiffOf::CanonicalRequest { "canonical request" } else { "string to sign" }
            ),
        }
    }
}

/// Not one of the words that stand in a hash's place.
fn is_hash(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn named(key_id: &Option<String>) -> String {
    key_id.as_ref().map_or_else(String::new, |key_id| format!(" `{key_id}`"))
}

fn of_key(key_id: &Option<String>) -> String {
    key_id.as_ref().map_or_else(String::new, |key_id| format!(" of `{key_id}`"))
}

fn length(text: &str) -> String {
    if text.is_empty() { "none".to_owned() } else { format!("`{text}`") }
}

fn clock_off(
    f: &mut fmt::Formatter<'_>,
    signed_at: Option<Timestamp>,
    server: Option<Timestamp>,
) -> fmt::Result {
    let (Some(signed), Some(server)) = (signed_at, server) else {
        return f.write_str("The date of the request is too far from the server's clock.");
    };
    let apart = spoken(signed.unix().abs_diff(server.unix()));
    match signed.cmp(&server) {
        std::cmp::Ordering::Less => write!(
            f,
            "The clock is off: the request was signed at {}, which is {apart} behind the server's clock.",
            spelled(signed)
        ),
        std::cmp::Ordering::Greater => write!(
            f,
            "The clock is off: the request was signed at {}, which is {apart} ahead of the server's clock.",
            spelled(signed)
        ),
        std::cmp::Ordering::Equal => {
            f.write_str("The service takes the date of the request to be too far from its clock.")
        }
    }
}

fn wrong_scope(
    f: &mut fmt::Formatter<'_>,
    what: &str,
    signed: &Option<String>,
    expected: &Option<String>,
) -> fmt::Result {
    match (signed, expected) {
        (Some(signed), Some(expected)) => {
            write!(f, "The request was signed for the {what} `{signed}`, and has to be for `{expected}`.")
        }
        (None, Some(expected)) => write!(f, "The request has to be signed for the {what} `{expected}`."),
        (Some(signed), None) => {
            write!(f, "The request was signed for the {what} `{signed}`, which is not the right one.")
        }
        (None, None) => write!(f, "The request was signed for a wrong {what}."),
    }
}

fn path_changed(f: &mut fmt::Formatter<'_>, signed: &str, arrived: &str, how: PathChange) -> fmt::Result {
    let what = match how {
        PathChange::EncodedTwice => "The path was encoded twice where the service encodes it once",
        PathChange::EncodedOnce => "The path was encoded once where the service encodes it twice",
        PathChange::Escaped => "The path is escaped in two ways",
        PathChange::Normalized => {
            "The path was normalized before it was signed, and the service does not normalize it"
        }
        PathChange::NotNormalized => {
            "The path was not normalized before it was signed, and the service normalizes it"
        }
        PathChange::PrefixAdded => "A beginning was added to the path on the way",
        PathChange::PrefixDropped => "The beginning of the path was dropped on the way",
        PathChange::Other => "The path is not the one that was signed",
    };
    write!(f, "{what}: `{signed}` was signed, and the service has `{arrived}`.")
}
