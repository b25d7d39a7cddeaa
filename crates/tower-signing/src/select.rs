//! Which signer signs a request, and whether it may.

use std::sync::Arc;

use http::Uri;
use signing_core::{AuthParams, ParamError, Reach, Registry, Signer, is_loopback};

use crate::options::Choice;
use crate::signers::{Action, Section};
use crate::url::Target;
use crate::{Match, Signers, SigningError, SigningErrorKind, SigningOptions};

/// What errors call a signer that belongs to no section.
const OF_THE_REQUEST: &str = "(of the request)";

impl Signers {
    /// The signer for a request to `uri`; `None` if it is to be sent unsigned.
    ///
    /// This is what a [`SigningService`](crate::SigningService) asks; adapters for clients that are no Tower
    /// services ask it themselves. `base_url` binds sections without a `Match`.
    ///
    /// # Errors
    ///
    /// No section covers the URL, the one that was asked for may not be used there, the URL cannot be
    /// compared safely, or the request's own parameters make no signer.
    pub fn select(
        &self,
        uri: &Uri,
        options: &SigningOptions,
        registry: &Registry,
        base_url: Option<&Match>,
    ) -> Result<Option<Arc<Signer>>, SigningError> {
        let section = match &options.choice {
            Choice::Skip => return Ok(None),
            Choice::Signer(signer, scope) => {
                check_scope(signer, OF_THE_REQUEST, scope.as_ref().or(base_url), uri)?;
                return Ok(Some(Arc::clone(signer)));
            }
            Choice::Section(name) => Some(self.named(name)?),
            Choice::Route => self.route(uri)?,
        };
        match (&options.params, section) {
            (Some(params), section) => signer_of_params(params, section, registry, base_url, uri).map(Some),
            (None, Some(section)) => section.signer(base_url, uri),
            (None, None) => Err(unrouted(uri)),
        }
    }
}

impl Section {
    fn signer(&self, base_url: Option<&Match>, uri: &Uri) -> Result<Option<Arc<Signer>>, SigningError> {
        let scope = self.scope.as_ref().or(base_url);
        match &self.action {
            Action::Sign(signer) => {
                check_scope(signer, &self.name, scope, uri)?;
                Ok(Some(Arc::clone(signer)))
            }
            // Also what passes unsigned keeps to its section's URLs: another section may sign this one.
            Action::PassThrough => match scope {
                Some(scope) if !scope.covers(uri)? => Err(outside(&self.name, uri, NOT_COVERED)),
                _ => Ok(None),
            },
        }
    }
}

/// A signer of the request's own parameters, on top of the section's unless they stand alone.
fn signer_of_params(
    params: &AuthParams,
    section: Option<&Arc<Section>>,
    registry: &Registry,
    base_url: Option<&Match>,
    uri: &Uri,
) -> Result<Arc<Signer>, SigningError> {
    let mut params = params.clone();
    let own_scope = params.remove("Match").map(|text| {
        let scope = text.expose().parse::<Match>();
        scope.map_err(|error| ParamError::invalid("Match", error.to_string()))
    });
    let own_scope = own_scope.transpose()?;
    let base = section.filter(|section| !stands_alone(&params, section));
    let Some(section) = base else {
        let signer = Arc::new(registry.signer(&params)?);
        check_scope(&signer, OF_THE_REQUEST, own_scope.as_ref().or(base_url), uri)?;
        return Ok(signer);
    };
    let signer = Arc::new(registry.signer(&section.params.overridden_by(&params))?);
    // A `Match` of the request's own can narrow the section's, never widen it.
    check_scope(&signer, &section.name, section.scope.as_ref().or(base_url), uri)?;
    if let Some(own) = &own_scope {
        check_scope(&signer, OF_THE_REQUEST, Some(own), uri)?;
    }
    Ok(signer)
}

