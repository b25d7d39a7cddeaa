//! What is to be done with one request: which signer, and what it needs of the body.

use std::sync::Arc;
use std::time::SystemTime;

use http::Request;
use http::request::Parts;
use http_body::Body;
use signing_core::{
    AuthParams, Explanation, Masking, Payload, PayloadHash, PayloadNeed, Registry, Signer, Timestamp,
};

use crate::options::{Choice, SigningOptions};
use crate::signers::{Action, Section, check_scope};
use crate::store::Current;
use crate::{Match, SignerStore, SigningError, SigningErrorKind};

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
        let signer = match &options.choice {
            Choice::Skip => None,
            Choice::Signer(signer, scope) => {
                let scope = scope.as_ref().or(shared.base_url.as_ref());
                check_scope(signer, "(of the request)", scope, request.uri())?;
                Some(Arc::clone(signer))
            }
            Choice::Section(name) => {
                shared.signer_of(current.signers.named(name), options, request, &current)?
            }
            Choice::Route => {
                shared.signer_of(current.signers.route(request.uri()), options, request, &current)?
            }
        };
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

impl Shared {
    fn signer_of<B>(
        &self,
        section: Result<&Arc<Section>, SigningError>,
        options: &SigningOptions,
        request: &Request<B>,
        current: &Current,
    ) -> Result<Option<Arc<Signer>>, SigningError> {
        if let Some(params) = &options.params {
            return self.signer_with_params(section, params, request).map(Some);
        }
        let section = section?;
        let scope = section.scope.as_ref().or(self.base_url.as_ref());
        let Action::Sign(signer) = &section.action else {
            return match scope {
                // Also what passes unsigned keeps to its section's URLs: another section may sign this one.
                Some(scope) if !scope.covers(request.uri())? => Err(SigningError::route(
                    "a section with `Method = none` was asked for outside its `Match`",
                )),
                _ => Ok(None),
            };
        };
        check_scope(signer, &section.name, scope, request.uri())?;
        tracing::trace!(
            section = &*section.name,
            method = signer.method_name(),
            generation = current.generation.number,
            "signing a request"
        );
        Ok(Some(Arc::clone(signer)))
    }

    /// A signer of the request's own parameters, on top of the section's unless they stand alone.
    fn signer_with_params<B>(
        &self,
        section: Result<&Arc<Section>, SigningError>,
        params: &AuthParams,
        request: &Request<B>,
    ) -> Result<Arc<Signer>, SigningError> {
        let mut params = params.clone();
        let own_scope = params.remove("Match").map(|text| {
            let error =
                |error: crate::MatchError| signing_core::ParamError::invalid("Match", error.to_string());
            text.expose().parse::<Match>().map_err(error)
        });
        let own_scope = own_scope.transpose()?;
        let method = |params: &AuthParams| params.get("Method").map(str::to_ascii_lowercase);
        let stands_alone = match (&section, method(&params)) {
            (_, None) => false,
            (Err(_), Some(_)) => true,
            (Ok(section), Some(own)) => method(&section.params).is_none_or(|its| its != own),
        };
        if stands_alone {
            let signer = Arc::new(self.registry.signer(&params)?);
            check_scope(
                &signer,
                "(of the request)",
                own_scope.as_ref().or(self.base_url.as_ref()),
                request.uri(),
            )?;
            return Ok(signer);
        }
        let section = section?;
        if matches!(section.action, Action::PassThrough) {
            return Err(SigningError::new(
                SigningErrorKind::Params,
                "the section has `Method = none`: give a Method with the request's parameters",
            ));
        }
        let signer = Arc::new(self.registry.signer(&section.params.overridden_by(&params))?);
        for scope in
            [section.scope.as_ref().or(self.base_url.as_ref()), own_scope.as_ref()].into_iter().flatten()
        {
            check_scope(&signer, &section.name, Some(scope), request.uri())?;
        }
        if section.scope.is_none() && self.base_url.is_none() {
            check_scope(&signer, &section.name, None, request.uri())?;
        }
        Ok(signer)
    }
}

impl Signing {
    pub(crate) fn rung<B: Body>(&self, head: &Parts, body: &B) -> Rung {
        let length = body.size_hint().exact();
        if body.is_end_stream() {
            return Rung::Through(Payload::EMPTY);
        }
        if let Some(hash) = self.known_hash {
            return Rung::Through(Payload::hashed(hash, length));
        }
        match self.signer.payload_need(head) {
            PayloadNeed::Nothing => Rung::Through(Payload::unread(length)),
            _ => Rung::Read,
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
