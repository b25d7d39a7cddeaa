//! What a request says of the signature that it bears.

use std::time::Duration;

use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Uri};
use signing_core::diagnose::Signed;
use signing_core::{AuthParams, Timestamp};

use crate::instant;

/// A signature, as far as it tells of itself. Its secret is not in it: it is made of some other one.
pub(super) struct Claim {
    /// The names of the methods that make such a signature.
    pub(super) methods: &'static [&'static str],
    /// What makes one of the same texts, if that is told.
    pub(super) params: Option<AuthParams>,
    pub(super) key_id: Option<String>,
    /// The list of SigV4, in its order.
    pub(super) signed_headers: Option<String>,
    pub(super) form: Form,
    /// As it was sent, unless it is hidden.
    pub(super) signature: Option<String>,
}

/// Where it stands.
pub(super) enum Form {
    /// In headers, with the date.
    Headers,
    /// In the URL's query, which is good for so long.
    Presigned(Duration),
    /// In a SAS token, whose string to sign this is, and its end.
    Token(String, Option<Timestamp>),
}

/// The parameter of SigV4 that says whether `x-amz-content-sha256` is sent and signed.
pub(super) const CONTENT_SHA256_HEADER: &str = "ContentSha256Header";
/// In place of what is not shown.
pub(super) const MASK: &str = "<masked>";
const SIGV4: &[&str] = &["aws-signature-v4"];
/// base64 of no key in particular.
const SOME_KEY: &str = "c29tZSBrZXk=";

impl Claim {
    /// `None` if there is none of a kind that is known.
    pub(super) fn of(head: &Parts) -> Option<Self> {
        let authorization = text(&head.headers, AUTHORIZATION.as_str()).unwrap_or_default();
        if parameter(&head.uri, "X-Amz-Signature").is_some() {
            return presigned(&head.uri);
        }
        if let Some(fields) = authorization.strip_prefix("AWS4-HMAC-SHA256 ") {
            return Some(sigv4(fields));
        }
        if let Some(rest) = authorization.strip_prefix("SharedKey ") {
            // Storage has the same scheme, and another string to sign.
            let is_storage = head.headers.keys().any(|name| name.as_str().starts_with("x-ms-"));
            return (!is_storage).then(|| shared_key(rest));
        }
        if let Some(fields) = authorization.strip_prefix("SharedAccessSignature ") {
            return Some(sas(fields));
        }
        text(&head.headers, "signature").map(|value| http_signature(&head.headers, value))
    }

    /// `ContentSha256Header` of a signer that signs the same headers; `None` where it has no effect.
    pub(super) fn content_sha256_header(&self) -> Option<&'static str> {
        let Form::Headers = self.form else { return None };
        let names = self.signed_headers.as_deref()?;
        // Where S3 asks for it, some clients send none.
        Some(if names.split(';').any(|name| name == "x-amz-content-sha256") { "true" } else { "false" })
    }

    /// What is known of `signed` by its signature. A secret that stands in the key's place is hidden.
    pub(super) fn tell(&self, signed: Signed) -> Signed {
        let signed = signed.with_signature(self.signature.as_deref());
        match &self.key_id {
            Some(key_id) if is_secret(key_id) => {
                signed.with_key_id(MASK).with_credentials_hidden(&bearing(key_id))
            }
            Some(key_id) => signed.with_key_id(key_id),
            None => signed,
        }
    }

    /// Whether a secret stands where the key's public name does in others.
    pub(super) fn shows_secret(&self) -> bool {
        self.key_id.as_deref().is_some_and(is_secret)
    }

    /// Of a method whose name this is.
    pub(super) fn is_of(&self, method: &str) -> bool {
        self.methods.contains(&method)
    }
}

fn sigv4(fields: &str) -> Claim {
    let field = |name: &str| {
        let pairs = fields.split(',').filter_map(|field| field.trim().split_once('='));
        let mut named = pairs.filter(|(other, _)| *other == name).map(|(_, value)| value.to_owned());
        named.next()
    };
    of_scope(field("Credential"), field("SignedHeaders"), field("Signature"), Form::Headers)
}

fn presigned(uri: &Uri) -> Option<Claim> {
    let seconds = parameter(uri, "X-Amz-Expires")?.parse().ok()?;
    let at = |name| parameter(uri, name);
    let form = Form::Presigned(Duration::from_secs(seconds));
    let mut claim = of_scope(at("X-Amz-Credential"), at("X-Amz-SignedHeaders"), at("X-Amz-Signature"), form);
    if let (Some(params), Some(token)) = (&mut claim.params, at("X-Amz-Security-Token")) {
        params.set("SessionToken", token);
    }
    Some(claim)
}

