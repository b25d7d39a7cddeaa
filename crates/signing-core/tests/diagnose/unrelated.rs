//! Refusals that have nothing to do with the signature, of requests that are signed right.

use signing_core::diagnose::{Cause, Signed};

use crate::raw::Response;

const SIGV4: &str = "AWS4-HMAC-SHA256\n20240229T123456Z\n20240229/us-east-1/s3/aws4_request\nb6dec17067a0022f504e662cce6f8675009397643ea8ecb32303217e643d4537";
const BATCH: &str =
    "GET\n\n\n\n\n\n\n\n\n\n\n\nocp-date:Thu, 29 Feb 2024 12:34:56 GMT\n/acct/jobs\napi-version:1";
const HUB: &str = "https%3A%2F%2Fns.servicebus.windows.net%2Fhub\n1709210196";
const DATE: &str = "date: Thu, 29 Feb 2024 12:34:57 GMT";

/// The service's code says that it is an authorization matter.
const DENIED: &[(&str, &str)] = &[
    (SIGV4, "400\n\n{\"__type\":\"AccessDeniedException\",\"Message\":\"The key's policy denies it.\"}"),
    (
        SIGV4,
        "403\nx-amz-request-id: 1\n\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
    ),
    (
        SIGV4,
        "403\n\n<Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/poor is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::bucket/a\" because no identity-based policy allows the s3:GetObject action</Message></Error>",
    ),
    (
        SIGV4,
        "403\n\n<Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/poor is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::bucket/a\" with an explicit deny in a resource-based policy</Message></Error>",
    ),
    (
        SIGV4,
        "403\n\n<Error><Code>AllAccessDisabled</Code><Message>All access to this object has been disabled</Message></Error>",
    ),
    (
        SIGV4,
        "400\nx-amzn-errortype: AccessDeniedException\n\n{\"__type\":\"com.amazon.coral.service#AccessDeniedException\",\"Message\":\"User: arn:aws:iam::123456789012:user/poor is not authorized to perform: dynamodb:ListTables\"}",
    ),
    (
        SIGV4,
        "403\nx-amzn-errortype: AccessDeniedException\n\n{\"Message\":\"User: arn:aws:sts::123456789012:assumed-role/r/s is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:********9012:abc/prod/GET/ with an explicit deny\"}",
    ),
    (
        SIGV4,
        "403\n\n<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this operation.</Message></Error></Errors></Response>",
    ),
    (
        SIGV4,
        "403\n\n<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>User: arn:aws:iam::123456789012:user/poor is not authorized to perform: SNS:Publish</Message></Error></ErrorResponse>",
    ),
    (
        BATCH,
        "403\nx-ms-error-code: AuthorizationFailure\n\n<Error><Code>AuthorizationFailure</Code><Message>This request is not authorized to perform this operation.</Message></Error>",
    ),
    (
        BATCH,
        "403\n\n<Error><Code>AuthorizationPermissionMismatch</Code><Message>This request is not authorized to perform this operation using this permission.</Message></Error>",
    ),
    (
        BATCH,
        "403\n\n{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"The client 'c' with object id 'o' does not have authorization to perform action 'Microsoft.Batch/read'.\"}}",
    ),
    (
        BATCH,
        "403\n\n<Error><Code>AccountIsDisabled</Code><Message>The specified account is disabled.</Message></Error>",
    ),
    (
        BATCH,
        "403\n\n<Error><Code>KeyBasedAuthenticationNotPermitted</Code><Message>Key based authentication is not permitted on this storage account.</Message></Error>",
    ),
    (
        HUB,
        "401\n\n<Error><Code>401</Code><Detail>Unauthorized access. 'Send' claim(s) are required to perform this operation. Resource: 'sb://ns.servicebus.windows.net/hub'. TrackingId:1</Detail></Error>",
    ),
];

