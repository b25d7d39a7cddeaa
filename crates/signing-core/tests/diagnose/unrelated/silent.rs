//! Answers in which nobody says anything of the signature.

use super::{BATCH, BLOB, CYBERSOURCE, GATEWAY, HUB, IOT, JSON, QUERY, Row, SIGV4};

/// Nobody says anything of the signature.
pub(super) const SILENT: &[Row] = &[
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
    (
        SIGV4,
        "403\nserver: AkamaiGHost\n\n<html><head><title>Access Denied</title></head><body><H1>Access Denied</H1>You don't have permission to access \"http&#58;&#47;&#47;h&#47;\" on this server.<P>Reference&#32;&#35;18&#46;1</P></body></html>",
    ),
    (
        SIGV4,
        "403\nserver: Apache\n\n<html><head><title>403 Forbidden</title></head><body><h1>Forbidden</h1><p>You don't have permission to access this resource.</p></body></html>",
    ),
    (
        SIGV4,
        "403\nserver: Microsoft-IIS/10.0\n\n<html><head><title>403 - Forbidden: Access is denied.</title></head><body><h2>403 - Forbidden: Access is denied.</h2><h3>You do not have permission to view this directory or page using the credentials that you supplied.</h3></body></html>",
    ),
    (
        SIGV4,
        "403\n\n<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Please consult with your administrator.<br><br>Your support ID is: 1234567890</body></html>",
    ),
    (
        SIGV4,
        "403\nx-iinfo: 1\n\n<html><head><title></title></head><body><iframe src=\"/_Incapsula_Resource?incident_id=1\">Request unsuccessful. Incapsula incident ID: 1</iframe></body></html>",
    ),
    (
        SIGV4,
        "403\n\n<html><head><title>Web Page Blocked</title></head><body><h1>Web Page Blocked</h1><p>Access to the web page you were trying to visit has been blocked in accordance with company policy.</p></body></html>",
    ),
    (
        SIGV4,
        "403\nserver: Zscaler/6.2\n\n<html><head><title>Internet Security by Zscaler</title></head><body>Your organization has selected Zscaler to protect you from internet threats.</body></html>",
    ),
    (SIGV4, "403\nserver: envoy\n\nRBAC: access denied"),
    (SIGV4, "403\nserver: istio-envoy\n\nJwt is missing"),
    (
        SIGV4,
        "403\n\n<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>",
    ),
    (
        SIGV4,
        "403\nvia: 1.1 varnish\n\n<html><head><title>403 Forbidden</title></head><body><h1>Error 403 Forbidden</h1><p>Guru Meditation:</p><p>XID: 7</p></body></html>",
    ),
    (
        SIGV4,
        "403\nserver: cloudflare\n\n{\"error_code\":1020,\"error_name\":\"access_denied\",\"detail\":\"The owner of this website has banned you.\"}",
    ),
    (
        SIGV4,
        "403\nserver: CloudFront\nx-amz-cf-id: 1\n\n<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>MissingKey</Code><Message>Missing Key-Pair-Id query parameter or cookie value</Message></Error>",
    ),
    (
        SIGV4,
        "403\nserver: CloudFront\nx-amz-cf-id: 1\n\n<html><head><title>ERROR: The request could not be satisfied</title></head><body>The Amazon CloudFront distribution is configured to block access from your country.</body></html>",
    ),
    (
        SIGV4,
        "403\nserver: AmazonS3\nx-amz-request-id: 1\n\n<html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1><ul><li>Message: Access Denied</li></ul></body></html>",
    ),
    (
        SIGV4,
        "403\nx-azure-ref: 1\n\n<html><head><title>Service unavailable</title></head><body><h2>The request is blocked.</h2><div>1T2024</div></body></html>",
    ),
    (
        BLOB,
        "403\nserver: Microsoft-Azure-Application-Gateway/v2\n\n<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center><hr><center>Microsoft-Azure-Application-Gateway/v2</center></body></html>",
    ),
    (SIGV4, "403\nvia: 1.1 google\n\n<!doctype html><meta charset=\"utf-8\"><title>403</title>403 Forbidden"),
    (
        SIGV4,
        "511\n\n<html><head><title>Network Authentication Required</title></head><body><a href=\"https://login.hotel.example/\">Log in to the network</a></body></html>",
    ),
    (
        SIGV4,
        "403\n\n<html><head><title>Welcome to Airport WiFi</title></head><body><form action=\"/login\"><input name=\"room\"></form></body></html>",
    ),
    (
        SIGV4,
        "407\nproxy-authenticate: Negotiate\n\n<html><head><title>407 Proxy Authentication Required</title></head><body>Access to requested resource disallowed by administrator.</body></html>",
    ),
    (
        SIGV4,
        "401\nwww-authenticate: Negotiate\n\n<html><head><title>401 Unauthorized</title></head><body><h1>Unauthorized</h1></body></html>",
    ),
    (GATEWAY, "401\n\n{\"message\":\"Unauthorized\"}"),
    (
        GATEWAY,
        "403\nx-amzn-errortype: InvalidApiKeyException\n\n{\"message\":\"Invalid API Key identifier specified\"}",
    ),
    (GATEWAY, "429\nx-amzn-errortype: LimitExceededException\n\n{\"message\":\"Limit Exceeded\"}"),
    (GATEWAY, "403\nx-amzn-errortype: WafFilteredException\n\n{\"message\":\"Forbidden\"}"),
    (GATEWAY, "401\n\n{\"message\":\"No API key found in request\"}"),
    (GATEWAY, "403\n\n{\"message\":\"You cannot consume this service\"}"),
    (
        GATEWAY,
        "403\n\n{\"error\":\"insufficient_scope\",\"error_description\":\"The request requires higher privileges\"}",
    ),
    (GATEWAY, "401\n\n{\"detail\":\"Authentication credentials were not provided.\"}"),
    (
        GATEWAY,
        "403\ncontent-type: application/problem+json\n\n{\"type\":\"about:blank\",\"title\":\"Forbidden\",\"status\":403}",
    ),
    (
        GATEWAY,
        "403\n\n{\"errors\":[{\"code\":\"PLAN_REQUIRED\",\"message\":\"Your plan does not include this\"}]}",
    ),
    (GATEWAY, "401\n\ninvalid signature"),
    (GATEWAY, "403\n\n{\"message\":\"CSRF token mismatch.\"}"),
    (GATEWAY, "403\n\n[{\"message\":\"forbidden\"}]"),
    (GATEWAY, "403\n\n\"forbidden\""),
    (
        JSON,
        "400\nx-amzn-requestid: 1\n\n{\"__type\":\"com.amazon.coral.service#ThrottlingException\",\"message\":\"Rate exceeded\"}",
    ),
    (
        JSON,
        "400\nx-amzn-requestid: 1\n\n{\"__type\":\"com.amazon.coral.validate#ValidationException\",\"message\":\"1 validation error detected\"}",
    ),
    (
        JSON,
        "400\nx-amzn-requestid: 1\n\n{\"__type\":\"SubscriptionRequiredException\",\"message\":\"The AWS Access Key Id needs a subscription for the service\"}",
    ),
    (
        JSON,
        "400\nx-amzn-requestid: 1\n\n{\"__type\":\"ResourceNotFoundException\",\"message\":\"Requested resource not found\"}",
    ),
    (
        QUERY,
        "403\nx-amzn-requestid: 1\n\n<ErrorResponse><Error><Code>OptInRequired</Code><Message>The AWS Access Key Id needs a subscription for the service</Message></Error></ErrorResponse>",
    ),
    (
        QUERY,
        "400\nx-amzn-requestid: 1\n\n<ErrorResponse><Error><Code>InvalidParameterValue</Code><Message>Value for parameter is invalid</Message></Error></ErrorResponse>",
    ),
    (
        SIGV4,
        "400\nx-amz-request-id: 1\n\n<Error><Code>InvalidArgument</Code><Message>Invalid Argument</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (
        SIGV4,
        "400\nx-amz-request-id: 1\n\n<Error><Code>EntityTooLarge</Code><Message>Your proposed upload exceeds the maximum allowed size</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (
        SIGV4,
        "409\nx-amz-request-id: 1\n\n<Error><Code>OperationAborted</Code><Message>A conflicting conditional operation is currently in progress against this resource.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (
        SIGV4,
        "405\nx-amz-request-id: 1\n\n<Error><Code>MethodNotAllowed</Code><Message>The specified method is not allowed against this resource.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (
        SIGV4,
        "404\nx-amz-request-id: 1\n\n<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (SIGV4, "403\nx-amz-request-id: 1\nx-amz-bucket-region: us-east-1\n\n"),
    (
        BLOB,
        "503\nx-ms-error-code: ServerBusy\n\n<Error><Code>ServerBusy</Code><Message>The server is currently unable to receive requests.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (
        BLOB,
        "409\nx-ms-error-code: AccountBeingCreated\n\n<Error><Code>AccountBeingCreated</Code><Message>The specified account is in the process of being created.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (
        BLOB,
        "404\nx-ms-error-code: ContainerNotFound\n\n<Error><Code>ContainerNotFound</Code><Message>The specified container does not exist.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (
        BLOB,
        "400\nx-ms-request-id: 1\n\n<Error><Code>InvalidHeaderValue</Code><Message>The value for one of the HTTP headers is not in the correct format.\nRequestId:1</Message><HeaderName>x-ms-version</HeaderName><HeaderValue>2024-08-04</HeaderValue></Error>",
    ),
    (BLOB, "403\n\n"),
    (
        BATCH,
        "404\n\n{\"odata.metadata\":\"x\",\"code\":\"JobNotFound\",\"message\":{\"lang\":\"en-US\",\"value\":\"The specified job does not exist.\"}}",
    ),
    (
        BATCH,
        "500\n\n{\"odata.metadata\":\"x\",\"code\":\"OperationTimedOut\",\"message\":{\"lang\":\"en-US\",\"value\":\"Operation could not be completed within the specified time.\"}}",
    ),
    (
        HUB,
        "429\n\n<Error><Code>429</Code><Detail>SubCode=50002. Provisioned throughput is exceeded. TrackingId:1</Detail></Error>",
    ),
    (HUB, "410\n\n<Error><Code>410</Code><Detail>The entity is gone. TrackingId:1</Detail></Error>"),
    (
        IOT,
        "404\n\n{\"Message\":\"ErrorCode:DeviceNotFound;The device is not registered\",\"ExceptionMessage\":\"Tracking ID:1-TimeStamp:02/29/2024 12:34:57\"}",
    ),
    (
        IOT,
        "429\n\n{\"Message\":\"ErrorCode:ThrottlingException;THROTTLING_MAX_ACTIVE_JOB_COUNT_EXCEEDED\",\"ExceptionMessage\":\"Tracking ID:1\"}",
    ),
    (CYBERSOURCE, "403\n\n{\"response\":{\"rmsg\":\"Forbidden\"}}"),
    (
        CYBERSOURCE,
        "400\n\n{\"submitTimeUtc\":\"2024-02-29T12:34:57Z\",\"status\":\"INVALID_REQUEST\",\"reason\":\"MISSING_FIELD\",\"message\":\"Declined - The request is missing one or more fields\"}",
    ),
    (
        CYBERSOURCE,
        "502\n\n{\"submitTimeUtc\":\"2024-02-29T12:34:57Z\",\"status\":\"SERVER_ERROR\",\"reason\":\"SYSTEM_ERROR\",\"message\":\"Error - General system failure.\"}",
    ),
    (
        CYBERSOURCE,
        "403\nserver: F5\n\n<html><head><title>Request Rejected</title></head><body>The requested URL was rejected.</body></html>",
    ),
    (CYBERSOURCE, "401\nwww-authenticate: Basic realm=\"proxy\"\n\n"),
];
