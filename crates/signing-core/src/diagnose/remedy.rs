//! One sentence for each cause: what to do.

use std::borrow::Cow;

use super::{Cause, PathChange};

const BELOW: &str = "Whatever changes the request belongs above the signing layer, so that the signer sees what is sent; what a proxy changes must not be signed (`UnsignedHeaders`).";
const NEW_URL: &str = "Sign the URL as it is sent: whatever changes it belongs above the signing layer.";

impl Cause {
    /// What to do, in one sentence.
    pub fn remedy(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::ClockOff { signed_at: Some(signed), server: Some(server), clock_correction } => {
                let apart = server.unix() as i64 - signed.unix() as i64;
                return Cow::Owned(format!(
                    "Set the clock, or `ClockCorrection = {}` in the section; if the clock is right, the request was sent long after it was signed, or an old signature was sent again.",
                    apart.saturating_add(*clock_correction)
                ));
            }
            Self::WrongRegion { expected: Some(region), .. } => {
                return Cow::Owned(format!("Set `Region = {region}`."));
            }
            Self::WrongService { expected: Some(service), .. } => {
                return Cow::Owned(format!("Set `Service = {service}`."));
            }
            Self::Authorization { .. } => {
                "Look at the policies of the caller and of the resource, and at firewalls and network rules of the service. (S3 answers the same where no signature arrives at all.)"
            }
            Self::AuthenticationMissing => {
                "See that the request goes through the signing layer, that nothing below (a proxy, a redirect) removes its headers, and that the service has this path and method."
            }
            Self::AuthenticationMalformed { .. } => {
                "See that nothing below the signing layer rewrites the header or query that bears the signature, and that the method is the one that the service takes."
            }
            Self::SignedTwice { .. } => {
                "Let one layer sign, the innermost one, and let each retry be signed anew: retries belong above the signing layer."
            }
            Self::ClockOff { .. } => "Set the clock, or `ClockCorrection` in the section.",
            Self::SignatureExpired { .. } => {
                "Make a new one right before it is used, or one that is good for longer (`--expires-in`, `TokenTTL`); see that the clock is right."
            }
            Self::CredentialsReplaced { .. } => {
                "Send the request again: it is signed with the new credentials then."
            }
            Self::UnknownKey { .. } => {
                "See that the key's id is complete, that the key is active and of this account, partition and environment, and that a temporary key has its `SessionToken`."
            }
            Self::WrongSecret { .. } => {
                "See that the secret is complete and of this key, without a line break or white space at its end, and that it is decoded as its service wants it: Batch, IoT Hub and CyberSource keys are base64, those of Event Hubs are text."
            }
            Self::CredentialsRefused { .. } => {
                "See that the key's id and its secret belong together, that the key is active and of this environment (test or production), and that the secret is complete and without white space."
            }
            Self::SessionTokenMissing { .. } => "Set `SessionToken` as it was handed out with the key.",
            Self::SessionTokenExpired => {
                "Get new temporary credentials, and let the configuration be watched, so that they are used at once."
            }
            Self::SessionTokenInvalid => {
                "Take key id, secret and `SessionToken` from the same answer; see that the token is complete, without line breaks."
            }
            Self::WrongRegion { .. } => "Set `Region` to the one of the service's end point.",
            Self::WrongService { .. } => "Set `Service` to the name that the service signs with.",
            Self::WrongScopeDate { .. } => "Take the scope's day from the same instant as the date, in UTC.",
            Self::MethodChanged { .. } => {
                "A redirect or a layer below changed the method: redirects belong above the signing layer."
            }
            Self::HostChanged { .. } => {
                "Sign for the host that the service sees: set the Host header above the signing layer, port included unless it is the default one, or let the proxy keep it."
            }
            Self::PathChanged { how, .. } => path(*how),
            Self::AccountChanged { .. } => "Set `AccountName` to the account in the URL.",
            Self::ResourceSpaced { .. } => "The resource begins with `/` and has no white space around it.",
            Self::ResourceMismatch { .. } => {
                "Set `ResourceURI` to the resource that is asked or to one above it; leave it out to have it derived from the URL."
            }
            Self::QueryAdded { .. } | Self::QueryDropped { .. } | Self::QueryChanged { .. } => NEW_URL,
            Self::QueryEncoding { plus_for_space: true, .. } => {
                "Write a space as `%20` and a plus sign as `%2B`, in the URL and in what is signed."
            }
            Self::QueryEncoding { .. } => {
                "Encode all but unreserved characters, once, as `%XX` in upper case; Shared Key signs the decoded values."
            }
            Self::QueryReordered => "Sort the parameters by encoded name, then by value, before signing.",
            Self::HeaderAdded { .. } => {
                "Set the header above the signing layer, so that it is signed, or keep the layer below from adding it."
            }
            Self::HeaderDropped { .. } | Self::HeaderChanged { .. } => BELOW,
            Self::HeadersReordered { name: Some(_) } => {
                "Send the header once, with its values joined, or keep what is below the signing layer from moving them."
            }
            Self::HeadersReordered { name: None } => {
                "Sort the headers by their lower-case names before signing."
            }
            Self::HeadersInTransit { .. } => "Do not sign these headers: name them in `UnsignedHeaders`.",
            Self::ContentLength { .. } => {
                "Let the signer see the body's true length: what compresses, encodes or replaces the body belongs above the signing layer."
            }
            Self::BodyChanged { .. } => {
                "What compresses, encodes or replaces the body belongs above the signing layer."
            }
            Self::EmptyBodyHashed => {
                "Let the signer read the body, or hash it yourself: a stream is not empty because it has not been read."
            }
            Self::ChunkSignature => {
                "Nothing below the signing layer may change, cut or encode an aws-chunked body; see that the service takes aws-chunked bodies, or set `Payload = signed`."
            }
            Self::Trailer => {
                "Nothing below the signing layer may change the body, and the service must take trailers: or set `Payload = signed`."
            }
            Self::LineCount { .. } => "Give each header of the specification its line, also if it is empty.",
            Self::StringsDiffer => "Compare both texts.",
            Self::Mismatch => {
                "See that the secret is complete and of this key, and that nothing below the signing layer changes method, URL, signed headers or body; compare `signing explain` with what arrives."
            }
        })
    }
}

fn path(how: PathChange) -> &'static str {
    match how {
        PathChange::EncodedTwice => "Set `DoubleEncodePath = false`, as for S3.",
        PathChange::EncodedOnce => "Set `DoubleEncodePath = true`, as for all services but S3.",
        PathChange::Escaped => "Escape the path as the service does, `%XX` in upper case, before signing.",
        PathChange::Normalized => "Set `NormalizePath = false`, as for S3.",
        PathChange::NotNormalized => "Set `NormalizePath = true`, as for all services but S3.",
        PathChange::PrefixAdded | PathChange::PrefixDropped => {
            "Sign the path that the service sees: let the proxy keep it, or let the proxy sign."
        }
        PathChange::Other => NEW_URL,
    }
}
