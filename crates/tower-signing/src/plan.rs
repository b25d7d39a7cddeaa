//! What is to be done with one request: which signer, and what it needs of the body.

use std::sync::Arc;
use std::time::SystemTime;

use http::Request;
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http_body::Body;
use signing_core::{Explanation, Masking, Payload, PayloadHash, PayloadNeed, Registry, Signer, Timestamp};

use crate::{Match, SignerStore, SigningError, SigningErrorKind, SigningOptions};

/// What all clones of a layer and its services share.
pub(crate) struct Shared {
    pub(crate) store: SignerStore,
    pub(crate) registry: Registry,
    pub(crate) clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    pub(crate) base_url: Option<Match>,
    pub(crate) buffer_limit: u64,
    /// Ends the watching thread when the last layer goes.
    #[cfg(feature = "watch")]
    pub(crate) _watch: Option<crate::watch::Watch>,
}

/// What to do with a request.
pub(crate) enum Plan {
    PassThrough,
    Sign(Signing),
}

/// One signature to be made, all of it from one snapshot.
pub(crate) struct Signing {
    shared: Arc<Shared>,
    signer: Arc<Signer>,
    known_hash: Option<PayloadHash>,
    buffer_limit: u64,
    explain: Option<Masking>,
}

/// How the body gets to the wire.
pub(crate) enum Rung {
    /// As it is; this much is known of it.
    Through(Payload),
    /// Read and hashed first.
    Read,
}

impl Plan {
    pub(crate) fn new<B>(shared: &Arc<Shared>, request: &Request<B>) -> Result<Self, SigningError> {
        let given = request.extensions().get::<SigningOptions>();
        let unset = SigningOptions::default();
        let options = given.unwrap_or(&unset);
        let current = shared.store.load();
        let base_url = shared.base_url.as_ref();
        let signer = current.signers.select(request, options, &shared.registry, base_url)?;
        Ok(match signer {
            None => Self::PassThrough,
            Some(signer) => Self::Sign(Signing {
                shared: Arc::clone(shared),
                signer,
                known_hash: options.payload_hash,
                buffer_limit: current.signers.buffer_limit.unwrap_or(shared.buffer_limit),
                explain: options.explain,
            }),
        })
    }
}

impl Signing {
    pub(crate) fn rung<B: Body>(&self, head: &Parts, body: &B) -> Rung {
        if body.is_end_stream() {
            return Rung::Through(Payload::EMPTY);
        }
        let length = body.size_hint().exact().or_else(|| content_length(head));
        if length == Some(0) {
            // Many an empty body cannot say so before it is polled. It is read to prove it: a client would send
            // the head as a whole request before the body could prove it wrong.
            return Rung::Read;
        }
        match (self.known_hash, self.signer.payload_need(head)) {
            (Some(hash), _) => Rung::Through(Payload::hashed(hash, length)),
            (None, PayloadNeed::Nothing) => Rung::Through(Payload::unread(length)),
            (None, _) => Rung::Read,
        }
    }

    pub(crate) fn buffer_limit(&self) -> u64 {
        self.buffer_limit
    }

    /// Signs `head` at this moment: a body that took long to read has not aged the date.
    pub(crate) fn sign(
        &self,
        head: &mut Parts,
        payload: &Payload,
    ) -> Result<Option<Explanation>, SigningError> {
        let now = Timestamp::from_system_time((self.shared.clock)()).ok_or_else(|| {
            SigningError::new(SigningErrorKind::Clock, "the clock stands outside the years 1970 to 9999")
        })?;
        Ok(match self.explain {
            None => {
                self.signer.sign(head, payload, now)?;
                None
            }
            Some(masking) => Some(self.signer.sign_explained(head, payload, now, masking)?),
        })
    }
}

/// What the caller says of a body whose size is not known otherwise. One that is no number, or is there twice,
/// is refused when the head is signed.
fn content_length(head: &Parts) -> Option<u64> {
    head.headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
