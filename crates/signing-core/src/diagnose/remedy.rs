//! One sentence for each cause: what to do.

use std::borrow::Cow;

use super::{Cause, DiffOf, PathChange};

const BELOW: &str = "Whatever changes the request has to do so before it is signed; what a proxy changes must not be signed (`UnsignedHeaders`).";
const NEW_URL: &str = "Sign the URL as it is sent: whatever changes it has to do so before it is signed.";

impl Cause {
    /// What to do, in one sentence.
    pub fn remedy(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::ClockOff { signed_at: Some(signed), server: Some(server), clock_correction } => {
                let apart = server.unix() as i64 - signed.unix() as i64;
                return Cow::Owned(format!(
                    "Set the clock, or `ClockCorrection = {}` in the signer's configuration; if the clock is right, the request was sent long after it was signed, or an old signature was sent again.",
                    apart.saturating_add(*clock_correction)
                ));
            }
            Self::WrongRegion { expected: Some(region), .. } => {
                return Cow::Owned(format!("Set `Region = {region}`."));
            }
            Self::WrongService { expected: Some(service), .. } => {
                return Cow::Owned(format!("Set `Service = {service}`."));
            }
            Self::Authorization { code, .. } if code == "KeyBasedAuthenticationNotPermitted" => {
                "Signing with the account's key is switched off: allow it for the account (`allowSharedKeyAccess`), or use a token of Microsoft Entra ID."
            }
            Self::Authorization { names_caller: true, .. } => {
                "Look at the policies of the caller and of the resource, and at firewalls and network rules of the service."
            }
            Self::Authorization { .. } => {
                "Look at the policies of the caller and of the resource, and at firewalls and network rules of the service. (S3 answers the same where no signature arrives at all.)"
            }
            Self::AuthenticationMissing => {
                "See that the request is signed, that nothing on the way (a proxy, a redirect) removes the signature, and that the service has this path and method."
            }
            Self::AuthenticationMalformed { .. } => {
                "See that nothing rewrites the header or query that bears the signature after it was made, and that the method is the one that the service takes."
            }
            Self::AuthenticationRefused { .. } => {
                "The words are the service's: see that it takes this kind of authentication, and what its documentation says of them."
            }
            Self::SignedTwice { .. } => {
                "Let one signer sign, the last thing before the request is sent, and let each retry be signed anew."
            }
            Self::ClockOff { .. } => "Set the clock, or `ClockCorrection` in the signer's configuration.",
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
                "See that the key's id and its secret belong together, that the key is active and of this account and environment (test or production), that the secret is complete and without white space, and that a session token is one that the region takes."
            }
            Self::SessionTokenMissing { .. } => {
                "Send the session token that was handed out with the key (`SessionToken`)."
            }
            Self::SessionTokenExpired => {
                "Get new temporary credentials; a configuration that is watched uses them at once."
            }
            Self::SessionTokenInvalid => {
                "Take key id, secret and `SessionToken` from the same answer; see that the token is complete, without line breaks."
            }
            Self::WrongRegion { .. } => "Set `Region` to the one of the service's end point.",
            Self::WrongService { .. } => "Set `Service` to the name that the service signs with.",
            Self::WrongScopeDate { .. } => "Take the scope's day from the same instant as the date, in UTC.",
            Self::MethodChanged { .. } => {
                "A redirect, or something else on the way, changed the method: let each redirect be followed with a request that is signed anew."
            }
            Self::HostChanged { .. } => {
                "Sign for the host that the service sees: set the Host header before signing, port included unless it is the default one, or let the proxy keep it."
            }
            Self::PathChanged { how, .. } => path(*how),
            Self::AccountChanged { .. } => "Sign for the account in the URL (`AccountName`).",
            Self::ResourceSpaced { .. } => "The resource begins with `/` and has no white space around it.",
            Self::ResourceMismatch { .. } => {
                "Make the token for the resource that is asked or for one above it (`ResourceURI`; without it, it is derived from the URL)."
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
                "Set the header before signing, so that it is signed, or see that nothing adds it afterwards."
            }
            Self::HeaderDropped { .. } | Self::HeaderChanged { .. } => BELOW,
            Self::HeadersReordered { name: Some(_) } => {
                "Send the header once, with its values joined, or see that nothing moves them afterwards."
            }
            Self::HeadersReordered { name: None } => {
                "Sort the headers by their lower-case names before signing."
            }
            Self::HeadersInTransit { .. } => "Do not sign these headers: name them in `UnsignedHeaders`.",
            Self::ContentLength { .. } => {
                "Let the signer see the body's true length: what compresses, encodes or replaces the body has to do so before it is signed."
            }
            Self::BodyChanged { .. } => {
                "What compresses, encodes or replaces the body has to do so before it is hashed and signed."
            }
            Self::EmptyBodyHashed => {
                "Let the signer read the body, or hash it yourself: a stream is not empty because it has not been read."
            }
            Self::ChunkSignature => {
                "Nothing may change, cut or encode an aws-chunked body after it was signed; see that the service takes such bodies, or sign the body as a whole (`Payload = signed`)."
            }
            Self::Trailer => {
                "Nothing may change the body after it was signed, and the service must take trailers; or sign the body as a whole (`Payload = signed`)."
            }
            Self::LineCount { .. } => "Give each header of the specification its line, also if it is empty.",
            Self::StringsDiffer => {
                "Compare both texts. Where only the hash of a canonical request was signed, give the request itself (`--canonical-request`) to have it compared."
            }
            Self::Mismatch => {
                "See that the secret is complete and of this key, that its program makes the text to sign as the service does, and that nothing changes method, URL, signed headers or body afterwards; compare `signing explain` with what arrives."
            }
            Self::TrailingLineBreak { .. } => {
                "Put a line break between the lines only, unless the specification has one at the end."
            }
            Self::SignedOtherwise { .. } => {
                "See that the secret is complete and of this key, and that nothing changes the request between signing and sending; give what its program signed (`--string-to-sign`, `--canonical-request`) to have it compared."
            }
            Self::NotCompared { of: DiffOf::CanonicalRequest } => {
                "Give the canonical request that was signed (`--canonical-request`), or the request as it was sent with its body (`--request`), to have both compared."
            }
            Self::NotCompared { .. } => {
                "Give the string that was signed (`--string-to-sign`), or the request as it was sent (`--request`), to have both compared."
            }
        })
    }
}

fn path(how: PathChange) -> &'static str {
    match how {
        PathChange::EncodedTwice => {
            "Encode the path once before it is signed, as for S3 (`DoubleEncodePath = false`)."
        }
        PathChange::EncodedOnce => {
            "Encode the path twice before it is signed, as for all services but S3 (`DoubleEncodePath = true`)."
        }
        PathChange::Escaped => "Escape the path as the service does, `%XX` in upper case, before signing.",
        PathChange::Normalized => "Sign the path as it is, as for S3 (`NormalizePath = false`).",
        PathChange::NotNormalized => {
            "Normalize the path before it is signed, as for all services but S3 (`NormalizePath = true`)."
        }
        PathChange::PrefixAdded | PathChange::PrefixDropped => {
            "Sign the path that the service sees: let the proxy keep it, or let the proxy sign."
        }
        PathChange::Other => NEW_URL,
    }
}