/// `credential` is `KEY/date/region/service/aws4_request`.
fn of_scope(
    credential: Option<String>,
    signed_headers: Option<String>,
    signature: Option<String>,
    form: Form,
) -> Claim {
    // What stands in the key's place may be a secret, with slashes in it.
    let parts: Vec<&str> = credential.as_deref().unwrap_or_default().rsplitn(5, '/').collect();
    let (key_id, params) = match parts.as_slice() {
        ["aws4_request", service, region, _, key_id] => {
            let params = params(&[
                ("Method", "aws-signature-v4"),
                ("AccessKeyId", key_id),
                ("SecretAccessKey", SOME_KEY),
                ("Region", region),
                ("Service", service),
            ]);
            (Some((*key_id).to_owned()), Some(params))
        }
        _ => (None, None),
    };
    let mut claim = Claim {
        methods: SIGV4,
        params,
        key_id,
        signed_headers,
        form,
        signature: signature.filter(|signature| is_shown(signature)),
    };
    if let (Some(value), Some(params)) = (claim.content_sha256_header(), &mut claim.params) {
        params.set(CONTENT_SHA256_HEADER, value);
    }
    claim
}

/// `ACCOUNT:SIGNATURE`
fn shared_key(text: &str) -> Claim {
    // What stands alone is rather a key than an account.
    let parts = text.split_once(':').filter(|(account, _)| !is_secret(account));
    let params = |account| {
        params(&[("Method", "azure-batch"), ("AccountName", account), ("SecretAccessKey", SOME_KEY)])
    };
    Claim {
        methods: &["azure-batch"],
        params: parts.map(|(account, _)| params(account)),
        key_id: parts.map(|(account, _)| account.to_owned()),
        signed_headers: None,
        form: Form::Headers,
        signature: parts.map(|(_, signature)| signature.to_owned()).filter(|signature| is_shown(signature)),
    }
}

/// `sr=…&sig=…&se=…&skn=…`
fn sas(fields: &str) -> Claim {
    let field = |name: &str| {
        let mut pairs = fields.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(other, _)| *other == name).map(|(_, value)| value)
    };
    let end = field("se").unwrap_or_default();
    let expires_at = end.parse().ok().and_then(Timestamp::from_unix);
    Claim {
        methods: &["azure-event-hub", "azure-iot-hub"],
        params: None,
        key_id: field("skn").map(decoded),
        signed_headers: None,
        form: Form::Token([field("sr").unwrap_or_default(), "\n", end].concat(), expires_at),
        signature: field("sig").map(decoded).filter(|signature| is_shown(signature)),
    }
}

/// `keyid="…", algorithm="…", headers="…", signature="…"`
fn http_signature(headers: &HeaderMap, value: &str) -> Claim {
    let field = |name: &str| {
        let pairs = value.split(',').filter_map(|field| field.trim().split_once('='));
        let mut named = pairs.filter(|(other, _)| *other == name);
        named.next().map(|(_, value)| value.trim_matches('"').to_owned())
    };
    let key_id = field("keyid");
    let names = field("headers").unwrap_or_default();
    let has = |name: &str| names.split(' ').any(|other| other == name);
    let made_of = key_id.as_deref().zip(text(headers, "v-c-merchant-id")).map(|(key_id, merchant)| {
        params(&[
            ("Method", "cybersource-http"),
            ("MerchantId", merchant),
            ("MerchantKeyID", key_id),
            ("MerchantSecretKey", SOME_KEY),
            ("DateHeader", if has("v-c-date") { "v-c-date" } else { "date" }),
            ("RequestTarget", if has("(request-target)") { "(request-target)" } else { "request-target" }),
        ])
    });
    Claim {
        methods: &["cybersource-http"],
        params: made_of,
        key_id,
        signed_headers: None,
        form: Form::Headers,
        signature: field("signature").filter(|signature| is_shown(signature)),
    }
}

fn params(pairs: &[(&str, &str)]) -> AuthParams {
    pairs.iter().copied().collect()
}

/// Whether it looks like a key rather than the name of one.
pub(super) fn is_secret(key_id: &str) -> bool {
    const LEAST: usize = 40; // that of AWS
    // Google's names of keys are as long.
    key_id.contains(['+', '/', '=']) || key_id.len() >= LEAST && !key_id.starts_with("GOOG")
}

/// A head that bears `secret`, as it is and as it would be in a query.
fn bearing(secret: &str) -> Parts {
    let escaped = secret.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let mut head = http::Request::new(()).into_parts().0;
    for text in [secret, &escaped] {
        if let Ok(value) = HeaderValue::from_str(text) {
            head.headers.append(AUTHORIZATION, value);
        }
    }
    head
}

/// Who shows a request to others may have put something else in the signature's place.
fn is_shown(signature: &str) -> bool {
    const LEAST: usize = 43; // base64 of 32 bytes, without its end
    let is_encoded = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte);
    signature.len() >= LEAST && signature.bytes().all(is_encoded)
}

