//! Azure Batch Shared Key.

use std::fmt;

use http::header::{AUTHORIZATION, CONTENT_LENGTH, DATE};
use http::{HeaderMap, HeaderName, HeaderValue};
use smallvec::SmallVec;

use super::is_below;
use crate::buffer::with_buffer;
use crate::encode::{BASE64_LENGTH, push_base64, push_percent_decoded};
use crate::header::{self, check_visible};
use crate::{Changes, MacKey, Method, ParamError, ParamReader, Reach, SignError, SigningRequest};

const OCP_DATE: &str = "ocp-date";
const SCHEME: &str = "SharedKey ";
const SUFFIXES: [&str; 3] = ["batch.azure.com", "batch.chinacloudapi.cn", "batch.usgovcloudapi.net"];

/// Signs for one Batch account.
pub struct Batch {
    account: Box<str>,
    key: MacKey,
    /// All of `Authorization` before the signature.
    opening: Box<str>,
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
        let opening = [SCHEME, account, ":"].concat().into();
        Ok(Self { account: account.into(), key: MacKey::new(key), opening })
    }

    pub(super) fn from_params(params: &mut ParamReader<'_>) -> Result<Self, ParamError> {
        let account = params.text("AccountName")?;
        Self::new(account, params.base64_key("SecretAccessKey")?.expose())
    }
}

impl Method for Batch {
    fn sign(&self, request: &SigningRequest<'_>, changes: &mut Changes) -> Result<(), SignError> {
        let date = header::imf_fixdate(request.now());
        let (length, is_dated_anew, has_date);
        // Of the exact size: a vector with room to spare would be moved once more on its way to a header.
        let mut authorization = Vec::with_capacity(self.opening.len() + BASE64_LENGTH);
        authorization.extend_from_slice(self.opening.as_bytes());
        {
            let mut signed = SignedHeaders::default();
            signed.read(request.headers());
            has_date = signed.has_date();
            is_dated_anew = !signed.keeps_date()?;
            if is_dated_anew {
                signed.set_ocp_date(&date);
            }
            length = signed.content_length(request);
            if let Some(length) = &length {
                signed.set_content_length(request.method(), length);
            }
            signed.sort();

            with_buffer(|buffer| {
                signed.push_string_to_sign(buffer, request, &self.account)?;
                changes.record_string_to_sign(buffer);
                push_base64(&mut authorization, &self.key.sign(buffer));
                Ok(())
            })?;
        }
        changes.record_signature(&authorization[self.opening.len()..]);
        if is_dated_anew {
            changes.set(const { HeaderName::from_static(OCP_DATE) }, date);
            if has_date {
                changes.remove(DATE);
            }
        }
        if let Some(length) = length {
            changes.set(CONTENT_LENGTH, length);
        }
        changes.set(AUTHORIZATION, header::sensitive(authorization));
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

/// The headers whose values have a line each, in the order of the lines.
const LINES: [&str; 11] = [
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
];
const CONTENT_LENGTH_LINE: usize = 2;
const DATE_LINE: usize = 5;

/// What is signed of the headers, and what they tell, gathered in one pass.
#[derive(Default)]
struct SignedHeaders<'r> {
    lines: [Line<'r>; LINES.len()],
    /// Those that begin with `ocp-`.
    ocp: SmallVec<[(&'r str, &'r [u8]); 8]>,
    has_ocp_date: bool,
    has_transfer_encoding: bool,
    /// Whether an earlier Shared Key signature is there, of whatever account.
    bears_a_signature: bool,
}

#[derive(Clone, Copy, Default)]
struct Line<'r> {
    value: &'r [u8],
    /// How often the header is there.
    count: usize,
}

impl<'r> SignedHeaders<'r> {
    /// In place, since it is large.
    fn read(&mut self, headers: &'r HeaderMap) {
        for (name, value) in headers {
            let (name, value) = (name.as_str(), value.as_bytes());
            match name {
                "authorization" => self.bears_a_signature |= value.starts_with(SCHEME.as_bytes()),
                "transfer-encoding" => self.has_transfer_encoding = true,
                _ if name.starts_with("ocp-") => {
                    self.has_ocp_date |= name == OCP_DATE;
                    self.ocp.push((name, value));
                }
                _ => {
                    if let Some(at) = LINES.iter().position(|line| *line == name) {
                        self.lines[at] = Line { value, count: self.lines[at].count + 1 };
                    }
                }
            }
        }
    }

