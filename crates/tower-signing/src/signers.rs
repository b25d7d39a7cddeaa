//! The sections of one configuration: which signer signs which URL.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use signing_core::{AuthParams, Registry, Signer};

use crate::body::spool::SpoolSettings;
use crate::config::ConfigFile;
use crate::scope::{HostPattern, Match, Pattern, UrlPattern};
use crate::url::Target;
use crate::{ConfigError, SigningError};

/// A set of signers and the URLs they sign: what one config file says, or what code builds.
///
/// The most telling `Match` wins: an exact host before a wildcard, a longer suffix before a shorter one,
/// then the longer path; `Match = *` and the default come last. A section never signs outside its `Match`.
///
/// ```
/// use signing_core::{AuthParams, Registry};
/// use tower_signing::Signers;
///
/// let token: AuthParams = [("Method", "auth-token"), ("Header", "x-api-key"), ("Token", "t")].into_iter().collect();
/// let mut signers = Signers::new();
/// signers.insert("partner", Some("https://partner.example/".parse()?), Registry::new().signer(&token)?)?;
/// assert_eq!(signers.names().collect::<Vec<_>>(), ["partner"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct Signers {
    sections: Vec<Arc<Section>>,
    by_name: HashMap<Box<str>, usize>,
    exact_hosts: HashMap<Box<str>, Vec<usize>>,
    host_suffixes: HashMap<Box<str>, Vec<usize>>,
    /// Signs what no other section matches: `Match = *`, or the default.
    rest: Option<usize>,
    /// What the file's `[signing]` section says of bodies.
    pub(crate) body: BodySettings,
}

/// How much of a body is held, and where; `None` where the layer's own settings count.
#[derive(Debug, Default)]
pub(crate) struct BodySettings {
    pub(crate) buffer_limit: Option<u64>,
    pub(crate) spool_limit: Option<u64>,
    pub(crate) total_spool_limit: Option<u64>,
    pub(crate) spool_dir: Option<PathBuf>,
}

impl BodySettings {
    /// The layer's own, with what is set here.
    pub(crate) fn spool(&self, of_layer: &SpoolSettings) -> SpoolSettings {
        let mut spool = of_layer.clone();
        if let Some(bytes) = self.spool_limit {
            spool = spool.with_per_body(bytes);
        }
        if let Some(bytes) = self.total_spool_limit {
            spool = spool.with_total(bytes);
        }
        if let Some(dir) = &self.spool_dir {
            spool = spool.with_dir(dir.clone());
        }
        spool
    }
}

/// One signer and where it may be used.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) name: Box<str>,
    pub(crate) action: Action,
    pub(crate) scope: Option<Match>,
    /// What the signer was built from, for requests that override a part of it.
    pub(crate) params: AuthParams,
    pub(crate) known_host: KnownHost,
}

/// The first host that a section's method knew: most sections sign for one, and its table is not asked again.
#[derive(Debug, Default)]
pub(crate) struct KnownHost(OnceLock<Box<str>>);

impl KnownHost {
    /// Whether it is this one, in the form that is compared.
    pub(crate) fn is(&self, host: &str) -> bool {
        self.0.get().is_some_and(|known| **known == *host)
    }

