//! Cuts a body into chunks, and signs each if the form asks for it.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName};

use super::checksum::RunningChecksum;
use super::signer::ChunkSigner;
use super::{Form, SIGNATURE_FIELD, TRAILER_SIGNATURE, Upload};
use crate::{BodyEncoder, SignError, SignErrorKind};

/// Pieces below this are joined: each one kept apart costs memory beside its bytes, and may keep a larger
/// allocation alive that it is a part of.
const SMALL_PIECE: usize = 1024;

/// Lines between chunks are cut from one allocation of this many bytes, several at a time.
const LINES: usize = 2048;

/// An aws-chunked body while it is sent.
///
/// A signed chunk is held until it is whole, since its signature stands before it; its pieces are kept as they
/// came. Where nothing is signed, pieces pass at once.
pub(super) struct ChunkEncoder {
    form: Form,
    chunk_size: u64,
    encoded_length: Option<u64>,
    /// Bytes of the body that are still to come.
    left: u64,
    /// Bytes that the chunk which is being filled still takes.
    chunk_left: u64,
    is_first_chunk: bool,
    is_too_long: bool,
    signing: Option<HeldChunk>,
    checksum: Option<RunningChecksum>,
    checksum_header: Option<HeaderName>,
    trailers: Vec<HeaderName>,
    lines: BytesMut,
}

/// The chunk that is being filled, where it must be signed before it is sent.
struct HeldChunk {
    signer: ChunkSigner,
    pieces: Vec<Bytes>,
    /// Small pieces behind the last of `pieces`.
    joined: BytesMut,
    length: u64,
}

impl ChunkEncoder {
    /// `signer` is there if the form is a signed one.
    pub(super) fn new(upload: &Upload, signer: Option<ChunkSigner>) -> Self {
        let held = |signer| HeldChunk { signer, pieces: Vec::new(), joined: BytesMut::new(), length: 0 };
        Self {
            form: upload.form,
            chunk_size: upload.chunk_size,
            encoded_length: upload.encoded_length(),
            left: upload.length,
            chunk_left: 0,
            is_first_chunk: true,
            is_too_long: false,
            signing: signer.map(held),
            checksum: upload.checksum.map(RunningChecksum::new),
            checksum_header: upload.checksum.map(super::Checksum::header),
            trailers: upload.trailers(),
            lines: BytesMut::new(),
        }
    }

    /// The line before a chunk, with the end of the chunk before it.
    fn push_line(&mut self, size: u64, signature: Option<&[u8; 64]>, out: &mut VecDeque<Bytes>) {
        self.lines.reserve(LINES);
        if !self.is_first_chunk {
            self.lines.extend_from_slice(b"\r\n");
        }
        self.is_first_chunk = false;
        push_hex(&mut self.lines, size);
        if let Some(signature) = signature {
            self.lines.extend_from_slice(SIGNATURE_FIELD);
            self.lines.extend_from_slice(signature);
        }
        self.lines.extend_from_slice(b"\r\n");
        out.push_back(self.lines.split().freeze());
    }

    /// A signed chunk is whole.
    fn push_held(&mut self, out: &mut VecDeque<Bytes>) {
        let Some(held) = &mut self.signing else { return };
        held.flush();
        let signature = held.signer.sign_chunk();
        let size = std::mem::take(&mut held.length);
        let mut pieces = std::mem::take(&mut held.pieces);
        self.push_line(size, Some(&signature), out);
        out.extend(pieces.drain(..));
        if let Some(held) = &mut self.signing {
            // Its room is used again.
            held.pieces = pieces;
        }
    }

    /// The caller's trailers that are part of the encoding, and the checksum: `name:value\n` each, in order.
    fn canonical_trailers(&mut self, given: &mut Option<HeaderMap>) -> Result<Vec<u8>, SignError> {
        let mut checksum = self.checksum.take().map(RunningChecksum::finish);
        let mut text = Vec::new();
        for name in &self.trailers {
            text.extend_from_slice(name.as_str().as_bytes());
            text.push(b':');
            match checksum.take_if(|_| self.checksum_header.as_ref() == Some(name)) {
                Some(value) => text.extend_from_slice(value.as_bytes()),
                None => push_values(&mut text, given.as_ref(), name)?,
            }
            text.push(b'\n');
            if let Some(given) = given {
                given.remove(name);
            }
        }
        Ok(text)
    }
}

