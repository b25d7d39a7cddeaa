//! The signing key: derived once per credential scope, then kept as HMAC states.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use smallvec::SmallVec;
use zeroize::Zeroizing;

use super::credential_scope::CredentialScope;
use super::sigv4::Credentials;
use super::string_to_sign::{ALGORITHM, Moment};
use crate::{MacKey, Timestamp};

/// A derived key together with the scope it is good for.
#[derive(Debug)]
pub(super) struct SigningKey {
    day: u32,
    region: Box<str>,
    service: Box<str>,
    scope: Box<str>,
    authorization: Box<[u8]>,
    mac: MacKey,
}

impl SigningKey {
    /// Four HMAC-SHA256 steps; the secret enters the first one only.
    ///
    /// Spec: [Create a signed AWS API request][spec], "Derive a signing key".
    ///
    /// [spec]: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    fn derive(credentials: &Credentials, scope: CredentialScope<'_>, now: Timestamp) -> Self {
        let text = scope.to_text(now);
        let first = Zeroizing::new(["AWS4", credentials.secret_access_key.expose()].concat());
        let steps = [&text[..8], scope.region, scope.service, "aws4_request"];
        let mac = steps.into_iter().fold(MacKey::new(first.as_bytes()), |key, step| {
            MacKey::new(&*Zeroizing::new(key.sign(step.as_bytes())))
        });
        Self {
            day: scope.day,
            region: scope.region.into(),
            service: scope.service.into(),
            authorization: [
                ALGORITHM,
                " Credential=",
                &credentials.access_key_id,
                "/",
                &text,
                ", SignedHeaders=",
            ]
            .concat()
            .into_bytes()
            .into(),
            scope: text.into(),
            mac,
        }
    }

    #[inline]
    pub(super) fn service(&self) -> &str {
        &self.service
    }

    /// The credential scope as text.
    #[inline]
    pub(super) fn scope(&self) -> &str {
        &self.scope
    }

    /// What an `Authorization` header begins with: all before the names of the signed headers.
    #[inline]
    pub(super) fn authorization(&self) -> &[u8] {
        &self.authorization
    }

    #[inline]
    pub(super) fn mac(&self) -> &MacKey {
        &self.mac
    }

    fn is_for(&self, scope: CredentialScope<'_>) -> bool {
        self.day == scope.day && *self.region == *scope.region && *self.service == *scope.service
    }
}

/// The keys that were derived lately, each at the second of its last use, found without a lock.
///
/// It belongs to one set of credentials and goes with it: a key is never looked up by key id.
pub(super) struct SigningKeys(ArcSwap<Kept>);

#[derive(Clone, Default)]
pub(super) struct Kept(SmallVec<[Entry; Kept::MOST_SCOPES]>);

#[derive(Clone)]
struct Entry {
    /// Hosts that have this scope, as they are sent; one that stands for all where nothing is read from the host.
    hosts: SmallVec<[Box<[u8]>; 1]>,
    moment: Arc<Moment>,
}

impl Kept {
    /// Bounds, since a caller may name any number of regions and buckets. Past the first, keys of an older day make
    /// room; if all are of today, further ones are derived each time. Past the second, the scope is read from the
    /// host each time, which takes about 80 ns.
    const MOST_SCOPES: usize = 8;
    const MOST_HOSTS: usize = 8;

    /// What is kept for this host and second.
    #[inline]
    pub(super) fn find(&self, host: &[u8], now: Timestamp) -> Option<&Moment> {
        let is_here =
            |entry: &&Entry| entry.moment.second() == now && entry.hosts.iter().any(|other| **other == *host);
        self.0.iter().find(is_here).map(|entry| &*entry.moment)
    }

    fn keep(&mut self, host: &[u8], moment: &Arc<Moment>) {
        let key = moment.key();
        if let Some(entry) = self.0.iter_mut().find(|entry| entry.moment.key().scope == key.scope) {
            entry.moment = Arc::clone(moment);
            if entry.takes(host) {
                entry.hosts.push(host.into());
            }
            return;
        }
        if self.0.len() == Self::MOST_SCOPES {
            let oldest = (0..self.0.len()).min_by_key(|&at| self.0[at].moment.key().day);
            match oldest.filter(|&at| self.0[at].moment.key().day < key.day) {
                Some(at) => drop(self.0.swap_remove(at)),
                None => return,
            }
        }
        self.0.push(Entry { hosts: smallvec::smallvec![host.into()], moment: Arc::clone(moment) });
    }

    /// Whether [`keep`](Self::keep) has no room for another scope of this day.
    fn is_full_of(&self, day: u32) -> bool {
        self.0.len() == Self::MOST_SCOPES && self.0.iter().all(|entry| entry.moment.key().day >= day)
    }
}

