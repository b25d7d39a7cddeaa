//! Sections to signers.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use signing_core::{AuthParams, ParamError, ParamReader, Reach, Registry, SecretText, nearest};

use super::error::ConfigFault;
use super::text::{Entry, Section as RawSection};
use crate::Match;
use crate::signers::{Action, BodySettings, DEFAULT, KnownHost, Section, Signers};

/// What a configuration says.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) signers: Signers,
    /// How often files are looked at, if it says so.
    pub(crate) monitor: Option<Duration>,
}

const SETTINGS: &str = "signing";

/// Far more than any method has.
const MOST_PARAMETERS: usize = 64;

/// Builds everything, or tells all that is wrong. `resolve` follows references.
pub(super) fn build(
    sections: &[RawSection],
    registry: &Registry,
    has_base_url: bool,
    resolve: impl Fn(&SecretText) -> Result<SecretText, String>,
) -> Result<Built, Vec<ConfigFault>> {
    let mut built = Built { signers: Signers::new(), monitor: None };
    let mut faults = Vec::new();
    for section in sections {
        let result = match kind_of(&section.name) {
            Kind::Settings => read_settings(section, &resolve, &mut built),
            Kind::Signer(name) => signer_section(section, name, registry, has_base_url, &resolve)
                .and_then(|signer| add(&mut built.signers, signer, section)),
            Kind::Unknown => Err(unknown_section(section)),
        };
        faults.extend(result.err());
    }
    if faults.is_empty() { Ok(built) } else { Err(faults) }
}

pub(super) enum Kind<'n> {
    Settings,
    /// By the name it is known by in code.
    Signer(&'n str),
    Unknown,
}

pub(super) fn kind_of(name: &str) -> Kind<'_> {
    if name.eq_ignore_ascii_case(SETTINGS) {
        return Kind::Settings;
    }
    if name.eq_ignore_ascii_case(DEFAULT) {
        return Kind::Signer(DEFAULT);
    }
    match name.split_once('.') {
        Some((first, rest)) if first.eq_ignore_ascii_case(DEFAULT) && !rest.is_empty() => Kind::Signer(rest),
        _ => Kind::Unknown,
    }
}

fn unknown_section(section: &RawSection) -> ConfigFault {
    let first = section.name.split('.').next().unwrap_or_default();
    let mut fault = at_section(section, "is neither [auth], [auth.NAME] nor [signing]");
    fault.suggestion = nearest(first, [DEFAULT, SETTINGS])
        .map(|near| section.name.replacen(first, near, 1).escape_debug().to_string().into());
    fault
}

/// Parameters with their references followed.
fn params_of(
    section: &RawSection,
    resolve: &impl Fn(&SecretText) -> Result<SecretText, String>,
) -> Result<AuthParams, ConfigFault> {
    if section.entries.len() > MOST_PARAMETERS {
        return Err(at_section(section, format!("has more than {MOST_PARAMETERS} parameters")));
    }
    let mut params = AuthParams::new();
    for entry in &section.entries {
        let value = resolve(&entry.value).map_err(|reason| at_entry(section, entry, reason))?;
        params.set(entry.name.as_str(), value);
    }
    Ok(params)
}

fn signer_section(
    section: &RawSection,
    name: &str,
    registry: &Registry,
    has_base_url: bool,
    resolve: &impl Fn(&SecretText) -> Result<SecretText, String>,
) -> Result<Section, ConfigFault> {
    let mut params = params_of(section, resolve)?;
    let scope = params.remove("Match").map(|text| {
        let scope = text.expose().parse::<Match>();
        scope.map_err(|error| at_parameter(section, "Match", error.to_string()))
    });
    let scope = scope.transpose()?;
    let is_none = params.get("Method").is_some_and(|method| method.eq_ignore_ascii_case("none"));
    let action = if is_none {
        let is_more = |entry: &&Entry| !["method", "match"].contains(&&*entry.name.to_ascii_lowercase());
        if let Some(more) = section.entries.iter().find(is_more) {
            // Its name is not shown: it may be a secret on the wrong line.
            let mut fault = at_entry(section, more, "nothing but `Match` can stand beside `Method = none`");
            fault.parameter = None;
            return Err(fault);
        }
        Action::PassThrough
    } else {
        let signer = registry.signer(&params).map_err(|error| of_param_error(section, &error))?;
        if scope.is_none() && !has_base_url && matches!(signer.reach(), Reach::Named) {
            let reason = "is missing: whoever receives what this method sends can use it again, so say where it may go";
            return Err(at_parameter(section, "Match", reason));
        }
        Action::Sign(signer.into())
    };
    Ok(Section { name: name.into(), action, scope, params, known_host: KnownHost::default() })
}

