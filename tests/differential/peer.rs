//! The peer: the `aws-sigv4` crate with the settings that a setup means, and where it differs by design.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SessionTokenMode, SignableBody, SignableRequest,
    SignatureLocation, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;

use crate::request::{NAMES_FOR_BROWSERS, NAMES_OF_HOPS, Request};
use crate::setup::Setup;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Headers,
    Query,
}

/// What the peer answers: the signature, and the headers or parameters that it sets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) signature: String,
    pub(crate) set: BTreeMap<String, String>,
}

/// Why the peer differs, and whether that applies to a request.
pub(crate) type Reason = (&'static str, fn(&Setup, &Request, Place) -> bool);

pub(crate) const REASONS: [Reason; 7] = [
    ("it reads a plus in a query as a space", peer_differs_because_it_reads_a_plus_as_a_space),
    (
        "it replaces bytes of a query that are not UTF-8",
        peer_differs_because_it_replaces_bytes_that_are_not_utf8,
    ),
    ("it signs a path verbatim that is encoded once", peer_differs_because_it_signs_the_path_verbatim),
    (
        "it keeps a slash for a final dot segment",
        peer_differs_because_it_keeps_a_slash_for_a_final_dot_segment,
    ),
    ("it folds spaces only", peer_differs_because_it_folds_spaces_only),
    ("it compares the port as text", peer_differs_because_it_compares_the_port_as_text),
    ("it presigns without two more headers", peer_differs_because_it_presigns_without_two_more_headers),
];

/// It parses the query as a form. In the vectors of botocore, the AWS common runtime signs `%2B`, as we do.
fn peer_differs_because_it_reads_a_plus_as_a_space(_: &Setup, request: &Request, _: Place) -> bool {
    request.query.as_ref().is_some_and(|query| query.contains('+'))
}

/// It decodes the query into text, so that `%FF` becomes U+FFFD, which nobody sends.
fn peer_differs_because_it_replaces_bytes_that_are_not_utf8(_: &Setup, request: &Request, _: Place) -> bool {
    let query = request.query.as_deref().unwrap_or_default().replace("%c3%a9", "").replace("%C3%A9", "");
    ["%FF", "%ff"].iter().any(|escape| query.contains(escape))
}

/// It takes the path of S3 for canonical. S3 decodes the key and encodes it itself, so a raw `@` or an escape in
/// lower case only verifies when it is encoded anew. The SDKs send canonical paths, and the vectors hold no other.
fn peer_differs_because_it_signs_the_path_verbatim(setup: &Setup, request: &Request, _: Place) -> bool {
    !setup.encodes_path_twice() && !is_canonical_path(&request.path)
}

/// As RFC 3986 says, it makes `/a/` of `/a/b/..`. botocore makes `/a` of it, and so do we; no vector ends like that.
fn peer_differs_because_it_keeps_a_slash_for_a_final_dot_segment(
    setup: &Setup,
    request: &Request,
    _: Place,
) -> bool {
    setup.normalizes_path() && ["/.", "/.."].iter().any(|end| request.path.ends_with(end))
}

/// It folds runs of spaces and leaves tabs as they are. In the vectors of botocore a tab is a space (`mix/053`).
fn peer_differs_because_it_folds_spaces_only(_: &Setup, request: &Request, _: Place) -> bool {
    signed_headers(request).any(|(_, value)| value.contains(&b'\t'))
}

/// It signs `host:0443` and `host:` as they are written. We sign the Host header that hyper-util's client makes,
/// which writes the port as a number and drops the scheme's own.
fn peer_differs_because_it_compares_the_port_as_text(_: &Setup, request: &Request, _: Place) -> bool {
    let is_written_oddly = matches!(request.authority, "example.com:" | "example.com:0443");
    is_written_oddly && !request.headers.iter().any(|(name, _)| *name == "host")
}

/// It leaves `x-amz-user-agent` and `x-amz-checksum-mode` out of presigned URLs, which the SDKs make for browsers
/// that will not send them. We sign what the caller gave, and `UnsignedHeaders` leaves out what will not be sent.
fn peer_differs_because_it_presigns_without_two_more_headers(
    _: &Setup,
    request: &Request,
    at: Place,
) -> bool {
    at == Place::Query && request.headers.iter().any(|(name, _)| NAMES_FOR_BROWSERS.contains(name))
}

/// The headers that both sign: all but those of hops, which the peer is told to leave out as well. By itself it
/// leaves out four of them.
fn signed_headers(request: &Request) -> impl Iterator<Item = &(&'static str, Vec<u8>)> {
    request.headers.iter().filter(|(name, _)| !NAMES_OF_HOPS.contains(name))
}

fn is_canonical_path(path: &str) -> bool {
    let mut rest = path.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        rest = match (byte, after) {
            (b'%', [high, low, after @ ..]) => {
                let digits = [*high, *low];
                let byte =
                    std::str::from_utf8(&digits).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok());
                let is_upper = !digits.iter().any(u8::is_ascii_lowercase);
                match byte {
                    Some(byte) if is_upper && byte != b'/' && !is_unreserved(byte) => after,
                    _ => return false,
                }
            }
            (byte, after) if byte == b'/' || is_unreserved(byte) => after,
            _ => return false,
        };
    }
    true
}

/// `None` if the peer cannot be asked: it takes header values as text, and so none that are not UTF-8.
pub(crate) fn answer(setup: &Setup, request: &Request, place: Place) -> Option<Answer> {
    let texts = request.headers.iter().map(|(name, value)| Some((*name, std::str::from_utf8(value).ok()?)));
    let headers: Vec<_> = texts.collect::<Option<_>>()?;
    let body = match place {
        // A presigned URL for S3 covers no body, whatever the settings.
        Place::Query if setup.is_for_s3() => SignableBody::UnsignedPayload,
        _ if !setup.is_payload_signed => SignableBody::UnsignedPayload,
        _ => SignableBody::Bytes(&request.body),
    };
    let signable = SignableRequest::new(&request.method, request.url(), headers.into_iter(), body)
        .expect("the URL is one");

    let credentials =
        Credentials::new(setup.key_id.as_str(), setup.secret.as_str(), setup.token.clone(), None, "test");
    let identity = credentials.into();
    let unix = u64::try_from(setup.unix).expect("after 1970");
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(&setup.region)
        .name(&setup.service)
        .time(UNIX_EPOCH + Duration::from_secs(unix))
        .settings(settings(setup, place))
        .build()
        .expect("nothing is missing")
        .into();
    let (instructions, signature) = sign(signable, &params).expect("it can be signed").into_parts();
    let (headers, parameters) = instructions.into_parts();
    let headers = headers.iter().map(|header| (header.name().to_owned(), header.value().to_owned()));
    let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into_owned()));
    Some(Answer { signature, set: headers.chain(parameters).collect() })
}

fn settings(setup: &Setup, place: Place) -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode =
        if setup.encodes_path_twice() { PercentEncodingMode::Double } else { PercentEncodingMode::Single };
    settings.uri_path_normalization_mode = UriPathNormalizationMode::from(setup.normalizes_path());
    settings.payload_checksum_kind =
        if setup.sends_hash() { PayloadChecksumKind::XAmzSha256 } else { PayloadChecksumKind::NoHeader };
    settings.session_token_mode =
        if setup.sign_token { SessionTokenMode::Include } else { SessionTokenMode::Exclude };
    settings.excluded_headers = Some(NAMES_OF_HOPS.map(Cow::Borrowed).to_vec());
    if place == Place::Query {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_secs(setup.expires_in));
    }
    settings
}
