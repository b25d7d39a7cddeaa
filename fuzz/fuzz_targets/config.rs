//! Config files. Fields: the format; any text; texts to put around secrets in a file of that format.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use signing_fuzz::input::Fields;
use signing_fuzz::secrets::{self, OTHER_TOKEN, PASSWORD, SECRET_KEY, TOKEN, check_none};
use tempfile::TempDir;
use tower_signing::signing_core::Registry;
use tower_signing::{ConfigReport, Signers};

/// In memory, where there is such a folder: a file is written for each input.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder can be made")
});

fuzz_target!(|input: &[u8]| {
    let mut fields = Fields::new(input);
    let format = match fields.raw().and_then(|field| field.first()).copied().unwrap_or_default() % 4 {
        0 => Format::Ini,
        1 => Format::Toml,
        2 => Format::Yaml,
        _ => Format::Json,
    };
    read(format, &fields.bytes(), &[]);
    if !secrets::are_in_input(&secrets::ALL, input) {
        let planted = planted(format, [fields.text(), fields.text(), fields.text()]);
        read(format, planted.as_bytes(), &secrets::ALL);
    }
});

#[derive(Clone, Copy)]
enum Format {
    Ini,
    Toml,
    Yaml,
    Json,
}

/// Reads the file in both ways: they agree, and no fault shows a secret.
fn read(format: Format, text: &[u8], secrets: &[&str]) {
    let name = match format {
        Format::Ini => "auth.conf",
        Format::Toml => "auth.toml",
        Format::Yaml => "auth.yaml",
        Format::Json => "auth.json",
    };
    let path: PathBuf = FOLDER.path().join(name);
    fs::write(&path, text).expect("the file can be written");
    let registry = Registry::new();
    let report = ConfigReport::of_file(&path, &registry);
    match Signers::from_file(&path, &registry) {
        Ok(signers) => {
            assert!(report.faults().is_empty(), "{:?}", report.faults());
            check_none(&format!("{signers:?}"), secrets);
        }
        Err(error) => {
            let shown = format!("{error} {error:?} {:?}", report.faults());
            assert!(!report.faults().is_empty() && !error.faults().is_empty());
            assert!(error.to_string().split('\n').all(|line| !line.contains(char::is_control)), "{error:?}");
            check_none(&shown, secrets);
        }
    }
}

/// A file with secrets as values, and texts of the input between them: a method, a name, lines.
fn planted(format: Format, [method, name, lines]: [String; 3]) -> String {
    // A name that is taken literally in every format.
    let is_plain = |character: &char| character.is_ascii_alphanumeric() || *character == '_';
    let name: String = name.chars().filter(is_plain).take(32).collect();
    // The value of this one is told where nobody knows it.
    let name = if name.is_empty() || name.eq_ignore_ascii_case("method") { "Tokne" } else { &name };
    match format {
        Format::Ini => format!(
            "[auth]\nMethod = {method}\nSecretAccessKey = {SECRET_KEY}\n{lines}\nSessionToken = {TOKEN}\n\
            {name} = {PASSWORD}\n[auth.b]\nToken = {OTHER_TOKEN}\n{lines}\n"
        ),
        Format::Toml => format!(
            "[auth]\nMethod = \"{method}\"\nSecretAccessKey = \"{SECRET_KEY}\"\n{lines}\nSessionToken = '{TOKEN}'\n\
            {name} = \"{PASSWORD}\"\n[auth.b]\nToken = \"{OTHER_TOKEN}\"\n{lines}\n"
        ),
        Format::Yaml => format!(
            "auth:\n  Method: {method}\n  SecretAccessKey: {SECRET_KEY}\n{lines}\n  SessionToken: '{TOKEN}'\n  \
            {name}: {PASSWORD}\n  b:\n    Token: \"{OTHER_TOKEN}\"\n{lines}\n"
        ),
        Format::Json => format!(
            "{{\"auth\": {{\"Method\": \"{method}\", \"SecretAccessKey\": \"{SECRET_KEY}\", {lines}\n\
            \"SessionToken\": \"{TOKEN}\", \"{name}\": \"{PASSWORD}\",\n\"b\": {{\"Token\": \"{OTHER_TOKEN}\"}}}} {lines}}}"
        ),
    }
}
