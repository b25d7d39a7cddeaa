//! How long an encoded body is.

use super::{SIGNATURE_FIELD, TRAILER_SIGNATURE, Upload};

const CRLF: u64 = 2;
const HEX_SIGNATURE: u64 = 64;

/// All bytes on the wire, unless that depends on trailers of the caller's.
pub(super) fn encoded(upload: &Upload) -> Option<u64> {
    if !upload.declared.is_empty() {
        return None;
    }
    let extension = if upload.form.is_signed() { SIGNATURE_FIELD.len() as u64 + HEX_SIGNATURE } else { 0 };
    let line = |size: u64| hex_digits(size) + extension + CRLF;
    let chunk = |size: u64| line(size).checked_add(size)?.checked_add(CRLF);

    let whole_chunks = upload.length / upload.chunk_size;
    let rest = upload.length % upload.chunk_size;
    let mut length = whole_chunks.checked_mul(chunk(upload.chunk_size)?)?;
    if rest > 0 {
        length = length.checked_add(chunk(rest)?)?;
    }
    length.checked_add(line(0) + trailers(upload) + CRLF)
}

fn trailers(upload: &Upload) -> u64 {
    let Some(checksum) = upload.checksum else { return 0 };
    let value = checksum.text_length() as u64;
    let sum = checksum.header().as_str().len() as u64 + 1 + value + CRLF;
    let signature = TRAILER_SIGNATURE.len() as u64 + HEX_SIGNATURE + CRLF;
    if upload.form.is_signed() { sum + signature } else { sum }
}

fn hex_digits(value: u64) -> u64 {
    u64::from(value.max(1).ilog2() / 4 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_counted_as_they_are_written() {
        for value in [0, 1, 15, 16, 255, 256, 0xffff, 0x1_0000, u64::MAX] {
            assert_eq!(hex_digits(value), format!("{value:x}").len() as u64, "{value:x}");
        }
    }
}
