//! A request's head from text that a person or another program wrote.

use std::borrow::Cow;

use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Uri};

use crate::refusal::Refusal;

/// A head without headers.
pub(crate) fn head(method: &str, url: &str) -> Result<Parts, Refusal> {
    let mut head = Request::new(()).into_parts().0;
    head.method =
        Method::from_bytes(method.as_bytes()).map_err(|_| Refusal::input("the method is no HTTP method"))?;
    head.uri = uri(url)?;
    Ok(head)
}

/// `url` as given, but for what no URL may hold.
pub(crate) fn uri(url: &str) -> Result<Uri, Refusal> {
    // The parser's error says what is wrong and shows nothing of the URL.
    Uri::try_from(&*escaped_url(url))
        .map_err(|error| Refusal::input(format!("the URL cannot be used: {error}")))
}

/// Appends a header; a name may come several times. A folded line continues behind a space.
pub(crate) fn add_header(head: &mut Parts, name: &str, value: &str) -> Result<(), Refusal> {
    let fault = |what| Refusal::input(format!("the header `{}` {what}", shown(name)));
    let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| fault("has no valid name"))?;
    let value = unfolded(value);
    let value = HeaderValue::from_bytes(value.as_bytes())
        .map_err(|_| fault("holds a control character, which no header may"))?;
    head.headers.try_append(header, value).map_err(|_| Refusal::input("there are too many headers"))?;
    Ok(())
}

/// `url` with `%XX` for each byte that no URL may hold; an escape that stands there stays.
///
/// Spec: RFC 3986, section 2.
fn escaped_url(url: &str) -> Cow<'_, str> {
    let Some(first) = url.bytes().position(|byte| !may_stand(byte)) else { return Cow::Borrowed(url) };
    let mut escaped = String::with_capacity(url.len() + 16);
    escaped.push_str(&url[..first]);
    for byte in url.bytes().skip(first) {
        if may_stand(byte) {
            escaped.push(char::from(byte));
        } else {
            let digit = |value| char::from(b"0123456789ABCDEF"[usize::from(value)]);
            escaped.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    Cow::Owned(escaped)
}

/// Reserved and unreserved characters, and the `%` of an escape.
fn may_stand(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
}

/// Spec: RFC 9112, section 5.2 (obsolete line folding).
fn unfolded(value: &str) -> Cow<'_, str> {
    if !value.contains(['\r', '\n']) {
        return Cow::Borrowed(value);
    }
    Cow::Owned(value.replace("\r\n", " ").replace(['\r', '\n'], " "))
}

/// The start of a name, fit for a message.
fn shown(name: &str) -> String {
    name.chars().take(40).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_no_url_may_hold_is_escaped() {
        let check = |url, expected| assert_eq!(escaped_url(url), expected);
        check("https://h/a%20b?x=[1]&y='$!*+,;:@~()#f", "https://h/a%20b?x=[1]&y='$!*+,;:@~()#f");
        check("https://h/a b\"<>\\^`{|}\x01\x7f", "https://h/a%20b%22%3C%3E%5C%5E%60%7B%7C%7D%01%7F");
        check("https://h/ä%", "https://h/%C3%A4%");
        check("", "");
    }

    #[test]
    fn a_folded_header_is_one_line() {
        let mut head = head("GET", "https://h/").unwrap();
        add_header(&mut head, "X-A", "a\r\n  b\nc ä").unwrap();
        assert_eq!(head.headers["x-a"].as_bytes(), "a   b c ä".as_bytes());
    }

    #[test]
    fn refuses_what_cannot_be_sent() {
        let check = |method, url, expected: &str| {
            assert_eq!(head(method, url).unwrap_err().message(), expected);
        };
        check("G T", "https://h/", "the method is no HTTP method");
        check("GET", "", "the URL cannot be used: empty string");
        let mut head = head("GET", "https://h/").unwrap();
        let mut check = |name, value, expected: &str| {
            assert_eq!(add_header(&mut head, name, value).unwrap_err().message(), expected);
        };
        check("a b", "x", "the header `a b` has no valid name");
        check("x-a", "\u{1}", "the header `x-a` holds a control character, which no header may");
    }
}
