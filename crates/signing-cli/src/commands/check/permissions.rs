//! Warnings about files with secrets that other users can read.

use std::path::Path;

use tower_signing::{ConfigReport, ParamClass, ParamReport, ValueSource};

use crate::terminal::{Paint, visible};

pub(super) fn text(config: &Path, report: &ConfigReport, paint: Paint) -> String {
    let files = files_with_secrets(config, report);
    let warnings = files.into_iter().filter_map(|path| {
        let mode = mode_open_to_others(path)?;
        let path = path.display().to_string();
        let path = visible(&path);
        let warning = paint.warning("warning").into_owned();
        Some(format!("\n{warning}: {path} holds secrets, and users beside its owner can read it (mode {mode:04o}); chmod 600 {path}\n"))
    });
    warnings.collect()
}

/// The config file, if a secret stands in it, and the files that secrets are taken from; each once.
fn files_with_secrets<'r>(config: &'r Path, report: &'r ConfigReport) -> Vec<&'r Path> {
    let params = report.sections().iter().flat_map(|section| section.params());
    let is_secret = |param: &&ParamReport| matches!(param.class(), ParamClass::Secret | ParamClass::Unknown);
    let mut files = Vec::new();
    for param in params.filter(is_secret) {
        let file = match param.source() {
            ValueSource::File(path) => path,
            ValueSource::Env(_) => continue,
            _ => config,
        };
        if !files.contains(&file) {
            files.push(file);
        }
    }
    files
}

/// The mode of a file that its group or everyone can read.
#[cfg(unix)]
fn mode_open_to_others(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o7777;
    (mode & 0o044 != 0).then_some(mode)
}

/// Elsewhere, a file's mode does not say who can read it.
#[cfg(not(unix))]
fn mode_open_to_others(_: &Path) -> Option<u32> {
    None
}
