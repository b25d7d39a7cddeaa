//! HMAC-SHA256 keys whose two padded key blocks are hashed once, when the key is made.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

use crate::sha256::{self, Sha256};

/// An HMAC-SHA256 key, ready to sign: the states after the inner and the outer key block.
///
/// A message costs its own blocks and two more. The states are wiped on drop.
///
/// Spec: RFC 2104, section 4 (implementation note).
#[derive(Clone)]
pub struct MacKey {
    inner: Sha256,
    outer: Sha256,
}

impl MacKey {
    /// A key of any length, as raw bytes.
    pub fn new(key: &[u8]) -> Self {
        let mut block = Zeroizing::new([0; 64]);
        match block.get_mut(..key.len()) {
            Some(start) => start.copy_from_slice(key),
            None => block[..32].copy_from_slice(&*Zeroizing::new(sha256::digest(key))),
        }
        let padded = |pad: u8| {
            let mut state = Sha256::NEW;
            state.update(&*Zeroizing::new(block.map(|byte| byte ^ pad)));
            state
        };
        Self { inner: padded(0x36), outer: padded(0x5c) }
    }

    /// The MAC of `message`: 32 raw bytes.
    pub fn sign(&self, message: &[u8]) -> [u8; 32] {
        let hash = self.inner.clone().finish(message);
        self.outer.clone().finish(&hash)
    }

    /// For messages that all begin with `text`: what of it fills blocks is hashed here, and not again.
    pub(crate) fn open(&self, text: Box<[u8]>) -> OpenedMac {
        let mut key = self.clone();
        let rest = key.inner.update(&text).len();
        OpenedMac { key, hashed: text.len() - rest, text }
    }
}

impl Drop for MacKey {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

/// A key together with how its messages begin.
pub(crate) struct OpenedMac {
    /// Its inner state has the whole blocks of `text` behind it.
    key: MacKey,
    text: Box<[u8]>,
    hashed: usize,
}

impl OpenedMac {
    /// How all messages begin.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// The MAC of [`text`](Self::text) followed by `end`.
    #[inline]
    pub(crate) fn sign(&self, end: &[u8; 64]) -> [u8; 32] {
        // Less than a block is left of the text.
        let rest = &self.text[self.hashed..];
        let length = rest.len() + end.len();
        let mut room = [0; 192];
        room[..rest.len()].copy_from_slice(rest);
        room[rest.len()..length].copy_from_slice(end);
        let hash = self.key.inner.clone().finish_in(&mut room, length);
        self.key.outer.clone().finish(&hash)
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::Sha256;

    use super::MacKey;

    /// RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
    #[test]
    fn agrees_with_rfc_4231() {
        let check = |key: &[u8], message: &[u8], expected: &str| {
            let hex = crate::encode::hex32(&MacKey::new(key).sign(message));
            assert_eq!(std::str::from_utf8(&hex).unwrap(), expected);
        };
        check(&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        check(
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        );
        check(
            &[0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        );
    }

    /// Keys and messages of every length around a block's.
    #[test]
    fn agrees_with_the_hmac_crate() {
        let text: [u8; 300] = std::array::from_fn(|at| (at * 7) as u8);
        let expected = |key: &[u8], message: &[&[u8]]| -> [u8; 32] {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
            message.iter().for_each(|part| mac.update(part));
            mac.finalize().into_bytes().into()
        };
        for length in [0, 1, 31, 32, 55, 56, 63, 64, 65, 119, 120, 127, 128, 129, 191, 192, 200] {
            let (key, rest) = (MacKey::new(&text[..length]), &text[length..]);
            assert_eq!(key.sign(rest), expected(&text[..length], &[rest]), "a key of {length}");
            let (key, message) = (MacKey::new(b"key"), &text[..length]);
            assert_eq!(key.sign(message), expected(b"key", &[message]), "{length} bytes");
            let end = [b'e'; 64];
            let opened = key.open(message.into());
            assert_eq!(opened.text(), message);
            assert_eq!(opened.sign(&end), expected(b"key", &[message, &end]), "{length} bytes and an end");
        }
    }
}
