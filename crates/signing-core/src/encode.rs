//! Percent-encoding, hexadecimal and decimal digits, written straight into a buffer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Which bytes stand for themselves.
pub(crate) struct Unescaped([bool; 256]);

impl Unescaped {
    /// RFC 3986's unreserved characters, and those of `more`.
    pub(crate) const fn unreserved_and(more: &[u8]) -> Self {
        let mut table = [false; 256];
        let mut byte = 0;
        while byte < 128 {
            table[byte] = (byte as u8).is_ascii_alphanumeric();
            byte += 1;
        }
        let marks = b"-._~";
        let mut i = 0;
        while i < marks.len() {
            table[marks[i] as usize] = true;
            i += 1;
        }
        i = 0;
        while i < more.len() {
            table[more[i] as usize] = true;
            i += 1;
        }
        Self(table)
    }

    pub(crate) fn contains(&self, byte: u8) -> bool {
        self.0[byte as usize]
    }
}

/// RFC 3986, section 2.3.
pub(crate) const UNRESERVED: Unescaped = Unescaped::unreserved_and(b"");

const UPPER_HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Appends `bytes` with `%XX` for every byte that is not in `unescaped`. Runs that need no escape are copied whole.
pub(crate) fn push_percent_encoded(out: &mut Vec<u8>, bytes: &[u8], unescaped: &Unescaped) {
    let mut rest = bytes;
    loop {
        let run = rest.iter().position(|&byte| !unescaped.contains(byte)).unwrap_or(rest.len());
        out.extend_from_slice(&rest[..run]);
        let Some(&byte) = rest.get(run) else { return };
        push_escape(out, byte);
        rest = &rest[run + 1..];
    }
}

/// Appends `text` with its escapes decoded and written anew: `%XX` for every byte that is not in `unescaped`, and
/// for no other. A `%` that begins none stands for itself.
pub(crate) fn push_percent_recoded(out: &mut Vec<u8>, text: &[u8], unescaped: &Unescaped) {
    let mut rest = text;
    loop {
        let run = rest.iter().position(|&byte| !unescaped.contains(byte)).unwrap_or(rest.len());
        out.extend_from_slice(&rest[..run]);
        let Some(&byte) = rest.get(run) else { return };
        let (byte, length) = escaped_byte(&rest[run..]).map_or((byte, 1), |decoded| (decoded, 3));
        if unescaped.contains(byte) {
            out.push(byte);
        } else {
            push_escape(out, byte);
        }
        rest = &rest[run + length..];
    }
}

/// Appends `%XX`, in upper case.
pub(crate) fn push_escape(out: &mut Vec<u8>, byte: u8) {
    out.extend_from_slice(&[b'%', UPPER_HEX[usize::from(byte >> 4)], UPPER_HEX[usize::from(byte & 15)]]);
}

/// The byte that `%XX` at the start of `text` stands for, in either case; `None` if it is no escape.
pub(crate) fn escaped_byte(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = text else { return None };
    Some(hex_value(*high)? << 4 | hex_value(*low)?)
}

/// Appends `bytes` with its escapes decoded. A `%` that begins none stands for itself.
pub(crate) fn push_percent_decoded(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut rest = bytes;
    while let Some(&byte) = rest.first() {
        match escaped_byte(rest) {
            Some(decoded) => {
                out.push(decoded);
                rest = &rest[3..];
            }
            None => {
                out.push(byte);
                rest = &rest[1..];
            }
        }
    }
}

fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

/// Lower-case hexadecimal of a SHA-256 hash.
pub(crate) fn hex32(bytes: &[u8; 32]) -> [u8; 64] {
    // Without a table or a branch, many digits are made in one step.
    let digit = |half: u8| half + b'0' + if half > 9 { b'a' - b'0' - 10 } else { 0 };
    let mut text = [0; 64];
    for (pair, byte) in text.as_chunks_mut().0.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    text
}

