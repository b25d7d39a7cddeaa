//! What `curl -v` printed, its standard output in between.

use super::request::is_request_line;

/// The heads of the last request and response, and all that is no line of curl's own.
#[derive(Default)]
pub(super) struct Log {
    pub(super) request: Option<Vec<u8>>,
    pub(super) response: Option<Vec<u8>>,
    pub(super) body: Vec<u8>,
}

/// Lines of the progress meter have one of these.
const METER: [&str; 3] = ["% Total", "Dload", "--:--:--"];
/// Behind a body that ends without a line break.
const FAREWELLS: [&str; 3] = ["* Connection #", "* Closing connection", "* shutting down connection #"];

/// A head that may have more lines.
#[derive(Default)]
struct Head {
    text: Vec<u8>,
    is_complete: bool,
}

impl Log {
    /// `None` if it is none.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let lines = || bytes.split_inclusive(|&byte| byte == b'\n').map(|line| &line[stamp(line)..]);
        let is_curls = |line: &[u8]| {
            line.starts_with(b"< HTTP/") || line.strip_prefix(b"> ").is_some_and(is_request_line)
        };
        if !lines().any(is_curls) {
            return None;
        }
        let (mut request, mut response) = (Head::default(), Head::default());
        let (mut body, mut before) = (Vec::new(), Vec::new());
        for line in lines() {
            if let Some(line) = marked(line, b'>') {
                request.push(line);
            } else if let Some(line) = marked(line, b'<') {
                if response.push(line) {
                    // Those before belong to another one, or standard output came first.
                    before.append(&mut body);
                }
            } else {
                body.extend_from_slice(&without_noise(line));
            }
        }
        let body = if body.trim_ascii().is_empty() { before } else { body };
        Some(Self { request: request.shown(), response: response.shown(), body: body.trim_ascii().to_vec() })
    }
}

impl Head {
    /// Whether a new head begins with the line.
    fn push(&mut self, line: &[u8]) -> bool {
        let is_new = self.is_complete || self.text.is_empty();
        if is_new {
            *self = Self::default();
        }
        self.is_complete = line.is_empty();
        self.text.extend_from_slice(line);
        self.text.push(b'\n');
        is_new
    }

    fn shown(self) -> Option<Vec<u8>> {
        (!self.text.is_empty()).then_some(self.text)
    }
}

/// What stands behind curl's mark.
fn marked(line: &[u8], mark: u8) -> Option<&[u8]> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match line {
        [first] if *first == mark => Some(&[]),
        [first, b' ', rest @ ..] if *first == mark => Some(rest),
        _ => None,
    }
}

/// How long the time is that stands in front of a line (`--trace-time`), the numbers behind it (`--trace-ids`) included.
///
/// `12:34:56.123456 [0-0] > GET / HTTP/1.1`
fn stamp(line: &[u8]) -> usize {
    const TIME: &[u8] = b"00:00:00.000000 ";
    let is_like = |(byte, like): (&u8, &u8)| if *like == b'0' { byte.is_ascii_digit() } else { byte == like };
    if line.len() < TIME.len() || !line.iter().zip(TIME).all(is_like) {
        return 0;
    }
    let is_number = |byte: &u8| byte.is_ascii_digit() || b"-x".contains(byte);
    let ids = line[TIME.len()..].strip_prefix(b"[").and_then(|rest| {
        let end = rest.iter().position(|byte| !is_number(byte))?;
        rest[end..].starts_with(b"] ").then_some(end + b"[] ".len())
    });
    TIME.len() + ids.unwrap_or(0)
}

