//! Azure Batch Shared Key.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, DATE, IF_MATCH,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE, RANGE, TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use smallvec::SmallVec;

use super::is_below;
use crate::buffer::with_buffer;
use crate::encode::push_percent_decoded;
use crate::header::{self, check_visible};
use crate::{Changes, MacKey, Method, ParamError, ParamReader, Reach, SignError, SigningRequest};

static OCP_DATE: HeaderName = HeaderName::from_static("ocp-date");
static CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");
const SCHEME: &str = "SharedKey ";
const SUFFIXES: [&str; 3] = ["batch.azure.com", "batch.chinacloudapi.cn", "batch.usgovcloudapi.net"];

/// Signs for one Batch account.
pub struct Batch {
    account: Box<str>,
    key: MacKey,
}

impl Batch {
    /// `key` in raw bytes, base64-decoded.
    ///
    /// # Errors
    ///
    /// The name cannot stand in a header.
    pub fn new(account: &str, key: &[u8]) -> Result<Self, ParamError> {
        check_visible("AccountName", account)?;
        if account.contains([':', '/']) {
            return Err(ParamError::invalid("AccountName", "holds a character that no account name has"));
        }
        Ok(Self { account: account.into(), key: MacKey::new(key) })
    }

    pub(super) fn from_params(params: &mut ParamReader<'_>) -> Result<Self, ParamError> {
        let account = params.text("AccountName")?;
        Self::new(account, &params.base64_key("SecretAccessKey")?)
    }
}

impl Method for Batch {
    fn sign(&self, request: &SigningRequest<'_>, changes: &mut Changes) -> Result<(), SignError> {
        let headers = request.headers();
        // A date beside a signature is that of the last attempt.
        let dated = |name: &HeaderName| headers.contains_key(name) && !bears_a_signature(headers);
        let date = match (dated(&OCP_DATE), dated(&DATE)) {
            (true, true) => {
                return Err(SignError::request(
                    "the request has both ocp-date and Date; Batch takes one of them",
                ));
            }
            (false, false) => Some(request.now().imf_fixdate()),
            _ => None,
        };
        let length = content_length(request);

        let authorization = with_buffer(|buffer| {
            let signed = Signed { request, length: length.as_ref(), date: date.as_ref() };
            signed.push_string_to_sign(buffer, &self.account)?;
            changes.record_string_to_sign(buffer);
            let signature = STANDARD.encode(self.key.sign(buffer));
            changes.record_signature(signature.as_bytes());
            Ok(header::sensitive([SCHEME, &self.account, ":", &signature].concat().into_bytes()))
        })?;
        if let Some(date) = date {
            changes.set(OCP_DATE.clone(), header::value(date.to_vec()));
            if headers.contains_key(DATE) {
                changes.remove(DATE);
            }
        }
        if let Some(length) = length {
            changes.set(CONTENT_LENGTH, length);
        }
        changes.set(AUTHORIZATION, authorization);
        Ok(())
    }

    fn reach(&self) -> Reach<'_> {
        Reach::Known(|host| is_below(host, &SUFFIXES))
    }

    fn key_id(&self) -> Option<&str> {
        Some(&self.account)
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("account", &self.account).finish_non_exhaustive()
    }
}

/// Whether an earlier Shared Key signature stands in the head, of whatever account.
fn bears_a_signature(headers: &HeaderMap) -> bool {
    headers.get(AUTHORIZATION).is_some_and(|value| value.as_bytes().starts_with(SCHEME.as_bytes()))
}

/// The Content-Length that will be on the wire. Clients leave it out of an empty GET or HEAD; a body whose
/// length nobody knows is sent without.
fn content_length(request: &SigningRequest<'_>) -> Option<HeaderValue> {
    if let Some(given) = request.headers().get(CONTENT_LENGTH) {
        return Some(given.clone());
    }
    if request.headers().contains_key(TRANSFER_ENCODING) {
        return None;
    }
    match request.payload().length()? {
        0 if matches!(request.method(), "GET" | "HEAD") => None,
        length => Some(HeaderValue::from(length)),
    }
}

/// What is signed of a request.
struct Signed<'s, 'r> {
    request: &'s SigningRequest<'r>,
    length: Option<&'s HeaderValue>,
    /// The `ocp-date` that we set.
    date: Option<&'s [u8; 29]>,
}

