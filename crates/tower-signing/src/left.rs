//! What signing leaves in the extensions of a response, for those who have asked.

use std::fmt;
use std::sync::Arc;

use http::request::Parts;
use http::{Request, Response};
use signing_core::diagnose::{Refusal, Signed};
use signing_core::{Explanation, Masking, Payload, Signer, Timestamp};

use crate::options::Recording;
use crate::plan::Shared;
use crate::store::Current;
use crate::{SigningError, SigningOptions};

/// In a box, since usually nobody has asked.
#[derive(Default)]
pub(crate) struct Left(Option<Box<Asked>>);

#[derive(Default)]
struct Asked {
    explanation: Option<Explanation>,
    record: Option<Record>,
}

impl Left {
    pub(crate) fn new(record: Option<Record>) -> Self {
        Self(record.map(|record| Box::new(Asked { explanation: None, record: Some(record) })))
    }

    pub(crate) fn explain(&mut self, explanation: Explanation, rung: &'static str) {
        self.0.get_or_insert_default().explanation = Some(explanation.with_body(rung));
    }

    /// What a signing layer below has left stays: its signature is the one that was sent.
    pub(crate) fn put_into<R>(&mut self, response: &mut Response<R>) {
        let Some(asked) = self.0.take() else { return };
        let is_refusal = Refusal::is_likely(response.status(), response.headers());
        let extensions = response.extensions_mut();
        if let Some(explanation) = asked.explanation
            && extensions.get::<Explanation>().is_none()
        {
            extensions.insert(explanation);
        }
        if let Some(record) = asked.record
            && (is_refusal || record.options.record == Recording::All)
            && extensions.get::<SigningRecord>().is_none()
        {
            extensions.insert(SigningRecord(Arc::new(record)));
        }
    }
}

/// What it takes to tell later how a request was signed: few are refused, and telling costs more than signing.
///
/// A [`DiagnoseLayer`](crate::DiagnoseLayer) takes it out of the extensions of a response. Adapters for clients that are
/// no Tower services [ask](SigningOptions::record) for it, and [give](crate::DiagnoseLayer::diagnose) it with the
/// service's answer.
#[derive(Clone)]
pub struct SigningRecord(Arc<Record>);

/// The same, before it is known whether anybody wants it.
pub(crate) struct Record {
    shared: Arc<Shared>,
    /// What the signer is one of.
    current: Arc<Current>,
    options: SigningOptions,
    /// Before it was signed.
    head: Parts,
    covered: Covered,
    signed_at: Timestamp,
}

/// What was known of the body.
#[derive(Clone, Copy)]
pub(crate) enum Covered {
    Payload(Payload),
    /// Encoded while it was sent; the length is that before.
    Encoded(u64),
}

impl SigningRecord {
    /// What was signed, and by whom. Signing the same at the same moment gives the same signature.
    pub(crate) fn signed(&self) -> Signed {
        // It was signed once, so nothing of this fails.
        self.0.signed().ok().flatten().unwrap_or_default()
    }
}

impl Record {
    /// Of a head that is about to be signed.
    pub(crate) fn new(
        shared: &Arc<Shared>,
        current: &Arc<Current>,
        head: &Parts,
        covered: Covered,
        signed_at: Timestamp,
    ) -> Self {
        let mut copy = Request::new(()).into_parts().0;
        copy.method.clone_from(&head.method);
        copy.uri.clone_from(&head.uri);
        copy.headers.clone_from(&head.headers);
        let options = head.extensions.get::<SigningOptions>().cloned().unwrap_or_default();
        // Methods may have settings of their own there. Mostly the options are all there is.
        if head.extensions.len() > 1 {
            copy.extensions.clone_from(&head.extensions);
        }
        let (shared, current) = (Arc::clone(shared), Arc::clone(current));
        Self { shared, current, options, head: copy, covered, signed_at }
    }

    fn signed(&self) -> Result<Option<Signed>, SigningError> {
        let Some(signer) = self.signer(&self.current)? else { return Ok(None) };
        let mut head = self.head.clone();
        let Some(explanation) = self.sign_with(&signer, &mut head, Some(Masking::Masked))? else {
            return Ok(None);
        };
        let mut signed = Signed::from_explanation(&explanation)
            .with_credentials_hidden(&head)
            .with_clock_correction(signer.clock_correction())
            .with_credentials_replaced(self.is_replaced(&signer)?);
        if let Some(key_id) = signer.key_id() {
            signed = signed.with_key_id(key_id);
        }
        Ok(Some(match self.current.signers.section(&self.head, &self.options)? {
            Some(section) => signed.with_section(section),
            None => signed,
        }))
    }

    /// Whether the credentials are others by now: a new generation alone does not say so, nor that another region, clock or
    /// section would make another signature.
    fn is_replaced(&self, signer: &Signer) -> Result<bool, SigningError> {
        let current = self.shared.store.load();
        if Arc::ptr_eq(&current, &self.current) {
            return Ok(false);
        }
        let Ok(Some(newer)) = self.signer(&current) else { return Ok(false) };
        if signer.key_id() != newer.key_id() {
            return Ok(true);
        }
        let (mut before, mut now) = (self.head.clone(), self.head.clone());
        let before_texts = texts(self.sign_with(signer, &mut before, Some(Masking::Masked))?.as_ref());
        let Ok(explanation) = self.sign_with(&newer, &mut now, Some(Masking::Masked)) else {
            return Ok(false);
        };
        let is_same_text = before_texts == texts(explanation.as_ref());
        Ok(is_same_text && (before.headers != now.headers || before.uri != now.uri))
    }

    fn signer(&self, current: &Current) -> Result<Option<Arc<Signer>>, SigningError> {
        let Shared { registry, base_url, .. } = &*self.shared;
        current.signers.select(&self.head, &self.options, registry, base_url.as_ref())
    }

    fn sign_with(
        &self,
        signer: &Signer,
        head: &mut Parts,
        explain: Option<Masking>,
    ) -> Result<Option<Explanation>, SigningError> {
        Ok(match (&self.covered, explain) {
            (Covered::Payload(payload), None) => {
                signer.sign(head, payload, self.signed_at)?;
                None
            }
            (Covered::Payload(payload), Some(masking)) => {
                Some(signer.sign_explained(head, payload, self.signed_at, masking)?)
            }
            (Covered::Encoded(length), explain) => {
                signer.sign_encoded(head, *length, self.signed_at, explain)?.explanation
            }
        })
    }
}

/// What is signed, as far as it does not depend on the credentials.
fn texts(explanation: Option<&Explanation>) -> [Option<String>; 2] {
    let canonical_request = explanation.and_then(Explanation::canonical_request);
    let string_to_sign = explanation.and_then(Explanation::string_to_sign);
    let string_to_sign = match canonical_request {
        // Its last line is the hash of the canonical request, in which a session token is not masked.
        Some(_) => string_to_sign.and_then(|text| text.rsplit_once('\n')).map(|(before, _)| before),
        None => string_to_sign,
    };
    [canonical_request, string_to_sign].map(|text| text.map(str::to_owned))
}

impl fmt::Debug for SigningRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningRecord").finish_non_exhaustive()
    }
}
