//! Which signer signs a request: sections of a file, and parameters that come with the request.

use std::cell::OnceCell;
use std::path::Path;
use std::sync::Arc;

use http::Uri;
use http::request::Parts;
use signing_core::{AuthParams, Registry, Signer};
use tower_signing::{Match, Signers, SigningOptions};

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
    /// Where they may be used alone, unless they have a `Match`.
    implied: Option<Match>,
    alone: OnceCell<Alone>,
}

#[derive(Debug)]
struct Alone {
    signer: Arc<Signer>,
    scope: Option<Match>,
}

/// What signs a request.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// `None` if the section says `Method = none`: the request is to be sent unsigned.
    pub(crate) signer: Option<Arc<Signer>>,
    /// The section of the file; `None` if parameters stand alone.
    pub(crate) section: Option<String>,
}

impl Chosen {
    /// The signer, for a command that does nothing else than sign.
    pub(crate) fn into_signer(self) -> Result<Arc<Signer>, Refusal> {
        self.signer
            .ok_or_else(|| Refusal::new("route", "the section says `Method = none`: nothing is signed"))
    }
}

impl Auth {
    /// Reads the file once.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, Failure> {
        let registry = Registry::new();
        let file = file.map(|path| Signers::from_file(path, &registry)).transpose();
        Ok(Self { file: file.map_err(|error| Failure::usage(error.to_string()))?, registry })
    }

    /// The signer for a request; `None` if the section says `Method = none`.
    ///
    /// `own` parameters override those of the section that the URL routes to (or that `section` names), one
    /// by one. With another method, or without a section, they stand alone and need no `Match`: whoever
    /// wrote them down beside the URL has said where they go.
    pub(crate) fn signer(
        &self,
        head: &Parts,
        section: Option<&str>,
        own: Option<&OwnParams>,
    ) -> Result<Option<Arc<Signer>>, Refusal> {
        let Some(file) = &self.file else {
            let nothing = "nothing says how to sign: there are no parameters and no --auth FILE";
            return own.ok_or_else(|| Refusal::params(nothing))?.alone(&head.uri, &self.registry).map(Some);
        };
        let options = options(section, own);
        match own {
            Some(own) if file.section(head, &options)?.is_none() => {
                own.alone(&head.uri, &self.registry).map(Some)
            }
            _ => Ok(file.select(head, &options, &self.registry, None)?),
        }
    }

    /// [`signer`](Self::signer), and the section it belongs to.
    pub(crate) fn choose(
        &self,
        head: &Parts,
        section: Option<&str>,
        own: Option<&OwnParams>,
    ) -> Result<Chosen, Refusal> {
        let signer = self.signer(head, section, own)?;
        let section = match &self.file {
            Some(file) => file.section(head, &options(section, own))?.map(str::to_owned),
            None => None,
        };
        Ok(Chosen { signer, section })
    }
}

fn options(section: Option<&str>, own: Option<&OwnParams>) -> SigningOptions {
    let options = section.map_or_else(SigningOptions::new, |name| SigningOptions::new().section(name));
    match own {
        Some(own) => options.params(own.params.clone()),
        None => options,
    }
}

impl OwnParams {
    /// Standing alone, they sign wherever their `Match` allows, or anywhere.
    pub(crate) fn new(params: AuthParams) -> Self {
        Self { params, implied: None, alone: OnceCell::new() }
    }

    /// Standing alone, they sign wherever their `Match` allows, or for scheme, host and port of `url`: a
    /// redirect does not carry them elsewhere.
    pub(crate) fn for_url(params: AuthParams, url: &Uri) -> Result<Self, Refusal> {
        // A relative URL is signed for the Host header, and no other one is compared with it.
        let origin = url.scheme_str().zip(url.authority());
        let implied = origin.map(|(scheme, authority)| format!("{scheme}://{authority}/").parse::<Match>());
        let implied = implied.transpose().map_err(|error| Refusal::new("url", format!("the URL {error}")))?;
        Ok(Self { params, implied, alone: OnceCell::new() })
    }

    /// The same, with one parameter more, or another value of it.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.params.set(name, value);
        Self { alone: OnceCell::new(), ..self }
    }

    /// Standing alone, for every URL that their `Match` or a base URL allows.
    pub(crate) fn signers(&self, registry: &Registry) -> Result<Signers, Refusal> {
        let Alone { signer, scope } = Alone::new(self.params.clone(), registry)?;
        let mut signers = Signers::new();
        signers.insert("auth", scope, signer).map_err(|error| Refusal::params(error.to_string()))?;
        Ok(signers)
    }

    fn alone(&self, uri: &Uri, registry: &Registry) -> Result<Arc<Signer>, Refusal> {
        let alone = match self.alone.get() {
            Some(alone) => alone,
            None => {
                let built = Alone::new(self.params.clone(), registry)?;
                self.alone.get_or_init(|| built)
            }
        };
        let refusal = match (&alone.scope, &self.implied) {
            (Some(scope), _) if !scope.covers(uri)? => {
                "the `Match` of these parameters does not cover the URL"
            }
            (None, Some(implied)) if !implied.covers(uri)? => {
                "parameters without a `Match` are for scheme, host and port of the first URL only"
            }
            _ => return Ok(Arc::clone(&alone.signer)),
        };
        Err(Refusal::new("route", refusal))
    }
}

impl Alone {
    fn new(mut params: AuthParams, registry: &Registry) -> Result<Self, Refusal> {
        let scope = params.remove("Match").map(|text| text.expose().parse()).transpose()?;
        Ok(Self { signer: Arc::new(registry.signer(&params)?), scope })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::head;

    fn token(pairs: &[(&str, &str)]) -> AuthParams {
        let token = [("Method", "auth-token"), ("Header", "x"), ("Token", "t")];
        token.iter().chain(pairs).copied().collect()
    }

    #[track_caller]
    fn check(own: &OwnParams, url: &str, expected: Result<(), &str>) {
        let auth = Auth { file: None, registry: Registry::new() };
        let chosen = auth.choose(&head("GET", url).unwrap(), None, Some(own));
        let chosen = chosen.map(|chosen| assert!(chosen.signer.is_some() && chosen.section.is_none()));
        assert_eq!(chosen.map_err(|refusal| refusal.message().to_owned()), expected.map_err(str::to_owned));
    }

    #[test]
    fn the_first_url_says_where_parameters_sign() {
        let first = "https://A.example/x?y".parse().unwrap();
        let own = OwnParams::for_url(token(&[]), &first).unwrap();
        let refused = Err("parameters without a `Match` are for scheme, host and port of the first URL only");
        check(&own, "https://a.example:443/elsewhere", Ok(()));
        check(&own, "http://a.example/", refused);
        check(&own, "https://a.example:8443/", refused);
        check(&own, "https://a.example.evil.example/", refused);
        check(&OwnParams::new(token(&[])), "https://anywhere.example/", Ok(()));
    }

    #[test]
    fn a_match_says_it_instead() {
        let first = "https://a.example/".parse().unwrap();
        let own = OwnParams::for_url(token(&[("Match", "https://*.example/")]), &first).unwrap();
        check(&own, "https://b.example/", Ok(()));
        check(&own, "https://b.other/", Err("the `Match` of these parameters does not cover the URL"));
    }

    #[test]
    fn a_url_that_cannot_be_compared_is_refused() {
        let first = "https://user@a.example/".parse().unwrap();
        let refusal = OwnParams::for_url(token(&[]), &first).unwrap_err();
        assert_eq!((refusal.kind(), refusal.message()), ("url", "the URL cannot have user info"));
    }
}