    /// Whether the date is the caller's. One beside a signature is that of the last attempt.
    fn keeps_date(&self) -> Result<bool, SignError> {
        match (self.has_ocp_date, self.has_date()) {
            _ if self.bears_a_signature => Ok(false),
            (true, true) => {
                Err(SignError::request("the request has both ocp-date and Date; Batch takes one of them"))
            }
            (ocp_date, date) => Ok(ocp_date || date),
        }
    }

    fn has_date(&self) -> bool {
        self.lines[DATE_LINE].count > 0
    }

    /// The Content-Length that will be on the wire. Clients leave it out of an empty GET or HEAD; a body whose
    /// length nobody knows is sent without.
    fn content_length(&self, request: &SigningRequest<'_>) -> Option<HeaderValue> {
        if self.lines[CONTENT_LENGTH_LINE].count > 0 {
            return request.headers().get(CONTENT_LENGTH).cloned();
        }
        if self.has_transfer_encoding {
            return None;
        }
        match request.payload().length()? {
            0 if is_get_or_head(request.method()) => None,
            length => Some(HeaderValue::from(length)),
        }
    }

    fn set_content_length(&mut self, method: &str, length: &'r HeaderValue) {
        // An explicit zero on GET and HEAD is the caller's; the service signs an empty line for it.
        let is_signed = !(is_get_or_head(method) && length == "0");
        let value = if is_signed { length.as_bytes() } else { b"" };
        self.lines[CONTENT_LENGTH_LINE] = Line { value, count: 1 };
    }

    /// In place of an earlier one.
    fn set_ocp_date(&mut self, date: &'r HeaderValue) {
        if self.has_ocp_date {
            self.ocp.retain(|(name, _)| *name != OCP_DATE);
        }
        self.ocp.push((OCP_DATE, date.as_bytes()));
        self.has_ocp_date = true;
    }

    fn sort(&mut self) {
        self.ocp.sort_unstable_by_key(|&(name, _)| name);
    }

    fn push_string_to_sign(
        &self,
        out: &mut Vec<u8>,
        request: &SigningRequest<'_>,
        account: &str,
    ) -> Result<(), SignError> {
        out.extend_from_slice(request.method().as_bytes());
        out.push(b'\n');
        for (at, line) in self.lines.iter().enumerate() {
            // With ocp-date the line of Date stays empty. Most are.
            if line.count > 0 && !(at == DATE_LINE && self.has_ocp_date) {
                check_single(LINES[at], line.count)?;
                out.extend_from_slice(line.value.trim_ascii());
            }
            out.push(b'\n');
        }
        self.push_canonicalized_headers(out)?;
        push_canonicalized_resource(out, request, account);
        Ok(())
    }

