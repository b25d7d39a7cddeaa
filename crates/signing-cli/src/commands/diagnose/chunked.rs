//! Chunked transfer coding, as it is in a capture of the wire.

/// What `bytes` hold. As far as they go, if they end too soon; `None` if they do not begin with a chunk.
///
/// Spec: RFC 9112, section 7.1.
pub(super) fn decoded(bytes: &[u8]) -> Option<Vec<u8>> {
    let (mut length, mut rest) = chunk(bytes)?;
    let mut decoded = Vec::new();
    while length > 0 {
        decoded.extend_from_slice(&rest[..length.min(rest.len())]);
        let after = rest.get(length..).unwrap_or_default();
        let after = after.strip_prefix(b"\r\n").or(after.strip_prefix(b"\n")).unwrap_or_default();
        let Some(next) = chunk(after) else { break };
        (length, rest) = next;
    }
    Some(decoded)
}

/// The length of the chunk that begins here, and what follows the line with it.
fn chunk(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    let line = std::str::from_utf8(&bytes[..end]).ok()?;
    let digits = line.split(';').next()?.trim();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let length = usize::from_str_radix(digits, 16).ok().filter(|_| is_number)?;
    Some((length, &bytes[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined() {
        let check = |bytes: &str, expected: Option<&str>| {
            assert_eq!(decoded(bytes.as_bytes()).as_deref(), expected.map(str::as_bytes), "{bytes:?}");
        };
        check("3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n", Some("abc0123456789"));
        check("3\nabc\n2\nde\n0\n\n", Some("abcde"));
        check("5\r\nab", Some("ab"));
        check("0\r\n\r\n", Some(""));
        check("ffffffffffffffff\r\nab", Some("ab"));
        check("{\"code\":1}", None);
        check("+3\r\nabc", None);
        check("", None);
    }
}
