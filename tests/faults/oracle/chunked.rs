//! aws-chunked bodies as S3 verifies them.
//!
//! Spec: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html> and `…/sigv4-streaming-trailers.html`.

use super::sigv4::Given;
use super::{base64, header, sha256};
use crate::base::Wire;

/// What is wrong with a body.
pub(crate) enum Fault {
    /// The string that was to be signed, and the signature that came instead.
    Signature(String, String),
    Framing,
    Trailer,
    Checksum,
}

pub(crate) fn verify(wire: &Wire, given: &Given, secret: &str) -> Result<(), Fault> {
    let form = header(wire, "x-amz-content-sha256");
    let is_signed = !form.starts_with("STREAMING-UNSIGNED");
    let mut chain = Chain { given, secret, previous: given.signature.clone() };
    let mut rest = &wire.body()[..];
    let mut decoded = Vec::new();
    loop {
        let line = line(&mut rest)?;
        let (size, signature) = line.split_once(";chunk-signature=").unwrap_or((line, ""));
        let size = usize::from_str_radix(size, 16).map_err(|_| Fault::Framing)?;
        let data = rest.get(..size).ok_or(Fault::Framing)?;
        rest = &rest[size..];
        if is_signed {
            chain.check("PAYLOAD", &format!("{}\n{}", sha256(b""), sha256(data)), signature)?;
        }
        if size == 0 {
            break;
        }
        decoded.extend_from_slice(data);
        rest = rest.strip_prefix(b"\r\n").ok_or(Fault::Framing)?;
    }
    if header(wire, "x-amz-decoded-content-length") != decoded.len().to_string() {
        return Err(Fault::Framing);
    }
    if form.ends_with("-TRAILER") { trailers(wire, &mut chain, rest, &decoded, is_signed) } else { Ok(()) }
}

fn trailers(
    wire: &Wire,
    chain: &mut Chain<'_>,
    mut rest: &[u8],
    decoded: &[u8],
    is_signed: bool,
) -> Result<(), Fault> {
    let (mut signed, mut signature, mut checksum) = (String::new(), String::new(), String::new());
    loop {
        match line(&mut rest).map_err(|_| Fault::Trailer)?.split_once(':') {
            None => break,
            Some(("x-amz-trailer-signature", value)) => value.clone_into(&mut signature),
            Some((name, value)) => {
                if name != header(wire, "x-amz-trailer") {
                    return Err(Fault::Trailer);
                }
                signed += &format!("{name}:{value}\n");
                value.clone_into(&mut checksum);
            }
        }
    }
    if is_signed {
        chain.check("TRAILER", &sha256(signed.as_bytes()), &signature)?;
    }
    if base64(&crc32(decoded).to_be_bytes()) == checksum { Ok(()) } else { Err(Fault::Checksum) }
}

/// Each signature covers the one before it.
struct Chain<'g> {
    given: &'g Given,
    secret: &'g str,
    previous: String,
}

impl Chain<'_> {
    fn check(&mut self, what: &str, hashes: &str, signature: &str) -> Result<(), Fault> {
        let Self { given, secret, previous } = self;
        let text =
            format!("AWS4-HMAC-SHA256-{what}\n{}\n{}\n{previous}\n{hashes}", given.date, given.scope());
        let expected = given.sign(secret, &text);
        if expected != signature {
            return Err(Fault::Signature(text, signature.to_owned()));
        }
        self.previous = expected;
        Ok(())
    }
}

fn line<'b>(rest: &mut &'b [u8]) -> Result<&'b str, Fault> {
    let end = rest.windows(2).position(|pair| pair == b"\r\n").ok_or(Fault::Framing)?;
    let line = std::str::from_utf8(&rest[..end]).map_err(|_| Fault::Framing)?;
    *rest = &rest[end + 2..];
    Ok(line)
}

/// Bit by bit, with the reflected polynomial.
fn crc32(data: &[u8]) -> u32 {
    let step = |sum: u32, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
    !data.iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), step))
}