fn add(signers: &mut Signers, signer: Section, section: &RawSection) -> Result<(), ConfigFault> {
    signers.add(signer).map_err(|conflict| at_section(section, conflict.to_string()))
}

fn read_settings(
    section: &RawSection,
    resolve: &impl Fn(&SecretText) -> Result<SecretText, String>,
    built: &mut Built,
) -> Result<(), ConfigFault> {
    let params = params_of(section, resolve)?;
    let mut read = || {
        let mut reader = params.reader();
        let monitor = reader.integer("monitor")?.map(|seconds| {
            let seconds = u64::try_from(seconds).ok().and_then(NonZeroU64::new);
            seconds.ok_or_else(|| ParamError::invalid("monitor", "must be a number of seconds from 1"))
        });
        let body = BodySettings {
            buffer_limit: bytes(&mut reader, "buffer_limit")?,
            spool_limit: bytes(&mut reader, "spool_limit")?,
            total_spool_limit: bytes(&mut reader, "total_spool_limit")?,
            spool_dir: folder(&mut reader, "spool_dir")?,
        };
        reader.finish()?;
        built.monitor = monitor.transpose()?.map(|seconds| Duration::from_secs(seconds.get()));
        built.signers.body = body;
        Ok(())
    };
    read().map_err(|error| of_param_error(section, &error))
}

fn bytes(reader: &mut ParamReader<'_>, name: &'static str) -> Result<Option<u64>, ParamError> {
    let bytes = reader.integer(name)?.map(u64::try_from).transpose();
    bytes.map_err(|_| ParamError::invalid(name, "must be a number of bytes"))
}

fn folder(reader: &mut ParamReader<'_>, name: &'static str) -> Result<Option<PathBuf>, ParamError> {
    match reader.optional_text(name)?.map(PathBuf::from) {
        Some(path) if !path.is_absolute() => Err(ParamError::invalid(name, "must be an absolute path")),
        Some(path) if !path.is_dir() => Err(ParamError::invalid(name, "is no folder")),
        path => Ok(path),
    }
}

/// A file has at most a million lines.
pub(super) fn line_number(number: usize) -> Option<u32> {
    u32::try_from(number).ok()
}

fn at_section(section: &RawSection, message: impl Into<Box<str>>) -> ConfigFault {
    ConfigFault {
        line: line_number(section.line),
        section: Some(section.name.escape_debug().to_string().into()),
        ..ConfigFault::new(message)
    }
}

fn at_entry(section: &RawSection, entry: &Entry, message: impl Into<Box<str>>) -> ConfigFault {
    ConfigFault {
        line: line_number(entry.line),
        column: line_number(entry.column),
        parameter: Some(entry.name.escape_debug().to_string().into()),
        ..at_section(section, message)
    }
}

/// At the parameter of that name, or at the section if it is not there.
fn at_parameter(section: &RawSection, name: &str, message: impl Into<Box<str>>) -> ConfigFault {
    match section.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name)) {
        Some(entry) => at_entry(section, entry, message),
        None => ConfigFault {
            parameter: Some(name.escape_debug().to_string().into()),
            ..at_section(section, message)
        },
    }
}

fn of_param_error(section: &RawSection, error: &ParamError) -> ConfigFault {
    let mut fault = match error.parameter() {
        Some(name) => at_parameter(section, name, error.reason()),
        None => at_section(section, error.reason()),
    };
    if error.parameter().is_some() && error.shown_parameter().is_none() {
        fault.parameter = None;
        fault.message = format!("a name that is not shown {}", error.reason()).into();
    }
    fault.suggestion = error.suggestion().map(Box::from);
    fault
}
