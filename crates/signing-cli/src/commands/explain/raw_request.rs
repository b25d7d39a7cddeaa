//! A raw HTTP/1.1 request, as it is in a file, a bug report or a capture.

use super::request::Request;
use crate::head::add_header;
use crate::refusal::Refusal;

/// Reads a request line, headers, an empty line and the body; lines may end with LF alone. `scheme` is that of
/// a target that is only a path, whose host is in the Host header.
///
/// Spec: RFC 9112, sections 2 to 6.
pub(super) fn parse(bytes: &[u8], scheme: &str) -> Result<Request, Refusal> {
    let (lines, body) = head_and_body(bytes)?;
    let [request_line, fields @ ..] = lines.as_slice() else { return Err(no_request_line()) };
    let mut words = request_line.split_ascii_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Err(no_request_line()) };
    if words.next().is_some_and(|version| !version.starts_with("HTTP/")) || words.next().is_some() {
        return Err(no_request_line());
    }
    let fields: Vec<_> = fields.iter().map(|line| field(line)).collect::<Result<_, _>>()?;
    let value = |wanted: &str| {
        let found = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.as_str())
    };
    if value("transfer-encoding").is_some() {
        return Err(Refusal::input(
            "the request has Transfer-Encoding: give its body decoded, and no such header",
        ));
    }
    let body = framed(body, value("content-length"))?;
    let mut request = if target.starts_with('/') {
        let host = value("host")
            .ok_or_else(|| Refusal::input("the request has no Host header, and its target is only a path"))?;
        Request::new(method, &[scheme, "://", host, target].concat(), body)?
    } else {
        Request::new(method, target, body)?
    };
    for (name, value) in &fields {
        add_header(&mut request.head, name, value)?;
    }
    Ok(request)
}

/// The lines before the empty one, folded ones joined, and what follows it.
fn head_and_body(bytes: &[u8]) -> Result<(Vec<String>, &[u8]), Refusal> {
    let mut lines: Vec<String> = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = rest.iter().position(|&byte| byte == b'\n');
        let line = &rest[..end.unwrap_or(rest.len())];
        rest = end.map_or(&[][..], |end| &rest[end + 1..]);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        let line =
            std::str::from_utf8(line).map_err(|_| Refusal::input("the request's head is not UTF-8"))?;
        match lines.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => lines.push(line.to_owned()),
        }
    }
    Ok((lines, rest))
}

fn field(line: &str) -> Result<(String, String), Refusal> {
    match line.split_once(':') {
        Some((name, value)) => Ok((name.to_owned(), value.trim().to_owned())),
        None => Err(Refusal::input("a line of the request's head is no `Name: value`")),
    }
}

/// As many bytes as Content-Length says: an editor may have added a final newline.
fn framed(body: &[u8], length: Option<&str>) -> Result<Vec<u8>, Refusal> {
    let Some(length) = length else { return Ok(body.to_vec()) };
    let length: usize = length.parse().map_err(|_| Refusal::input("Content-Length is not a number"))?;
    let body = body.get(..length);
    Ok(body.ok_or_else(|| Refusal::input("the body is shorter than Content-Length says"))?.to_vec())
}

fn no_request_line() -> Refusal {
    Refusal::input("the request must begin with a line such as `GET /path HTTP/1.1`")
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
