//! A section of a config file, for a person.

use std::fmt::Write;

use tower_signing::{ParamClass, ParamReport, SectionReport, SectionRole, SignsAt, ValueSource};

use crate::terminal::{Paint, visible};

/// What is taken from the request while the parameter is absent.
const DERIVED: [(&str, &str, &str); 4] = [
    ("aws-signature-v4", "Region", "the host"),
    ("aws-signature-v4", "Service", "the host"),
    ("azure-event-hub", "ResourceURI", "the URL"),
    ("azure-iot-hub", "ResourceURI", "the URL"),
];

pub(super) fn text(section: &SectionReport, paint: Paint) -> String {
    let title = format!("[{}]", visible(section.name()));
    let line = paint.faint(&format!("line {}", section.line())).into_owned();
    let mut text = format!("\n{} {line}\n", paint.title(&title));
    for (label, value) in rows(section) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {label:8} {}", visible(&value));
    }
    text
}

fn rows(section: &SectionReport) -> Vec<(&'static str, String)> {
    let params = |class| section.params().iter().filter(move |param| param.class() == class);
    let mut rows = Vec::new();
    if section.role() != SectionRole::Settings {
        rows.extend(section.param("Method").map(|method| ("method", described(method))));
        rows.push(("signs", whereabouts(section)));
    }
    rows.extend(params(ParamClass::Secret).map(|secret| ("secret", from(secret))));
    rows.extend(params(ParamClass::Identity).map(|identity| ("identity", from(identity))));
    let settings = params(ParamClass::Setting)
        .filter(|param| !["Method", "Match"].iter().any(|name| param.name().eq_ignore_ascii_case(name)));
    rows.extend(settings.map(|setting| ("setting", format!("{} = {}", setting.name(), described(setting)))));
    // Its name may be a secret on the wrong line; a fault tells it if it resembles one that is known.
    rows.extend(params(ParamClass::Unknown).map(|unknown| ("unknown", format!("line {}", unknown.line()))));
    let method = section.param("Method").and_then(ParamReport::shown).unwrap_or_default();
    for (of, name, source) in DERIVED {
        let is_absent = section.param(name).is_none() && section.param("ConnectionString").is_none();
        if of.eq_ignore_ascii_case(method) && is_absent {
            rows.push(("derived", format!("{name} from {source}")));
        }
    }
    rows
}

/// Which requests it is for.
fn whereabouts(section: &SectionReport) -> String {
    let place = match (section.param("Match"), section.signs_at()) {
        (Some(scope), _) => return described(scope),
        (None, Some(SignsAt::KnownHosts)) => "hosts that the method knows as its service's, and this machine",
        (None, Some(SignsAt::Host(host))) => host,
        // The file is faulty, the section is `Method = none`, or its signer says no more.
        (None, _) => "no Match",
    };
    match section.role() {
        SectionRole::Named => format!("{place}; only for requests that name this section"),
        _ => place.to_owned(),
    }
}

/// The value of a setting, or where it is from.
fn described(param: &ParamReport) -> String {
    match (param.shown(), param.source()) {
        (Some(value), _) => value.to_owned(),
        (None, source) => format!("({})", place(source)),
    }
}

fn from(param: &ParamReport) -> String {
    format!("{}, {}", param.name(), place(param.source()))
}

fn place(source: &ValueSource) -> String {
    match source {
        ValueSource::Env(name) => format!("from the environment variable {name}"),
        ValueSource::File(path) => format!("from the file {}", path.display()),
        ValueSource::Base64 => "in this file, as base64".to_owned(),
        _ => "in this file".to_owned(),
    }
}
