//! The chain of signatures: each chunk's covers the one before it.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::aws::payload::EMPTY_SHA256;
use crate::aws::signing_key::SigningKey;
use crate::encode::hex32;

/// Signs the chunks of one body, in order.
///
/// Spec: [Transferring payload in multiple chunks][spec], "Defining the chunk body"; [the same with
/// trailers][trailers].
///
/// [spec]: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
/// [trailers]: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
pub(super) struct ChunkSigner {
    key: Arc<SigningKey>,
    iso_date: [u8; 16],
    /// Of the head at first, then of the chunk before.
    previous: [u8; 64],
    chunk: Sha256,
    string_to_sign: Vec<u8>,
}

impl ChunkSigner {
    /// `signature` is the head's.
    pub(super) fn new(key: Arc<SigningKey>, iso_date: [u8; 16], signature: [u8; 64]) -> Self {
        Self { key, iso_date, previous: signature, chunk: Sha256::new(), string_to_sign: Vec::new() }
    }

    /// More of the chunk.
    pub(super) fn update(&mut self, data: &[u8]) {
        self.chunk.update(data);
    }

    /// The chunk is whole; the next one begins.
    pub(super) fn sign_chunk(&mut self) -> [u8; 64] {
        let hash = self.chunk.finalize_reset().into();
        self.sign(b"AWS4-HMAC-SHA256-PAYLOAD", &[EMPTY_SHA256.as_bytes(), &hex32(&hash)])
    }

    /// `canonical` is `name:value\n` for each trailer.
    pub(super) fn sign_trailer(&mut self, canonical: &[u8]) -> [u8; 64] {
        self.sign(b"AWS4-HMAC-SHA256-TRAILER", &[&hex32(&Sha256::digest(canonical).into())])
    }

    fn sign(&mut self, algorithm: &[u8], hashes: &[&[u8]]) -> [u8; 64] {
        let text = &mut self.string_to_sign;
        text.clear();
        for line in [algorithm, &self.iso_date, self.key.scope().as_bytes(), &self.previous] {
            text.extend_from_slice(line);
            text.push(b'\n');
        }
        for (at, hash) in hashes.iter().enumerate() {
            if at > 0 {
                text.push(b'\n');
            }
            text.extend_from_slice(hash);
        }
        self.previous = hex32(&self.key.mac().sign(text));
        self.previous
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Credentials;
    use crate::aws::credential_scope::CredentialScope;
    use crate::aws::signing_key::SigningKeys;
    use crate::{SecretText, Timestamp};

    /// aws-c-auth, `tests/test_chunked_signing.c`: three trailers behind the last chunk of the documented upload.
    #[test]
    fn signs_several_trailers_as_the_sdk_does() {
        let now = Timestamp::from_unix(1_369_353_600).unwrap();
        let credentials = Credentials {
            access_key_id: "AKIDEXAMPLE".into(),
            secret_access_key: SecretText::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            session_token: None,
            expires_at: None,
        };
        let scope = CredentialScope::new(now, "us-east-1", "s3");
        let last = *b"b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9";
        let moment = SigningKeys::new().make(b"", scope, now, &credentials);
        let mut signer = ChunkSigner::new(Arc::clone(moment.key()), now.iso_basic(), last);
        let signature = signer.sign_trailer(b"first:1st\nsecond:2nd\nthird:3rd\n");
        let expected = "df5735bd9f3295cd9386572292562fefc93ba94e80a0a1ddcbd652c4e0a75e6c";
        assert_eq!(std::str::from_utf8(&signature).unwrap(), expected);
    }
}