    pub(crate) fn knows(&self, host: &str, is_known: fn(&str) -> bool) -> bool {
        if self.is(host) {
            return true;
        }
        let knows = is_known(host);
        if knows {
            self.0.get_or_init(|| host.into());
        }
        knows
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Action {
    Sign(Arc<Signer>),
    /// `Method = none`: the request is sent as it is.
    PassThrough,
}

/// The name of the section that signs what no other one matches.
pub(crate) const DEFAULT: &str = "auth";

impl Signers {
    /// No signer: every request is refused.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a config file once, without watching it. A section that needs a `Match` must have one.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or something in it is wrong; the error tells all of it.
    pub fn from_file(path: impl AsRef<Path>, registry: &Registry) -> Result<Self, ConfigError> {
        let file = ConfigFile::new(path.as_ref(), registry.clone(), false);
        Ok(file.build(&file.read())?.signers)
    }

    /// Adds a signer. Without a `Match` it is reachable by name only, except the one named `auth`, which is
    /// the default. Names are not case-sensitive.
    ///
    /// # Errors
    ///
    /// Another section has that name or that `Match`, or both sign every URL.
    pub fn insert(
        &mut self,
        name: &str,
        scope: Option<Match>,
        signer: impl Into<Arc<Signer>>,
    ) -> Result<(), SectionConflict> {
        self.add(Section {
            name: name.into(),
            action: Action::Sign(signer.into()),
            scope,
            params: AuthParams::new(),
            known_host: KnownHost::default(),
        })
    }

    /// The names of all sections, as they were written.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sections.iter().map(|section| &*section.name)
    }

    pub(crate) fn add(&mut self, section: Section) -> Result<(), SectionConflict> {
        let at = self.sections.len();
        let key = section.name.to_ascii_lowercase().into_boxed_str();
        if let Some(&other) = self.by_name.get(&key) {
            return Err(self.conflict(other, Conflict::Name));
        }
        match section.scope.as_ref().map(Match::pattern) {
            Some(Pattern::Url(pattern)) => {
                let (map, host) = match &pattern.host {
                    HostPattern::Exact(host) => (&mut self.exact_hosts, host),
                    HostPattern::Below(suffix) => (&mut self.host_suffixes, suffix),
                };
                let entries = map.entry(host.clone()).or_default();
                let path_length = |at: usize| url_pattern(&self.sections[at]).path.len();
                if let Some(&other) = entries.iter().find(|&&at| self.sections[at].scope == section.scope) {
                    return Err(self.conflict(other, Conflict::Match));
                }
                // The longest path first, so that the first that covers a URL is the most telling.
                let place = entries.partition_point(|&at| path_length(at) >= pattern.path.len());
                entries.insert(place, at);
            }
            Some(Pattern::Any) => self.set_rest(at)?,
            None if key.as_ref() == DEFAULT => self.set_rest(at)?,
            None => {}
        }
        self.by_name.insert(key, at);
        self.sections.push(Arc::new(section));
        Ok(())
    }

    fn set_rest(&mut self, at: usize) -> Result<(), SectionConflict> {
        match self.rest {
            Some(other) => Err(self.conflict(other, Conflict::Default)),
            None => {
                self.rest = Some(at);
                Ok(())
            }
        }
    }

    fn conflict(&self, other: usize, conflict: Conflict) -> SectionConflict {
        SectionConflict { other: self.sections[other].name.clone(), conflict }
    }

    /// The section for this URL, if there is one.
    pub(crate) fn route(&self, target: &Target<'_>) -> Result<Option<&Arc<Section>>, SigningError> {
        let host = &*target.host;
        if let Some(section) = self.first_covering(&self.exact_hosts, host, target)? {
            return Ok(Some(section));
        }
        if !self.host_suffixes.is_empty() {
            for (dot, _) in host.match_indices('.') {
                if let Some(section) = self.first_covering(&self.host_suffixes, &host[dot + 1..], target)? {
                    return Ok(Some(section));
                }
            }
        }
        Ok(self.rest.map(|at| &self.sections[at]))
    }

    /// The section that signs every URL, where no other has routes.
    pub(crate) fn lone_section(&self) -> Option<&Arc<Section>> {
        let has_routes = !self.exact_hosts.is_empty() || !self.host_suffixes.is_empty();
        self.rest.filter(|_| !has_routes).map(|at| &self.sections[at])
    }

    fn first_covering(
        &self,
        map: &HashMap<Box<str>, Vec<usize>>,
        host: &str,
        target: &Target<'_>,
    ) -> Result<Option<&Arc<Section>>, SigningError> {
        for &at in map.get(host).map_or(&[][..], Vec::as_slice) {
            if url_pattern(&self.sections[at]).covers_below_host(target)? {
                return Ok(Some(&self.sections[at]));
            }
        }
        Ok(None)
    }

    pub(crate) fn named(&self, name: &str) -> Result<&Arc<Section>, SigningError> {
        let found = match self.by_name.get(name) {
            None if name.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                self.by_name.get(name.to_ascii_lowercase().as_str())
            }
            found => found,
        };
        found
            .map(|&at| &self.sections[at])
            .ok_or_else(|| SigningError::route(format!("there is no section `{}`", name.escape_debug())))
    }
}

