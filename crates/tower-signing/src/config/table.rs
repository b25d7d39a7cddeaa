//! Sections from a table of a `config::Config` that the application has loaded.

use config::{Config, Map, Value, ValueKind};
use signing_core::{Registry, SecretText};

use super::build::build;
use super::error::{ConfigError, ConfigFault};
use super::reference::resolve;
use super::text::{Entry, Section};
use crate::Signers;
use crate::signers::DEFAULT;

/// The table at `key` is the `[auth]` section; its tables are the named ones.
pub(crate) fn signers_from_table(
    config: &Config,
    key: &str,
    registry: &Registry,
    has_base_url: bool,
) -> Result<Signers, ConfigError> {
    let table = config.get_table(key).map_err(|_| {
        // The crate's own message can show the value that stands there.
        error(vec![ConfigFault::new(format!("there is no table `{}`", key.escape_debug()))])
    })?;
    let mut sections = Vec::new();
    let mut faults = Vec::new();
    collect(DEFAULT.to_owned(), table, &mut sections, &mut faults);
    if faults.is_empty() {
        // A relative path would mean another file in each working directory, and nothing watches it.
        match build(&sections, registry, has_base_url, |value| resolve(value, |_| None)) {
            Ok(built) => return Ok(built.signers),
            Err(found) => faults = found,
        }
    }
    // No file, no lines.
    faults.iter_mut().for_each(|fault| (fault.line, fault.column) = (None, None));
    Err(error(faults))
}

fn error(faults: Vec<ConfigFault>) -> ConfigError {
    ConfigError::new(None, faults)
}

fn fault(section: &str, parameter: &str, message: &str) -> ConfigFault {
    ConfigFault {
        section: Some(section.escape_debug().to_string().into()),
        parameter: Some(parameter.escape_debug().to_string().into()),
        ..ConfigFault::new(message)
    }
}

fn collect(
    name: String,
    table: Map<String, Value>,
    sections: &mut Vec<Section>,
    faults: &mut Vec<ConfigFault>,
) {
    // The table of the crate is a hash map: in its order, which of two faults is told first would be chance.
    let mut pairs: Vec<_> = table.into_iter().collect();
    pairs.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    let at = sections.len();
    let is_empty = pairs.is_empty();
    sections.push(Section { name: name.clone(), line: 0, entries: Vec::new() });
    for (key, value) in pairs {
        let text = match value.kind {
            ValueKind::Table(table) => {
                collect(format!("{name}.{key}"), table, sections, faults);
                continue;
            }
            ValueKind::String(text) => SecretText::new(text),
            ValueKind::Boolean(flag) => SecretText::new(flag.to_string()),
            ValueKind::I64(number) => SecretText::new(number.to_string()),
            ValueKind::U64(number) => SecretText::new(number.to_string()),
            ValueKind::I128(number) => SecretText::new(number.to_string()),
            ValueKind::U128(number) => SecretText::new(number.to_string()),
            ValueKind::Float(_) | ValueKind::Nil | ValueKind::Array(_) => {
                faults.push(fault(&name, &key, "must be a text, a whole number or a boolean"));
                continue;
            }
        };
        if sections[at].entries.iter().any(|entry| entry.name.eq_ignore_ascii_case(&key)) {
            faults.push(fault(&name, &key, "is there twice; upper and lower case do not differ"));
            continue;
        }
        sections[at].entries.push(Entry { name: key, value: text, line: 0, column: 0 });
    }
    if sections[at].entries.is_empty() && !is_empty {
        // It only holds other sections.
        sections.remove(at);
    }
}
