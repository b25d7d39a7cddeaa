//! AWS: S3's XML, the XML of query services and EC2, JSON services, API Gateway; and what speaks as S3 does.
//!
//! Sources: [S3's error codes][s3], [errors that all services share][common], [signature errors of IAM][iam],
//! [EC2's error codes][ec2].
//!
//! [ec2]: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
//! [s3]: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
//! [common]: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
//! [iam]: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html

use super::super::compare::{Computed, body};
use super::super::escape::short;
use super::super::{Cause, clock, instant};
use super::{Case, Reading, between};

pub(super) fn read(case: &Case<'_>) -> Option<Reading> {
    let fields = &case.fields;
    let message = without_the_part(fields.get("message").unwrap_or_default());
    let code = case
        .refusal
        .header("x-amzn-errortype")
        .or_else(|| fields.get("__type"))
        .or_else(|| fields.get("code"))
        .map(bare)
        .unwrap_or_default();
    // The strings that follow are compared, and neither read nor quoted.
    let said = message.lines().next().unwrap_or_default();
    let told = tell(case, code, said);
    let (mut causes, is_mismatch) = match told {
        Some(told) => told,
        None if case.is_of_aws() && !code.is_empty() => (Vec::new(), false),
        None => return None,
    };
    if is_mismatch || causes.iter().any(|cause| matches!(cause, Cause::UnknownKey { .. })) {
        causes.extend(another_key(case));
    }
    Some(Reading {
        code: (!code.is_empty()).then(|| case.shown(code)),
        message: Some(case.shown(said)),
        computed: computed(case, message),
        causes,
        is_mismatch,
    })
}

/// A message that begins with a part of some other `Authorization`, which may be a password, without it.
fn without_the_part(message: &str) -> &str {
    let at = message.find("not a valid key=value pair").filter(|_| message.starts_with('\''));
    &message[at.unwrap_or(0)..]
}

/// `com.amazonaws.x#NAME:http://…` is `NAME`.
fn bare(code: &str) -> &str {
    let code = code.rsplit('#').next().unwrap_or_default();
    code.split(':').next().unwrap_or_default().trim()
}

/// What code and message mean, and whether they say that the signatures differ. `None` if neither is known.
fn tell(case: &Case<'_>, code: &str, message: &str) -> Option<(Vec<Cause>, bool)> {
    let causes = match code {
        "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture" => {
            let at = |name| case.fields.get(name).and_then(instant::parse);
            vec![case.clock_off(at("RequestTime"), at("ServerTime"))]
        }
        "InvalidAccessKeyId" | "InvalidClientTokenId" | "UnrecognizedClientException" => unknown_key(case),
        "AuthFailure" => refused(case),
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => vec![Cause::SessionTokenExpired],
        "InvalidToken" | "InvalidTokenException" => vec![Cause::SessionTokenInvalid],
        "XAmzContentSHA256Mismatch" | "XAmzContentChecksumMismatch" => vec![body_changed(case)],
        // A checksum, which need not be signed.
        "BadDigest" => vec![Cause::BodyChanged { signed: None, arrived: None }],
        "InvalidChunkSizeError" => vec![Cause::ChunkSignature],
        "IncompleteBody" if case.signed.is_streamed() => vec![Cause::ChunkSignature],
        "MalformedTrailerError" | "InvalidTrailer" => vec![Cause::Trailer],
        "MissingAuthenticationToken" | "MissingAuthenticationTokenException" | "MissingSecurityHeader" => {
            vec![Cause::AuthenticationMissing]
        }
        "InvalidArgument" if message.contains("Only one auth mechanism allowed") => {
            vec![Cause::SignedTwice { signed_at: None, arrived_at: None }]
        }
        "PermanentRedirect" | "TemporaryRedirect" | "IllegalLocationConstraintException" => {
            bucket_region(case)?
        }
        // A HEAD request has an answer without a body.
        "" if case.refusal.body().is_empty() && matches!(case.refusal.status().as_u16(), 301 | 307 | 400) => {
            bucket_region(case)?
        }
        _ => return by_message(case, code, message),
    };
    Some((causes, false))
}

/// S3 tells which key arrived: another one is that of another signer.
fn another_key(case: &Case<'_>) -> Option<Cause> {
    let (ours, arrived) = case.signed.key_id.as_deref().zip(case.fields.get("AWSAccessKeyId"))?;
    // Some show a part of it only.
    (ours != arrived && !arrived.contains('*'))
        .then_some(Cause::SignedTwice { signed_at: None, arrived_at: None })
}