fn url_pattern(section: &Section) -> &UrlPattern {
    match section.scope.as_ref().map(Match::pattern) {
        Some(Pattern::Url(pattern)) => pattern,
        _ => unreachable!("the host maps hold sections whose Match has a host"),
    }
}

/// One signer for every URL that its method may sign unasked.
impl From<Signer> for Signers {
    fn from(signer: Signer) -> Self {
        Arc::new(signer).into()
    }
}

/// The same, of a signer that is used elsewhere, too.
impl From<Arc<Signer>> for Signers {
    fn from(signer: Arc<Signer>) -> Self {
        let mut signers = Self::new();
        signers.insert(DEFAULT, None, signer).expect("the first section conflicts with none");
        signers
    }
}

impl fmt::Debug for Signers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signers")?;
        f.debug_list().entries(self.names()).finish()
    }
}

/// Two sections cannot stand beside each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionConflict {
    other: Box<str>,
    conflict: Conflict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Conflict {
    Name,
    Match,
    Default,
}

impl fmt::Display for SectionConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let other = self.other.escape_debug();
        match self.conflict {
            Conflict::Name => write!(f, "another section is called `{other}`"),
            Conflict::Match => write!(f, "section `{other}` has the same `Match`"),
            Conflict::Default => {
                write!(f, "section `{other}` signs every other URL, too: there can be one default")
            }
        }
    }
}

impl std::error::Error for SectionConflict {}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Uri;

    fn signer() -> Signer {
        let params = [("Method", "auth-token"), ("Header", "x"), ("Token", "t")].into_iter().collect();
        Registry::new().signer(&params).unwrap()
    }

    fn signers(sections: &[(&str, &str)]) -> Signers {
        let mut signers = Signers::new();
        for (name, scope) in sections {
            let scope = (!scope.is_empty()).then(|| scope.parse().unwrap());
            signers.insert(name, scope, signer()).unwrap();
        }
        signers
    }

    #[track_caller]
    fn check(signers: &Signers, url: &str, expected: &str) {
        let url: Uri = url.parse().unwrap();
        let section = signers.route(&Target::of(&url).unwrap()).unwrap().unwrap();
        assert_eq!(&*section.name, expected, "{url}");
    }

    #[test]
    fn the_most_telling_match_wins() {
        let signers = signers(&[
            ("auth", ""),
            ("com", "https://*.com/"),
            ("example", "https://*.example.com/"),
            ("api", "https://api.example.com/"),
            ("v1", "https://api.example.com/v1"),
            ("v1-users", "https://api.example.com/v1/users"),
            ("port", "https://api.example.com:8443/"),
            ("named-only", ""),
        ]);
        check(&signers, "https://x.com/", "com");
        check(&signers, "https://a.b.example.com/", "example");
        check(&signers, "https://api.example.com/v2", "api");
        check(&signers, "https://api.example.com/v1", "v1");
        check(&signers, "https://api.example.com/v1/users/1", "v1-users");
        check(&signers, "https://api.example.com:8443/v1", "port");
        check(&signers, "http://api.example.com/", "auth");
        check(&signers, "https://com/", "auth");
        check(&signers, "https://example.org/", "auth");
    }

    #[test]
    fn conflicts_name_the_other_section() {
        let mut signers = signers(&[("auth", ""), ("A", "https://a/x")]);
        let mut fault = |name, scope: Option<&str>| {
            let scope = scope.map(|scope| scope.parse().unwrap());
            signers.insert(name, scope, signer()).unwrap_err().to_string()
        };
        assert_eq!(fault("a", None), "another section is called `A`");
        assert_eq!(fault("b", Some("HTTPS://A:443/x/")), "section `A` has the same `Match`");
        assert_eq!(
            fault("c", Some("*")),
            "section `auth` signs every other URL, too: there can be one default"
        );
    }

    #[test]
    fn without_default_a_stranger_has_no_section() {
        let signers = signers(&[("a", "https://a.example/")]);
        let url: Uri = "https://b.example/".parse().unwrap();
        assert!(signers.route(&Target::of(&url).unwrap()).unwrap().is_none());
        assert!(signers.named("A").is_ok());
        assert_eq!(signers.named("x").unwrap_err().to_string(), "there is no section `x`");
    }
}
