//! SAS tokens that were made lately.

use std::fmt;
use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use http::HeaderValue;
use smallvec::SmallVec;

use crate::Timestamp;

/// What a token's resource is derived from, as it stands in the request.
///
/// `None`: does not matter. Empty texts would cost far more: `memcmp` of no bytes where an empty box points to, which is
/// nowhere, makes processors with AVX-512 stumble.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Origin<'r> {
    pub(super) scheme: Option<&'r str>,
    pub(super) host: Option<&'r [u8]>,
    pub(super) path: Option<&'r str>,
}

/// The tokens of one signer that end in the same second, found without a lock.
///
/// A token says nothing but its resource and its end: one that is made anew for both would be the same text.
pub(super) struct Tokens(ArcSwap<Kept>);

#[derive(Clone)]
pub(super) struct Kept {
    expires_at: Timestamp,
    tokens: SmallVec<[Arc<Token>; Kept::MOST]>,
}

struct Token {
    scheme: Option<Box<str>>,
    host: Option<Box<[u8]>>,
    path: Option<Box<str>>,
    header: HeaderValue,
}

impl Kept {
    /// A bound, since a caller may name any number of resources. Past it, tokens are made each time, until the
    /// next second.
    const MOST: usize = 8;

    /// The token for this resource with this end.
    pub(super) fn find(&self, origin: Origin<'_>, expires_at: Timestamp) -> Option<&HeaderValue> {
        let tokens = if self.expires_at == expires_at { &self.tokens[..] } else { &[] };
        tokens.iter().find(|token| token.origin() == origin).map(|token| &token.header)
    }
}

impl Token {
    fn origin(&self) -> Origin<'_> {
        Origin { scheme: self.scheme.as_deref(), host: self.host.as_deref(), path: self.path.as_deref() }
    }
}

impl Tokens {
    pub(super) fn new() -> Self {
        const NEVER: Timestamp = Timestamp::from_unix(0).expect("1970 is a year");
        Self(ArcSwap::from_pointee(Kept { expires_at: NEVER, tokens: SmallVec::new() }))
    }

    /// What is kept now.
    pub(super) fn load(&self) -> Guard<Arc<Kept>> {
        self.0.load()
    }

    /// Keeps the token for later requests. Those of another second go.
    pub(super) fn keep(&self, origin: Origin<'_>, expires_at: Timestamp, header: &HeaderValue) {
        let has_room = |kept: &Kept| kept.expires_at != expires_at || kept.tokens.len() < Kept::MOST;
        if !has_room(&self.0.load()) {
            return;
        }
        let token = Arc::new(Token {
            scheme: origin.scheme.map(Box::from),
            host: origin.host.map(Box::from),
            path: origin.path.map(Box::from),
            header: header.clone(),
        });
        self.0.rcu(|kept| {
            let mut kept = Kept::clone(kept);
            if kept.expires_at != expires_at {
                kept = Kept { expires_at, tokens: SmallVec::new() };
            }
            // Another thread may have been here in the meantime.
            if has_room(&kept) && kept.find(origin, expires_at).is_none() {
                kept.tokens.push(Arc::clone(&token));
            }
            kept
        });
    }
}

/// A token is a credential.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_unix(1_709_210_096).unwrap();
    const TOKEN: HeaderValue = HeaderValue::from_static("token");

    fn at(path: &str) -> Origin<'_> {
        Origin { scheme: Some("https"), host: Some(b"h"), path: Some(path) }
    }

    #[test]
    fn a_token_is_found_for_all_that_it_says_and_nothing_else() {
        let tokens = Tokens::new();
        tokens.keep(at("/a"), NOON, &TOKEN);
        let is_found = |origin, expires_at| tokens.load().find(origin, expires_at).is_some();
        assert!(is_found(at("/a"), NOON));
        assert!(!is_found(at("/b"), NOON));
        assert!(!is_found(Origin { host: Some(b"i"), ..at("/a") }, NOON));
        assert!(!is_found(Origin { scheme: Some("http"), ..at("/a") }, NOON));
        assert!(!is_found(Origin { path: None, ..at("/a") }, NOON));
        assert!(!is_found(at("/a"), NOON.checked_add(1).unwrap()));
    }

    #[test]
    fn the_ninth_of_a_second_is_not_kept_and_the_next_second_begins_anew() {
        let tokens = Tokens::new();
        let paths: Vec<String> = (0..9).map(|at| format!("/{at}")).collect();
        for path in &paths {
            tokens.keep(at(path), NOON, &TOKEN);
            tokens.keep(at(path), NOON, &TOKEN);
        }
        assert_eq!(tokens.load().tokens.len(), 8);
        assert!(tokens.load().find(at("/8"), NOON).is_none());
        let next = NOON.checked_add(1).unwrap();
        tokens.keep(at("/8"), next, &TOKEN);
        assert!(tokens.load().find(at("/8"), next).is_some());
        assert!(tokens.load().find(at("/0"), NOON).is_none());
    }
}
