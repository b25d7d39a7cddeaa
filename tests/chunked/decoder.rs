//! Decodes and verifies aws-chunked as S3's specification says, with nothing of the library.
//!
//! Spec: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html> and `…/sigv4-streaming-trailers.html`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::request::Parts;
use sha2::{Digest, Sha256};

/// What a service that verifies this request stores; or why it refuses.
pub(crate) fn decode(head: &Parts, body: &[u8], secret: &str) -> Result<Vec<u8>, String> {
    let form = header(head, "x-amz-content-sha256");
    let is_signed = form.starts_with("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    let mut reader = Reader { body, at: 0 };
    let mut chain = Chain::of(head, secret)?;
    let (mut decoded, mut sizes) = (Vec::new(), Vec::new());
    loop {
        let line = reader.line()?;
        let (size, signature) = match line.split_once(';') {
            Some((size, extension)) => (size, extension.strip_prefix("chunk-signature=")),
            None => (line, None),
        };
        let length = usize::from_str_radix(size, 16).map_err(|_| format!("no chunk size: {size:?}"))?;
        let data = reader.take(length)?;
        match (is_signed, signature) {
            (true, Some(signature)) => chain.check_chunk(data, signature)?,
            (false, None) => {}
            _ => return Err("a chunk's signature is missing, or there without being asked for".into()),
        }
        if length == 0 {
            break;
        }
        decoded.extend_from_slice(data);
        sizes.push(length);
        reader.end_of_line()?;
    }
    let (last, others) = sizes.split_last().map_or((0, &[][..]), |(last, others)| (*last, others));
    if others.iter().any(|&size| size < 8192 || size < last) {
        return Err("a chunk before the last is too small".into());
    }
    if header(head, "x-amz-decoded-content-length") != decoded.len().to_string() {
        return Err("x-amz-decoded-content-length is wrong".into());
    }
    check_trailers(head, &mut reader, is_signed.then_some(&mut chain), &decoded)?;
    if reader.at < body.len() {
        return Err("something stands behind the end".into());
    }
    Ok(decoded)
}

fn check_trailers(
    head: &Parts,
    reader: &mut Reader<'_>,
    chain: Option<&mut Chain>,
    decoded: &[u8],
) -> Result<(), String> {
    let mut canonical = String::new();
    let mut signature = None;
    loop {
        let line = reader.line()?;
        match line.split_once(':') {
            None if line.is_empty() => break,
            None => return Err(format!("no trailer: {line:?}")),
            Some(("x-amz-trailer-signature", value)) => signature = Some(value),
            Some((name, value)) => {
                check_checksum(name, value, decoded)?;
                canonical.push_str(&format!("{name}:{value}\n"));
            }
        }
    }
    let names: Vec<_> = canonical.lines().filter_map(|line| line.split(':').next()).collect();
    if header(head, "x-amz-trailer") != names.join(",") {
        return Err("x-amz-trailer names others than came".into());
    }
    match (chain, signature) {
        (Some(chain), Some(signature)) => chain.check_trailer(&canonical, signature),
        (Some(_), None) if !names.is_empty() => Err("the trailers are not signed".into()),
        (None, Some(_)) => Err("a signature that nobody asked for".into()),
        _ => Ok(()),
    }
}

fn check_checksum(name: &str, value: &str, decoded: &[u8]) -> Result<(), String> {
    let sum = match name {
        "x-amz-checksum-crc32" => crc(decoded, 0xedb8_8320, 32),
        "x-amz-checksum-crc32c" => crc(decoded, 0x82f6_3b78, 32),
        "x-amz-checksum-crc64nvme" => crc(decoded, 0x9a6c_9329_ac4b_c9b5, 64),
        "x-amz-checksum-sha256" => Sha256::digest(decoded).to_vec(),
        _ => return Ok(()),
    };
    if STANDARD.encode(sum) == value { Ok(()) } else { Err(format!("{name} is wrong")) }
}

/// Bit by bit, with the reflected polynomial, big-endian.
fn crc(data: &[u8], polynomial: u64, width: u32) -> Vec<u8> {
    let ones = u64::MAX >> (64 - width);
    let mut sum = ones;
    for byte in data {
        sum ^= u64::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ polynomial } else { sum >> 1 };
        }
    }
    (sum ^ ones).to_be_bytes()[8 - width as usize / 8..].to_vec()
}

struct Reader<'b> {
    body: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    fn line(&mut self) -> Result<&'b str, String> {
        let rest = &self.body[self.at..];
        let end = rest.windows(2).position(|pair| pair == b"\r\n").ok_or("a line does not end")?;
        self.at += end + 2;
        std::str::from_utf8(&rest[..end]).map_err(|_| "a line is no text".into())
    }

    fn take(&mut self, length: usize) -> Result<&'b [u8], String> {
        let data = self.body[self.at..].get(..length).ok_or("a chunk does not end")?;
        self.at += length;
        Ok(data)
    }

    fn end_of_line(&mut self) -> Result<(), String> {
        if self.take(2)? == b"\r\n" { Ok(()) } else { Err("a chunk is longer than it says".into()) }
    }
}

/// Each signature covers the one before it.
struct Chain {
    key: Vec<u8>,
    date: String,
    scope: String,
    previous: String,
}

impl Chain {
    fn of(head: &Parts, secret: &str) -> Result<Self, String> {
        let authorization = header(head, "authorization");
        let field = |name: &str| {
            let (_, rest) = authorization.split_once(name)?;
            rest.split(',').next().map(str::to_owned)
        };
        let credential = field("Credential=").ok_or("no Credential")?;
        let (_, scope) = credential.split_once('/').ok_or("no scope")?;
        let key = scope.split('/').fold(["AWS4", secret].concat().into_bytes(), |key, part| mac(&key, part));
        let previous = field("Signature=").ok_or("no Signature")?;
        Ok(Self { key, date: header(head, "x-amz-date"), scope: scope.to_owned(), previous })
    }

    fn check_chunk(&mut self, data: &[u8], signature: &str) -> Result<(), String> {
        let hashes = format!("{}\n{}", sha256(b""), sha256(data));
        self.check("AWS4-HMAC-SHA256-PAYLOAD", &hashes, signature)
    }

    fn check_trailer(&mut self, canonical: &str, signature: &str) -> Result<(), String> {
        self.check("AWS4-HMAC-SHA256-TRAILER", &sha256(canonical.as_bytes()), signature)
    }

    fn check(&mut self, algorithm: &str, hashes: &str, signature: &str) -> Result<(), String> {
        let Self { key, date, scope, previous } = self;
        let expected = hex(&mac(key, &format!("{algorithm}\n{date}\n{scope}\n{previous}\n{hashes}")));
        if expected != signature {
            return Err(format!("a signature is wrong: {algorithm}"));
        }
        self.previous = expected;
        Ok(())
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length will do");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn sha256(data: &[u8]) -> String {
    hex(&Sha256::digest(data))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn header(head: &Parts, name: &str) -> String {
    head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}
