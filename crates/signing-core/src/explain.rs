//! How a signature came about, for a person or for another program.

use std::fmt;

use http::request::Parts;
use http::{HeaderName, HeaderValue};
use zeroize::Zeroizing;

use crate::encode;

/// Whether an [`Explanation`] shows secrets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Masking {
    /// Tokens, bearer signatures, sensitive headers and the like are replaced by `<masked>`.
    #[default]
    Masked,
    /// Everything is shown as it is sent. The result is as confidential as the credentials.
    Unmasked,
}

/// What stands in place of a secret.
pub(crate) const MASK: &str = "<masked>";

/// How one signature came about: each stage exactly as it was used.
///
/// `Debug` shows only which method it was, so that an explanation does not reach a log by accident.
#[derive(Clone)]
pub struct Explanation {
    method: Box<str>,
    canonical_request: Option<String>,
    string_to_sign: Option<String>,
    signature: Option<String>,
    set: Vec<(HeaderName, String)>,
    removed: Vec<HeaderName>,
    headers: Vec<(HeaderName, String)>,
    sensitive: Vec<HeaderName>,
    url: String,
    body: Option<&'static str>,
}

impl Explanation {
    pub(crate) fn new(
        method: &str,
        mut record: Record,
        set: &[(HeaderName, HeaderValue)],
        removed: Vec<HeaderName>,
        head: &Parts,
        masking: Masking,
    ) -> Self {
        match masking {
            Masking::Masked => record.hide_what_the_head_holds(head, set),
            Masking::Unmasked => record.secrets.clear(),
        }
        let text = |value: &HeaderValue| record.mask(&String::from_utf8_lossy(value.as_bytes()));
        let pair = |(name, value): (&HeaderName, &HeaderValue)| (name.clone(), text(value));
        Self {
            method: method.into(),
            canonical_request: record.canonical_request.as_deref().map(|text| record.mask(text)),
            string_to_sign: record.string_to_sign.as_deref().map(|text| record.mask(text)),
            signature: record.signature.as_deref().map(|text| record.mask(text)),
            set: set.iter().map(|(name, value)| pair((name, value))).collect(),
            removed,
            headers: head.headers.iter().map(pair).collect(),
            sensitive: head
                .headers
                .iter()
                .filter(|(_, value)| value.is_sensitive())
                .map(|(name, _)| name.clone())
                .collect(),
            url: record.mask(&head.uri.to_string()),
            body: None,
        }
    }

    /// The method's name in a config file.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The canonical request, where the method has one. Bytes that are not UTF-8 show as U+FFFD.
    pub fn canonical_request(&self) -> Option<&str> {
        self.canonical_request.as_deref()
    }

    /// The string to sign, where the method has one.
    pub fn string_to_sign(&self) -> Option<&str> {
        self.string_to_sign.as_deref()
    }

    /// The signature as it is sent: hexadecimal or base64, as the method has it.
    pub fn signature(&self) -> Option<&str> {
        self.signature.as_deref()
    }

    /// The headers that signing set, with their values; apply them by replacing.
    pub fn set_headers(&self) -> &[(HeaderName, String)] {
        &self.set
    }

    /// The headers that signing removed.
    pub fn removed_headers(&self) -> &[HeaderName] {
        &self.removed
    }

    /// All headers of the signed request, in the order of its map.
    pub fn headers(&self) -> &[(HeaderName, String)] {
        &self.headers
    }

    /// The names of the headers whose values are marked as sensitive: an explanation that is not masked shows them.
    pub fn sensitive_headers(&self) -> &[HeaderName] {
        &self.sensitive
    }

    /// Adds how the body gets to the wire, which whoever sends it knows.
    #[must_use]
    pub fn with_body(mut self, how: &'static str) -> Self {
        self.body = Some(how);
        self
    }

    /// How the body got to the wire, if whoever sent it has told: `nothing` (not covered), `known` (empty, or its hash
    /// was given), `bytes`, `buffer`, `spool` (read first), or the form that it was encoded in while it was sent, such as `chunked`.
    pub fn body(&self) -> Option<&'static str> {
        self.body
    }

    /// The URL to send.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explanation").field("method", &self.method).finish_non_exhaustive()
    }
}

