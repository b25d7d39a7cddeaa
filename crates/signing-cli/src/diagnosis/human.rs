//! For a person: the sentence, what to do, and the texts side by side.

use std::fmt::Write;

use signing_core::diagnose::{Diff, DiffOf};

use super::{Note, Report, diff};
use crate::terminal::Paint;

/// Lines that fit into `width` where they can; sentences are left to the terminal.
pub(crate) fn text(report: &Report<'_>, paint: Paint, width: usize) -> String {
    let mut page = String::new();
    let causes = report.causes();
    match causes.first() {
        Some(first) => {
            push(&mut page, &paint.error(&first.sentence));
            push(&mut page, &first.remedy);
        }
        None => push(&mut page, &paint.warning(&unexplained(report))),
    }
    if causes.len() > 1 {
        title(&mut page, paint, "Also");
        for cause in &causes[1..] {
            push(&mut page, &format!("  {}", cause.sentence));
        }
    }
    title(&mut page, paint, "Known");
    let known = known(report);
    let column = known.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, what) in known {
        push(&mut page, &format!("  {name:column$}  {what}"));
    }
    if let Some(diff) = report.diff() {
        title(&mut page, paint, texts(diff));
        page.push_str(&diff::text(diff, paint, width));
    }
    page
}

/// Key and clock are told below.
fn unexplained(report: &Report<'_>) -> String {
    let taken_to_be = if report.is_status_known { "" } else { "taken to be " };
    let status = report.diagnosis.status().as_u16();
    let told = match report.diagnosis.service_code() {
        Some(code) => format!(" (`{code}`), which does not tell that the signature is the matter."),
        None => ", and nothing in it that is known here tells of the signature.".to_owned(),
    };
    format!("The answer is {taken_to_be}{status}{told}")
}

/// The service's alone, if nothing is known that it could be compared with.
fn texts(diff: &Diff) -> &'static str {
    match (diff.of(), diff::is_of_service(diff)) {
        (DiffOf::CanonicalRequest, false) => "Canonical request",
        (DiffOf::CanonicalRequest, true) => "Canonical request of the service",
        (_, false) => "String to sign",
        (_, true) => "String to sign of the service",
    }
}

fn known(report: &Report<'_>) -> Vec<Note> {
    let diagnosis = report.diagnosis;
    let mut known = vec![("answer", answer(report))];
    known.retain(|(_, answer)| !answer.is_empty());
    if let Some(section) = diagnosis.section() {
        known.push(("section", section.to_owned()));
    }
    if let Some(key_id) = diagnosis.key_id() {
        known.push(("key", key_id.to_owned()));
    }
    if let Some(seconds) = diagnosis.clock_difference().filter(|seconds| *seconds != 0) {
        let side = if seconds > 0 { "ahead of" } else { "behind" };
        known.push(("clock", format!("the server's is {} s {side} the date that was signed", seconds.abs())));
    }
    let names = diagnosis.headers_in_transit();
    if !names.is_empty() {
        known.push(("transit", format!("proxies and clients are known to change {}", names.join(", "))));
    }
    known.extend(report.notes.iter().cloned());
    known
}

/// `403 Forbidden, AuthenticationFailed: Server failed to authenticate the request.`
fn answer(report: &Report<'_>) -> String {
    let diagnosis = report.diagnosis;
    let status = report.is_status_known.then(|| diagnosis.status().to_string());
    let said: Vec<&str> = status.as_deref().into_iter().chain(diagnosis.service_code()).collect();
    let said = Some(said.join(", ")).filter(|said| !said.is_empty());
    let said: Vec<&str> = said.as_deref().into_iter().chain(diagnosis.service_message()).collect();
    said.join(": ")
}

fn title(page: &mut String, paint: Paint, title: &str) {
    page.push('\n');
    push(page, &paint.title(title));
}

fn push(page: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(page, "{}", line.trim_end());
}
