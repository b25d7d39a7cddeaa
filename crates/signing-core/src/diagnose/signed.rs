//! What was signed.

use std::fmt;

use zeroize::Zeroizing;

use super::{instant, mask};
use crate::encode::push_percent_decoded;
use crate::{Explanation, Timestamp};

/// What was signed, as far as it is known: from an [`Explanation`], or from the string to sign of any program.
///
/// What is masked in it is taken to equal whatever arrived in its place. An explanation that is not masked will do as
/// well: no credential of it gets into a diagnosis. The default is a request of which nothing is known.
#[derive(Clone, Default)]
pub struct Signed {
    method_name: Option<String>,
    pub(super) canonical_request: Option<String>,
    pub(super) string_to_sign: Option<String>,
    pub(super) signature: Option<String>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) url: Option<String>,
    pub(super) key_id: Option<String>,
    pub(super) section: Option<String>,
    pub(super) clock_correction: i64,
    pub(super) credentials_replaced: bool,
    /// Whether the texts are of the request as it was sent, and not those of its signer.
    pub(super) is_made_anew: bool,
    /// Whether the hash of the body stands for one that is not known.
    pub(super) is_body_unknown: bool,
    /// What a service may echo and nobody is to see: compared as a mask.
    pub(super) secrets: Vec<Zeroizing<String>>,
    /// What sounds like it: hidden in what the service says, and not in what is compared.
    telling: Vec<Zeroizing<String>>,
}

impl Signed {
    /// All that an explanation tells.
    pub fn from_explanation(explanation: &Explanation) -> Self {
        let headers = explanation.headers().iter();
        let masked = |text: &str| mask::headers(&mask::by_name(text), explanation.sensitive_headers());
        let mut signed = Self {
            method_name: Some(explanation.method().to_owned()),
            canonical_request: explanation.canonical_request().map(masked),
            string_to_sign: explanation.string_to_sign().map(masked),
            signature: explanation.signature().map(str::to_owned),
            headers: headers.map(|(name, value)| (name.as_str().to_owned(), value.clone())).collect(),
            url: Some(explanation.url().to_owned()),
            ..Self::default()
        };
        signed.key_id =
            signed.credential().and_then(|credential| credential.split('/').next().map(str::to_owned));
        signed
    }

    /// The string to sign of another program. Where it has `\n` in two characters instead of line breaks, as programs
    /// print it, these are read as line breaks.
    pub fn from_string_to_sign(text: &str) -> Self {
        Self { string_to_sign: Some(mask::by_name(&with_line_breaks(text))), ..Self::default() }
    }

    /// The canonical request, where another program has told it.
    #[must_use]
    pub fn with_canonical_request(mut self, text: &str) -> Self {
        self.canonical_request = Some(mask::by_name(&with_line_breaks(text)));
        self
    }

    /// The head as it was sent, where there is no explanation.
    #[must_use]
    pub fn with_head(mut self, head: &http::request::Parts) -> Self {
        let headers = head.headers.iter();
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        self.headers = headers.map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        self.url = Some(head.uri.to_string());
        self.with_credentials_hidden(head)
    }

    /// The signature as it was sent, where the explanation's is another one; `None` if it is not known.
    #[must_use]
    pub fn with_signature(mut self, signature: Option<&str>) -> Self {
        self.signature = signature.map(str::to_owned);
        self
    }

    /// Hides the credentials in `head`, as it was sent, wherever the service echoes them: the values of headers that are
    /// marked as sensitive or known to be, and of such query parameters. What only [sounds like a
    /// credential](super::is_telling_name) is hidden in what the service says. [`with_head`](Self::with_head) does so,
    /// too.
    #[must_use]
    pub fn with_credentials_hidden(mut self, head: &http::request::Parts) -> Self {
        self.secrets.extend(mask::credentials(head));
        self.telling.extend(mask::telling(head));
        self
    }

    /// Says that these texts were made of the request as it was sent, and that nobody has seen those of its signer. If
    /// they are what the service verifies, then another secret signed the request, or another text of it was signed:
    /// [`Cause::SignedOtherwise`](super::Cause::SignedOtherwise) is told in place of a wrong secret.
    #[must_use]
    pub fn with_texts_made_anew(mut self) -> Self {
        self.is_made_anew = true;
        self
    }

    /// Says that the body is not known, so that its hash in the canonical request, the last line, is any one. All else is
    /// compared; if it is the same, nothing is told of the secret.
    #[must_use]
    pub fn with_body_unknown(mut self) -> Self {
        self.is_body_unknown = true;
        self
    }

