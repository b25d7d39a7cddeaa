//! Answers of services that compute another signature, in the forms that they have.

use serde_json::json;

/// What a service has, and may show.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'s> {
    /// The beginning of its message.
    pub message: &'s str,
    /// What it computed from the request that arrived; empty if its method has none.
    pub canonical_request: &'s str,
    /// What it computed from that.
    pub string_to_sign: &'s str,
    /// The signature that arrived.
    pub signature: &'s str,
}

/// The body of an answer to a request that `method` signed. `form` chooses among those that a service has.
pub fn body(form: usize, method: &str, shown: Shown<'_>) -> String {
    match (method, form % 2) {
        ("aws-signature-v4", 0) => s3(shown),
        ("aws-signature-v4", _) => api_gateway(shown),
        ("azure-batch", 0) => batch(shown),
        ("azure-batch", _) => storage(shown),
        ("azure-event-hub", _) => {
            xml("401", "<Detail>InvalidSignature: The token has an invalid signature. TrackingId:0</Detail>")
        }
        ("azure-iot-hub", _) => {
            json!({ "Message": "ErrorCode:IotHubUnauthorizedAccess;Unauthorized" }).to_string()
        }
        ("cybersource-http", _) => json!({ "response": { "rmsg": "Authentication Failed" } }).to_string(),
        _ => "Unauthorized".to_owned(),
    }
}

/// Whether the answer holds what the service computed.
pub fn shows_text(method: &str) -> bool {
    matches!(method, "aws-signature-v4" | "azure-batch")
}

/// Amazon S3.
pub fn s3(shown: Shown<'_>) -> String {
    xml(
        "SignatureDoesNotMatch",
        &format!(
            "<Message>{}</Message><StringToSign>{}</StringToSign><SignatureProvided>{}</SignatureProvided>\
            <CanonicalRequest>{}</CanonicalRequest>",
            escaped(shown.message),
            escaped(shown.string_to_sign),
            escaped(shown.signature),
            escaped(shown.canonical_request)
        ),
    )
}

/// Amazon API Gateway, and other services that answer in JSON.
pub fn api_gateway(shown: Shown<'_>) -> String {
    let Shown { message, canonical_request, string_to_sign, .. } = shown;
    let message = format!(
        "The request signature we calculated does not match the signature you provided. {message}\n\n\
        The Canonical String for this request should have been\n'{canonical_request}'\n\n\
        The String-to-Sign should have been\n'{string_to_sign}'\n"
    );
    json!({ "message": message }).to_string()
}

/// Azure Storage.
pub fn storage(shown: Shown<'_>) -> String {
    xml(
        "AuthenticationFailed",
        &format!(
            "<Message>{}</Message><AuthenticationErrorDetail>{}</AuthenticationErrorDetail>",
            escaped(shown.message),
            escaped(&detail(shown))
        ),
    )
}

/// Azure Batch.
pub fn batch(shown: Shown<'_>) -> String {
    let values = [json!({ "key": "AuthenticationErrorDetail", "value": detail(shown) })];
    json!({ "code": "AuthenticationFailed", "message": { "value": shown.message }, "values": values })
        .to_string()
}

/// What Azure says beside the code.
fn detail(Shown { signature, string_to_sign, .. }: Shown<'_>) -> String {
    format!(
        "The MAC signature found in the HTTP request '{signature}' is not the same as any computed signature. \
        Server used following string to sign: '{string_to_sign}'."
    )
}

fn xml(code: &str, elements: &str) -> String {
    format!("<Error><Code>{code}</Code>{elements}</Error>")
}

/// A carriage return would be read as a line break.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#13;")
}
