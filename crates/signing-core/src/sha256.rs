//! SHA-256 of texts that are in memory, and states that are kept between messages.
//!
//! `sha2::Sha256` gathers what does not fill a block, and clears that room afterwards. A text in memory needs neither:
//! its blocks are hashed where they stand.

use sha2::block_api::compress256;
use zeroize::Zeroize;

/// The state after some whole blocks.
#[derive(Clone)]
pub(crate) struct Sha256 {
    words: [u32; 8],
    /// Bytes hashed so far: a multiple of 64.
    length: u64,
}

impl Sha256 {
    /// Spec: FIPS 180-4, section 5.3.3.
    pub(crate) const NEW: Self = Self {
        words: [
            0x6a09_e667,
            0xbb67_ae85,
            0x3c6e_f372,
            0xa54f_f53a,
            0x510e_527f,
            0x9b05_688c,
            0x1f83_d9ab,
            0x5be0_cd19,
        ],
        length: 0,
    };

    /// Hashes the whole blocks of `text`, and gives the rest back.
    #[inline]
    pub(crate) fn update<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let (blocks, rest) = text.as_chunks::<64>();
        if !blocks.is_empty() {
            compress256(&mut self.words, blocks);
            self.length += blocks.as_flattened().len() as u64;
        }
        rest
    }

    /// The hash of all blocks, and of `end` behind them.
    #[inline]
    pub(crate) fn finish(&mut self, end: &[u8]) -> [u8; 32] {
        let rest = self.update(end);
        let mut room = [0; 128];
        room[..rest.len()].copy_from_slice(rest);
        self.finish_in(&mut room, rest.len())
    }

    /// The same for an end of `length` bytes that stands in `room`, with at least nine zeros behind it and up to the
    /// end of a block.
    ///
    /// Spec: FIPS 180-4, section 5.1.1.
    #[inline]
    pub(crate) fn finish_in(&mut self, room: &mut [u8], length: usize) -> [u8; 32] {
        let bits = (self.length + length as u64) * 8;
        let padded = &mut room[..(length + 9).next_multiple_of(64)];
        padded[length] = 0x80;
        if let Some(at_the_end) = padded.last_chunk_mut() {
            *at_the_end = bits.to_be_bytes();
        }
        self.update(padded);
        let mut hash = [0; 32];
        for (bytes, word) in hash.as_chunks_mut().0.iter_mut().zip(self.words) {
            *bytes = word.to_be_bytes();
        }
        hash
    }
}

impl Zeroize for Sha256 {
    fn zeroize(&mut self) {
        self.words.zeroize();
    }
}

/// The hash of `text`.
#[inline]
pub(crate) fn digest(text: &[u8]) -> [u8; 32] {
    Sha256::NEW.clone().finish(text)
}

#[cfg(test)]
mod tests {
    use sha2::Digest;

    use super::*;

    #[test]
    fn agrees_with_the_whole_hash_at_every_length() {
        let text: [u8; 200] = std::array::from_fn(|at| (at * 7) as u8);
        for length in 0..=text.len() {
            let expected: [u8; 32] = sha2::Sha256::digest(&text[..length]).into();
            assert_eq!(digest(&text[..length]), expected, "{length}");
        }
    }
}