    /// The section of the configuration whose credentials signed.
    #[must_use]
    pub fn with_section(mut self, name: &str) -> Self {
        self.section = Some(name.to_owned());
        self
    }

    /// The public name of the key: [`Signer::key_id`](crate::Signer::key_id).
    #[must_use]
    pub fn with_key_id(mut self, key_id: &str) -> Self {
        self.key_id = Some(key_id.to_owned());
        self
    }

    /// The `ClockCorrection` that is in the signed date already, in seconds.
    #[must_use]
    pub fn with_clock_correction(mut self, seconds: i64) -> Self {
        self.clock_correction = seconds;
        self
    }

    /// Whether other credentials have taken the place of those that signed, since they did.
    #[must_use]
    pub fn with_credentials_replaced(mut self, replaced: bool) -> Self {
        self.credentials_replaced = replaced;
        self
    }

    /// Masks in a text of the service, which is not compared, what nobody is to see.
    pub(super) fn hide(&self, text: &mut String) {
        mask::hide(text, &self.secrets);
        mask::hide(text, &self.telling);
    }

    /// When it was signed, if that is in what was signed.
    pub(super) fn instant(&self) -> Option<Timestamp> {
        let date = |(name, value): (&str, &str)| is_date(name).then(|| instant::parse(value)).flatten();
        let lines: Vec<&str> = self.string_to_sign.as_deref().unwrap_or_default().lines().collect();
        let named = lines.iter().filter_map(|line| line.split_once(':')).find_map(date);
        // SigV4's date, and the line `Date` of both forms of Shared Key; other lines may hold other dates.
        let numbered = || [1, 6, 3].into_iter().find_map(|number| instant::parse(lines.get(number)?));
        let in_head =
            || self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).find_map(date);
        named.or_else(numbered).or_else(in_head)
    }

    /// When the signature ends by itself: that of a SAS token or of a presigned URL.
    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        let query = |name| self.query_value(name);
        if let (Some(date), Some(seconds)) = (query("X-Amz-Date"), query("X-Amz-Expires")) {
            return instant::parse(&date)?.checked_add(seconds.parse().ok()?);
        }
        if let Some(end) = query("se").and_then(|end| instant::parse(&end)) {
            return Some(end);
        }
        let (_, end) = self.string_to_sign.as_deref()?.split_once('\n')?;
        Timestamp::from_unix(end.trim_end().parse().ok()?)
    }

    /// What a SAS token of Event Hubs, Service Bus or IoT Hub is good for.
    pub(super) fn resource(&self) -> Option<String> {
        let (resource, end) = self.string_to_sign.as_deref()?.split_once('\n')?;
        end.trim_end().parse::<i64>().ok()?;
        Some(decoded(resource))
    }

    /// The four parts of a SigV4 credential scope.
    pub(super) fn scope(&self) -> Option<Scope<'_>> {
        Scope::of(self.string_to_sign.as_deref()?)
    }

    /// Whether its body went aws-chunked.
    pub(super) fn is_streamed(&self) -> bool {
        self.header("x-amz-content-sha256").is_some_and(|hash| hash.starts_with("STREAMING-"))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Whether a session token went with it; `None` if the head is not known.
    pub(super) fn has_session_token(&self) -> Option<bool> {
        (!self.headers.is_empty()).then(|| {
            self.header("x-amz-security-token").is_some()
                || self.query_value("X-Amz-Security-Token").is_some()
        })
    }

    /// What clients send as the Host, in lower case: the header, if there is one, or the URL's without its default port.
    pub(super) fn host(&self) -> Option<String> {
        if let Some(host) = self.header("host") {
            return Some(host.to_ascii_lowercase());
        }
        let (scheme, host) = self.scheme_and_host()?;
        let default_port = if scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
        let host = host.strip_suffix(default_port).or_else(|| host.strip_suffix(':')).unwrap_or(host);
        Some(host.to_ascii_lowercase())
    }

    /// Of the URL; the latter with its port.
    pub(super) fn scheme_and_host(&self) -> Option<(&str, &str)> {
        let (scheme, rest) = self.url.as_deref()?.split_once("://")?;
        let authority = rest.split(['/', '?']).next()?;
        // What stands before the at sign may be a password.
        Some((scheme, authority.rsplit('@').next()?))
    }

    pub(super) fn path(&self) -> Option<&str> {
        let url = self.url.as_deref()?;
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let path = &rest[rest.find('/')?..];
        path.split('?').next()
    }

    /// `KEY/date/region/service/aws4_request`.
    fn credential(&self) -> Option<String> {
        let in_header = self.header("authorization").and_then(|value| value.split_once("Credential="));
        in_header
            .and_then(|(_, rest)| rest.split([',', ' ']).next().map(str::to_owned))
            .or_else(|| self.query_value("X-Amz-Credential"))
    }

    fn query_value(&self, name: &str) -> Option<String> {
        let query = self.url.as_deref()?.split_once('?')?.1;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(other, _)| *other == name).map(|(_, value)| decoded(value))
    }
}

