//! Which signer signs a request, and whether it may.

use std::fmt;
use std::sync::Arc;

use http::header::HOST;
use http::request::Parts;
use http::uri::Scheme;
use http::{HeaderValue, Request, Uri};
use signing_core::{AuthParams, ParamError, Reach, Registry, Signer, is_loopback};

use crate::options::Choice;
use crate::signers::{Action, KnownHost, Section};
use crate::url::{Target, UrlFault, normal_host};
use crate::{Match, Signers, SigningError, SigningErrorKind, SigningOptions};

/// What errors call a signer that belongs to no section.
const OF_THE_REQUEST: &str = "(of the request)";

/// Where a request goes, and what its own `Host` header says of that.
///
/// Made from a request or its head; from a URL alone only where no `Host` header is sent.
#[derive(Clone, Copy)]
pub struct Destination<'d> {
    uri: &'d Uri,
    host: Option<&'d HeaderValue>,
}

/// Without the URL's query, which may hold a credential.
impl fmt::Debug for Destination<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { uri, host } = self;
        f.debug_struct("Destination").field("url_host", &uri.host()).field("host_header", host).finish()
    }
}

impl<'d> From<&'d Uri> for Destination<'d> {
    fn from(uri: &'d Uri) -> Self {
        Self { uri, host: None }
    }
}

impl<'d> From<&'d Parts> for Destination<'d> {
    fn from(head: &'d Parts) -> Self {
        Self { uri: &head.uri, host: head.headers.get(HOST) }
    }
}

impl<'d, B> From<&'d Request<B>> for Destination<'d> {
    fn from(request: &'d Request<B>) -> Self {
        Self { uri: request.uri(), host: request.headers().get(HOST) }
    }
}

/// A destination, and what is compared of its URL. A URL that cannot be compared is an error only where it must be.
struct Address<'d> {
    uri: &'d Uri,
    host: Option<&'d HeaderValue>,
    target: Result<Target<'d>, UrlFault>,
}

impl<'d> Address<'d> {
    fn of(Destination { uri, host }: Destination<'d>) -> Self {
        Self { uri, host, target: Target::of(uri) }
    }

    fn target(&self) -> Result<&Target<'d>, SigningError> {
        Ok(self.target.as_ref().map_err(|&fault| fault)?)
    }
}

/// A signer of the configuration, or one of this request alone.
pub(crate) enum Chosen<'s> {
    Kept(&'s Arc<Signer>),
    Made(Arc<Signer>),
}

impl Chosen<'_> {
    pub(crate) fn signer(&self) -> &Signer {
        match self {
            Self::Kept(signer) => signer,
            Self::Made(signer) => signer,
        }
    }

    pub(crate) fn into_shared(self) -> Arc<Signer> {
        match self {
            Self::Kept(signer) => Arc::clone(signer),
            Self::Made(signer) => signer,
        }
    }
}

