//! What a config file says, for a person who checks it: names, places and sources, never a secret.

use std::path::Path;

use signing_core::{Reach, Registry};

use super::build::{Built, Kind, kind_of};
use super::error::{ConfigError, ConfigFault};
use super::file::ConfigFile;
use super::names::ParamClass;
use super::reference::ValueSource;
use super::text::{Entry, Section};
use crate::Signers;
use crate::signers::{Action, DEFAULT};

/// What one config file says, and all that is wrong with it.
///
/// ```no_run
/// use signing_core::Registry;
/// use tower_signing::ConfigReport;
///
/// let report = ConfigReport::of_file("auth.conf", &Registry::new());
/// for section in report.sections() {
///     println!("[{}] {:?}", section.name(), section.param("Method").and_then(|method| method.shown()));
/// }
/// assert!(report.faults().is_empty());
/// ```
#[derive(Clone, Debug)]
pub struct ConfigReport {
    sections: Vec<SectionReport>,
    faults: Vec<ConfigFault>,
}

/// A section as it stands in the file.
#[derive(Clone, Debug)]
pub struct SectionReport {
    name: Box<str>,
    line: usize,
    role: SectionRole,
    params: Vec<ParamReport>,
    signs_at: Option<SignsAt>,
}

/// What a section is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SectionRole {
    /// `[auth]`.
    Default,
    /// `[auth.NAME]`.
    Named,
    /// `[signing]`.
    Settings,
    /// None of these, which is a fault.
    Unknown,
}

/// Where a section without a `Match` signs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignsAt {
    /// At the hosts that its method knows as its service's, and at this machine.
    KnownHosts,
    /// At this host.
    Host(String),
}

/// One parameter of a section.
#[derive(Clone, Debug)]
pub struct ParamReport {
    name: Box<str>,
    line: usize,
    class: ParamClass,
    source: ValueSource,
    shown: Option<Box<str>>,
}

impl ConfigReport {
    /// Reads the file and what it refers to, once, as [`Signers::from_file`] does.
    pub fn of_file(path: impl AsRef<Path>, registry: &Registry) -> Self {
        ConfigFile::new(path.as_ref(), registry.clone(), false).report()
    }

    pub(super) fn new(
        sections: &[Section],
        directory: &Path,
        registry: &Registry,
        built: Result<Built, ConfigError>,
    ) -> Self {
        let (signers, faults) = match built {
            Ok(built) => (built.signers, Vec::new()),
            Err(error) => (Signers::new(), error.faults().to_vec()),
        };
        let report = |section| SectionReport::new(section, directory, registry, &signers);
        Self { sections: sections.iter().map(report).collect(), faults }
    }

    /// The sections in the order of the file; none if its text cannot be read.
    pub fn sections(&self) -> &[SectionReport] {
        &self.sections
    }

    /// All that is wrong; nothing is if the file can be used.
    pub fn faults(&self) -> &[ConfigFault] {
        &self.faults
    }
}

impl SectionReport {
    fn new(section: &Section, directory: &Path, registry: &Registry, signers: &Signers) -> Self {
        let (role, key) = match kind_of(&section.name) {
            Kind::Settings => (SectionRole::Settings, None),
            Kind::Signer(DEFAULT) => (SectionRole::Default, Some(DEFAULT)),
            Kind::Signer(name) => (SectionRole::Named, Some(name)),
            Kind::Unknown => (SectionRole::Unknown, None),
        };
        Self {
            name: section.name.as_str().into(),
            line: section.line,
            role,
            params: section
                .entries
                .iter()
                .map(|entry| ParamReport::new(entry, directory, registry))
                .collect(),
            signs_at: key.and_then(|key| signs_at(signers, key)),
        }
    }

    /// The dotted name as written. It is the file's text: escape it before printing.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The line of its header, or of its first parameter; the first line is 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// What it is there for.
    pub fn role(&self) -> SectionRole {
        self.role
    }

    /// Its parameters in the order of the file.
    pub fn params(&self) -> &[ParamReport] {
        &self.params
    }

    /// The parameter of this name, in any case.
    pub fn param(&self, name: &str) -> Option<&ParamReport> {
        self.params.iter().find(|param| param.name.eq_ignore_ascii_case(name))
    }

    /// Where it signs without a `Match`. `None` if it has one, if it signs nothing, or if the file is faulty.
    pub fn signs_at(&self) -> Option<&SignsAt> {
        self.signs_at.as_ref()
    }
}

