//! Azure Batch and Storage, and what the resource manager says of roles.
//!
//! Sources: [Batch][batch], [Storage's common error codes][storage], [troubleshooting Storage][trouble].
//!
//! [batch]: https://learn.microsoft.com/rest/api/batchservice/batch-status-and-error-codes
//! [storage]: https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
//! [trouble]: https://learn.microsoft.com/troubleshoot/azure/azure-storage/blobs/authentication/storage-troubleshoot-403-errors

use super::super::compare::Computed;
use super::super::signed::with_line_breaks;
use super::super::{Cause, clock, instant};
use super::{Case, Reading, between};

pub(super) fn read(case: &Case<'_>) -> Option<Reading> {
    let fields = &case.fields;
    let detail = fields.get("AuthenticationErrorDetail");
    let code = fields.get("code").or_else(|| case.refusal.header("x-ms-error-code"))?;
    let is_azure = detail.is_some()
        || fields.get("odata.metadata").is_some()
        || ["x-ms-error-code", "x-ms-request-id", "x-ms-version"]
            .iter()
            .any(|name| case.refusal.header(name).is_some())
        || matches!(
            code,
            "AuthenticationFailed" | "NoAuthenticationInformation" | "InvalidAuthenticationInfo"
        )
        || is_authorization(code);
    if !is_azure {
        return None;
    }
    let message = fields.get("message").unwrap_or_default();
    let detail = detail.unwrap_or_default();
    let is_refused = code == "AuthenticationFailed" || message.contains("failed to authenticate the request");
    let (causes, is_mismatch) = match code {
        "NoAuthenticationInformation" => (vec![Cause::AuthenticationMissing], false),
        _ if is_refused => authentication(case, without_string_to_sign(detail)),
        "InvalidAuthenticationInfo" | "InvalidHeaderValue" => {
            let message = if detail.is_empty() { message } else { detail };
            let message = case.shown(message.lines().next().unwrap_or_default());
            (vec![Cause::AuthenticationMalformed { message }], false)
        }
        _ if is_authorization(code) => (vec![Cause::Authorization { code: case.shown(code) }], false),
        _ => (Vec::new(), false),
    };
    Some(Reading {
        code: Some(case.shown(code)),
        message: message.lines().next().map(|line| case.shown(line)),
        computed: Computed {
            canonical_request: None,
            string_to_sign: string_to_sign(detail),
            signature: between(detail, "signature found in the HTTP request '", "'").map(str::to_owned),
        },
        causes,
        is_mismatch,
    })
}

/// By name: AWS has codes that begin alike, and some of them are of signatures.
fn is_authorization(code: &str) -> bool {
    matches!(
        code,
        "AccountIsDisabled"
            | "AuthorizationFailed"
            | "AuthorizationFailure"
            | "AuthorizationPermissionMismatch"
            | "AuthorizationProtocolMismatch"
            | "AuthorizationResourceTypeMismatch"
            | "AuthorizationServiceMismatch"
            | "AuthorizationSourceIPMismatch"
            | "InsufficientAccountPermissions"
            | "KeyBasedAuthenticationNotPermitted"
            | "LinkedAuthorizationFailed"
            | "PermissionDenied"
            | "RequestDisallowedByPolicy"
    )
}

/// What `AuthenticationErrorDetail` says, and whether it is that the signatures differ.
fn authentication(case: &Case<'_>, detail: &str) -> (Vec<Cause>, bool) {
    let has = |part: &str| detail.contains(part);
    let cause = if has("not valid in the specified time frame") {
        time_frame(case, detail)
    } else if has("date header too old") || has("Date header in the request is incorrect") {
        case.clock_off(between(detail, "'", "'").and_then(instant::parse), None)
    } else if has("not well formed")
        || has("is mandatory")
        || has("is not supported")
        || has("incorrect format")
    {
        Cause::AuthenticationMalformed { message: case.shown(detail) }
    } else {
        // Without a detail the date may be the matter: the service verifies it first.
        let off = if detail.is_empty() { clock::off(case.signed, case.refusal) } else { None };
        let is_mismatch = off.is_none();
        return (off.into_iter().collect(), is_mismatch);
    };
    (vec![cause], false)
}

/// `Signature not valid in the specified time frame: Start [A] - Expiry [B] - Current [C]`.
fn time_frame(case: &Case<'_>, detail: &str) -> Cause {
    let at = |name: &str| instant::parse(between(detail, &[name, " ["].concat(), "]")?);
    let (start, server) = (at("Start"), at("Current"));
    if start.zip(server).is_some_and(|(start, server)| start > server) {
        return case.clock_off(start, server);
    }
    case.expired(at("Expiry"), server)
}

/// What stands before it: words in a header or a URL say nothing of the refusal.
fn without_string_to_sign(detail: &str) -> &str {
    ["following string to sign: '", "String to sign used was "]
        .iter()
        .find_map(|mark| detail.split_once(mark))
        .map_or(detail, |(said, _)| said)
}

/// What the service signed: in quotes at the end of a sentence, or the rest of the text.
fn string_to_sign(detail: &str) -> Option<String> {
    let quoted =
        detail.split_once("following string to sign: '").and_then(|(_, rest)| rest.rsplit_once('\''));
    let unquoted = || detail.split_once("String to sign used was ");
    quoted.map(|(text, _)| text).or_else(|| unquoted().map(|(_, text)| text)).map(with_line_breaks)
}