impl Entry {
    /// Whether the host is new, and has room.
    fn takes(&self, host: &[u8]) -> bool {
        self.hosts.len() < Kept::MOST_HOSTS && !self.hosts.iter().any(|other| **other == *host)
    }
}

impl SigningKeys {
    pub(super) fn new() -> Self {
        Self(ArcSwap::default())
    }

    /// What is kept now.
    pub(super) fn load(&self) -> arc_swap::Guard<Arc<Kept>> {
        self.0.load()
    }

    /// The key for `scope` at `now`, kept for later requests to `host`.
    pub(super) fn make(
        &self,
        host: &[u8],
        scope: CredentialScope<'_>,
        now: Timestamp,
        credentials: &Credentials,
    ) -> Arc<Moment> {
        let kept = self.0.load();
        let known = kept.0.iter().find(|entry| entry.moment.key().is_for(scope));
        // Past the bounds nothing is changed, so that nothing is copied either.
        let (moment, is_news) = match known {
            Some(entry) if entry.moment.second() == now => (Arc::clone(&entry.moment), entry.takes(host)),
            Some(entry) => (Arc::new(Moment::new(Arc::clone(entry.moment.key()), now)), true),
            None => {
                let key = Arc::new(SigningKey::derive(credentials, scope, now));
                (Arc::new(Moment::new(key, now)), !kept.is_full_of(scope.day))
            }
        };
        if !is_news {
            return moment;
        }
        self.0.rcu(|kept| {
            let mut kept = Kept::clone(kept);
            kept.keep(host, &moment);
            kept
        });
        moment
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
    use crate::SecretText;

    const NOON: Timestamp = Timestamp::from_unix(1_440_938_160).unwrap(); // 2015-08-30

    fn credentials(secret: &str) -> Credentials {
        Credentials {
            access_key_id: "AKIDEXAMPLE".into(),
            secret_access_key: SecretText::new(secret),
            session_token: None,
            expires_at: None,
        }
    }

    fn kept(keys: &SigningKeys) -> Vec<String> {
        keys.0.load().0.iter().map(|entry| entry.moment.key().scope.to_string()).collect()
    }

    fn ask(keys: &SigningKeys, region: &str, now: Timestamp) {
        let scope = CredentialScope::new(now, region, "iam");
        assert!(keys.make(region.as_bytes(), scope, now, &credentials("s")).key().is_for(scope));
    }

    /// The worked example of the specification: the key for 20150830/us-east-1/iam signs this string to that.
    #[test]
    fn derives_the_key_of_the_worked_example() {
        let credentials = credentials("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let scope = CredentialScope::new(NOON, "us-east-1", "iam");
        let key = SigningKey::derive(&credentials, scope, NOON);
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

    #[test]
    fn a_host_is_remembered_for_its_scope_and_the_second_moves_on() {
        let keys = SigningKeys::new();
        let credentials = credentials("s");
        let scope = CredentialScope::new(NOON, "us-east-1", "s3");
        for bucket in 0..9 {
            keys.make(format!("bucket-{bucket}").as_bytes(), scope, NOON, &credentials);
        }
        assert_eq!(kept(&keys).len(), 1);
        assert!(keys.load().find(b"bucket-7", NOON).is_some());
        assert!(keys.load().find(b"bucket-8", NOON).is_none(), "the ninth is looked up each time");

        let next = NOON.checked_add(1).unwrap();
        assert!(keys.load().find(b"bucket-7", next).is_none());
        let moment = keys.make(b"bucket-0", scope, next, &credentials);
        assert_eq!(moment.iso_date(), b"20150830T123601Z");
        assert!(
            keys.load().find(b"bucket-7", next).is_some() && keys.load().find(b"bucket-7", NOON).is_none()
        );
        // A clock that was set back is followed.
        assert_eq!(keys.make(b"bucket-0", scope, NOON, &credentials).iso_date(), b"20150830T123600Z");
        assert!(keys.load().find(b"bucket-0", NOON).is_some());
    }

    #[test]
    fn what_finds_no_room_copies_nothing() {
        let keys = SigningKeys::new();
        let credentials = credentials("s");
        let make = |host: &str, region: &str| {
            keys.make(host.as_bytes(), CredentialScope::new(NOON, region, "s3"), NOON, &credentials);
            Arc::as_ptr(&keys.load())
        };
        for at in 0..8 {
            make(&format!("bucket-{at}"), "us-east-1");
            make("host", &format!("region-{at}"));
        }
        let kept = make("bucket-7", "us-east-1");
        assert_eq!(make("bucket-8", "us-east-1"), kept, "the ninth host");
        assert_eq!(make("host", "region-8"), kept, "the ninth scope");
    }
}
