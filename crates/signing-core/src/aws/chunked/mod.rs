//! `aws-chunked`: S3's encoding for bodies whose hash is not known when the head is sent.
//!
//! ```text
//! head, signed ──► 10000;chunk-signature=…  ──► 10000 bytes ──► … ──► 0;chunk-signature=…
//!                                                                     x-amz-checksum-crc32:…
//!                                                                     x-amz-trailer-signature:…
//! ```
//!
//! The decoded length stands in the head. Each chunk's signature covers the chunk and the signature before it, the
//! first one the head's.

mod checksum;
mod encoder;
mod length;
mod signer;
mod upload;

use std::sync::Arc;

use self::encoder::ChunkEncoder;
use self::signer::ChunkSigner;
use super::signing_key::SigningKey;
use crate::BodyEncoder;

pub use self::checksum::Checksum;
pub(super) use self::upload::{Form, Upload};

const SIGNATURE_FIELD: &[u8] = b";chunk-signature=";
const TRAILER_SIGNATURE: &[u8] = b"x-amz-trailer-signature:";

/// The encoder for `upload`, whose head has this signature.
pub(super) fn encoder(
    upload: &Upload,
    key: &Arc<SigningKey>,
    iso_date: [u8; 16],
    signature: [u8; 64],
) -> Box<dyn BodyEncoder> {
    let signer = upload.form.is_signed().then(|| ChunkSigner::new(Arc::clone(key), iso_date, signature));
    Box::new(ChunkEncoder::new(upload, signer))
}
