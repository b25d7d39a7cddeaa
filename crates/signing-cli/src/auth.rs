//! Which signer signs a request: sections of a file, and parameters that come with the request.

use std::cell::OnceCell;
use std::path::Path;
use std::sync::Arc;

use http::Uri;
use signing_core::{AuthParams, Registry, Signer};
use tower_signing::{Match, Signers, SigningErrorKind, SigningOptions};

use crate::failure::Failure;
use crate::refusal::Refusal;

/// The sections of the file that `--auth` names, if there is one.
#[derive(Debug)]
pub(crate) struct Auth {
    file: Option<Signers>,
    registry: Registry,
}

/// Parameters that come with a request, and the signer they make when they stand alone.
#[derive(Debug)]
pub(crate) struct OwnParams {
    params: AuthParams,
    alone: OnceCell<Alone>,
}

#[derive(Debug)]
struct Alone {
    signer: Arc<Signer>,
    scope: Option<Match>,
}

impl Auth {
    /// Reads the file once.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, Failure> {
        let registry = Registry::new();
        let file = file.map(|path| Signers::from_file(path, &registry)).transpose();
        Ok(Self { file: file.map_err(|error| Failure::usage(error.to_string()))?, registry })
    }

    /// The signer for `uri`; `None` if the section says `Method = none`.
    ///
    /// `own` parameters override those of the section that the URL routes to (or that `section` names), one
    /// by one. With another method, or without a section, they stand alone and need no `Match`: whoever
    /// wrote them down beside the URL has said where they go.
    pub(crate) fn signer(
        &self,
        uri: &Uri,
        section: Option<&str>,
        own: Option<&OwnParams>,
    ) -> Result<Option<Arc<Signer>>, Refusal> {
        let options = options(section);
        match (&self.file, own) {
            (Some(file), None) => Ok(file.select(uri, &options, &self.registry, None)?),
            (Some(file), Some(own)) if self.overrides(file, uri, section, own)? => {
                let options = options.params(own.params.clone());
                Ok(file.select(uri, &options, &self.registry, None)?)
            }
            (_, Some(own)) => own.alone(uri, &self.registry).map(Some),
            (None, None) => {
                Err(Refusal::params("nothing says how to sign: there are no parameters and no --auth FILE"))
            }
        }
    }

    /// Whether `own` changes a section, rather than standing alone.
    fn overrides(
        &self,
        file: &Signers,
        uri: &Uri,
        section: Option<&str>,
        own: &OwnParams,
    ) -> Result<bool, Refusal> {
        // To ask which section it would be, not whether it may sign here: that is asked when it does.
        let anywhere: Match = "*".parse().map_err(Refusal::from)?;
        match file.select(uri, &options(section), &self.registry, Some(&anywhere)) {
            Ok(Some(signer)) => Ok(own
                .params
                .get("Method")
                .is_none_or(|method| method.eq_ignore_ascii_case(signer.method_name()))),
            Ok(None) => Ok(false),
            Err(error) if error.kind() == SigningErrorKind::Route && section.is_none() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn options(section: Option<&str>) -> SigningOptions {
    section.map_or_else(SigningOptions::new, |name| SigningOptions::new().section(name))
}

impl OwnParams {
    pub(crate) fn new(params: AuthParams) -> Self {
        Self { params, alone: OnceCell::new() }
    }

    fn alone(&self, uri: &Uri, registry: &Registry) -> Result<Arc<Signer>, Refusal> {
        let alone = match self.alone.get() {
            Some(alone) => alone,
            None => {
                let built = Alone::new(self.params.clone(), registry)?;
                self.alone.get_or_init(|| built)
            }
        };
        match &alone.scope {
            Some(scope) if !scope.covers(uri)? => {
                Err(Refusal::new("route", "the `Match` of these parameters does not cover the URL"))
            }
            _ => Ok(Arc::clone(&alone.signer)),
        }
    }
}

impl Alone {
    fn new(mut params: AuthParams, registry: &Registry) -> Result<Self, Refusal> {
        let scope = params.remove("Match").map(|text| text.expose().parse()).transpose()?;
        Ok(Self { signer: Arc::new(registry.signer(&params)?), scope })
    }
}