/// What a method told while it signed, and what must not be shown of it.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) canonical_request: Option<String>,
    pub(crate) string_to_sign: Option<String>,
    pub(crate) signature: Option<String>,
    secrets: Vec<Zeroizing<String>>,
}

/// Query parameters that are credentials wherever they appear (S3 presigned URLs, Azure SAS).
const SECRET_QUERY_NAMES: [&str; 4] =
    ["x-amz-security-token", "x-amz-signature", "x-amz-s3session-token", "sig"];

/// Headers and query parameters that hold the key of an API beside the signature. One that is only `code` or `key`
/// is not among them: whatever is hidden is hidden in all texts, and their values are often words.
const API_KEYS: [&str; 8] = [
    "access_token",
    "api-key",
    "api_key",
    "apikey",
    "ocp-apim-subscription-key",
    "x-api-key",
    "x-auth-token",
    "x-functions-key",
];

/// Whether a query parameter is a credential of the signature itself.
pub(crate) fn is_secret_query_name(name: &str) -> bool {
    SECRET_QUERY_NAMES.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}

/// Whether a header or query parameter is the key of an API.
fn is_api_key(name: &str) -> bool {
    API_KEYS.iter().any(|key| key.eq_ignore_ascii_case(name))
}

/// Headers that are credentials even where nobody marked them as sensitive.
pub(crate) fn is_secret_header(name: &str) -> bool {
    matches!(
        name,
        "authorization"
            | "cookie"
            | "proxy-authorization"
            | "x-amz-security-token"
            | "x-amz-s3session-token"
            | "x-amz-server-side-encryption-customer-key"
            | "x-amz-copy-source-server-side-encryption-customer-key"
    )
}

impl Record {
    /// Hides `secret`, as it is and percent-encoded.
    pub(crate) fn hide(&mut self, secret: impl AsRef<[u8]>) {
        let secret = secret.as_ref();
        if secret.is_empty() {
            return;
        }
        let mut encoded = Zeroizing::new(Vec::new());
        encode::push_percent_encoded(&mut encoded, secret, &encode::UNRESERVED);
        for secret in [encoded.as_slice(), secret] {
            self.secrets.push(Zeroizing::new(String::from_utf8_lossy(secret).into_owned()));
        }
    }