/// Which method it was; the rest does not reach a log by accident.
impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed").field("method", &self.method_name).finish_non_exhaustive()
    }
}

/// What stands between a SigV4 date and the hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scope<'s> {
    pub(super) date: &'s str,
    pub(super) region: &'s str,
    pub(super) service: &'s str,
}

impl<'s> Scope<'s> {
    /// From a string to sign.
    pub(super) fn of(text: &'s str) -> Option<Self> {
        let mut parts = text.lines().nth(2)?.split('/');
        let scope = Self { date: parts.next()?, region: parts.next()?, service: parts.next()? };
        (parts.next() == Some("aws4_request")).then_some(scope)
    }
}

pub(super) fn is_date(name: &str) -> bool {
    ["date", "x-amz-date", "x-ms-date", "ocp-date", "v-c-date"].contains(&name)
}

pub(super) fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&decoded_bytes(text)).into_owned()
}

pub(super) fn decoded_bytes(text: impl AsRef<[u8]>) -> Vec<u8> {
    let text = text.as_ref();
    let mut decoded = Vec::with_capacity(text.len());
    push_percent_decoded(&mut decoded, text);
    decoded
}

/// `text` as programs print it, read: without the quotes of a literal and a final line break, and with its `\n` as line
/// breaks if it has no others.
pub(super) fn with_line_breaks(text: &str) -> String {
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    let text = without_quotes(text);
    if text.contains('\n') { text.replace("\r\n", "\n") } else { text.replace("\\n", "\n") }
}

/// `b'…'` and its like. A string to sign does not begin so.
fn without_quotes(text: &str) -> &str {
    let literal = text.strip_prefix(['b', 'r', 'f']).unwrap_or(text);
    let inside = |quote: char| literal.strip_prefix(quote)?.strip_suffix(quote);
    inside('\'').or_else(|| inside('"')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_print_is_read() {
        let check = |text: &str| assert_eq!(with_line_breaks(text), "GET\n\n/a", "{text:?}");
        check("GET\n\n/a");
        check("GET\\n\\n/a\r\n");
        check("GET\r\n\r\n/a\r\n");
        check("b'GET\\n\\n/a'\n");
        check("\"GET\\n\\n/a\"");
        check("f\"GET\\n\\n/a\"\r\n");
        assert_eq!(with_line_breaks("r\n\n"), "r\n");
        assert_eq!(with_line_breaks("'"), "'");
    }

    #[test]
    fn the_instant_of_signing_is_in_what_was_signed() {
        let check = |text: &str| {
            assert_eq!(
                Signed::from_string_to_sign(text).instant(),
                Timestamp::from_unix(1_709_210_096),
                "{text}"
            )
        };
        check("AWS4-HMAC-SHA256\n20240229T123456Z\n20240229/us-east-1/s3/aws4_request\nhash");
        check("GET\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\nocp-date:Thu, 29 Feb 2024 12:34:56 GMT\\n/a/jobs");
        check("GET\n\n\n\n\n\nThu, 29 Feb 2024 12:34:56 GMT\n\n\n\n\n\n/a/jobs");
        check(
            "GET\n\n\n\n\n\n\nThu, 01 Jan 1970 00:00:00 GMT\n\n\n\n\nocp-date:Thu, 29 Feb 2024 12:34:56 GMT\n/a",
        );
        check("host: h\ndate: Thu, 29 Feb 2024 12:34:56 GMT\nrequest-target: get /");
    }

    #[test]
    fn a_sas_token_tells_its_resource_and_its_end() {
        let signed = Signed::from_string_to_sign("ns.servicebus.windows.net%2Fhub\n1709210096");
        assert_eq!(signed.resource().as_deref(), Some("ns.servicebus.windows.net/hub"));
        assert_eq!(signed.expires_at(), Timestamp::from_unix(1_709_210_096));
        assert_eq!(signed.instant(), None);
    }
}