impl Signers {
    /// The signer for a request; `None` if it is to be sent unsigned.
    ///
    /// This is what a [`SigningService`](crate::SigningService) asks; adapters for clients that are no Tower
    /// services ask it themselves. `base_url` binds sections without a `Match`.
    ///
    /// # Errors
    ///
    /// No section covers the URL, the one that was asked for may not be used there, the URL cannot be
    /// compared safely, or the request's own parameters make no signer.
    pub fn select<'d>(
        &self,
        to: impl Into<Destination<'d>>,
        options: &SigningOptions,
        registry: &Registry,
        base_url: Option<&Match>,
    ) -> Result<Option<Arc<Signer>>, SigningError> {
        let chosen = self.choose(to.into(), options, registry, base_url)?;
        Ok(chosen.map(Chosen::into_shared))
    }

    /// [`select`](Self::select) without counting one more use of a signer that many threads share.
    pub(crate) fn choose(
        &self,
        to: Destination<'_>,
        options: &SigningOptions,
        registry: &Registry,
        base_url: Option<&Match>,
    ) -> Result<Option<Chosen<'_>>, SigningError> {
        if let Some(signer) = self.lone_signer(to, options, base_url) {
            return Ok(Some(Chosen::Kept(signer)));
        }
        let to = Address::of(to);
        let section = match (&options.choice, &options.params) {
            (Choice::Skip, None) => return Ok(None),
            (Choice::Signer(signer, scope), None) => {
                check_scope(signer, OF_THE_REQUEST, scope.as_ref().or(base_url), None, &to)?;
                return Ok(Some(Chosen::Made(Arc::clone(signer))));
            }
            (Choice::Skip | Choice::Signer(..), Some(_)) => {
                let message =
                    "a request cannot have parameters beside a signer of its own, or when it is not signed";
                return Err(SigningError::new(SigningErrorKind::Params, message));
            }
            (Choice::Section(name), _) => Some(self.named(name)?),
            (Choice::Route, _) => self.route(to.target()?)?,
        };
        match (&options.params, section) {
            (Some(params), section) => {
                signer_of_params(params, section, registry, base_url, &to).map(Chosen::Made).map(Some)
            }
            (None, Some(section)) => section.signer(base_url, &to),
            (None, None) => Err(unrouted(to.uri)),
        }
    }

    /// The one signer of a configuration without routes, for the host that it has signed for before, over TLS: what
    /// most requests are for, told without taking their URLs apart. (A twentieth of all that signing costs.)
    fn lone_signer(
        &self,
        to: Destination<'_>,
        options: &SigningOptions,
        base_url: Option<&Match>,
    ) -> Option<&Arc<Signer>> {
        let section = self.lone_section()?;
        let Action::Sign(signer) = &section.action else { return None };
        let is_unbound = section.scope.is_none() && base_url.is_none();
        let is_routed = matches!(options.choice, Choice::Route) && options.params.is_none();
        let is_secure = to.uri.scheme() == Some(&Scheme::HTTPS) && to.host.is_none();
        if !(is_unbound && is_routed && is_secure) {
            return None;
        }
        section.known_host.is(to.uri.authority()?.as_str()).then_some(signer)
    }

    /// The section whose signer or parameters [`select`](Self::select) uses for a request; `None` if the
    /// request's own stand alone, or no section covers the URL. Whether it may sign there is not asked.
    ///
    /// # Errors
    ///
    /// There is no section of the name that was asked for, or the URL cannot be compared safely.
    pub fn section<'d>(
        &self,
        to: impl Into<Destination<'d>>,
        options: &SigningOptions,
    ) -> Result<Option<&str>, SigningError> {
        let section = match &options.choice {
            Choice::Skip | Choice::Signer(..) => None,
            Choice::Section(name) => Some(self.named(name)?),
            Choice::Route => self.route(Address::of(to.into()).target()?)?,
        };
        let is_used = |section: &&Arc<Section>| {
            options.params.as_ref().is_none_or(|params| !stands_alone(params, section))
        };
        Ok(section.filter(is_used).map(|section| &*section.name))
    }
}

