//! Signers of equal `auth` objects: millions of lines have a few of them.

use std::rc::Rc;

use signing_core::{AuthParams, SecretText};

use super::fields::{Fields, text};
use crate::auth::OwnParams;
use crate::refusal::Refusal;

/// How many `auth` objects are remembered.
const SIZE: usize = 16;
/// The longest that is remembered, in bytes.
const LONGEST: usize = 16 * 1024;

/// Parameters by the JSON text of their object, the last used first.
pub(super) struct SignerCache(Vec<(SecretText, Rc<OwnParams>)>);

impl SignerCache {
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(SIZE))
    }

    /// The parameters that `json` holds, with the signer that was built of them, if one was.
    pub(super) fn params(&mut self, json: &str) -> Result<Rc<OwnParams>, Refusal> {
        if let Some(at) = self.0.iter().position(|(known, _)| known.expose() == json) {
            self.0[..=at].rotate_right(1);
            return Ok(Rc::clone(&self.0[0].1));
        }
        let params = Rc::new(OwnParams::new(parse(json)?));
        if json.len() <= LONGEST {
            self.0.truncate(SIZE - 1);
            self.0.insert(0, (SecretText::new(json), Rc::clone(&params)));
        }
        Ok(params)
    }
}

fn parse(json: &str) -> Result<AuthParams, Refusal> {
    let mut params = AuthParams::new();
    for (name, value) in Fields::parse(json, "`auth`")?.0 {
        let text = text(value).ok_or_else(|| {
            let name: String = name.chars().take(40).flat_map(char::escape_debug).collect();
            Refusal::input(format!("`auth.{name}` must be a string (a boolean is \"true\" or \"false\")"))
        })?;
        params.set(name, SecretText::new(text));
    }
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_objects_share_their_parameters_and_old_ones_leave() {
        let mut cache = SignerCache::new();
        let object = |number: usize| format!(r#"{{"Token":"{number}"}}"#);
        let first = cache.params(&object(0)).unwrap();
        for number in 1..SIZE {
            cache.params(&object(number)).unwrap();
        }
        assert!(Rc::ptr_eq(&first, &cache.params(&object(0)).unwrap()));
        cache.params(&object(SIZE)).unwrap();
        assert_eq!(cache.0.len(), SIZE);
        assert!(Rc::ptr_eq(&first, &cache.params(&object(0)).unwrap()));
        let second = cache.0.iter().any(|(known, _)| known.expose() == object(1));
        assert!(!second, "the one that was not used for longest leaves");
    }
}
