//! A raw HTTP/1.1 request, to be explained.

use super::request::Request;
use crate::message::Message;
use crate::refusal::Refusal;

/// Reads a request line, headers, an empty line and the body. `scheme` is that of a target that is only a path, whose
/// host is in the Host header.
///
/// Spec: RFC 9112, sections 2 to 6.
pub(super) fn parse(bytes: &[u8], scheme: &str) -> Result<Request, Refusal> {
    let message = Message::parse(bytes, "request")?;
    if message.value("transfer-encoding").is_some() {
        return Err(Refusal::input(
            "the request has Transfer-Encoding: give its body decoded, and no such header",
        ));
    }
    let head = message.request_head(scheme)?;
    let body = framed(message.rest, message.value("content-length"))?;
    Ok(Request { head, body })
}

/// As many bytes as Content-Length says: an editor may have added a final newline.
fn framed(body: &[u8], length: Option<&str>) -> Result<Vec<u8>, Refusal> {
    let Some(length) = length else { return Ok(body.to_vec()) };
    let length: usize = length.parse().map_err(|_| Refusal::input("Content-Length is not a number"))?;
    let body = body.get(..length);
    Ok(body.ok_or_else(|| Refusal::input("the body is shorter than Content-Length says"))?.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_goes_over_the_wire() {
        let request = parse(
            b"PUT /a?b HTTP/1.1\r\nHost: h.example:8\r\nX-A: 1\r\n 2\r\nContent-Length: 2\r\n\r\nhi\n",
            "http",
        )
        .unwrap();
        assert_eq!(request.head.uri, "http://h.example:8/a?b");
        assert_eq!((request.head.method.as_str(), &*request.body), ("PUT", &b"hi"[..]));
        assert_eq!(request.head.headers["x-a"], "1 2");
        let request = parse(b"GET https://h.example/a", "http").unwrap();
        assert_eq!((request.head.uri.to_string().as_str(), request.body.len()), ("https://h.example/a", 0));
    }

    #[test]
    fn refuses_what_is_no_request() {
        let check = |bytes: &[u8], expected: &str| {
            let error = parse(bytes, "https").err().expect("a fault");
            assert!(error.message().contains(expected), "{}", error.message());
        };
        check(b"", "must begin with");
        check(b"GET", "must begin with");
        check(b"GET / HTTP/1.1 x", "must begin with");
        check(b"GET /", "no Host header");
        check(b"GET / HTTP/1.1\nhunter2\n", "no `Name: value`");
        check(b"GET / HTTP/1.1\nA: \xff\n", "not UTF-8");
        check(b"GET / HTTP/1.1\nHost: h\nContent-Length: 3\n\nhi", "shorter than Content-Length");
        check(b"GET / HTTP/1.1\nHost: h\nContent-Length: x\n\n", "not a number");
        check(b"GET / HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n", "Transfer-Encoding");
    }
}
