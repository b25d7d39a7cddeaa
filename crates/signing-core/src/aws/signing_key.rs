//! The signing key: derived once per credential scope, then kept as HMAC states.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use smallvec::SmallVec;
use zeroize::Zeroizing;

use super::credential_scope::CredentialScope;
use crate::{MacKey, SecretText, Timestamp};

/// A derived key together with the scope it is good for.
#[derive(Debug)]
pub(super) struct SigningKey {
    day: u32,
    region: Box<str>,
    service: Box<str>,
    /// The credential scope as text.
    pub(super) scope: Box<str>,
    pub(super) mac: MacKey,
}

impl SigningKey {
    /// Four HMAC-SHA256 steps; the secret enters the first one only.
    ///
    /// Spec: [Create a signed AWS API request][spec], "Derive a signing key".
    ///
    /// [spec]: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    fn derive(secret: &SecretText, scope: CredentialScope<'_>, now: Timestamp) -> Self {
        let text = scope.to_text(now);
        let first = Zeroizing::new(["AWS4", secret.expose()].concat());
        let steps = [&text[..8], scope.region, scope.service, "aws4_request"];
        let mac = steps.into_iter().fold(MacKey::new(first.as_bytes()), |key, step| {
            MacKey::new(&*Zeroizing::new(key.sign(step.as_bytes())))
        });
        Self {
            day: scope.day,
            region: scope.region.into(),
            service: scope.service.into(),
            scope: text.into(),
            mac,
        }
    }

    fn is_for(&self, scope: CredentialScope<'_>) -> bool {
        self.day == scope.day && *self.region == *scope.region && *self.service == *scope.service
    }
}

/// The keys that were derived lately, found without a lock.
///
/// It belongs to one set of credentials and goes with it: a key is never looked up by key id.
pub(super) struct SigningKeys(ArcSwap<SmallVec<[Arc<SigningKey>; Self::MOST]>>);

impl SigningKeys {
    /// A bound, since a caller may name any number of regions. Past it, keys of an older day make room;
    /// if all are of today, further ones are derived each time and not kept.
    const MOST: usize = 8;

    pub(super) fn new() -> Self {
        Self(ArcSwap::from_pointee(SmallVec::new()))
    }

    /// Calls `sign` with the key for `scope`, of which `now` is an instant.
    pub(super) fn with<T>(
        &self,
        secret: &SecretText,
        scope: CredentialScope<'_>,
        now: Timestamp,
        sign: impl FnOnce(&Arc<SigningKey>) -> T,
    ) -> T {
        if let Some(key) = self.0.load().iter().find(|key| key.is_for(scope)) {
            return sign(key);
        }
        let key = Arc::new(SigningKey::derive(secret, scope, now));
        self.keep(&key);
        sign(&key)
    }

    fn keep(&self, key: &Arc<SigningKey>) {
        self.0.rcu(|kept| {
            let mut kept = SmallVec::clone(kept);
            // Two threads may have derived the same key.
            if kept.iter().any(|other| other.scope == key.scope) {
                return kept;
            }
            if kept.len() == Self::MOST {
                let oldest = (0..kept.len()).min_by_key(|&at| kept[at].day);
                match oldest.filter(|&at| kept[at].day < key.day) {
                    Some(at) => drop(kept.swap_remove(at)),
                    None => return kept,
                }
            }
            kept.push(Arc::clone(key));
            kept
        });
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKeys(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_unix(1_440_938_160).unwrap(); // 2015-08-30

    fn kept(keys: &SigningKeys) -> Vec<String> {
        keys.0.load().iter().map(|key| key.scope.to_string()).collect()
    }

    fn ask(keys: &SigningKeys, region: &str, now: Timestamp) {
        let scope = CredentialScope::new(now, region, "iam");
        keys.with(&SecretText::new("s"), scope, now, |key| assert!(key.is_for(scope)));
    }

    /// The worked example of the specification: the key for 20150830/us-east-1/iam signs this string to that.
    #[test]
    fn derives_the_key_of_the_worked_example() {
        let secret = SecretText::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let scope = CredentialScope::new(NOON, "us-east-1", "iam");
        let key = SigningKey::derive(&secret, scope, NOON);
        assert_eq!(&*key.scope, "20150830/us-east-1/iam/aws4_request");
        let string_to_sign = "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n\
            f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59";
        let signature = crate::encode::hex32(&key.mac.sign(string_to_sign.as_bytes()));
        assert_eq!(
            std::str::from_utf8(&signature).unwrap(),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }

    #[test]
    fn the_ninth_scope_of_a_day_is_not_kept_and_the_next_day_takes_over() {
        let keys = SigningKeys::new();
        for region in 0..9 {
            ask(&keys, &format!("region-{region}"), NOON);
        }
        assert_eq!(kept(&keys).len(), 8);
        assert!(!kept(&keys).iter().any(|scope| scope.contains("region-8")));
        let tomorrow = NOON.checked_add(86_400).unwrap();
        ask(&keys, "region-8", tomorrow);
        assert_eq!(kept(&keys).len(), 8);
        assert!(kept(&keys).contains(&"20150831/region-8/iam/aws4_request".to_owned()));
    }

    #[test]
    fn a_scope_is_kept_once() {
        let keys = SigningKeys::new();
        ask(&keys, "us-east-1", NOON);
        ask(&keys, "us-east-1", NOON);
        assert_eq!(kept(&keys), ["20150830/us-east-1/iam/aws4_request"]);
    }
}
