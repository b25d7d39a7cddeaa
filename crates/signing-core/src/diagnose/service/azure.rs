//! Azure Batch, Storage and Cosmos DB, and what the resource manager says of roles.
//!
//! Sources: [Batch][batch], [Storage's common error codes][storage], [troubleshooting Storage][trouble], [Cosmos
//! DB][cosmos].
//!
//! [batch]: https://learn.microsoft.com/rest/api/batchservice/batch-status-and-error-codes
//! [storage]: https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
//! [cosmos]: https://learn.microsoft.com/azure/cosmos-db/troubleshoot-unauthorized
//! [trouble]: https://learn.microsoft.com/troubleshoot/azure/azure-storage/blobs/authentication/storage-troubleshoot-403-errors

use super::super::compare::Computed;
use super::super::signed::{is_date, with_line_breaks};
use super::super::{Cause, clock, instant};
use super::{Case, Reading, between};

/// What begins the string to sign in a text of the service, which holds it to its end.
const STRINGS_TO_SIGN: [&str; 3] =
    ["following string to sign: '", "following payload to sign: '", "String to sign used was "];

pub(super) fn read(case: &Case<'_>) -> Option<Reading> {
    let fields = &case.fields;
    let message = fields.get("message").unwrap_or_default();
    // Cosmos DB has no detail of its own.
    let is_cosmos = message.starts_with("The input authorization token can't serve the request");
    let detail = fields.get("AuthenticationErrorDetail").or(is_cosmos.then_some(message));
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
    let detail = detail.unwrap_or_default();
    let is_refused =
        is_cosmos || code == "AuthenticationFailed" || message.contains("failed to authenticate the request");
    let (causes, is_mismatch) = match code {
        "NoAuthenticationInformation" => (vec![Cause::AuthenticationMissing], false),
        _ if is_refused => authentication(case, detail),
        "InvalidAuthenticationInfo" => {
            let message = if detail.is_empty() { message } else { detail };
            let message = case.shown(message.lines().next().unwrap_or_default());
            (vec![Cause::AuthenticationMalformed { message }], false)
        }
        "InvalidHeaderValue" => (header_value(case, message).into_iter().collect(), false),
        _ if is_authorization(code) => (vec![case.denied(code, false)], false),
        _ => (Vec::new(), false),
    };
    Some(Reading {
        code: Some(case.shown(code)),
        message: without_string_to_sign(message).lines().next().map(|line| case.shown(line)),
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
    let said = without_string_to_sign(detail);
    let has = |part: &str| said.contains(part);
    let cause = if has("not valid in the specified time frame") {
        time_frame(case, said)
    } else if has("Signed expiry time [") && has("after signed start time [") {
        end_before_start(case, said)
    } else if has("date header too old")
        || has("Date header is too old")
        || has("Date header in the request is incorrect")
    {
        case.clock_off(between(said, "'", "'").and_then(instant::parse), None)
    } else if has("not well formed")
        || has("is mandatory")
        || has("is not supported")
        || has("incorrect format")
    {
        Cause::AuthenticationMalformed { message: case.shown(said) }
    } else if said.is_empty() {
        // The date may be the matter: the service verifies it first.
        let off = clock::off(case.signed, case.refusal);
        let is_mismatch = off.is_none();
        return (off.into_iter().collect(), is_mismatch);
    } else if said.len() < detail.len()
        || has("is not the same as any computed signature")
        || has("Signature did not match")
        || has("the expected payload is")
    {
        return (Vec::new(), true);
    } else {
        Cause::AuthenticationRefused { message: case.shown(said.lines().next().unwrap_or_default()) }
    };
    (vec![cause], false)
}

/// A header that the service cannot read, if it is one of the signature's.
fn header_value(case: &Case<'_>, message: &str) -> Option<Cause> {
    let name = case.fields.get("HeaderName")?.to_ascii_lowercase();
    let message = message.lines().next().unwrap_or_default();
    (name == "authorization" || is_date(&name)).then(|| Cause::AuthenticationMalformed {
        message: case.shown(&[message, " (", &name, ")"].concat()),
    })
}

/// `Signed expiry time [A] has to be after signed start time [B]`: where no start was signed, B is the server's clock.
fn end_before_start(case: &Case<'_>, detail: &str) -> Cause {
    let at = |mark| instant::parse(between(detail, mark, "]")?);
    let end = at("expiry time [");
    let server = case.refusal.date().or_else(|| at("start time ["));
    if end.zip(server).is_some_and(|(end, server)| end > server) {
        return Cause::AuthenticationMalformed { message: case.shown(detail) };
    }
    case.expired(end, server)
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
fn without_string_to_sign(text: &str) -> &str {
    STRINGS_TO_SIGN.iter().find_map(|mark| text.split_once(mark)).map_or(text, |(said, _)| said)
}

/// What the service signed: in quotes, or the rest of the text.
fn string_to_sign(detail: &str) -> Option<String> {
    let (mark, rest) = STRINGS_TO_SIGN.iter().find_map(|mark| Some((mark, detail.split_once(mark)?.1)))?;
    let text = if mark.ends_with('\'') { rest.rsplit_once('\'')?.0 } else { rest };
    Some(with_line_breaks(text))
}
