//! What is to be done with one request: which signer, and what it needs of the body.

use std::sync::Arc;
use std::time::SystemTime;

use http::Request;
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http_body::Body;
use signing_core::{
    BodyEncoder, Encoded, Masking, Payload, PayloadHash, PayloadNeed, Registry, Signer, Timestamp,
};

use crate::body::Overflow;
use crate::body::spool::SpoolSettings;
use crate::left::{Covered, Left, Record};
use crate::options::Recording;
use crate::select::Chosen;
use crate::signers::BodySettings;
use crate::store::Current;
use crate::{Match, SignerStore, SigningError, SigningErrorKind, SigningOptions};

/// What all clones of a layer and its services share.
pub(crate) struct Shared {
    pub(crate) store: SignerStore,
    pub(crate) registry: Registry,
    pub(crate) clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    pub(crate) base_url: Option<Match>,
    pub(crate) buffer_limit: u64,
    pub(crate) spool: SpoolSettings,
    /// Ends the watching thread when the last layer goes.
    #[cfg(feature = "watch")]
    pub(crate) _watch: Option<crate::watch::Watch>,
}

/// One signature to be made, all of it from one snapshot.
pub(crate) struct Plan<'c> {
    shared: &'c Arc<Shared>,
    body: &'c BodySettings,
    signer: Chosen<'c>,
    known_hash: Option<PayloadHash>,
    explain: Option<Masking>,
    recorded: Option<&'c Arc<Current>>,
}

/// What makes a signature.
#[derive(Clone, Copy)]
pub(crate) struct Signing<'s> {
    shared: &'s Arc<Shared>,
    signer: &'s Signer,
    explain: Option<Masking>,
    /// The snapshot that the signer is of, if a record is to be left.
    recorded: Option<&'s Arc<Current>>,
}

/// The same, for when the body was read.
pub(crate) struct LaterSigning {
    shared: Arc<Shared>,
    signer: Arc<Signer>,
    explain: Option<Masking>,
    recorded: Option<Arc<Current>>,
}

/// How the body gets to the wire.
pub(crate) enum Rung {
    /// As it is; this much is known of it.
    Through(Payload),
    /// So many bytes, encoded while they are sent.
    Encoded(u64),
    /// Read first. It is hashed on the way, or else its length is all that is missing.
    Read { limit: u64, overflow: Overflow, then: AfterRead },
}

/// What a body is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AfterRead {
    /// Its hash is signed.
    Hash,
    /// It is encoded while it is sent.
    Encoding,
}

impl<'c> Plan<'c> {
    /// `None`: the request is to be sent as it is.
    pub(crate) fn new<B>(
        shared: &'c Arc<Shared>,
        current: &'c Arc<Current>,
        request: &Request<B>,
    ) -> Result<Option<Self>, SigningError> {
        static UNSET: SigningOptions = SigningOptions::new();
        let options = request.extensions().get::<SigningOptions>().unwrap_or(&UNSET);
        let base_url = shared.base_url.as_ref();
        let chosen = current.signers.choose(request.into(), options, &shared.registry, base_url)?;
        Ok(chosen.map(|signer| Self {
            shared,
            body: &current.signers.body,
            signer,
            known_hash: options.payload_hash,
            explain: options.explain,
            recorded: (options.record != Recording::None).then_some(current),
        }))
    }

