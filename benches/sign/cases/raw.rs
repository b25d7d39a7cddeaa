//! The hashes that no signer can save: the bytes that go into them lie ready, the key's states are cached.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use signing_core::Masking;

use super::aws::{AwsCase, AwsPayload, EXPIRES_IN, now};
use super::{Contender, Each};

/// The body, where it is covered; the canonical request; the string to sign.
pub(crate) fn of_aws(case: &AwsCase) -> Box<dyn Contender> {
    let mut head = case.fresh_head();
    let signer = case.signer();
    let shown = if case.is_presigned() {
        signer.presign_explained(&head, &case.payload(), EXPIRES_IN, now(), Masking::Unmasked)
    } else {
        signer.sign_explained(&mut head, &case.payload(), now(), Masking::Unmasked)
    };
    let shown = shown.expect("a request that can be signed");
    let canonical = shown.canonical_request().expect("SigV4 has one").to_owned();
    let string_to_sign = shown.string_to_sign().expect("SigV4 has one").to_owned();
    let is_body_hashed = case.payload == AwsPayload::Hashed && !case.body.is_empty();
    let body = is_body_hashed.then(|| case.body.clone());
    let key = mac_key();
    Box::new(Each {
        make: || (),
        work: move |(): &mut ()| {
            (body.as_ref().map(Sha256::digest), Sha256::digest(&canonical), mac(&key, &string_to_sign))
        },
    })
}

/// One MAC, and a body's hash.
pub(crate) fn mac_of(message: &str, body: Option<&'static [u8]>) -> Box<dyn Contender> {
    let (key, message) = (mac_key(), message.to_owned());
    Box::new(Each { make: || (), work: move |(): &mut ()| (body.map(Sha256::digest), mac(&key, &message)) })
}

/// As good as any other: the time does not depend on it.
fn mac_key() -> Hmac<Sha256> {
    Hmac::new_from_slice(&[7; 32]).expect("HMAC takes keys of any length")
}

fn mac(key: &Hmac<Sha256>, message: &str) -> [u8; 32] {
    key.clone().chain_update(message).finalize().into_bytes().into()
}