impl ParamReport {
    fn new(entry: &Entry, directory: &Path, registry: &Registry) -> Self {
        let (class, value) = (ParamClass::of(&entry.name), entry.value.expose());
        let source = ValueSource::of(value, directory);
        // A method that nobody knows may be a secret on the wrong line.
        let is_method = entry.name.eq_ignore_ascii_case("Method");
        let is_known =
            !is_method || registry.names().chain(["none"]).any(|name| name.eq_ignore_ascii_case(value));
        let may_be_shown = class == ParamClass::Setting && source == ValueSource::Literal && is_known;
        Self {
            name: entry.name.as_str().into(),
            line: entry.line,
            class,
            source,
            shown: may_be_shown.then(|| value.into()),
        }
    }

    /// Its name as written. One whose class is [`Unknown`](ParamClass::Unknown) may be a secret on the wrong
    /// line: do not print it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The line of its value; the first line is 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// What may be shown of its value.
    pub fn class(&self) -> ParamClass {
        self.class
    }

    /// Where its value comes from.
    pub fn source(&self) -> &ValueSource {
        &self.source
    }

    /// The value, if it is a [setting](ParamClass::Setting) that stands in the file itself, and no `Method`
    /// that nobody knows. It is the file's text: escape it before printing.
    pub fn shown(&self) -> Option<&str> {
        self.shown.as_deref()
    }
}

fn signs_at(signers: &Signers, key: &str) -> Option<SignsAt> {
    let section = signers.named(key).ok()?;
    match (&section.action, &section.scope) {
        (Action::Sign(signer), None) => match signer.reach() {
            Reach::Known(_) => Some(SignsAt::KnownHosts),
            Reach::Host(host) => Some(SignsAt::Host(host.to_owned())),
            // Such a section is a fault, so it was not built.
            Reach::Named => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::snapshot::Snapshot;

    fn report(text: &str) -> ConfigReport {
        let path = std::path::absolute("auth.conf").unwrap();
        let file = ConfigFile::new(&path, Registry::new(), false);
        let built = file.build(&Snapshot::new(vec![(path.clone(), Ok(text.as_bytes().to_vec()))]));
        let sections = crate::config::text::parse(text, crate::config::text::Format::Ini).unwrap_or_default();
        ConfigReport::new(&sections, path.parent().unwrap(), &Registry::new(), built)
    }

    const TEXT: &str = "[auth]\nMethod = aws-signature-v4\nAccessKeyId = hunter1\nSecretAccessKey = hunter2\n\
                        [auth.a]\nMatch = https://a.example/\nMethod = auth-token\nHeader = x\nToken = base64:aHVudGVyMg==\n";

    #[test]
    fn tells_names_places_and_sources_but_no_value_that_is_private() {
        let report = report(TEXT);
        assert!(report.faults().is_empty(), "{:?}", report.faults());
        assert!(!format!("{report:?}").contains("hunter"));
        let [default, named] = report.sections() else { panic!("two sections") };
        assert_eq!((default.role(), default.signs_at()), (SectionRole::Default, Some(&SignsAt::KnownHosts)));
        assert_eq!((named.role(), named.line(), named.signs_at()), (SectionRole::Named, 5, None));
        assert_eq!(named.param("match").unwrap().shown(), Some("https://a.example/"));
        let token = named.param("Token").unwrap();
        assert_eq!((token.class(), token.source()), (ParamClass::Secret, &ValueSource::Base64));
        assert_eq!(token.line(), 9);
    }

    #[test]
    fn a_faulty_file_is_told_as_far_as_it_can_be_read() {
        let report = report(&TEXT.replace("Header", "Haeder"));
        assert_eq!(report.sections().len(), 2);
        assert_eq!(report.faults().len(), 1);
        assert_eq!(report.sections()[0].signs_at(), None);
    }

    #[test]
    fn a_method_that_nobody_knows_is_not_shown() {
        let shown = |method: &str| {
            let report = report(&format!("[auth]\nMethod = {method}\n"));
            report.sections()[0].param("Method").unwrap().shown().map(str::to_owned)
        };
        assert_eq!(shown("hunter2"), None);
        assert_eq!(shown("Azure-Batch").as_deref(), Some("Azure-Batch"));
        assert_eq!(shown("none").as_deref(), Some("none"));
    }
}