/// Nobody says anything of the signature.
const SILENT: &[(&str, &str)] = &[
    (
        SIGV4,
        "403\nx-amzn-errortype: AccessDeniedException\n\n{\"Message\":\"Unable to determine service/operation name to be authorized\"}",
    ),
    (
        SIGV4,
        "403\nserver: CloudFront\ncontent-type: text/html\nx-amz-cf-id: 1\n\n<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\">\n<HTML><HEAD><META HTTP-EQUIV=\"Content-Type\" CONTENT=\"text/html\">\n<TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY><H1>403 ERROR</H1><HR>Request blocked.</BODY></HTML>",
    ),
    (
        SIGV4,
        "403\nserver: awselb/2.0\n\n<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n<center><h1>403 Forbidden</h1></center>\r\n</body>\r\n</html>",
    ),
    (
        SIGV4,
        "403\nserver: nginx\n\n<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center><hr><center>nginx</center></body></html>",
    ),
    (
        SIGV4,
        "403\nserver: squid\n\n<html><body><h1>ERROR</h1><p>Access Denied.</p><p>Access control configuration prevents your request from being allowed at this time.</p></body></html>",
    ),
    (
        SIGV4,
        "403\nserver: cloudflare\n\n<!DOCTYPE html><title>Attention Required! | Cloudflare</title><p>Sorry, you have been blocked",
    ),
    (SIGV4, "403\nx-amzn-errortype: ForbiddenException\n\n{\"message\":\"Forbidden\"}"),
    (SIGV4, "403\n\n{\"message\":\"Forbidden\"}"),
    (SIGV4, "403\n\n{\"error\":\"forbidden\",\"code\":\"E_POLICY\"}"),
    (SIGV4, "403\n\n"),
    (SIGV4, "401\nwww-authenticate: Basic realm=\"proxy\"\n\nUnauthorized"),
    (
        SIGV4,
        "403\nx-amz-request-id: 1\n\n<Error><Code>InvalidObjectState</Code><Message>The operation is not valid for the object's storage class</Message><StorageClass>GLACIER</StorageClass></Error>",
    ),
    (
        SIGV4,
        "403\nx-amz-request-id: 1\n\n<Error><Code>RequestLimitExceeded</Code><Message>Slow down</Message></Error>",
    ),
    (
        SIGV4,
        "503\nx-amz-request-id: 1\n\n<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>",
    ),
    (
        BATCH,
        "403\n\n{\"odata.metadata\":\"x\",\"code\":\"QuotaReached\",\"message\":{\"lang\":\"en-US\",\"value\":\"The quota is reached.\"}}",
    ),
    (
        BATCH,
        "409\n\n{\"odata.metadata\":\"x\",\"code\":\"PoolExists\",\"message\":{\"lang\":\"en-US\",\"value\":\"The specified pool already exists.\"}}",
    ),
    (
        HUB,
        "403\n\n{\"Message\":\"{\\\"errorCode\\\":403002,\\\"trackingId\\\":\\\"1\\\",\\\"message\\\":\\\"Total number of messages on IotHub exceeded the allocated quota.\\\"}\",\"ExceptionMessage\":\"\"}",
    ),
    (HUB, "403\n\n<Error><Code>403</Code><Detail>The entity is disabled. TrackingId:1</Detail></Error>"),
    (HUB, "403\n\nThe web app is stopped."),
    (SIGV4, "403\ncontent-type: application/xml\n\n<Error><Code>AccessDe"),
    (SIGV4, "403\ncontent-type: application/json\n\n{\"message\": \"The request signature we calc"),
    (SIGV4, "403\n\n<Error><Message>signature</Message></Error>"),
    (SIGV4, "403\nage: 3600\ndate: Thu, 29 Feb 2024 11:34:57 GMT\n\ncached"),
    (SIGV4, "404\ndate: Thu, 29 Feb 2024 11:34:57 GMT\n\nno route"),
    (SIGV4, "200\n\n<Error><Code>SignatureDoesNotMatch</Code><Message>of something else</Message></Error>"),
];

/// The clocks agree, unless the answer says otherwise.
fn dated(answer: &str) -> Response {
    let (status, rest) = answer.split_once('\n').unwrap();
    Response::parse(&if answer.contains("date: ") {
        answer.to_owned()
    } else {
        format!("{status}\n{DATE}\n{rest}")
    })
}

#[test]
fn a_policy_is_the_only_cause_where_the_service_says_so() {
    for (signed, answer) in DENIED {
        let diagnosis = dated(answer).diagnose(&Signed::from_string_to_sign(signed));
        assert!(matches!(diagnosis.causes(), [Cause::Authorization { .. }]), "{answer}\n{diagnosis:?}");
        assert!(
            diagnosis
                .to_string()
                .starts_with("The signature looks right: this is an authorization matter (`")
        );
    }
}

#[test]
fn no_cause_is_claimed_that_is_not_there() {
    assert!(SILENT.len() >= 20);
    for (signed, answer) in SILENT {
        let signed = Signed::from_string_to_sign(signed).with_section("storage").with_key_id("KEY");
        let diagnosis = dated(answer).diagnose(&signed);
        assert!(diagnosis.causes().is_empty(), "{answer}\n{diagnosis:?}");
        assert!(diagnosis.diff().is_none());
    }
}

#[test]
fn headers_that_proxies_change_are_told_without_a_cause() {
    let canonical = "GET\n/\n\naccept-encoding:gzip\nhost:h\n\naccept-encoding;host\nUNSIGNED-PAYLOAD";
    let signed = Signed::from_string_to_sign("AWS4-HMAC-SHA256\n").with_canonical_request(canonical);
    let diagnosis = dated("403\n\n").diagnose(&signed);
    assert!(diagnosis.causes().is_empty());
    assert_eq!(
        diagnosis.to_string(),
        "The answer is 403, and nothing in it tells of the signature; of the signed headers, clients and proxies are known to change `accept-encoding`."
    );
}

#[test]
fn what_is_known_is_told_without_a_cause() {
    let signed = Signed::from_string_to_sign(SIGV4).with_section("storage").with_key_id("KEY");
    let check = |answer, expected| assert_eq!(dated(answer).diagnose(&signed).to_string(), expected);
    check(
        "403\n\n",
        "The answer is 403, and nothing in it tells of the signature; section `storage` signed with the key `KEY`; the clocks are 1 s apart.",
    );
    check(
        "403\nx-amzn-errortype: ForbiddenException\n\n{\"message\":\"Forbidden\"}",
        "The answer is 403 (`ForbiddenException`), which does not tell that the signature is the matter; section `storage` signed with the key `KEY`; the clocks are 1 s apart.",
    );
}
