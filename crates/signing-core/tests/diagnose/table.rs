//! What was signed, what the service answered, and which cause is to be named first.

pub(crate) const SIGV4: &str = "AWS4-HMAC-SHA256\n20240229T123456Z\n20240229/us-east-1/s3/aws4_request\nb6dec17067a0022f504e662cce6f8675009397643ea8ecb32303217e643d4537";
pub(crate) const BATCH: &str =
    "GET\n\n\n\n\n\n\n\n\n\n\n\nocp-date:Thu, 29 Feb 2024 12:34:56 GMT\n/acct/jobs\napi-version:1";
const BLOB: &str = "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Thu, 29 Feb 2024 12:34:56 GMT\nx-ms-version:2023-11-03\n/acct/box\ncomp:list";
const HUB: &str = "https%3A%2F%2Fns.servicebus.windows.net%2Fhub\n1709210196";
pub(crate) const CYBERSOURCE: &str = "host: apitest.cybersource.com\ndate: Thu, 29 Feb 2024 12:34:56 GMT\nrequest-target: get /x\nv-c-merchant-id: m";

/// What was signed, the answer, the first cause.
pub(crate) type Row = (&'static str, &'static str, &'static str);

pub(crate) const AWS: &[Row] = &[
    (
        SIGV4,
        "403\nx-amz-request-id: 1\n\n<Error><Code>RequestTimeTooSkewed</Code><Message>The difference between the request time and the current time is too large.</Message><RequestTime>20240229T123456Z</RequestTime><ServerTime>2024-02-29T12:51:59Z</ServerTime><MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds></Error>",
        "clock-off",
    ),
    (
        SIGV4,
        "403\ndate: Thu, 29 Feb 2024 13:34:56 GMT\n\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>RequestTimeTooSkewed</Code><Message>The difference between the request time and the current time is too large.</Message></Error>",
        "clock-off",
    ),
    (
        SIGV4,
        "403\n\n<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>Signature expired: 20240229T123456Z is now earlier than 20240229T124500Z (20240229T130000Z - 15 min.)</Message></Error></ErrorResponse>",
        "clock-off",
    ),
    (
        SIGV4,
        "400\nx-amzn-errortype: InvalidSignatureException\n\n{\"__type\": \"InvalidSignatureException\", \"message\": \"Signature expired: 20240229T123456Z is now earlier than 20240229T124500Z (20240229T130000Z - 15 min.)\"}",
        "clock-off",
    ),
    (
        SIGV4,
        "403\n\n{\"message\":\"Signature not yet current: 20240229T123456Z is still later than 20240229T120500Z (20240229T120000Z + 5 min.)\"}",
        "clock-off",
    ),
    (
        SIGV4,
        "400\n\n<Response><Errors><Error><Code>RequestExpired</Code><Message>Request has expired.</Message></Error></Errors></Response>",
        "clock-off",
    ),
    (
        SIGV4,
        "403\n\n<Error><Code>InvalidAccessKeyId</Code><Message>The AWS Access Key Id you provided does not exist in our records.</Message><AWSAccessKeyId>AKIDUNKNOWN</AWSAccessKeyId></Error>",
        "unknown-key",
    ),
    (
        SIGV4,
        "403\n\n<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>The security token included in the request is invalid.</Message></Error></ErrorResponse>",
        "unknown-key",
    ),
    (
        SIGV4,
        "400\n\n{\"__type\":\"com.amazon.coral.service#UnrecognizedClientException\",\"message\":\"The security token included in the request is invalid.\"}",
        "unknown-key",
    ),
    (
        SIGV4,
        "401\n\n<Response><Errors><Error><Code>AuthFailure</Code><Message>AWS was not able to validate the provided access credentials</Message></Error></Errors></Response>",
        "credentials-refused",
    ),
    (
        SIGV4,
        "400\n\n<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message><Token-0>IQoJb3JpZ2luX2VjEXAMPLE</Token-0></Error>",
        "session-token-expired",
    ),
    (
        SIGV4,
        "403\nx-amzn-errortype: ExpiredTokenException:http://internal.amazon.com/\n\n{\"message\":\"The security token included in the request is expired\"}",
        "session-token-expired",
    ),
    (
        SIGV4,
        "400\n\n<Error><Code>InvalidToken</Code><Message>The provided token is malformed or otherwise invalid.</Message></Error>",
        "session-token-invalid",
    ),
    (
        SIGV4,
        "400\n\n<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'</Message><Region>eu-west-1</Region></Error>",
        "wrong-region",
    ),
    (
        SIGV4,
        "400\n\n<Error><Code>AuthorizationQueryParametersError</Code><Message>Error parsing the X-Amz-Credential parameter; the region 'us-east-1' is wrong; expecting 'eu-west-1'</Message><Region>eu-west-1</Region></Error>",
        "wrong-region",
    ),
    (
        SIGV4,
        "403\n\n<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>Credential should be scoped to a valid region, not 'us-east-1'. </Message></Error></ErrorResponse>",
        "wrong-region",
    ),
    (
        SIGV4,
        "403\n\n{\"message\":\"Credential should be scoped to a valid region, not 'us-east-1'. Credential should be scoped to correct service: 'execute-api'. \"}",
        "wrong-region",
    ),
    (
        SIGV4,
        "403\n\n{\"message\":\"Credential should be scoped to correct service: 'execute-api'. \"}",
        "wrong-service",
    ),
    (
        SIGV4,
        "400\n\n<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; incorrect service \"s3\". This endpoint belongs to \"s3express\".</Message></Error>",
        "wrong-service",
    ),
    (
        SIGV4,
        "301\nx-amz-bucket-region: eu-west-1\n\n<Error><Code>PermanentRedirect</Code><Message>The bucket you are attempting to access must be addressed using the specified endpoint.</Message></Error>",
        "wrong-region",
    ),
    (
        SIGV4,
        "403\n\n{\"message\":\"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20240229' != '20240228', from '20240228T235959Z'.\"}",
        "wrong-scope-date",
    ),
    (
        SIGV4,
        "400\n\n<Error><Code>XAmzContentSHA256Mismatch</Code><Message>The provided 'x-amz-content-sha256' header does not match what was computed.</Message><ClientComputedContentSHA256>8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4</ClientComputedContentSHA256><S3ComputedContentSHA256>b6dec17067a0022f504e662cce6f8675009397643ea8ecb32303217e643d4537</S3ComputedContentSHA256></Error>",
        "body-changed",
    ),
    (
        SIGV4,
        "400\n\n<Error><Code>XAmzContentSHA256Mismatch</Code><Message>The provided 'x-amz-content-sha256' header does not match what was computed.</Message><ClientComputedContentSHA256>e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855</ClientComputedContentSHA256><S3ComputedContentSHA256>b6dec17067a0022f504e662cce6f8675009397643ea8ecb32303217e643d4537</S3ComputedContentSHA256></Error>",
        "empty-body-hashed",
    ),
    (
        SIGV4,
        "403\n\n<Error><Code>AccessDenied</Code><Message>There were headers present in the request which were not signed</Message><HeadersNotSigned>x-amz-acl, x-amz-tagging</HeadersNotSigned></Error>",
        "header-added",
    ),
    (
        SIGV4,
        "403\n\n<Error><Code>AccessDenied</Code><Message>Request has expired</Message><Expires>2024-02-29T12:35:56Z</Expires><ServerTime>2024-02-29T12:40:00Z</ServerTime></Error>",
        "signature-expired",
    ),
    (
        SIGV4,
        "400\n\n<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified</Message></Error>",
        "signed-twice",
    ),
    (
        SIGV4,
        "403\n\n<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message><StringToSign>AWS4-HMAC-SHA256-PAYLOAD\n20240229T123456Z\n20240229/us-east-1/s3/aws4_request\nb6dec17067a0022f504e662cce6f8675009397643ea8ecb32303217e643d4537\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nb6dec17067a0022f504e662cce6f8675009397643ea8ecb32303217e643d4537</StringToSign></Error>",
        "chunk-signature",
    ),
    (
        SIGV4,
        "403\n\n<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message><StringToSign>AWS4-HMAC-SHA256-TRAILER\n20240229T123456Z\n20240229/us-east-1/s3/aws4_request\nb6de\nb6de</StringToSign></Error>",
        "trailer",
    ),
    (
        SIGV4,
        "400\n\n<Error><Code>MalformedTrailerError</Code><Message>The request contained trailing data that was not well-formed or did not conform to our published schema.</Message></Error>",
        "trailer",
    ),
    (
        SIGV4,
        "403\nx-amzn-errortype: IncompleteSignatureException\n\n{\"message\":\"Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization=Bearer abc\"}",
        "authentication-malformed",
    ),
    (
        SIGV4,
        "403\nx-amzn-errortype: MissingAuthenticationTokenException\n\n{\"message\":\"Missing Authentication Token\"}",
        "authentication-missing",
    ),
    (
        SIGV4,
        "403\n\n<ErrorResponse><Error><Type>Sender</Type><Code>MissingAuthenticationToken</Code><Message>Request is missing Authentication Token</Message></Error></ErrorResponse>",
        "authentication-missing",
    ),
    (
        SIGV4,
        "403\nx-amzn-errortype: InvalidSignatureException\n\n{\"message\":\"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\"}",
        "mismatch",
    ),
    (
        SIGV4,
        "403\nx-amzn-errortype: InvalidSignatureException\n\n{\"message\":\"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\\n\\nThe Canonical String for this request should have been\\n'GET\\n/\\n\\nhost:h\\nx-amz-date:20240229T123456Z\\n\\nhost;x-amz-date\\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'\\n\\nThe String-to-Sign should have been\\n'AWS4-HMAC-SHA256\\n20240229T123456Z\\n20240229/us-east-1/s3/aws4_request\\nb6dec17067a0022f504e662cce6f8675009397643ea8ecb32303217e643d4537'\\n\"}",
        "wrong-secret",
    ),
    (
        SIGV4,
        "403\n\n<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message><StringToSign>AWS4-HMAC-SHA256\n20240229T123456Z\n20240229/us-east-1/s3/aws4_request\n17c25497bcfe2ef55466c3cc34438466ca7123d7d4e5f330205e2ca4647e0ab8</StringToSign></Error>",
        "strings-differ",
    ),
    (
        SIGV4,
        "400\n\n<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; Invalid credential date. Date is not the same as X-Amz-Date.</Message></Error>",
        "wrong-scope-date",
    ),
    (
        SIGV4,
        "403\ndate: Thu, 29 Feb 2024 11:34:56 GMT\n\n<Error><Code>AccessDenied</Code><Message>Request is not yet valid</Message></Error>",
        "clock-off",
    ),
    (
        SIGV4,
        "403\n\n<Error><Code>AccessDenied</Code><Message>AWS authentication requires a valid Date or x-amz-date header</Message></Error>",
        "authentication-malformed",
    ),
    (
        SIGV4,
        "400\n\n<Error><Code>InvalidRequest</Code><Message>Missing required header for this request: x-amz-content-sha256</Message></Error>",
        "authentication-malformed",
    ),
    (SIGV4, "400\nx-amz-bucket-region: eu-west-1\n\n", "wrong-region"),
    (
        SIGV4,
        "401\ndate: Thu, 29 Feb 2024 13:34:56 GMT\n\n<Response><Errors><Error><Code>AuthFailure</Code><Message>AWS was not able to validate the provided access credentials</Message></Error></Errors></Response>",
        "clock-off",
    ),
    (
        SIGV4,
        "403\nx-amzn-errortype: AccessDeniedException\n\n{\"Message\":\"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********9012:abc/prod/GET/\"}",
        "authentication-missing",
    ),
    (
        SIGV4,
        "401\n\n<?xml version='1.0' encoding='UTF-8'?><Error><Code>AccessDenied</Code><Message>Access denied.</Message><Details>Anonymous caller does not have storage.objects.get access to the Google Cloud Storage object.</Details></Error>",
        "authentication-missing",
    ),
    (
        SIGV4,
        "401\n\n{\"error\":{\"code\":401,\"message\":\"Anonymous caller does not have storage.objects.get access to the Google Cloud Storage object.\"}}",
        "authentication-missing",
    ),
    (
        SIGV4,
        "403\n\n<Error><Code>AccessDenied</Code><Message>Anonymous users cannot initiate multipart uploads.  Please authenticate.</Message></Error>",
        "authentication-missing",
    ),
    (
        SIGV4,
        "400\n\n<Error><Code>BadDigest</Code><Message>The Content-MD5 you specified did not match what we received.</Message><ExpectedDigest>CY9rzUYh03PK3k6DJie09g==</ExpectedDigest><CalculatedDigest>XUFAKrxLKna5cZ2REBfFkg==</CalculatedDigest></Error>",
        "body-changed",
    ),
    (
        SIGV4,
        "403\n\n{\"message\":\"Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '0KRE5ozRRHYxVkk1EHVeo2ZuJ3bsZmLp7ZzWkPMxPYY='.\"}",
        "authentication-malformed",
    ),
    (
        SIGV4,
        "403\n\n{\"message\":\"The security token included in the request is expired\"}",
        "session-token-expired",
    ),
    (SIGV4, "403\n\n{\"message\":\"The security token included in the request is invalid.\"}", "unknown-key"),
];

pub(crate) const AZURE: &[Row] = &[
    (
        BATCH,
        "403\n\n{\"code\":\"AuthenticationFailed\",\"values\":[{\"key\":\"AuthenticationErrorDetail\",\"value\":\"The Date header in the request is incorrect.\"}]}",
        "clock-off",
    ),
    (
        BLOB,
        "403\nx-ms-error-code: AuthenticationFailed\n\n\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.\nRequestId:1\nTime:2024-02-29T13:00:00.0000000Z</Message><AuthenticationErrorDetail>Request date header too old: 'Thu, 29 Feb 2024 12:34:56 GMT'</AuthenticationErrorDetail></Error>",
        "clock-off",
    ),
    (
        BLOB,
        "403\n\n<Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.</Message><AuthenticationErrorDetail>The MAC signature found in the HTTP request 'c2lnbmF0dXJl' is not the same as any computed signature. Server used following string to sign: 'GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-client-request-id:7\nx-ms-date:Thu, 29 Feb 2024 12:34:56 GMT\nx-ms-version:2023-11-03\n/acct/box\ncomp:list'.</AuthenticationErrorDetail></Error>",
        "header-added",
    ),
    (
        BLOB,
        "403\n\n<Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.</Message><AuthenticationErrorDetail>The MAC signature found in the HTTP request 'c2lnbmF0dXJl' is not the same as any computed signature. Server used following string to sign: 'GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Thu, 29 Feb 2024 12:34:56 GMT\nx-ms-version:2023-11-03\n/acct/box\ncomp:list\nrestype:container'.</AuthenticationErrorDetail></Error>",
        "query-added",
    ),
    (
        BLOB,
        "403\n\n<Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.</Message><AuthenticationErrorDetail>Signature not valid in the specified time frame: Start [Thu, 29 Feb 2024 10:00:00 GMT] - Expiry [Thu, 29 Feb 2024 11:00:00 GMT] - Current [Thu, 29 Feb 2024 12:34:56 GMT]</AuthenticationErrorDetail></Error>",
        "signature-expired",
    ),
    (
        BLOB,
        "403\n\n<Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.</Message><AuthenticationErrorDetail>Signature not valid in the specified time frame: Start [Thu, 29 Feb 2024 13:00:00 GMT] - Expiry [Thu, 29 Feb 2024 14:00:00 GMT] - Current [Thu, 29 Feb 2024 12:34:56 GMT]</AuthenticationErrorDetail></Error>",
        "clock-off",
    ),
    (
        BLOB,
        "403\n\n<Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.</Message><AuthenticationErrorDetail>sr is mandatory. Cannot be empty</AuthenticationErrorDetail></Error>",
        "authentication-malformed",
    ),
    (
        BLOB,
        "401\nx-ms-error-code: NoAuthenticationInformation\n\n<Error><Code>NoAuthenticationInformation</Code><Message>Server failed to authenticate the request. Please refer to the information in the www-authenticate header.</Message></Error>",
        "authentication-missing",
    ),
    (
        BLOB,
        "403\nx-ms-error-code: AuthorizationFailure\n\n<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Error>\n  <Code>AuthorizationFailure</Code>\n  <Message>Server failed to authenticate the request. Make sure the value of the Authorization header is formed correctly including the signature.\nRequestId:ae836ace\nTime:2024-02-29T12:34:57.000Z</Message>\n</Error>",
        "mismatch",
    ),
    (BLOB, "403\nx-ms-error-code: AuthenticationFailed\n\n", "mismatch"),
    (
        BLOB,
        "400\nx-ms-error-code: InvalidAuthenticationInfo\n\n<Error><Code>InvalidAuthenticationInfo</Code><Message>Authentication information is not given in the correct format. Check the value of Authorization header.</Message></Error>",
        "authentication-malformed",
    ),
    (
        BLOB,
        "403\n\n<Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.</Message><AuthenticationErrorDetail>Signed expiry time [Wed, 31 Aug 2022 00:00:00 GMT] has to be after signed start time [Thu, 20 Oct 2022 20:05:51 GMT]</AuthenticationErrorDetail></Error>",
        "signature-expired",
    ),
    (
        BLOB,
        "403\n\n<Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.</Message><AuthenticationErrorDetail>Signed expiry time [Thu, 18 Apr 2024 12:24:00 GMT] must be after signed start time [Thu, 18 Apr 2024 12:36:13 GMT]</AuthenticationErrorDetail></Error>",
        "signature-expired",
    ),
    (
        BLOB,
        "403\ndate: Thu, 29 Feb 2024 12:34:57 GMT\n\n<Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.</Message><AuthenticationErrorDetail>Signed expiry time [Fri, 01 Mar 2024 00:00:00 GMT] must be after signed start time [Sat, 02 Mar 2024 00:00:00 GMT]</AuthenticationErrorDetail></Error>",
        "authentication-malformed",
    ),
    (
        BLOB,
        "403\n\n<Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.</Message><AuthenticationErrorDetail>The specified Date header is too old: 'Thu, 29 Feb 2024 12:34:56 GMT'</AuthenticationErrorDetail></Error>",
        "clock-off",
    ),
    (
        BLOB,
        "403\nx-ms-request-id: 1\n\n<Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.</Message><AuthenticationErrorDetail>Issuer validation failed. Issuer did not match.</AuthenticationErrorDetail></Error>",
        "authentication-refused",
    ),
    (
        BLOB,
        "400\nx-ms-request-id: 1\n\n<Error><Code>InvalidHeaderValue</Code><Message>The value for one of the HTTP headers is not in the correct format.\nRequestId:1</Message><HeaderName>x-ms-date</HeaderName><HeaderValue>today</HeaderValue></Error>",
        "authentication-malformed",
    ),
    (COSMOS, COSMOS_ANSWER, "wrong-secret"),
    ("get\ndocs\n\nthu, 29 feb 2024 12:34:56 gmt\n\n", COSMOS_ANSWER, "strings-differ"),
    (
        COSMOS,
        "401\n\n{\"code\":\"Unauthorized\",\"message\":\"The input authorization token can't serve the request. The wrong key is being used or the expected payload is not built as per the protocol.\"}",
        "mismatch",
    ),
];

const COSMOS: &str = "get\ndbs\n\nthu, 29 feb 2024 12:34:56 gmt\n\n";
pub(crate) const COSMOS_ANSWER: &str = "401\nx-ms-activity-id: 1\n\n{\"code\":\"Unauthorized\",\"message\":\"The input authorization token can't serve the request. The wrong key is being used or the expected payload is not built as per the protocol. Server used the following payload to sign: 'get\\ndbs\\n\\nthu, 29 feb 2024 12:34:56 gmt\\n\\n'\\r\\nActivityId: 1, Microsoft.Azure.Documents.Common/2.14.0\"}";

pub(crate) const TOKENS: &[Row] = &[
    (
        HUB,
        "401\n\n<Error><Code>401</Code><Detail>InvalidSignature: The token has an invalid signature. TrackingId:0a8bdd15_G31, SystemTracker:ns.servicebus.windows.net:hub, Timestamp:2024-02-29T12:34:56</Detail></Error>",
        "wrong-secret",
    ),
    (
        HUB,
        "401\n\n<Error><Code>401</Code><Detail>SubCode=40103: Invalid authorization token signature, Resource:sb://ns.servicebus.windows.net/hub. TrackingId:0a8bdd15</Detail></Error>",
        "wrong-secret",
    ),
    (
        HUB,
        "401\ndate: Thu, 29 Feb 2024 12:50:00 GMT\n\n<Error><Code>401</Code><Detail>ExpiredToken: The token is expired. TrackingId:0a8bdd15, Timestamp:2024-02-29T12:50:00</Detail></Error>",
        "signature-expired",
    ),
    (
        HUB,
        "401\n\n<Error><Code>401</Code><Detail>InvalidAudience: The authorization header contains a token with a wrong audience. TrackingId:0a8bdd15</Detail></Error>",
        "resource-mismatch",
    ),
    (
        HUB,
        "401\n\n<Error><Code>401</Code><Detail>MalformedToken: The credentials contained in the authorization header are not in the WRAP format. TrackingId:0a8bdd15</Detail></Error>",
        "authentication-malformed",
    ),
    (
        HUB,
        "401\n\n<Error><Code>401</Code><Detail>MissingToken: The request is missing the authorization header. TrackingId:0a8bdd15</Detail></Error>",
        "authentication-missing",
    ),
    (
        HUB,
        "401\n\n{\"Message\":\"The specified SAS token has an invalid signature. It does not match either the primary or secondary key.\"}",
        "wrong-secret",
    ),
    (HUB, "401\n\n{\"Message\":\"The specified SAS token is expired\"}", "signature-expired"),
    (
        HUB,
        "401\ndate: Thu, 29 Feb 2024 12:34:57 GMT\n\n{\"Message\":\"{\\\"errorCode\\\":401002,\\\"trackingId\\\":\\\"01d7d277-TimeStamp:02/29/2024 12:34:57\\\",\\\"message\\\":\\\"Unauthorized\\\",\\\"timestampUtc\\\":\\\"2024-02-29T12:34:57.1051442Z\\\"}\",\"ExceptionMessage\":\"\"}",
        "credentials-refused",
    ),
    (
        HUB,
        "401\ndate: Thu, 29 Feb 2024 12:50:00 GMT\n\n{\"Message\":\"ErrorCode:IotHubUnauthorizedAccess;Unauthorized\",\"ExceptionMessage\":\"Tracking ID:9c1ef4-TimeStamp:02/29/2024 12:50:00\"}",
        "signature-expired",
    ),
];

pub(crate) const OTHERS: &[Row] = &[
    (
        CYBERSOURCE,
        "401\ndate: Thu, 29 Feb 2024 12:34:57 GMT\n\n{\"response\":{\"rmsg\":\"Authentication Failed\"}}",
        "credentials-refused",
    ),
    (
        CYBERSOURCE,
        "401\ndate: Thu, 29 Feb 2024 13:34:57 GMT\n\n{\"response\":{\"rmsg\":\"Authentication Failed\"}}",
        "clock-off",
    ),
    (CYBERSOURCE, "403\ndate: Thu, 29 Feb 2024 13:34:57 GMT\n\n", "clock-off"),
    (SIGV4, "401\ndate: Thu, 29 Feb 2024 11:34:57 GMT\n\nno", "clock-off"),
    (HUB, "401\ndate: Thu, 29 Feb 2024 13:34:57 GMT\n\n", "signature-expired"),
];
