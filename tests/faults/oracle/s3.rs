//! S3, which shows its canonical request.
//!
//! Spec: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.

use super::sigv4::{ENDED_TOKEN, Given, KEY_ID, SESSION_KEY_ID, SESSION_TOKEN, Texts, Unreadable};
use super::{Answer, NOW, answer, chunked, header, iso_date, parse_basic_date, sha256, taken, xml};
use crate::base::Wire;

pub(crate) const REGION: &str = "eu-west-1";
const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your key and signing method.";

/// The answer to HEAD has no body, and tells the bucket's region.
pub(crate) fn verify(wire: &Wire) -> Answer {
    let mut answer = verify_head(wire);
    if wire.method() == "HEAD" && !answer.status().is_success() {
        answer.body_mut().clear();
        answer.headers_mut().insert("x-amz-bucket-region", REGION.parse().unwrap());
    }
    answer
}

fn verify_head(wire: &Wire) -> Answer {
    let host = header(wire, "host");
    if host.ends_with(".amazonaws.com") && !host.contains(REGION) {
        return elsewhere(&host);
    }
    let is_presigned = wire.uri().query().unwrap_or_default().contains("X-Amz-Signature=");
    if is_presigned && wire.headers().contains_key("authorization") {
        return error(
            400,
            "InvalidArgument",
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
            &[("ArgumentName", "Authorization")],
        );
    }
    let given = match Given::of(wire) {
        Ok(given) => given,
        // Whoever does not sign is anybody, whom the bucket does not let in.
        Err(Unreadable::Missing) => return error(403, "AccessDenied", "Access Denied", &[]),
        Err(Unreadable::Lacks(_)) => {
            return malformed(
                "the authorization header requires three components: Credential, SignedHeaders, and Signature.",
                &[],
            );
        }
        Err(Unreadable::Foreign) => {
            return error(
                400,
                "InvalidRequest",
                "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
                &[],
            );
        }
    };
    if let Some(refusal) =
        scope(&given).or_else(|| hash(wire, &given)).or_else(|| time(&given)).or_else(|| key(&given))
    {
        return refusal;
    }
    let unsigned: Vec<_> = wire.headers().keys().map(|name| name.as_str()).collect();
    let unsigned: Vec<_> = unsigned
        .into_iter()
        .filter(|name| name.starts_with("x-amz-") && !given.names.iter().any(|signed| signed == name))
        .collect();
    if !unsigned.is_empty() {
        return error(
            403,
            "AccessDenied",
            "There were headers present in the request which were not signed",
            &[("HeadersNotSigned", &unsigned.join(", "))],
        );
    }
    let texts = Texts::of(wire, &given);
    let secret = given.secret().unwrap();
    if given.sign(secret, &texts.string_to_sign) != given.signature {
        return mismatch(&given, &given.signature, &texts.string_to_sign, Some(&texts.canonical_request));
    }
    body(wire, &given, secret)
}

/// The bucket is in another region than the end point.
fn elsewhere(host: &str) -> Answer {
    let bucket = host.split('.').next().unwrap();
    let more = [("Endpoint", &*format!("{bucket}.s3.{REGION}.amazonaws.com")), ("Bucket", bucket)];
    let text = "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.";
    let mut answer = error(301, "PermanentRedirect", text, &more);
    answer.headers_mut().insert("x-amz-bucket-region", REGION.parse().unwrap());
    answer
}

fn scope(given: &Given) -> Option<Answer> {
    if given.date.is_empty() {
        let text = "AWS authentication requires a valid Date or x-amz-date header";
        return Some(error(403, "AccessDenied", text, &[]));
    }
    if given.region != REGION {
        let text = format!("the region '{}' is wrong; expecting '{REGION}'", given.region);
        let more = [("Region", REGION)];
        if given.expires.is_some() {
            let text = format!("Error parsing the X-Amz-Credential parameter; {text}");
            return Some(error(400, "AuthorizationQueryParametersError", &text, &more));
        }
        return Some(malformed(&text, &more));
    }
    if given.service != "s3" {
        let text = format!("incorrect service \"{}\". This endpoint belongs to \"s3\".", given.service);
        return Some(malformed(&text, &[]));
    }
    let is_of_the_day = given.date.starts_with(&given.day);
    (!is_of_the_day).then(|| malformed("Invalid credential date. Date is not the same as X-Amz-Date.", &[]))
}

fn hash(wire: &Wire, given: &Given) -> Option<Answer> {
    let is_missing = given.expires.is_none() && header(wire, "x-amz-content-sha256").is_empty();
    is_missing.then(|| {
        let text = "Missing required header for this request: x-amz-content-sha256";
        error(400, "InvalidRequest", text, &[])
    })
}

