//! What must not be seen: wiped on drop, never printed.

use std::fmt;

use zeroize::Zeroizing;

/// A secret given as text: a key, a token, a value of a config file.
///
/// The memory is wiped when the value is dropped. `Debug` prints a fixed text and there is no `Display`,
/// so a secret reaches a log only through [`expose`](Self::expose), which is easy to search for.
#[derive(Clone)]
pub struct SecretText(Zeroizing<Box<str>>);

impl SecretText {
    /// Takes the text over. A `String` with spare capacity is copied, and the original wiped.
    pub fn new(text: impl Into<String>) -> Self {
        let text = Zeroizing::new(text.into());
        Self(Zeroizing::new(Box::from(text.as_str())))
    }

    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A secret given as raw bytes: a key that was decoded. Otherwise as [`SecretText`].
#[derive(Clone)]
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    pub(crate) fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// The secret itself.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes(..)")
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

impl From<&str> for SecretText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_a_part_of_the_secret() {
        let secret = SecretText::new("hunter2");
        assert_eq!(format!("{secret:?}"), "SecretText(..)");
        assert_eq!(secret.expose(), "hunter2");
        let secret = SecretBytes::new(Zeroizing::new(b"hunter2".to_vec()));
        assert_eq!(format!("{secret:?}"), "SecretBytes(..)");
        assert_eq!(secret.expose(), b"hunter2");
    }
}