impl BodyEncoder for ChunkEncoder {
    fn form(&self) -> &'static str {
        self.form.name()
    }

    fn encoded_length(&self) -> Option<u64> {
        self.encoded_length
    }

    fn push(&mut self, mut data: Bytes, out: &mut VecDeque<Bytes>) {
        let length = data.len() as u64;
        if length > self.left {
            // Nothing of it is sent: what is on the wire by now stays an unfinished body.
            self.is_too_long = true;
            return;
        }
        if let Some(checksum) = &mut self.checksum {
            checksum.update(&data);
        }
        while !data.is_empty() {
            if self.chunk_left == 0 {
                self.chunk_left = self.chunk_size.min(self.left);
                if self.signing.is_none() {
                    self.push_line(self.chunk_left, None, out);
                }
            }
            let fits = usize::try_from(self.chunk_left).unwrap_or(usize::MAX).min(data.len());
            let piece = data.split_to(fits);
            self.left -= fits as u64;
            self.chunk_left -= fits as u64;
            match &mut self.signing {
                None => out.push_back(piece),
                Some(held) => held.push(piece),
            }
            if self.chunk_left == 0 {
                self.push_held(out);
            }
        }
    }

    fn finish(
        &mut self,
        mut trailers: Option<HeaderMap>,
        out: &mut VecDeque<Bytes>,
    ) -> Result<Option<HeaderMap>, SignError> {
        if self.left > 0 || self.is_too_long {
            return Err(SignError::new(SignErrorKind::Payload, "the body is not as long as its head says"));
        }
        let canonical = self.canonical_trailers(&mut trailers)?;
        let signature = self.signing.as_mut().map(|held| held.signer.sign_chunk());
        self.push_line(0, signature.as_ref(), out);
        let mut end = Vec::with_capacity(canonical.len() + 2 * self.trailers.len() + 96);
        for line in canonical.split_inclusive(|&byte| byte == b'\n') {
            end.extend_from_slice(&line[..line.len() - 1]);
            end.extend_from_slice(b"\r\n");
        }
        if let Some(held) = self.signing.as_mut().filter(|_| !canonical.is_empty()) {
            end.extend_from_slice(TRAILER_SIGNATURE);
            end.extend_from_slice(&held.signer.sign_trailer(&canonical));
            end.extend_from_slice(b"\r\n");
        }
        end.extend_from_slice(b"\r\n");
        out.push_back(end.into());
        Ok(trailers.filter(|trailers| !trailers.is_empty()))
    }
}

impl HeldChunk {
    fn push(&mut self, piece: Bytes) {
        self.signer.update(&piece);
        self.length += piece.len() as u64;
        if piece.len() < SMALL_PIECE {
            self.joined.extend_from_slice(&piece);
        } else {
            self.flush();
            self.pieces.push(piece);
        }
    }

    fn flush(&mut self) {
        if !self.joined.is_empty() {
            self.pieces.push(self.joined.split().freeze());
        }
    }
}

/// All values of `name`, joined by commas, without white space around them.
fn push_values(text: &mut Vec<u8>, given: Option<&HeaderMap>, name: &HeaderName) -> Result<(), SignError> {
    let mut values = given.into_iter().flat_map(|given| given.get_all(name)).map(|value| value.as_bytes());
    let Some(first) = values.next() else {
        let message =
            format!("the trailer `{name}` was declared in x-amz-trailer, and the body did not bring it");
        return Err(SignError::new(SignErrorKind::Payload, message));
    };
    text.extend_from_slice(first.trim_ascii());
    for value in values {
        text.push(b',');
        text.extend_from_slice(value.trim_ascii());
    }
    Ok(())
}

fn push_hex(out: &mut BytesMut, value: u64) {
    let digits = value.max(1).ilog2() / 4 + 1;
    for digit in (0..digits).rev() {
        let nibble = (value >> (4 * digit)) & 15;
        out.extend_from_slice(&b"0123456789abcdef"[nibble as usize..][..1]);
    }
}