/// The instant in `x-amz-date` and its kin, or in `date`.
pub(super) fn date(head: &Parts) -> Option<Timestamp> {
    let in_query = parameter(&head.uri, "X-Amz-Date");
    let in_headers = ["x-amz-date", "ocp-date", "x-ms-date", "v-c-date", "date"]
        .into_iter()
        .find_map(|name| text(&head.headers, name));
    let date = in_query.or_else(|| in_headers.map(str::to_owned))?;
    iso_basic(&date).or_else(|| httpdate::parse_http_date(&date).ok().and_then(Timestamp::from_system_time))
}

/// `20240229T123456Z`
fn iso_basic(text: &str) -> Option<Timestamp> {
    let part = |from: usize, to: usize| text.get(from..to);
    let date = [part(0, 4)?, part(4, 6)?, part(6, 8)?].join("-");
    let time = [part(9, 11)?, part(11, 13)?, part(13, 15)?].join(":");
    (part(8, 9)? == "T" && part(15, 17).is_none()).then_some(())?;
    instant::parse(&format!("{date}T{time}{}", text.get(15..)?)).ok()
}

pub(super) fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The value of a query parameter, decoded.
fn parameter(uri: &Uri, name: &str) -> Option<String> {
    let mut pairs = uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(other, _)| *other == name).map(|(_, value)| decoded(value))
}

/// The text without its percent-escapes.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digit = |byte: &u8| char::from(*byte).to_digit(16);
        let digits = match after {
            [high, low, ..] if first == b'%' => digit(high).zip(digit(low)),
            _ => None,
        };
        let escaped = digits.map(|(high, low)| (high << 4 | low) as u8);
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::{add_header, head};

    fn claim(url: &str, headers: &[(&str, &str)]) -> Option<Claim> {
        let mut head = head("GET", url).unwrap();
        headers.iter().for_each(|(name, value)| add_header(&mut head, name, value).unwrap());
        Claim::of(&head)
    }

    #[test]
    fn each_scheme_tells_its_key() {
        let check = |url: &str, header: (&str, &str), key_id: &str, method: &str| {
            let claim = claim(url, &[header, ("v-c-merchant-id", "m")]).unwrap();
            assert_eq!(claim.key_id.as_deref(), Some(key_id));
            assert!(claim.is_of(method) && !claim.is_of("auth-token"));
        };
        let sigv4 =
            "AWS4-HMAC-SHA256 Credential=AKID/20240229/r/s/aws4_request,SignedHeaders=host,Signature=x";
        check("https://h/", ("authorization", sigv4), "AKID", "aws-signature-v4");
        check("https://h/", ("authorization", "SharedKey account:c2ln"), "account", "azure-batch");
        let sas = "SharedAccessSignature sr=h%2fhub&sig=x%3D&se=1&skn=a%20b";
        check("https://h/", ("authorization", sas), "a b", "azure-iot-hub");
        let signature = "keyid=\"k\", algorithm=\"HmacSHA256\", headers=\"host date\", signature=\"x\"";
        check("https://h/", ("signature", signature), "k", "cybersource-http");
        let url = "https://h/?X-Amz-Credential=AKID%2F20240229%2Fr%2Fs%2Faws4_request&X-Amz-Expires=9&X-Amz-Signature=x";
        check(url, ("a", "b"), "AKID", "aws-signature-v4");
    }

    #[test]
    fn what_is_hidden_is_not_compared() {
        let hidden = "AWS4-HMAC-SHA256 <masked>";
        let claimed = claim("https://h/", &[("authorization", hidden)]).unwrap();
        assert!(claimed.params.is_none() && claimed.key_id.is_none() && claimed.signature.is_none());
        for signature in ["<masked>", "REDACTED", "x"] {
            let hidden = format!(
                "AWS4-HMAC-SHA256 Credential=A/1/r/s/aws4_request, SignedHeaders=host, Signature={signature}"
            );
            let claimed = claim("https://h/", &[("authorization", &hidden)]).unwrap();
            assert!(claimed.params.is_some() && claimed.signature.is_none(), "{signature}");
        }
    }

    #[test]
    fn dates_are_read_as_they_are_sent() {
        let check = |name: &str, value: &str, expected: Option<u64>| {
            let mut head = head("GET", "https://h/").unwrap();
            add_header(&mut head, name, value).unwrap();
            assert_eq!(date(&head).map(Timestamp::unix), expected, "{name}: {value}");
        };
        check("x-amz-date", "20240229T123456Z", Some(1_709_210_096));
        check("ocp-date", "Thu, 29 Feb 2024 12:34:56 GMT", Some(1_709_210_096));
        check("date", "20240229T123456ZZ", None);
        check("date", "ääääääää", None);
        check("x-date", "20240229T123456Z", None);
    }
}