    pub(crate) fn signing(&self) -> Signing<'_> {
        let Self { shared, explain, recorded, .. } = *self;
        Signing { shared, signer: self.signer.signer(), explain, recorded }
    }

    pub(crate) fn into_later(self) -> LaterSigning {
        let Self { shared, signer, explain, recorded, .. } = self;
        let recorded = recorded.map(Arc::clone);
        LaterSigning { shared: Arc::clone(shared), signer: signer.into_shared(), explain, recorded }
    }

    /// The cheapest rung that is right for this request.
    pub(crate) fn rung<B: Body>(&self, head: &Parts, body: &B) -> Result<Rung, SigningError> {
        let need = self.signer.signer().payload_need(head);
        let is_empty = body.is_end_stream();
        let length =
            if is_empty { Some(0) } else { body.size_hint().exact().or_else(|| content_length(head)) };
        let rung = match (need, length) {
            (PayloadNeed::Encoding, Some(length)) => Rung::Encoded(length),
            (PayloadNeed::Encoding, None) => self.read(None, AfterRead::Encoding, false),
            _ if is_empty => Rung::Through(Payload::EMPTY),
            // Many an empty body cannot say so before it is polled. It is read to prove it: a client would send
            // the head as a whole request before the body could prove it wrong.
            (_, Some(0)) => self.read(length, AfterRead::Hash, false),
            (need, _) => match (self.known_hash, need) {
                (Some(hash), _) => Rung::Through(Payload::hashed(hash, length)),
                (None, PayloadNeed::Nothing) => Rung::Through(Payload::unread(length)),
                (None, need) => self.read(length, AfterRead::Hash, need == PayloadNeed::Sha256OrEncoding),
            },
        };
        if let Rung::Read { overflow: Overflow::Spool { .. }, then, .. } = rung {
            self.check_head(head, length, then)?;
        }
        Ok(rung)
    }

    /// Signs a copy, as if the body was read: what is wrong with the head is told before a disk is filled.
    fn check_head(&self, head: &Parts, length: Option<u64>, then: AfterRead) -> Result<(), SigningError> {
        let (mut copy, now) = (head.clone(), self.signing().now()?);
        let signer = self.signer.signer();
        match then {
            AfterRead::Encoding => {
                signer.sign_encoded(&mut copy, length.unwrap_or(0), now, None).map(drop)?;
            }
            AfterRead::Hash => signer.sign(&mut copy, &Payload::hashed(PayloadHash::EMPTY, length), now)?,
        }
        Ok(())
    }

    /// A stream is held in memory if it may, then in a file; it is encoded if it `can_encode` and nothing else will do.
    fn read(&self, length: Option<u64>, then: AfterRead, can_encode: bool) -> Rung {
        let settings = self.body;
        let limit = settings.buffer_limit.unwrap_or(self.shared.buffer_limit);
        let overflow = match length {
            Some(length) if length <= limit => Overflow::Refuse,
            length => {
                let spool = settings.spool(&self.shared.spool);
                let is_allowed = spool.per_body() > limit;
                match (length, spool.check(length.unwrap_or(0))) {
                    (_, Ok(())) if is_allowed => Overflow::Spool { settings: spool, length },
                    (Some(length), _) if can_encode => Overflow::Stop { length },
                    (_, Err(error)) if is_allowed => Overflow::Fail(error),
                    _ => Overflow::Refuse,
                }
            }
        };
        Rung::Read { limit, overflow, then }
    }
}

impl LaterSigning {
    pub(crate) fn signing(&self) -> Signing<'_> {
        let Self { shared, signer, explain, recorded } = self;
        Signing { shared, signer, explain: *explain, recorded: recorded.as_ref() }
    }
}

impl Signing<'_> {
    /// Signs `head` at this moment: a body that took long to read has not aged the date.
    pub(crate) fn sign(
        &self,
        head: &mut Parts,
        payload: &Payload,
        rung: &'static str,
    ) -> Result<Left, SigningError> {
        let now = self.now()?;
        let mut left = self.left(head, Covered::Payload(*payload), now);
        match self.explain {
            None => self.signer.sign(head, payload, now)?,
            Some(masking) => left.explain(self.signer.sign_explained(head, payload, now, masking)?, rung),
        }
        self.tell(rung);
        Ok(left)
    }

    /// Signs `head` for a body of `length` bytes that is encoded while it is sent.
    pub(crate) fn sign_encoded(
        &self,
        head: &mut Parts,
        length: u64,
    ) -> Result<(Box<dyn BodyEncoder>, Left), SigningError> {
        let now = self.now()?;
        let mut left = self.left(head, Covered::Encoded(length), now);
        let Encoded { encoder, explanation, .. } =
            self.signer.sign_encoded(head, length, now, self.explain)?;
        if let Some(explanation) = explanation {
            left.explain(explanation, encoder.form());
        }
        self.tell(encoder.form());
        Ok((encoder, left))
    }

    /// What is kept of a head that is about to be signed.
    fn left(&self, head: &Parts, covered: Covered, now: Timestamp) -> Left {
        let record = self.recorded.map(|current| Record::new(self.shared, current, head, covered, now));
        Left::new(record)
    }

    /// Which rung it was.
    fn tell(&self, rung: &'static str) {
        tracing::debug!(method = self.signer.method_name(), body = rung, "request signed");
    }

    fn now(&self) -> Result<Timestamp, SigningError> {
        Timestamp::from_system_time((self.shared.clock)()).ok_or_else(|| {
            SigningError::new(SigningErrorKind::Clock, "the clock stands outside the years 1970 to 9999")
        })
    }
}

/// What the caller says of a body whose size is not known otherwise. One that is no number, or is there twice,
/// is refused when the head is signed.
fn content_length(head: &Parts) -> Option<u64> {
    head.headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