/// The codes that say little, and messages without a code, as API Gateway has them.
fn by_message(case: &Case<'_>, code: &str, message: &str) -> Option<(Vec<Cause>, bool)> {
    let has = |part: &str| message.contains(part);
    let causes = if is_anonymous(message) || case.fields.get("Details").is_some_and(is_anonymous) {
        vec![Cause::AuthenticationMissing]
    } else if has("security token included in the request is expired") {
        vec![Cause::SessionTokenExpired]
    } else if has("security token included in the request is invalid") {
        unknown_key(case)
    } else if has("Signature expired: ") || has("Signature not yet current: ") {
        vec![signature_expired(case, message)]
    } else if code == "AccessDenied" && has("Request has expired") {
        let at = |name| case.fields.get(name).and_then(instant::parse);
        vec![case.expired(at("Expires"), at("ServerTime"))]
    } else if code == "AccessDenied" && has("Request is not yet valid") {
        let at = |name| case.fields.get(name).and_then(instant::parse);
        vec![case.clock_off(at("X-Amz-Date"), at("ServerTime"))]
    } else if has("Date in Credential scope does not match") || has("Invalid credential date") {
        vec![scope_date(case, message)]
    } else if let Some(causes) = scope(case, message) {
        causes
    } else if code == "AccessDenied" && has("were not signed") {
        headers_not_signed(case)
    } else if let Some(cause) = missing_header(case, message) {
        vec![cause]
    } else if has("Authorization header requires")
        || matches!(
            code,
            "IncompleteSignature"
                | "IncompleteSignatureException"
                | "AuthorizationHeaderMalformed"
                | "AuthorizationQueryParametersError"
                | "InvalidSecurity"
        )
        || has("not a valid key=value pair")
        || has("Invalid key=value pair")
        || has("authorization mechanism you have provided is not supported")
    {
        vec![Cause::AuthenticationMalformed { message: case.shown(message) }]
    } else if has("Missing Authentication Token") {
        vec![Cause::AuthenticationMissing]
    } else if matches!(code, "SignatureDoesNotMatch" | "InvalidSignatureException" | "InvalidSignature")
        || has("request signature we calculated does not match")
    {
        return Some((Vec::new(), true));
    } else if is_authorization(code, message) {
        // A role, a user, or the root of an account.
        let names_caller = has("User: arn:");
        vec![case.denied(if code.is_empty() { "AccessDenied" } else { code }, names_caller)]
    } else {
        return None;
    };
    Some((causes, false))
}

/// As AWS and Cloud Storage call who has sent no signature.
fn is_anonymous(message: &str) -> bool {
    ["User: anonymous is not authorized", "Anonymous users cannot", "Anonymous caller does not have"]
        .iter()
        .any(|words| message.contains(words))
}

fn is_authorization(code: &str, message: &str) -> bool {
    let is_named = matches!(
        code,
        "AccessDenied"
            | "UnauthorizedOperation"
            | "AuthorizationError"
            | "AuthorizationErrorException"
            | "AllAccessDisabled"
            | "AccountProblem"
            | "KMSAccessDeniedException"
            | "Client.UnauthorizedOperation"
            | "NotAuthorizedException"
    );
    is_named
        || code == "AccessDeniedException" && !message.contains("Unable to determine service/operation name")
        || message.contains("is not authorized to perform")
        || message.contains("with an explicit deny")
}

fn unknown_key(case: &Case<'_>) -> Vec<Cause> {
    // The one that arrived, which may be that of another signer.
    let arrived = case.fields.get("AWSAccessKeyId").map(|key_id| case.shown(key_id));
    let key_id = arrived.or_else(|| case.key_id());
    let mut causes = Vec::new();
    match has_session_token(case, &key_id) {
        Some(false) => causes.push(Cause::SessionTokenMissing { key_id: key_id.clone() }),
        Some(true) => causes.push(Cause::SessionTokenInvalid),
        None => {}
    }
    causes.push(Cause::UnknownKey { key_id });
    causes
}

/// EC2 has one answer for a key that it does not know, a token that a region does not take, and a clock that is off.
fn refused(case: &Case<'_>) -> Vec<Cause> {
    if let Some(off) = clock::off(case.signed, case.refusal) {
        return vec![off];
    }
    let key_id = case.key_id();
    let lacks_token = has_session_token(case, &key_id) == Some(false);
    let missing = lacks_token.then(|| Cause::SessionTokenMissing { key_id: key_id.clone() });
    missing.into_iter().chain([Cause::CredentialsRefused { key_id, rest_is_right: false }]).collect()
}

/// Whether a token went with a temporary key; `None` if it is no such key, or not known.
fn has_session_token(case: &Case<'_>, key_id: &Option<String>) -> Option<bool> {
    // They begin so.
    let is_temporary = key_id.as_deref().is_some_and(|key_id| key_id.starts_with("ASIA"));
    if is_temporary { case.signed.has_session_token() } else { None }
}

fn body_changed(case: &Case<'_>) -> Cause {
    let hash = |name| case.fields.get(name);
    let hashes = hash("ClientComputedContentSHA256").zip(hash("S3ComputedContentSHA256"));
    let cause = hashes.and_then(|(signed, arrived)| body::cause(signed, arrived));
    cause.unwrap_or(Cause::BodyChanged { signed: None, arrived: None })
}