impl Section {
    fn signer(&self, base_url: Option<&Match>, to: &Address<'_>) -> Result<Option<Chosen<'_>>, SigningError> {
        let scope = self.scope.as_ref().or(base_url);
        match &self.action {
            Action::Sign(signer) => {
                check_scope(signer, &self.name, scope, Some(&self.known_host), to)?;
                Ok(Some(Chosen::Kept(signer)))
            }
            // Also what passes unsigned keeps to its section's URLs: another section may sign this one.
            Action::PassThrough => match scope {
                Some(scope) if !scope.covers_target(&to.target)? => {
                    Err(outside(&self.name, to.uri, NOT_COVERED))
                }
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
    to: &Address<'_>,
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
        check_scope(&signer, OF_THE_REQUEST, own_scope.as_ref().or(base_url), None, to)?;
        return Ok(signer);
    };
    let signer = Arc::new(registry.signer(&section.params.overridden_by(&params))?);
    // A `Match` of the request's own can narrow the section's, never widen it.
    check_scope(&signer, &section.name, section.scope.as_ref().or(base_url), None, to)?;
    if let Some(own) = &own_scope {
        check_scope(&signer, OF_THE_REQUEST, Some(own), None, to)?;
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

/// Whether `signer` may sign for this destination.
///
/// Without a `Match` it is up to the method: most know their services' hosts and sign for those, over TLS, and
/// for this machine; what a stranger could use again needs a `Match`. A `Host` header that names another host
/// than the URL needs one, too: a redirect keeps the header, and the signature for one host would reach another.
fn check_scope(
    signer: &Signer,
    section: &str,
    scope: Option<&Match>,
    known_host: Option<&KnownHost>,
    to: &Address<'_>,
) -> Result<(), SigningError> {
    let uri = to.uri;
    let refuse = |reason| Err(outside(section, uri, reason));
    if let Some(scope) = scope {
        return if scope.covers_target(&to.target)? { Ok(()) } else { refuse(NOT_COVERED) };
    }
    let target = to.target()?;
    if to.host.is_some_and(|host| !names(host, &target.host)) {
        return refuse("it has no `Match`, and the Host header names another host");
    }
    let is_known = match signer.reach() {
        Reach::Named => {
            return refuse("its method needs a `Match` or a base URL, since its output can be used again");
        }
        Reach::Known(is_known) => {
            known_host.map_or_else(|| is_known(&target.host), |known| known.knows(&target.host, is_known))
                || is_loopback(uri)
        }
        Reach::Host(host) => target.host == host,
    };
    if !is_known {
        return refuse(
            "it has no `Match`, and its method does not know this host; add `Match = https://…` (`Match = *` is any URL)",
        );
    }
    if !target.is_secure() && !is_loopback(uri) {
        return refuse("it has no `Match`, and goes over TLS only then; add `Match = http://…`");
    }
    Ok(())
}

/// Whether a `Host` header names `host`, which is in its normal form; whatever the port.
fn names(header: &HeaderValue, host: &str) -> bool {
    let text = header.to_str().unwrap_or_default().trim();
    let name = match text.rfind([':', ']']) {
        Some(colon) if text.as_bytes()[colon] == b':' => &text[..colon],
        _ => text,
    };
    normal_host(name).is_some_and(|name| name == host)
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
        let uri: Uri = url.parse().unwrap();
        signers.select(&uri, &SigningOptions::new(), &Registry::new(), None).map(drop)
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

    #[test]
    fn hosts_below_the_domains_of_aws_that_are_anyones_are_strangers() {
        for host in [
            "ec2-203-0-113-9.compute-1.amazonaws.com",
            "x.us-east-1.elb.amazonaws.com",
            "b.s3-website-us-east-1.amazonaws.com",
        ] {
            check_refused(select(None, AWS, &format!("https://{host}/")), "does not know this host");
        }
        check_refused(select(None, AWS, "http://sqs.eu-west-1.amazonaws.com/"), "over TLS only");
        select(Some("http://sqs.eu-west-1.amazonaws.com"), AWS, "http://sqs.eu-west-1.amazonaws.com/")
            .unwrap();
    }

    #[test]
    fn a_host_that_was_signed_for_is_looked_at_again() {
        let signers = Signers::from(Registry::new().signer(&AWS.iter().copied().collect()).unwrap());
        let host = "sqs.eu-west-1.amazonaws.com";
        let select = |url: &str, options: &SigningOptions| {
            signers.select(&url.parse::<Uri>().unwrap(), options, &Registry::new(), None)
        };
        let unset = SigningOptions::new();
        for _ in 0..2 {
            assert!(select(&format!("https://{host}/"), &unset).unwrap().is_some());
        }
        let over_http = select(&format!("http://{host}/"), &unset).map(drop);
        check_refused(over_http, "over TLS only");
        check_refused(select(&format!("https://{host}.evil.example/"), &unset).map(drop), "does not know");
        let named = select(&format!("https://user@{host}/"), &unset).unwrap_err();
        assert_eq!(named.kind(), SigningErrorKind::Url);
        assert!(select(&format!("https://{host}/"), &SigningOptions::new().skip()).unwrap().is_none());
        let elsewhere = SigningOptions::new().section("elsewhere");
        check_refused(select(&format!("https://{host}/"), &elsewhere).map(drop), "there is no section");
        let base_url = "https://minio.example".parse().unwrap();
        let uri: Uri = format!("https://{host}/").parse().unwrap();
        let bound = signers.select(&uri, &unset, &Registry::new(), Some(&base_url));
        check_refused(bound.map(drop), "does not cover");
        let request = Request::get(&uri).header(HOST, "b.s3.us-east-1.amazonaws.com").body(()).unwrap();
        let misled = signers.select(&request, &unset, &Registry::new(), None);
        check_refused(misled.map(drop), "Host header names another host");
        let own = SigningOptions::new().params(TOKEN.iter().copied().collect());
        check_refused(select(&format!("https://{host}/"), &own).map(drop), "needs a `Match`");
    }

    #[test]
    fn a_route_wins_over_the_host_that_the_default_has_signed_for() {
        let host = "sqs.eu-west-1.amazonaws.com";
        let signer =
            |params: &[(&str, &str)]| Registry::new().signer(&params.iter().copied().collect()).unwrap();
        let uri: Uri = format!("https://{host}/").parse().unwrap();
        let select = |signers: &Signers| {
            let signer =
                signers.select(&uri, &SigningOptions::new(), &Registry::new(), None).unwrap().unwrap();
            signer.method_name().to_owned()
        };
        for route in [format!("https://{host}"), "https://*.amazonaws.com".to_owned()] {
            let mut signers = Signers::from(signer(AWS));
            assert_eq!(select(&signers), "aws-signature-v4");
            signers.insert("partner", Some(route.parse().unwrap()), signer(TOKEN)).unwrap();
            assert_eq!(select(&signers), "auth-token");
        }
    }

    #[test]
    fn the_host_of_a_connection_string_may_be_this_machine() {
        let emulator = &[
            ("Method", "azure-event-hub"),
            ("ConnectionString", "Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=k"),
        ];
        select(None, emulator, "http://localhost:5300/hub").unwrap();
        check_refused(select(None, emulator, "http://127.0.0.1:5300/hub"), "does not know this host");
    }

    #[test]
    fn a_host_header_of_another_host_needs_a_match() {
        let select = |host: &str, scope: Option<&str>| {
            let mut signers = Signers::new();
            let signer = Registry::new().signer(&AWS.iter().copied().collect()).unwrap();
            signers.insert("auth", scope.map(|scope| scope.parse().unwrap()), signer).unwrap();
            let request =
                Request::get("https://sqs.eu-west-1.amazonaws.com/").header(HOST, host).body(()).unwrap();
            signers.select(&request, &SigningOptions::new(), &Registry::new(), None).map(drop)
        };
        select("SQS.eu-west-1.amazonaws.com.:443", None).unwrap();
        check_refused(select("bucket.s3.us-east-1.amazonaws.com", None), "Host header names another host");
        select("bucket.s3.us-east-1.amazonaws.com", Some("https://sqs.eu-west-1.amazonaws.com")).unwrap();
    }

    #[test]
    fn the_section_of_a_request_is_told_whether_or_not_it_may_sign() {
        let params = |pairs: &[(&str, &str)]| pairs.iter().copied().collect::<AuthParams>();
        let section = |name: &str, scope: &str, pairs| Section {
            name: name.into(),
            action: Action::Sign(Arc::new(Registry::new().signer(&params(pairs)).unwrap())),
            scope: Some(scope.parse().unwrap()),
            params: params(pairs),
            known_host: KnownHost::default(),
        };
        let mut signers = Signers::new();
        signers.add(section("Partner", "https://a.example", TOKEN)).unwrap();
        signers.add(section("aws", "https://b.example", AWS)).unwrap();
        let check = |url: &str, options: SigningOptions, expected: Result<Option<&str>, &str>| {
            let uri: Uri = url.parse().unwrap();
            let found = signers.section(&uri, &options).map_err(|error| error.to_string());
            assert_eq!(found, expected.map_err(str::to_owned));
        };
        let options = SigningOptions::new;
        check("https://a.example/", options(), Ok(Some("Partner")));
        check("https://c.example/", options(), Ok(None));
        check("https://c.example/", options().section("partner"), Ok(Some("Partner")));
        check("https://a.example/", options().section("x"), Err("there is no section `x`"));
        check("https://a.example/", options().params(params(&[("Header", "y")])), Ok(Some("Partner")));
        check("https://a.example/", options().params(params(AWS)), Ok(None));
        check("https://a.example/", options().skip(), Ok(None));
        let signer = Arc::new(Registry::new().signer(&params(AWS)).unwrap());
        check("https://a.example/", options().signer(signer, None), Ok(None));
    }
}
