//! A service that knows the key of every generation, with an implementation of SigV4 that is not ours.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use hmac::{Hmac, KeyInit, Mac};
use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};
use signing_core::{AuthParams, Registry, Signer};
use tower::{Service, service_fn};
use tower_signing::{BoxError, SignedBody};

use crate::support::Authorization;

/// The key of one generation: its id names it, and secret and token are its own.
pub(crate) fn key_id(generation: u64) -> String {
    format!("AKID{generation:08}")
}

pub(crate) fn secret(generation: u64) -> String {
    format!("secret/of+generation{generation:08}")
}

pub(crate) fn token(generation: u64) -> String {
    format!("token-of-generation-{generation:08}-and-not-less")
}

pub(crate) fn signer(generation: u64) -> Signer {
    let params: AuthParams = [
        ("Method", "aws-signature-v4".to_owned()),
        ("AccessKeyId", key_id(generation)),
        ("SecretAccessKey", secret(generation)),
        ("SessionToken", token(generation)),
        ("Region", "eu-west-1".to_owned()),
        ("Service", "execute-api".to_owned()),
    ]
    .into_iter()
    .collect();
    Registry::new().signer(&params).unwrap()
}

/// A service that knows the key of every generation and computes each signature itself.
#[derive(Clone, Default)]
pub(crate) struct Verifier(Arc<Seen>);

#[derive(Default)]
struct Seen {
    requests: AtomicU64,
    generations: Mutex<BTreeSet<u64>>,
    /// Derived keys by generation and day: without them a debug build would hash for minutes.
    keys: Mutex<HashMap<(u64, String), Hmac<Sha256>>>,
}

fn mac(key: &[u8], message: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Verifier {
    /// How many requests were verified.
    pub(crate) fn requests(&self) -> u64 {
        self.0.requests.load(Ordering::Relaxed)
    }

    /// How many generations signed at least one of them.
    pub(crate) fn generations(&self) -> u64 {
        self.0.generations.lock().unwrap().len() as u64
    }

    /// The generation whose key signed this request, if all of the signature is of it.
    fn check(&self, head: &Parts, body: &[u8]) -> Result<u64, String> {
        let given = Authorization::of(head).ok_or("not one Authorization header")?;
        let generation = given.key_id.strip_prefix("AKID").and_then(|number| number.parse().ok());
        let generation: u64 = generation.ok_or("an unknown key id")?;
        let header = |name: &str| head.headers.get(name).map_or("", |value| value.to_str().unwrap());
        if header("x-amz-security-token") != token(generation) {
            return Err(format!("mixed: the key id of {generation} with another token"));
        }
        let date = header("x-amz-date");
        let scope = format!("{}/{}/{}/aws4_request", given.day, given.region, given.service);
        let host = head.uri.host().unwrap();
        let lines = given.signed_headers.iter().map(|&name| match name {
            "host" => format!("host:{host}\n"),
            _ => format!("{name}:{}\n", header(name)),
        });
        let canonical = format!(
            "{}\n{}\n\n{}\n{}\n{}",
            head.method,
            head.uri.path(),
            lines.collect::<String>(),
            given.signed_headers.join(";"),
            hex(&Sha256::digest(body)),
        );
        let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
        let mut key = self.key(generation, &given);
        key.update(text.as_bytes());
        if hex(&key.finalize().into_bytes()) != given.signature || !date.starts_with(given.day) {
            return Err(format!("refused: the signature is not of the key {generation}"));
        }
        self.0.requests.fetch_add(1, Ordering::Relaxed);
        self.0.generations.lock().unwrap().insert(generation);
        Ok(generation)
    }

    fn key(&self, generation: u64, given: &Authorization<'_>) -> Hmac<Sha256> {
        let mut keys = self.0.keys.lock().unwrap();
        let derived = keys.entry((generation, given.day.to_owned())).or_insert_with(|| {
            let steps = [given.day, given.region, given.service, "aws4_request"];
            let first = format!("AWS4{}", secret(generation)).into_bytes();
            let key = steps.into_iter().fold(first, |key, step| mac(&key, step));
            Hmac::new_from_slice(&key).unwrap()
        });
        derived.clone()
    }

    /// To stand below a layer. The answer is the generation that signed.
    pub(crate) fn service<B>(&self) -> impl Inner<B>
    where
        B: Body<Error: Into<BoxError>> + Send + 'static,
    {
        let verifier = self.clone();
        service_fn(move |request: Request<SignedBody<B>>| {
            let verifier = verifier.clone();
            async move {
                let (head, body) = request.into_parts();
                let body = body.collect().await?.to_bytes();
                Ok::<_, BoxError>(Response::new(verifier.check(&head, &body)?))
            }
        })
    }
}

/// What a verifier is below a layer.
pub(crate) trait Inner<B>:
    Service<Request<SignedBody<B>>, Response = Response<u64>, Error = BoxError, Future: Send>
    + Clone
    + Send
    + 'static
{
}

impl<B, S> Inner<B> for S where
    S: Service<Request<SignedBody<B>>, Response = Response<u64>, Error = BoxError, Future: Send>
        + Clone
        + Send
        + 'static
{
}
