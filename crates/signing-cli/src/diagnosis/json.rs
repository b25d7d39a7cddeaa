//! For a program.

use serde::Serialize;
use signing_core::diagnose::{DiffLine, DiffOf, DiffText};

use super::Report;

#[derive(Serialize)]
struct Object<'r> {
    status: u16,
    service_code: Option<&'r str>,
    service_message: Option<&'r str>,
    /// The most telling first.
    causes: Vec<Cause>,
    section: Option<&'r str>,
    key_id: Option<&'r str>,
    clock_difference: Option<i64>,
    headers_in_transit: &'r [String],
    notes: Vec<Known<'r>>,
    diff: Option<Diff<'r>>,
}

#[derive(Serialize)]
struct Cause {
    name: &'static str,
    sentence: String,
    remedy: String,
}

#[derive(Serialize)]
struct Known<'r> {
    of: &'static str,
    text: &'r str,
}

#[derive(Serialize)]
struct Diff<'r> {
    of: &'static str,
    lines: Vec<Line<'r>>,
}

/// A side that has no such line is `null`.
#[derive(Serialize)]
struct Line<'r> {
    signed: Option<Text<'r>>,
    arrived: Option<Text<'r>>,
}

#[derive(Serialize)]
struct Text<'r> {
    text: &'r str,
    /// In characters.
    differs: [usize; 2],
}

pub(crate) fn text(report: &Report<'_>) -> String {
    let diagnosis = report.diagnosis;
    let causes = report.causes().into_iter();
    let causes = causes.map(|told| Cause {
        name: told.name,
        sentence: told.sentence,
        remedy: told.remedy.into_owned(),
    });
    let object = Object {
        status: diagnosis.status().as_u16(),
        service_code: diagnosis.service_code(),
        service_message: diagnosis.service_message(),
        causes: causes.collect(),
        section: diagnosis.section(),
        key_id: diagnosis.key_id(),
        clock_difference: diagnosis.clock_difference(),
        headers_in_transit: diagnosis.headers_in_transit(),
        notes: report.notes.iter().map(|(of, text)| Known { of, text }).collect(),
        diff: report.diff().map(|diff| Diff {
            of: match diff.of() {
                DiffOf::CanonicalRequest => "canonical_request",
                _ => "string_to_sign",
            },
            lines: diff.lines().iter().map(line).collect(),
        }),
    };
    let mut text =
        serde_json::to_string_pretty(&object).expect("strings, numbers and lists of them are JSON");
    text.push('\n');
    text
}

fn line(line: &DiffLine) -> Line<'_> {
    Line { signed: line.signed.as_ref().map(side), arrived: line.arrived.as_ref().map(side) }
}

fn side(line: &DiffText) -> Text<'_> {
    let characters = |end: usize| line.text[..end].chars().count();
    Text { text: &line.text, differs: [characters(line.differs.start), characters(line.differs.end)] }
}