fn time(given: &Given) -> Option<Answer> {
    let signed_at = parse_basic_date(&given.date).unwrap();
    let server = ("ServerTime", &*iso_date(NOW));
    if let Some(seconds) = given.expires {
        let end = signed_at + seconds;
        let expires = ("Expires", &*iso_date(end));
        let seconds = ("X-Amz-Expires", &*seconds.to_string());
        return if end < NOW {
            Some(error(403, "AccessDenied", "Request has expired", &[seconds, expires, server]))
        } else if signed_at > NOW + 15 * 60 {
            let date = ("X-Amz-Date", &*given.date);
            Some(error(403, "AccessDenied", "Request is not yet valid", &[date, seconds, server]))
        } else {
            None
        };
    }
    (signed_at.abs_diff(NOW) > 15 * 60).then(|| {
        let more = [("RequestTime", &*given.date), server, ("MaxAllowedSkewMilliseconds", "900000")];
        let text = "The difference between the request time and the current time is too large.";
        error(403, "RequestTimeTooSkewed", text, &more)
    })
}

fn key(given: &Given) -> Option<Answer> {
    let token = ("Token-0", &*given.token);
    let unknown = || {
        let text = "The AWS Access Key Id you provided does not exist in our records.";
        error(403, "InvalidAccessKeyId", text, &[("AWSAccessKeyId", &given.key_id)])
    };
    match (&*given.key_id, &*given.token) {
        (KEY_ID, "") | (SESSION_KEY_ID, SESSION_TOKEN) => None,
        (SESSION_KEY_ID, ENDED_TOKEN) => {
            Some(error(400, "ExpiredToken", "The provided token has expired.", &[token]))
        }
        (KEY_ID | SESSION_KEY_ID, other) if !other.is_empty() => {
            let text = "The provided token is malformed or otherwise invalid.";
            Some(error(400, "InvalidToken", text, &[token]))
        }
        _ => Some(unknown()),
    }
}

fn body(wire: &Wire, given: &Given, secret: &str) -> Answer {
    let hash = header(wire, "x-amz-content-sha256");
    if hash.starts_with("STREAMING-") {
        return match chunked::verify(wire, given, secret) {
            Ok(()) => taken(),
            Err(chunked::Fault::Signature(text, signature)) => mismatch(given, &signature, &text, None),
            Err(chunked::Fault::Framing) => {
                error(400, "IncompleteBody", "The request body terminated unexpectedly", &[])
            }
            Err(chunked::Fault::Trailer) => error(
                400,
                "MalformedTrailerError",
                "The request contained trailing data that was not well-formed or did not conform to our published schema.",
                &[],
            ),
            Err(chunked::Fault::Checksum) => {
                error(400, "BadDigest", "The CRC32 you specified did not match the calculated checksum.", &[])
            }
        };
    }
    let arrived = sha256(wire.body());
    if given.expires.is_none() && hash != "UNSIGNED-PAYLOAD" && hash != arrived {
        let hashes = [("ClientComputedContentSHA256", &*hash), ("S3ComputedContentSHA256", &*arrived)];
        let text = "The provided 'x-amz-content-sha256' header does not match what was computed.";
        return error(400, "XAmzContentSHA256Mismatch", text, &hashes);
    }
    taken()
}

fn mismatch(given: &Given, signature: &str, string_to_sign: &str, canonical_request: Option<&str>) -> Answer {
    let bytes = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    let string_bytes = bytes(string_to_sign);
    let mut more = vec![
        ("AWSAccessKeyId", &*given.key_id),
        ("StringToSign", string_to_sign),
        ("SignatureProvided", signature),
        ("StringToSignBytes", &string_bytes),
    ];
    let canonical_bytes = canonical_request.map(bytes);
    if let (Some(text), Some(bytes)) = (canonical_request, &canonical_bytes) {
        more.extend([("CanonicalRequest", text), ("CanonicalRequestBytes", bytes)]);
    }
    error(403, "SignatureDoesNotMatch", MISMATCH, &more)
}

fn malformed(text: &str, more: &[(&str, &str)]) -> Answer {
    let text = format!("The authorization header is malformed; {text}");
    error(400, "AuthorizationHeaderMalformed", &text, more)
}

fn error(status: u16, code: &str, message: &str, more: &[(&str, &str)]) -> Answer {
    let more: String = more.iter().map(|(name, text)| format!("<{name}>{}</{name}>", xml(text))).collect();
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{}</Message>{more}<RequestId>4442587FB7D0A2F9</RequestId><HostId>bm90IGEgc2lnbmF0dXJl</HostId></Error>",
        xml(message)
    );
    answer(status, &[("content-type", "application/xml"), ("x-amz-request-id", "4442587FB7D0A2F9")], body)
}
