//! For a person: the sentence, what to do, and the texts side by side.

use std::fmt::Write;

use signing_core::diagnose::{Diagnosis, DiffOf};

use super::{Note, Report, diff};
use crate::terminal::Paint;

/// Lines that fit into `width` where they can; sentences are left to the terminal.
pub(crate) fn text(report: &Report<'_>, paint: Paint, width: usize) -> String {
    let mut page = String::new();
    let diagnosis = report.diagnosis;
    let causes = report.causes();
    match causes.first() {
        Some(first) => {
            push(&mut page, &paint.error(&first.sentence));
            push(&mut page, &first.remedy);
        }
        None => push(&mut page, &paint.warning(&diagnosis.to_string())),
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
    if let Some(diff) = diagnosis.diff() {
        title(&mut page, paint, texts(diff.of()));
        page.push_str(&diff::text(diff, paint, width));
    }
    page
}

fn texts(of: DiffOf) -> &'static str {
    match of {
        DiffOf::CanonicalRequest => "Canonical request",
        _ => "String to sign",
    }
}

fn known(report: &Report<'_>) -> Vec<Note> {
    let diagnosis = report.diagnosis;
    let mut known = vec![("answer", answer(diagnosis))];
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
fn answer(diagnosis: &Diagnosis) -> String {
    let code = diagnosis.service_code().map(|code| format!(", {code}")).unwrap_or_default();
    let message = diagnosis.service_message().map(|message| format!(": {message}")).unwrap_or_default();
    format!("{}{code}{message}", diagnosis.status())
}

fn title(page: &mut String, paint: Paint, title: &str) {
    page.push('\n');
    push(page, &paint.title(title));
}

fn push(page: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(page, "{}", line.trim_end());
}