impl<'r> Signed<'_, 'r> {
    fn push_string_to_sign(&self, out: &mut Vec<u8>, account: &str) -> Result<(), SignError> {
        out.extend_from_slice(self.request.method().as_bytes());
        out.push(b'\n');
        for name in [CONTENT_ENCODING, CONTENT_LANGUAGE] {
            self.push_line(out, &name)?;
        }
        // An explicit zero on GET and HEAD is the caller's; the service signs an empty line for it.
        let is_get_or_head = matches!(self.request.method(), "GET" | "HEAD");
        let length = self.length.filter(|length| !(is_get_or_head && *length == "0"));
        out.extend_from_slice(length.map_or(b"", |length| length.as_bytes()));
        out.push(b'\n');
        self.push_line(out, &CONTENT_MD5)?;
        self.push_line(out, &CONTENT_TYPE)?;
        // With ocp-date the line of Date stays empty.
        if self.ocp_headers().iter().any(|&(name, _)| name == OCP_DATE.as_str()) {
            out.push(b'\n');
        } else {
            self.push_line(out, &DATE)?;
        }
        for name in [IF_MODIFIED_SINCE, IF_MATCH, IF_NONE_MATCH, IF_UNMODIFIED_SINCE, RANGE] {
            self.push_line(out, &name)?;
        }
        self.push_canonicalized_headers(out)?;
        self.push_canonicalized_resource(out, account);
        Ok(())
    }

    fn push_line(&self, out: &mut Vec<u8>, name: &HeaderName) -> Result<(), SignError> {
        let mut values = self.request.headers().get_all(name).iter();
        out.extend_from_slice(values.next().map_or(b"", |value| value.as_bytes().trim_ascii()));
        out.push(b'\n');
        match values.next() {
            Some(_) => {
                Err(SignError::request(format!("the header {name} is there twice, and Batch signs one")))
            }
            None => Ok(()),
        }
    }

    fn push_canonicalized_headers(&self, out: &mut Vec<u8>) -> Result<(), SignError> {
        let mut last = None;
        for (name, value) in self.ocp_headers() {
            if last == Some(name) {
                return Err(SignError::request(format!(
                    "the header {name} is there twice, and Batch signs one"
                )));
            }
            out.extend_from_slice(name.as_bytes());
            out.push(b':');
            out.extend_from_slice(value.trim_ascii());
            out.push(b'\n');
            last = Some(name);
        }
        Ok(())
    }

    /// The headers that begin with `ocp-`, sorted by name, with our date in place of an earlier one.
    fn ocp_headers(&self) -> SmallVec<[(&str, &[u8]); 8]> {
        let given = self.request.headers().iter();
        let is_ours = |name: &HeaderName| self.date.is_some() && *name == OCP_DATE;
        let mut headers: SmallVec<_> = given
            .filter(|(name, _)| name.as_str().starts_with("ocp-") && !is_ours(name))
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        headers.extend(self.date.map(|date| (OCP_DATE.as_str(), &date[..])));
        headers.sort_by_key(|&(name, _)| name);
        headers
    }

    fn push_canonicalized_resource(&self, out: &mut Vec<u8>, account: &str) {
        let uri = self.request.uri();
        out.push(b'/');
        out.extend_from_slice(account.as_bytes());
        out.extend_from_slice(uri.path().as_bytes());
        let mut pairs: SmallVec<[_; 8]> = uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                let mut name = form_decoded(name);
                if name.iter().any(u8::is_ascii_uppercase) {
                    name.to_mut().make_ascii_lowercase();
                }
                (name, form_decoded(value))
            })
            .collect();
        pairs.sort_unstable();
        let mut last = None;
        for (name, value) in &pairs {
            if last == Some(name) {
                out.push(b',');
            } else {
                out.push(b'\n');
                out.extend_from_slice(name);
                out.push(b':');
            }
            out.extend_from_slice(value);
            last = Some(name);
        }
    }
}