    fn push_canonicalized_headers(&self, out: &mut Vec<u8>) -> Result<(), SignError> {
        let mut last = None;
        for &(name, value) in &self.ocp {
            check_single(name, 1 + usize::from(last == Some(name)))?;
            out.extend_from_slice(name.as_bytes());
            out.push(b':');
            out.extend_from_slice(value.trim_ascii());
            out.push(b'\n');
            last = Some(name);
        }
        Ok(())
    }
}

fn check_single(name: &str, count: usize) -> Result<(), SignError> {
    if count > 1 {
        return Err(SignError::request(format!("the header {name} is there twice, and Batch signs one")));
    }
    Ok(())
}

fn is_get_or_head(method: &str) -> bool {
    matches!(method, "GET" | "HEAD")
}

fn push_canonicalized_resource(out: &mut Vec<u8>, request: &SigningRequest<'_>, account: &str) {
    out.push(b'/');
    out.extend_from_slice(account.as_bytes());
    out.extend_from_slice(request.uri().path().as_bytes());
    let Some(query) = request.uri().query() else { return };
    // Without stopping at each byte, many are looked at in one step.
    let is_written_anew = |byte: u8| matches!(byte, b'%' | b'+' | b'A'..=b'Z');
    if query.bytes().fold(false, |any, byte| any | is_written_anew(byte)) {
        let decoded = |(name, value)| (form_decoded(name).to_ascii_lowercase(), form_decoded(value));
        return push_parameters(out, &mut pairs(query).map(decoded).collect::<Vec<_>>());
    }
    let mut as_they_are = SmallVec::<[_; 8]>::new();
    for pair in pairs(query) {
        as_they_are.push(pair);
    }
    push_parameters(out, &mut as_they_are);
}

/// Names and values; a name without a value has an empty one.
fn pairs(query: &str) -> impl Iterator<Item = (&[u8], &[u8])> {
    let pairs = query.as_bytes().split(|&byte| byte == b'&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| {
        let equals = pair.iter().position(|&byte| byte == b'=').unwrap_or(pair.len());
        (&pair[..equals], pair.get(equals + 1..).unwrap_or_default())
    })
}

/// Appends `name:value` for each name, on a line of its own, the values of a repeated one sorted and joined by commas.
fn push_parameters<T: AsRef<[u8]> + Ord>(out: &mut Vec<u8>, pairs: &mut [(T, T)]) {
    pairs.sort_unstable();
    let mut last = None;
    for (name, value) in pairs.iter() {
        if last == Some(name) {
            out.push(b',');
        } else {
            out.push(b'\n');
            out.extend_from_slice(name.as_ref());
            out.push(b':');
        }
        out.extend_from_slice(value.as_ref());
        last = Some(name);
    }
}

/// `+` is a space, as in a form.
fn form_decoded(part: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = part.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
    let mut decoded = Vec::with_capacity(part.len());
    push_percent_decoded(&mut decoded, &spaced);
    decoded
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
    fn beside_a_signature_no_date_is_the_callers() {
        let signed = http::Request::get(URL).header("authorization", "SharedKey other:x");
        let (head, text) =
            sign(signed.header("ocp-date", "D").header("date", "D").header("date", "E"), Payload::EMPTY)
                .unwrap();
        assert_eq!(text, "GET\n\n\n\n\n\n\n\n\n\n\n\nocp-date:Sun, 24 Nov 2019 21:08:20 GMT\n/acct/jobs");
        assert_eq!(head.headers["ocp-date"], "Sun, 24 Nov 2019 21:08:20 GMT");
        assert!(!head.headers.contains_key(DATE));
    }

    #[test]
    fn each_header_has_its_line() {
        let mut request = http::Request::put(URL);
        for (at, name) in LINES.into_iter().enumerate() {
            request =
                request.header(name, if name == "content-length" { "5".into() } else { format!(" {at} ") });
        }
        let request = request.header("ocp-b", "2").header("x-other", "3").header("ocp-a", " 1");
        let expected = "PUT\n0\n1\n5\n3\n4\n5\n6\n7\n8\n9\n10\nocp-a:1\nocp-b:2\n/acct/jobs";
        check(request, Payload::of(b"hello"), expected);
        for name in LINES.into_iter().filter(|name| *name != "content-length") {
            let twice = http::Request::put(URL).header(name, "1").header(name, "2");
            let error = sign(twice, Payload::EMPTY).unwrap_err().to_string();
            assert_eq!(error, format!("the header {name} is there twice, and Batch signs one"));
        }
    }

    #[test]
    fn a_header_that_is_there_twice_is_refused() {
        let twice = http::Request::get(URL).header("ocp-x", "1").header("ocp-x", "2");
        assert!(sign(twice, Payload::EMPTY).unwrap_err().to_string().contains("ocp-x"));
    }
}
