//! The checksums that S3 takes as trailers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use http::HeaderName;
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// A checksum of the body, computed while it flows and sent behind it.
///
/// As an extension of a request it takes the place of the parameter `Checksum`.
///
/// Spec: [Checking object integrity][spec].
///
/// [spec]: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Checksum {
    /// CRC-32 of IEEE 802.3; what the SDKs send unasked.
    #[default]
    Crc32,
    /// CRC-32C (Castagnoli).
    Crc32c,
    /// CRC-64/NVME; what S3 computes itself.
    Crc64Nvme,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl Checksum {
    pub(in crate::aws) const CHOICES: [(&'static str, Self); 5] = [
        ("crc32", Self::Crc32),
        ("crc32c", Self::Crc32c),
        ("crc64nvme", Self::Crc64Nvme),
        ("sha1", Self::Sha1),
        ("sha256", Self::Sha256),
    ];

    /// The trailer that carries it.
    pub(super) fn header(self) -> HeaderName {
        HeaderName::from_static(match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        })
    }

    /// Characters of its value.
    pub(super) fn text_length(self) -> usize {
        let bytes: usize = match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        };
        bytes.div_ceil(3) * 4
    }
}

/// A checksum that is being computed.
pub(super) enum RunningChecksum {
    Crc32(crc_fast::Digest),
    Crc64(crc_fast::Digest),
    Sha1(Sha1),
    Sha256(Sha256),
}

impl RunningChecksum {
    pub(super) fn new(checksum: Checksum) -> Self {
        let crc = crc_fast::Digest::new;
        match checksum {
            Checksum::Crc32 => Self::Crc32(crc(CrcAlgorithm::Crc32IsoHdlc)),
            Checksum::Crc32c => Self::Crc32(crc(CrcAlgorithm::Crc32Iscsi)),
            Checksum::Crc64Nvme => Self::Crc64(crc(CrcAlgorithm::Crc64Nvme)),
            Checksum::Sha1 => Self::Sha1(Sha1::new()),
            Checksum::Sha256 => Self::Sha256(Sha256::new()),
        }
    }

    pub(super) fn update(&mut self, data: &[u8]) {
        match self {
            Self::Crc32(digest) | Self::Crc64(digest) => digest.update(data),
            Self::Sha1(digest) => digest.update(data),
            Self::Sha256(digest) => digest.update(data),
        }
    }

    /// Base64 of the big-endian bytes.
    pub(super) fn finish(self) -> String {
        match self {
            // The four low bytes hold it.
            Self::Crc32(digest) => STANDARD.encode(&digest.finalize().to_be_bytes()[4..]),
            Self::Crc64(digest) => STANDARD.encode(digest.finalize().to_be_bytes()),
            Self::Sha1(digest) => STANDARD.encode(digest.finalize()),
            Self::Sha256(digest) => STANDARD.encode(digest.finalize()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check values of the CRC catalogue, and the digests of FIPS 180's `abc`, as bytes.
    #[test]
    fn agrees_with_published_check_values() {
        let check = |checksum: Checksum, data: &[u8], expected: &[u8]| {
            let mut running = RunningChecksum::new(checksum);
            let (first, second) = data.split_at(2);
            running.update(first);
            running.update(second);
            let text = running.finish();
            assert_eq!(text, STANDARD.encode(expected), "{checksum:?}");
            assert_eq!(text.len(), checksum.text_length(), "{checksum:?}");
        };
        check(Checksum::Crc32, b"123456789", &0xcbf4_3926_u32.to_be_bytes());
        check(Checksum::Crc32c, b"123456789", &0xe306_9283_u32.to_be_bytes());
        check(Checksum::Crc64Nvme, b"123456789", &0xae8b_1486_0a79_9888_u64.to_be_bytes());
        let sha1 = *b"\xa9\x99\x3e\x36\x47\x06\x81\x6a\xba\x3e\x25\x71\x78\x50\xc2\x6c\x9c\xd0\xd8\x9d";
        check(Checksum::Sha1, b"abc", &sha1);
        let sha256 = *b"\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23\
            \xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad";
        check(Checksum::Sha256, b"abc", &sha256);
    }
}