/// Another method than the section's, or a section that has none: nothing is taken from it.
fn stands_alone(params: &AuthParams, section: &Section) -> bool {
    match (params.get("Method"), section.params.get("Method")) {
        (Some(own), Some(its)) => !own.eq_ignore_ascii_case(its),
        (Some(_), None) => true,
        (None, _) => matches!(section.action, Action::PassThrough),
    }
}

const NOT_COVERED: &str = "its `Match` does not cover the URL";

/// Whether `signer` may sign for `uri`. Without a `Match` it is up to the method: most know their services'
/// hosts and sign for those, and for this machine; what a stranger could use again needs one.
fn check_scope(signer: &Signer, section: &str, scope: Option<&Match>, uri: &Uri) -> Result<(), SigningError> {
    if let Some(scope) = scope {
        return if scope.covers(uri)? { Ok(()) } else { Err(outside(section, uri, NOT_COVERED)) };
    }
    let target = Target::of(uri)?;
    let is_known = match signer.reach() {
        Reach::Named => {
            let reason = "its method needs a `Match` or a base URL, since its output can be used again";
            return Err(outside(section, uri, reason));
        }
        Reach::Known(is_known) => is_known(&target.host) || is_loopback(uri),
        Reach::Host(host) => target.host == host,
    };
    if is_known {
        return Ok(());
    }
    let reason = "it has no `Match`, and its method does not know this host; add `Match = https://…` (`Match = *` is any URL)";
    Err(outside(section, uri, reason))
}

fn outside(section: &str, uri: &Uri, reason: &str) -> SigningError {
    let host = uri.host().unwrap_or_default().escape_debug();
    let message = format!("section `{}` may not sign for `{host}`: {reason}", section.escape_debug());
    SigningError::new(SigningErrorKind::Route, message)
}

fn unrouted(uri: &Uri) -> SigningError {
    let host = uri.host().unwrap_or_default().escape_debug();
    let message = format!("no section has a `Match` for `{host}`, and there is no default");
    SigningError::new(SigningErrorKind::Route, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(scope: Option<&str>, params: &[(&str, &str)], url: &str) -> Result<(), SigningError> {
        let params = params.iter().copied().collect();
        let mut signers = Signers::new();
        let signer = Registry::new().signer(&params).unwrap();
        signers.insert("auth", scope.map(|scope| scope.parse().unwrap()), signer).unwrap();
        signers.select(&url.parse().unwrap(), &SigningOptions::new(), &Registry::new(), None).map(drop)
    }

    const TOKEN: &[(&str, &str)] = &[("Method", "auth-token"), ("Header", "x"), ("Token", "t")];
    const AWS: &[(&str, &str)] =
        &[("Method", "aws-signature-v4"), ("AccessKeyId", "A"), ("SecretAccessKey", "s")];

    #[track_caller]
    fn check_refused(result: Result<(), SigningError>, message: &str) {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), SigningErrorKind::Route);
        assert!(error.to_string().contains(message), "{error}");
    }

    #[test]
    fn a_method_whose_output_can_be_used_again_needs_a_match() {
        let url = "https://a.example/";
        check_refused(select(None, TOKEN, url), "needs a `Match`");
        select(Some("https://a.example"), TOKEN, url).unwrap();
        select(Some("*"), TOKEN, url).unwrap();
        check_refused(
            select(Some("https://b.example"), TOKEN, url),
            "no section has a `Match` for `a.example`",
        );
    }

    #[test]
    fn without_a_match_a_method_signs_for_hosts_it_knows_and_for_this_machine() {
        select(None, AWS, "https://sqs.eu-west-1.amazonaws.com/").unwrap();
        select(None, AWS, "http://127.0.0.1:9000/").unwrap();
        check_refused(select(None, AWS, "https://minio.example/"), "add `Match = https://…`");
        check_refused(
            select(None, AWS, "https://sqs.eu-west-1.amazonaws.com.evil.example/"),
            "does not know this host",
        );
    }
}