/// How long [`push_base64`] makes a text.
pub(crate) const BASE64_LENGTH: usize = 44;

/// Appends a SHA-256 hash or a MAC in base64.
pub(crate) fn push_base64(out: &mut Vec<u8>, bytes: &[u8; 32]) {
    let start = out.len();
    out.resize(start + BASE64_LENGTH, 0);
    STANDARD.encode_slice(bytes, &mut out[start..]).expect("32 bytes are 44 digits");
}

/// Whether a space, a tab or a control character is among `bytes`: eight of them in one step.
#[inline]
pub(crate) fn has_white_space(bytes: &[u8]) -> bool {
    let Some(last) = bytes.last_chunk() else { return bytes.iter().any(|&byte| byte <= b' ') };
    bytes.as_chunks().0.iter().any(has_white_space_8) || has_white_space_8(last)
}

#[inline]
fn has_white_space_8(bytes: &[u8; 8]) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let bytes = u64::from_le_bytes(*bytes);
    // Only a byte below `!` borrows from its highest bit, or one that stands behind such a byte.
    bytes.wrapping_sub(u64::from(b'!') * ONES) & !bytes & (ONES << 7) != 0
}

/// Appends `value` in decimal.
pub(crate) fn push_decimal(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(write: impl FnOnce(&mut Vec<u8>), expected: &str) {
        let mut out = Vec::new();
        write(&mut out);
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }

    #[test]
    fn escapes_all_but_the_unreserved() {
        check(|out| push_percent_encoded(out, b"a-._~Z09", &UNRESERVED), "a-._~Z09");
        check(|out| push_percent_encoded(out, b"/a b+\xff%", &UNRESERVED), "%2Fa%20b%2B%FF%25");
        check(|out| push_percent_encoded(out, b"/ /", &Unescaped::unreserved_and(b"/")), "/%20/");
        check(|out| push_percent_encoded(out, b"", &UNRESERVED), "");
    }

    #[test]
    fn decodes_escapes_of_either_case_and_keeps_a_lone_percent() {
        check(|out| push_percent_decoded(out, b"%2f%2F%zz%2%"), "//%zz%2%");
    }

    #[test]
    fn decimal_has_no_leading_zero() {
        check(|out| push_decimal(out, 0), "0");
        check(|out| push_decimal(out, u64::MAX), "18446744073709551615");
    }

    #[test]
    fn hexadecimal_is_lower_case() {
        let bytes: [u8; 32] = std::array::from_fn(|i| (i * 8) as u8);
        let text = hex32(&bytes);
        assert!(text.starts_with(b"0008101820") && text.ends_with(b"e8f0f8"));
        let all: String = (0..=255_u8).map(|byte| format!("{byte:02x}")).collect();
        for (bytes, text) in
            std::array::from_fn::<u8, 256, _>(|i| i as u8).as_chunks().0.iter().zip(all.as_bytes().chunks(64))
        {
            assert_eq!(hex32(bytes), text);
        }
    }

    #[test]
    fn base64_stands_behind_what_was_there() {
        let bytes = std::array::from_fn(|i| 255 - i as u8);
        let expected = "=//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";
        check(
            |out| {
                out.push(b'=');
                push_base64(out, &bytes);
            },
            expected,
        );
        assert_eq!(expected.len(), 1 + BASE64_LENGTH);
    }

    #[test]
    fn white_space_is_seen_at_every_place() {
        for length in 0..=40 {
            for other in [b'!', b'~', 0x80, 0xff] {
                let mut bytes = vec![other; length];
                assert!(!has_white_space(&bytes), "{other} x {length}");
                for at in 0..length {
                    for white in [b' ', b'\t', 0] {
                        bytes[at] = white;
                        assert!(has_white_space(&bytes), "{white} at {at} of {length} x {other}");
                    }
                    bytes[at] = other;
                }
            }
        }
    }
}