    /// Hides what the request bears: sensitive headers and credentials in the query.
    ///
    /// Of the headers that signing set, one that holds the recorded signature stays readable, since the method
    /// has named what to hide of it; any other one that is sensitive is hidden.
    fn hide_what_the_head_holds(&mut self, head: &Parts, set: &[(HeaderName, HeaderValue)]) {
        for (name, value) in &head.headers {
            let ours = set.iter().any(|(ours, _)| ours == name);
            let text = String::from_utf8_lossy(value.as_bytes());
            let is_secret =
                is_secret_header(name.as_str()) || is_api_key(name.as_str()) || value.is_sensitive();
            if is_secret && !(ours && self.is_signed_by(&text)) {
                self.hide(text.trim());
                // As it stands in a canonical request.
                self.hide(text.split_ascii_whitespace().collect::<Vec<_>>().join(" "));
            }
        }
        for pair in head.uri.query().unwrap_or_default().split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if is_secret_query_name(name) || is_api_key(name) {
                self.hide(value);
                // As it stands in what is signed: decoded, or encoded anew.
                let mut decoded = Zeroizing::new(Vec::new());
                encode::push_percent_decoded(&mut decoded, value.as_bytes());
                self.hide(&*decoded);
            }
        }
        // The longest first: a secret may hold another one.
        self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    }

    /// Whether the header's value holds the signature, as it is or percent-encoded.
    fn is_signed_by(&self, value: &str) -> bool {
        let Some(signature) = self.signature.as_deref().filter(|signature| !signature.is_empty()) else {
            return false;
        };
        let mut encoded = Vec::new();
        encode::push_percent_encoded(&mut encoded, signature.as_bytes(), &encode::UNRESERVED);
        value.contains(signature) || value.contains(&*String::from_utf8_lossy(&encoded))
    }

    fn mask(&self, text: &str) -> String {
        // Not by one after the other: a short secret may be in the mask of another.
        let mut parts = vec![text];
        for secret in &self.secrets {
            parts = parts.iter().flat_map(|part| part.split(secret.as_str())).collect();
        }
        parts.join(MASK)
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Record(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sensitive_header_of_a_method_is_hidden_unless_it_holds_the_signature() {
        let mut head = http::Request::get("https://h/").body(()).unwrap().into_parts().0;
        let sensitive = |text: &'static str| {
            let mut value = HeaderValue::from_static(text);
            value.set_sensitive(true);
            value
        };
        let set = [
            (http::header::AUTHORIZATION, sensitive("Scheme id:s1gnature")),
            (HeaderName::from_static("x-bearer"), sensitive("Bearer hunter2")),
        ];
        head.headers.extend(set.clone());
        head.headers.insert("cookie", HeaderValue::from_static("sid=hunter2;  b=hunter3"));
        let record = Record {
            canonical_request: Some("cookie:sid=hunter2; b=hunter3".into()),
            signature: Some("s1gnature".into()),
            ..Record::default()
        };
        let shown = Explanation::new("m", record, &set, Vec::new(), &head, Masking::Masked);
        assert_eq!(shown.set_headers()[0].1, "Scheme id:s1gnature");
        assert_eq!(shown.set_headers()[1].1, MASK);
        assert_eq!(shown.canonical_request(), Some("cookie:<masked>"));
    }

    #[test]
    fn a_mask_is_not_masked() {
        let head = http::Request::get("https://h/?sig=as").body(()).unwrap().into_parts().0;
        let mut record = Record { string_to_sign: Some("t0ken as".into()), ..Record::default() };
        record.hide("t0ken");
        let shown = Explanation::new("m", record, &[], Vec::new(), &head, Masking::Masked);
        assert_eq!(shown.string_to_sign(), Some("<masked> <masked>"));
    }

    #[test]
    fn a_query_is_masked_in_whichever_way_it_is_encoded() {
        let head = http::Request::get("https://h/?sig=a/b%2f+%FF").body(()).unwrap().into_parts().0;
        let record = Record {
            canonical_request: Some("GET\n/\nsig=a%2Fb%2F%2B%FF".into()),
            string_to_sign: Some("sig:a/b/+\u{fffd}".into()),
            ..Record::default()
        };
        let shown = Explanation::new("m", record, &[], Vec::new(), &head, Masking::Masked);
        assert_eq!(shown.canonical_request(), Some("GET\n/\nsig=<masked>"));
        assert_eq!(shown.string_to_sign(), Some("sig:<masked>"));
        assert_eq!(shown.url(), "https://h/?sig=<masked>");
    }

    #[test]
    fn masks_secrets_raw_encoded_and_within_each_other() {
        let mut head =
            http::Request::get("https://h/?sig=a%2Fb&x=1").header("cookie", "c00kie").body(()).unwrap();
        let mut sensitive = HeaderValue::from_static("long-c00kie");
        sensitive.set_sensitive(true);
        head.headers_mut().insert("x-key", sensitive);
        let head = head.into_parts().0;
        let mut record =
            Record { string_to_sign: Some("t/k t%2Fk long-c00kie c00kie".into()), ..Record::default() };
        record.hide("t/k");
        let shown = Explanation::new("m", record, &[], Vec::new(), &head, Masking::Masked);
        assert_eq!(shown.string_to_sign(), Some("<masked> <masked> <masked> <masked>"));
        assert_eq!(shown.url(), "https://h/?sig=<masked>&x=1");
        assert!(shown.headers().iter().all(|(_, value)| value == MASK));
        assert_eq!(format!("{shown:?}"), r#"Explanation { method: "m", .. }"#);
    }
}