/// A line without what curl says of itself.
fn without_noise(line: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(line);
    let is_count = |text: &str| {
        (text.starts_with("{ [") || text.starts_with("} [")) && text.trim_end().ends_with("bytes data]")
    };
    if text.starts_with("* ") || is_count(&text) || METER.iter().any(|mark| text.contains(mark)) {
        // The meter writes over itself, and the body may begin behind it.
        let last = text.rsplit('\r').next().unwrap_or_default();
        let is_meter =
            text.starts_with("* ") || is_count(last) || METER.iter().any(|mark| last.contains(mark));
        return if is_meter || !text.contains('\r') { Vec::new() } else { last.as_bytes().to_vec() };
    }
    match FAREWELLS.iter().filter_map(|farewell| text.find(farewell)).min() {
        Some(at) => without_last_stamp(&text.as_bytes()[..at]).to_vec(),
        None => line.to_vec(),
    }
}

/// A line without the time of what stood behind it.
fn without_last_stamp(line: &[u8]) -> &[u8] {
    const MOST: usize = 32;
    let start = (line.len().saturating_sub(MOST)..line.len())
        .find(|&start| stamp(&line[start..]) == line.len() - start);
    start.map_or(line, |start| &line[..start])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, request: &str, response: &str, body: &str) {
        let log = Log::read(text.as_bytes()).unwrap();
        let text = |head: Option<Vec<u8>>| String::from_utf8(head.unwrap_or_default()).unwrap();
        assert_eq!((&*text(log.request), &*text(log.response)), (request, response));
        assert_eq!(String::from_utf8(log.body).unwrap(), body);
    }

    #[test]
    fn the_last_exchange_is_found_among_what_curl_says() {
        check(
            "*   Trying 127.0.0.1:80...\n> CONNECT h:443 HTTP/1.1\r\n> Host: h\r\n> \r\n< HTTP/1.1 200 Connection established\r\n< \r\n* CONNECT tunnel established\n> GET / HTTP/2\r\n> Host: h\r\n>\r\n* Request completely sent off\n< HTTP/2 403 \r\n< a: 1\r\n<\r\n{ [5 bytes data]\n<E>\n</E>* Connection #0 to host h left intact\n",
            "GET / HTTP/2\nHost: h\n\n",
            "HTTP/2 403 \na: 1\n\n",
            "<E>\n</E>",
        );
    }

    #[test]
    fn standard_output_may_come_first() {
        check(
            "{\"a\":1}\n> GET / HTTP/1.1\n> Host: h\n>\n< HTTP/1.1 403 Forbidden\n<\n* Closing connection\n",
            "GET / HTTP/1.1\nHost: h\n\n",
            "HTTP/1.1 403 Forbidden\n\n",
            "{\"a\":1}",
        );
    }

    #[test]
    fn the_meter_is_no_body() {
        let meter = "  % Total    % Received % Xferd\n                                 Dload  Upload\n\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0> GET / HTTP/1.1\n";
        let text = format!(
            "{meter}> GET / HTTP/1.1\n>\n< HTTP/1.1 403 Forbidden\n<\n\r100     2  100     2    0     0    100      0 --:--:-- --:--:-- --:--:--   100\r<E/>\n"
        );
        check(&text, "GET / HTTP/1.1\n\n", "HTTP/1.1 403 Forbidden\n\n", "<E/>");
    }

    #[test]
    fn lines_may_begin_with_the_time() {
        for stamp in ["12:00:00.123456 ", "12:00:00.123456 [0-0] ", "12:00:00.123456 [0-x] "] {
            let log =
                "* Trying\n> GET / HTTP/1.1\n> Host: h\n> \n< HTTP/1.1 403 Forbidden\n< \n{ [5 bytes data]\n";
            let log: String = log.split_inclusive('\n').map(|line| [stamp, line].concat()).collect();
            let text = format!("{log}<E>\n</E>{stamp}* Connection #0 to host h left intact\n");
            check(&text, "GET / HTTP/1.1\nHost: h\n\n", "HTTP/1.1 403 Forbidden\n\n", "<E>\n</E>");
        }
        assert!(Log::read(b"12:00:00 > GET / HTTP/1.1\n").is_none());
    }

    #[test]
    fn a_body_is_no_log() {
        assert!(Log::read(b"<Error>\n< b\n> c\n</Error>").is_none());
        assert!(Log::read(b"HTTP/1.1 403 Forbidden\n\n{}").is_none());
    }
}
