//! Which cases are asked for on the command line.

/// The keys that every program knows; `h` is all that begin with it.
const KEYS: [&str; 14] = ["a", "a2", "b", "b2", "c", "d", "e", "f", "g", "h", "i", "r", "w", "load"];

/// The cases that were named, or all.
pub(crate) struct Chosen(Vec<String>);

impl Chosen {
    /// `more` are keys of this program alone.
    ///
    /// # Errors
    ///
    /// A word is no key.
    pub(crate) fn parse(words: impl Iterator<Item = String>, more: &[&str]) -> Result<Self, String> {
        let is_known = |word: &str| KEYS.iter().chain(more).any(|key| *key == word);
        let check = |word: String| {
            if is_known(&word) {
                return Ok(word);
            }
            let known = [&KEYS[..], more].concat().join(", ");
            Err(format!("there is no case `{}`; there are {known}", word.escape_debug()))
        };
        words.map(check).collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|chosen| chosen == key)
    }
}