/// `Signature expired: SIGNED is now earlier than LIMIT (SERVER - 5 min.)`, and the same for the future.
fn signature_expired(case: &Case<'_>, message: &str) -> Cause {
    let after = message
        .split_once("Signature expired: ")
        .or_else(|| message.split_once("Signature not yet current: "));
    let signed = after.and_then(|(_, rest)| instant::parse(rest.split(' ').next()?));
    let server = message.split_once('(').and_then(|(_, rest)| instant::parse(rest.split(' ').next()?));
    case.clock_off(signed, server)
}

/// The day in the scope and that of the date: as they are quoted, or as they were signed.
fn scope_date(case: &Case<'_>, message: &str) -> Cause {
    let mut quoted = message.split(['\'', '"']).skip(1).step_by(2).map(|part| case.shown(part));
    let scope = || case.signed.scope().map(|scope| short(scope.date));
    let day = || {
        let date = case.signed.instant()?.iso_basic();
        Some(String::from_utf8_lossy(&date[..8]).into_owned())
    };
    match (quoted.next().or_else(scope), quoted.next().or_else(day)) {
        (Some(signed), Some(expected)) => Cause::WrongScopeDate { signed, expected },
        _ => Cause::AuthenticationMalformed { message: case.shown(message) },
    }
}

/// A header without which there is no signature: the signer may have set it.
fn missing_header(case: &Case<'_>, message: &str) -> Option<Cause> {
    const MISSING: [(&str, &str); 3] = [
        ("authentication requires a valid Date or x-amz-date header", "x-amz-date"),
        ("header requires existence of either a 'X-Amz-Date' or a 'Date' header", "x-amz-date"),
        ("Missing required header for this request: x-amz-content-sha256", "x-amz-content-sha256"),
    ];
    let (_, name) = MISSING.iter().find(|(words, _)| message.contains(words))?;
    let lacks_more = message.contains("' parameter.");
    Some(if case.signed.header(name).is_some() && !lacks_more {
        Cause::HeaderDropped { name: (*name).to_owned() }
    } else {
        Cause::AuthenticationMalformed { message: case.shown(message) }
    })
}

/// The region or service that has to be signed for.
fn scope(case: &Case<'_>, message: &str) -> Option<Vec<Cause>> {
    // Some of them quote with one mark, some with the other.
    let message = &*message.replace('"', "'");
    let ours = case.signed.scope();
    let mut causes = Vec::new();
    let region =
        between(message, "region '", "' is wrong").or_else(|| between(message, "valid region, not '", "'"));
    if region.is_some()
        || message.contains("scoped to a valid region")
        || message.contains("scoped to correct region")
    {
        let expected =
            between(message, "expecting '", "'").or_else(|| between(message, "correct region: '", "'"));
        causes.push(Cause::WrongRegion {
            signed: region.or(ours.map(|scope| scope.region)).map(|part| case.shown(part)),
            expected: expected.or_else(|| case.fields.get("Region")).map(|part| case.shown(part)),
        });
    }
    let service =
        between(message, "service '", "' is wrong").or_else(|| between(message, "incorrect service '", "'"));
    let expected = between(message, "correct service: '", "'")
        .or_else(|| between(message, "belongs to '", "'"))
        .or_else(|| service.and_then(|_| between(message, "expecting '", "'")));
    if service.is_some() || expected.is_some() && !message.contains("region '") {
        causes.push(Cause::WrongService {
            signed: service.or(ours.map(|scope| scope.service)).map(|part| case.shown(part)),
            expected: expected.map(|part| case.shown(part)),
        });
    }
    (!causes.is_empty()).then_some(causes)
}

fn headers_not_signed(case: &Case<'_>) -> Vec<Cause> {
    let names = case.fields.all("HeadersNotSigned").flat_map(|names| names.split([',', ';', ' ']));
    let names = names.filter(|name| !name.is_empty()).take(16);
    names.map(|name| Cause::HeaderAdded { name: short(name), value: None }).collect()
}

/// S3 names the bucket's region in a header.
fn bucket_region(case: &Case<'_>) -> Option<Vec<Cause>> {
    let expected = case.refusal.header("x-amz-bucket-region").or_else(|| case.fields.get("Region"))?;
    let signed = case.signed.scope().map(|scope| scope.region);
    (signed != Some(expected))
        .then(|| vec![Cause::WrongRegion { signed: signed.map(short), expected: Some(case.shown(expected)) }])
}

/// What the service computed: in elements of its own, or in the message.
fn computed(case: &Case<'_>, message: &str) -> Computed {
    let canonical =
        between(message, "Canonical String for this request should have been\n'", "'\n\nThe String-to-Sign");
    let string =
        message.split_once("String-to-Sign should have been\n'").and_then(|(_, rest)| rest.rsplit_once('\''));
    let owned = |name, other: Option<&str>| case.fields.get(name).or(other).map(str::to_owned);
    Computed {
        canonical_request: owned("CanonicalRequest", canonical),
        string_to_sign: owned("StringToSign", string.map(|(text, _)| text)),
        signature: owned("SignatureProvided", None),
    }
}