/// `+` is a space, as in a form.
fn form_decoded(part: &str) -> Cow<'_, [u8]> {
    if !part.contains(['%', '+']) {
        return Cow::Borrowed(part.as_bytes());
    }
    let mut decoded = Vec::with_capacity(part.len());
    push_percent_decoded(&mut decoded, part.replace('+', " ").as_bytes());
    Cow::Owned(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Masking, Payload, Signer, Timestamp};

    const NOW: Timestamp = Timestamp::from_unix(1_574_629_700).unwrap(); // Sun, 24 Nov 2019 21:08:20 GMT

    fn sign(
        request: http::request::Builder,
        payload: Payload,
    ) -> Result<(http::request::Parts, String), SignError> {
        let signer = Signer::new("azure-batch", Batch::new("acct", b"key").unwrap());
        let mut head = request.body(()).unwrap().into_parts().0;
        let shown = signer.sign_explained(&mut head, &payload, NOW, Masking::Masked)?;
        Ok((head, shown.string_to_sign().unwrap().to_owned()))
    }

    #[track_caller]
    fn check(request: http::request::Builder, payload: Payload, expected: &str) {
        assert_eq!(sign(request, payload).unwrap().1, expected);
    }

    const URL: &str = "https://acct.eu.batch.azure.com/jobs";

    #[test]
    fn ocp_date_is_set_and_the_date_line_is_empty() {
        check(
            http::Request::get(URL),
            Payload::EMPTY,
            "GET\n\n\n\n\n\n\n\n\n\n\n\nocp-date:Sun, 24 Nov 2019 21:08:20 GMT\n/acct/jobs",
        );
    }

    #[test]
    fn the_callers_date_is_kept() {
        check(
            http::Request::get(URL).header("date", "D"),
            Payload::EMPTY,
            "GET\n\n\n\n\n\nD\n\n\n\n\n\n/acct/jobs",
        );
        check(
            http::Request::get(URL).header("OCP-Date", "D"),
            Payload::EMPTY,
            "GET\n\n\n\n\n\n\n\n\n\n\n\nocp-date:D\n/acct/jobs",
        );
        let both = http::Request::get(URL).header("ocp-date", "D").header("date", "D");
        let error = sign(both, Payload::EMPTY).unwrap_err();
        assert_eq!(error.to_string(), "the request has both ocp-date and Date; Batch takes one of them");
    }

    #[test]
    fn an_empty_body_sends_and_signs_its_zero_but_not_on_get() {
        let (head, text) = sign(http::Request::delete(URL), Payload::EMPTY).unwrap();
        assert!(text.starts_with("DELETE\n\n\n0\n"), "{text}");
        assert_eq!(head.headers[CONTENT_LENGTH], "0");
        let (head, text) =
            sign(http::Request::get(URL).header("content-length", "0"), Payload::EMPTY).unwrap();
        assert!(text.starts_with("GET\n\n\n\n"), "{text}");
        assert_eq!(head.headers[CONTENT_LENGTH], "0");
        let (head, text) = sign(http::Request::post(URL), Payload::unread(None)).unwrap();
        assert!(text.starts_with("POST\n\n\n\n"), "{text}");
        assert!(!head.headers.contains_key(CONTENT_LENGTH));
    }

    #[test]
    fn a_chunked_request_neither_signs_nor_sends_a_length() {
        let request = http::Request::post(URL).header("transfer-encoding", "chunked");
        let (head, text) = sign(request, Payload::of(b"hello")).unwrap();
        assert!(text.starts_with("POST\n\n\n\n"), "{text}");
        assert!(!head.headers.contains_key(CONTENT_LENGTH));
    }

    #[test]
    fn query_names_are_lower_case_and_repeated_values_sorted() {
        let (_, text) =
            sign(http::Request::get(format!("{URL}?B=2&a=x+y%2B&b=1&c&&%41=z")), Payload::EMPTY).unwrap();
        assert!(text.ends_with("/acct/jobs\na:x y+,z\nb:1,2\nc:"), "{text}");
    }

    #[test]
    fn a_retry_gets_a_new_date() {
        let signer = Signer::new("azure-batch", Batch::new("acct", b"key").unwrap());
        let mut head = http::Request::get(URL).body(()).unwrap().into_parts().0;
        signer.sign(&mut head, &Payload::EMPTY, NOW).unwrap();
        let first = head.headers.clone();
        signer.sign(&mut head, &Payload::EMPTY, NOW.checked_add(1).unwrap()).unwrap();
        assert_eq!(head.headers["ocp-date"], "Sun, 24 Nov 2019 21:08:21 GMT");
        assert_ne!(head.headers[AUTHORIZATION], first[AUTHORIZATION]);
    }

    #[test]
    fn a_header_that_is_there_twice_is_refused() {
        let twice = http::Request::get(URL).header("ocp-x", "1").header("ocp-x", "2");
        assert!(sign(twice, Payload::EMPTY).unwrap_err().to_string().contains("ocp-x"));
    }
}
