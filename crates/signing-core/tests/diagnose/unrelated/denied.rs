//! Refusals in which the service says that it knows who asks.

use super::{BATCH, BLOB, GATEWAY, HUB, JSON, QUERY, Row, SIGV4};

/// The service's code says that it is an authorization matter.
pub(super) const DENIED: &[Row] = &[
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
    (
        SIGV4,
        "403\nx-amz-request-id: 1\n\n<Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/poor is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::bucket/a\" because no VPC endpoint policy allows the s3:PutObject action</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (
        SIGV4,
        "403\nx-amz-request-id: 1\n\n<Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/poor is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::bucket/a\" with an explicit deny in a service control policy</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (
        SIGV4,
        "403\nx-amz-request-id: 1\n\n<Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/poor is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::bucket/a\" because no permissions boundary allows the s3:PutObject action</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (
        SIGV4,
        "403\nx-amz-request-id: 1\n\n<Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/poor is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::bucket/a\" because no session policy allows the s3:PutObject action</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (
        SIGV4,
        "403\nx-amz-request-id: 1\n\n<Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/poor is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:us-east-1:123456789012:key/1 because no resource-based policy allows the kms:GenerateDataKey action</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (
        SIGV4,
        "403\nx-amz-request-id: 1\n\n<Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/poor is not authorized to perform: s3:PutObjectAcl on resource: \"arn:aws:s3:::bucket/a\" because public access control lists (ACLs) are prevented by the BlockPublicAcls setting in S3 Block Public Access.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (
        SIGV4,
        "403\nx-amz-request-id: 1\n\n<Error><Code>AccessDenied</Code><Message>Access Denied because object protected by object lock.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (
        SIGV4,
        "403\nx-amz-request-id: 1\n\n<Error><Code>AccountProblem</Code><Message>There is a problem with your AWS account that prevents the operation from completing successfully.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (
        QUERY,
        "403\nx-amzn-requestid: 1\n\n<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/poor is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/r</Message></Error></ErrorResponse>",
    ),
    (
        QUERY,
        "403\nx-amzn-requestid: 1\n\n<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>Access to the resource https://sqs.us-east-1.amazonaws.com/ is denied.</Message></Error></ErrorResponse>",
    ),
    (
        QUERY,
        "403\nx-amzn-requestid: 1\n\n<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/poor is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::123456789012:user/ because no identity-based policy allows the iam:ListUsers action</Message></Error></ErrorResponse>",
    ),
    (
        QUERY,
        "403\n\n<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/poor is not authorized to perform: ec2:RunInstances. Encoded authorization failure message: 3DN6BgAAAAD4Z0n0tAsignaturelike4YvyGQEXAMPLEEXAMPLEEXAMPLEEXAMPLE</Message></Error></Errors></Response>",
    ),
    (
        JSON,
        "403\nx-amzn-errortype: AccessDeniedException\n\n{\"Message\":\"User: arn:aws:iam::123456789012:user/poor is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:123456789012:function:f because no identity-based policy allows the lambda:InvokeFunction action\"}",
    ),
    (
        JSON,
        "400\nx-amzn-requestid: 1\n\n{\"__type\":\"AccessDeniedException\",\"Message\":\"User: arn:aws:iam::123456789012:user/poor is not authorized to perform: secretsmanager:GetSecretValue on resource: s\"}",
    ),
    (
        JSON,
        "400\nx-amzn-requestid: 1\n\n{\"__type\":\"com.amazonaws.sqs#AccessDeniedException\",\"message\":\"User: arn:aws:iam::123456789012:user/poor is not authorized to perform: sqs:SendMessage on resource: arn:aws:sqs:us-east-1:123456789012:q with an explicit deny in a resource-based policy\"}",
    ),
    (
        JSON,
        "403\nx-amzn-errortype: AccessDeniedException:http://internal.amazon.com/coral/com.amazon.bedrock/\n\n{\"message\":\"You don't have access to the model with the specified model ID.\"}",
    ),
    (
        JSON,
        "400\nx-amzn-requestid: 1\n\n{\"__type\":\"NotAuthorizedException\",\"message\":\"Incorrect username or password.\"}",
    ),
    (
        JSON,
        "400\nx-amzn-requestid: 1\n\n{\"__type\":\"KMSAccessDeniedException\",\"message\":\"The ciphertext refers to a key that you may not use.\"}",
    ),
    (
        GATEWAY,
        "403\nx-amzn-errortype: AccessDeniedException\n\n{\"Message\":\"User is not authorized to access this resource with an explicit deny\"}",
    ),
    (
        GATEWAY,
        "403\nx-amzn-requestid: 1\n\n{\"__type\":\"com.amazon.coral.service#AccessDeniedException\",\"Message\":\"User: arn:aws:iam::123456789012:user/IotHubWriter is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:123456789012:table/t\"}",
    ),
    (
        SIGV4,
        "403\nx-amz-request-id: 1\n\n<Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/poor is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::bucket/SAS token.txt\"</Message></Error>",
    ),
    (
        GATEWAY,
        "403\n\n{\"message\":\"User: arn:aws:iam::123456789012:user/IotHubWriter is not authorized to perform: execute-api:Invoke on resource: r\"}",
    ),
    (
        GATEWAY,
        "403\n\n{\"Message\":\"User: arn:aws:iam::123456789012:user/poor is not authorized to perform: es:ESHttpGet because no resource-based policy allows the es:ESHttpGet action\"}",
    ),
    (
        BLOB,
        "403\nx-ms-error-code: AuthorizationSourceIPMismatch\n\n<Error><Code>AuthorizationSourceIPMismatch</Code><Message>This request is not authorized to perform this operation using this source IP 192.0.2.7.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (
        BLOB,
        "403\n\n<Error><Code>AuthorizationProtocolMismatch</Code><Message>This request is not authorized to perform this operation using this protocol.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (
        BLOB,
        "403\n\n<Error><Code>AuthorizationServiceMismatch</Code><Message>This request is not authorized to perform this operation using this service.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (
        BLOB,
        "403\n\n<Error><Code>AuthorizationResourceTypeMismatch</Code><Message>This request is not authorized to perform this operation using this resource type.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (
        BLOB,
        "403\n\n<Error><Code>InsufficientAccountPermissions</Code><Message>The account being accessed does not have sufficient permissions to execute this operation.</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>",
    ),
    (BLOB, "403\nx-ms-error-code: AuthorizationFailure\nx-ms-request-id: 1\n\n"),
    (BLOB, "403\nx-ms-error-code: AuthorizationPermissionMismatch\nx-ms-request-id: 1\n\n"),
    (
        BLOB,
        "403\n\n{\"error\":{\"code\":\"KeyBasedAuthenticationNotPermitted\",\"message\":\"Key based authentication is not permitted on this storage account.\"}}",
    ),
    (
        BATCH,
        "403\n\n{\"odata.metadata\":\"x\",\"code\":\"PermissionDenied\",\"message\":{\"lang\":\"en-US\",\"value\":\"The request is not permitted.\"}}",
    ),
    (
        BATCH,
        "403\n\n{\"error\":{\"code\":\"RequestDisallowedByPolicy\",\"message\":\"Resource was disallowed by policy.\"}}",
    ),
    (
        BATCH,
        "403\n\n{\"error\":{\"code\":\"LinkedAuthorizationFailed\",\"message\":\"The client has permission to perform action, but not on the linked scope.\"}}",
    ),
    (
        HUB,
        "401\n\n<Error><Code>401</Code><Detail>Unauthorized access. 'Listen' claim(s) are required to perform this operation. Resource: 'sb://ns.servicebus.windows.net/hub'. TrackingId:1</Detail></Error>",
    ),
    (
        HUB,
        "401\n\n<Error><Code>401</Code><Detail>Manage,EntityRead claims are required for this operation. TrackingId:1_G2</Detail></Error>",
    ),
    (
        HUB,
        "401\n\n<Error><Code>401</Code><Detail>Unauthorized: Unauthorized access for 'GetEventHub' operation on endpoint 'sb://ns.servicebus.windows.net/hub'. TrackingId:1_G2</Detail></Error>",
    ),
    (
        HUB,
        "403\n\n<Error><Code>403</Code><Detail>Ip has been prevented to connect to the endpoint. TrackingId:1_G2</Detail></Error>",
    ),
];
