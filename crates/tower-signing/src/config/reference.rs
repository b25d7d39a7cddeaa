//! Values by reference: `env:NAME`, `file:PATH`, `base64:…`, `literal:…`.

use std::env;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use signing_core::SecretText;
use zeroize::Zeroizing;

use super::snapshot::{Content, read_regular, reason};

/// The largest file that a value may name, in bytes.
pub(super) const LARGEST_FILE: u64 = 64 * 1024;

/// What a value as written stands for.
enum Reference<'v> {
    Literal(&'v str),
    Env(&'v str),
    File(&'v str),
    Base64(&'v str),
}

impl<'v> Reference<'v> {
    fn of(value: &'v str) -> Self {
        match value.split_once(':') {
            Some(("env", name)) => Self::Env(name),
            Some(("file", path)) => Self::File(path),
            Some(("base64", text)) => Self::Base64(text),
            Some(("literal", text)) => Self::Literal(text),
            _ => Self::Literal(value),
        }
    }
}

/// Where a value comes from: what stands in the config file, or what that refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueSource {
    /// It stands there as it is.
    Literal,
    /// It stands there in base64.
    Base64,
    /// The environment variable of this name.
    Env(String),
    /// The file at this path.
    File(PathBuf),
}

impl ValueSource {
    /// Where the text `value` takes its value from; a path is relative to `directory`.
    pub fn of(value: &str, directory: &Path) -> Self {
        match Reference::of(value) {
            Reference::Literal(_) => Self::Literal,
            Reference::Base64(_) => Self::Base64,
            Reference::Env(name) => Self::Env(name.to_owned()),
            Reference::File(path) => Self::File(directory.join(path)),
        }
    }
}

/// Reads what `value` stands for, by the rules of a config file in `directory`: `env:NAME`, `file:PATH`,
/// `base64:…`, `literal:…`, or itself. For values that a user gives elsewhere, such as on a command line.
///
/// # Errors
///
/// A text that continues the parameter's name ("refers to the environment variable …") and shows no value.
pub fn read_value(value: &str, directory: &Path) -> Result<SecretText, String> {
    let file = file_of(value, directory).map(|path| read_regular(&path, LARGEST_FILE));
    resolve(&SecretText::new(value), |_| file.as_ref())
}

/// The file that `value` names, relative to `directory`.
pub(super) fn file_of(value: &str, directory: &Path) -> Option<PathBuf> {
    match Reference::of(value) {
        Reference::File(path) => Some(directory.join(path)),
        _ => None,
    }
}

/// The text that `value` stands for. `content` gives what is in the file it names.
///
/// The error continues the parameter's name and shows no value; a path or the name of a variable is none.
pub(super) fn resolve<'c>(
    value: &SecretText,
    content: impl FnOnce(&str) -> Option<&'c Content>,
) -> Result<SecretText, String> {
    match Reference::of(value.expose()) {
        Reference::Literal(text) => Ok(SecretText::new(text)),
        Reference::Env(name) => match env::var(name) {
            Ok(text) => Ok(SecretText::new(text)),
            Err(env::VarError::NotPresent) => {
                Err(format!("refers to the environment variable `{}`, which is not set", name.escape_debug()))
            }
            Err(env::VarError::NotUnicode(_)) => Err(format!(
                "refers to the environment variable `{}`, which is not UTF-8",
                name.escape_debug()
            )),
        },
        Reference::File(path) => {
            let fault = |what: &str| Err(format!("refers to the file `{}`, but {what}", path.escape_debug()));
            match content(path) {
                None => fault("only a config file of its own can do that"),
                Some(Err(kind)) => fault(&reason(*kind)),
                Some(Ok(bytes)) => match std::str::from_utf8(bytes) {
                    Ok(text) => Ok(SecretText::new(without_final_newline(text))),
                    Err(_) => fault("it is not UTF-8"),
                },
            }
        }
        Reference::Base64(text) => {
            let bytes = STANDARD.decode(text).map(Zeroizing::new);
            let text = bytes.ok().and_then(|bytes| std::str::from_utf8(&bytes).ok().map(SecretText::from));
            text.ok_or_else(|| "is not the base64 of a UTF-8 text".to_owned())
        }
    }
}

/// Editors and `echo` end a file with a newline that is no part of the secret.
fn without_final_newline(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[track_caller]
    fn check(value: &str, file: Content, expected: Result<&str, &str>) {
        let resolved = resolve(&SecretText::new(value), |_| Some(&file));
        assert_eq!(resolved.as_ref().map(|text| text.expose()), expected.map_err(str::to_owned).as_deref());
    }

    fn bytes(text: &str) -> Content {
        Ok(Zeroizing::new(text.as_bytes().to_vec()))
    }

    #[test]
    fn references_and_what_only_looks_like_one() {
        check("plain", bytes(""), Ok("plain"));
        check("Bearer: x", bytes(""), Ok("Bearer: x"));
        check("https://h/", bytes(""), Ok("https://h/"));
        check("literal:env:X", bytes(""), Ok("env:X"));
        check("base64:aHVudGVyMg==", bytes(""), Ok("hunter2"));
        check("base64:!!", bytes(""), Err("is not the base64 of a UTF-8 text"));
        check("base64:/w==", bytes(""), Err("is not the base64 of a UTF-8 text"));
    }

    #[test]
    fn one_final_newline_of_a_file_is_dropped() {
        for (content, expected) in [("s", "s"), ("s\n", "s"), ("s\r\n", "s"), ("s\n\n", "s\n"), ("", "")] {
            check("file:key", bytes(content), Ok(expected));
        }
    }

    #[test]
    fn faults_name_the_reference() {
        check(
            "file:key",
            Err(io::ErrorKind::NotFound),
            Err("refers to the file `key`, but entity not found"),
        );
        check(
            "file:key",
            Err(io::ErrorKind::FileTooLarge),
            Err("refers to the file `key`, but it is too large"),
        );
        check(
            "env:SIGNING_TEST_UNSET_VARIABLE",
            bytes(""),
            Err("refers to the environment variable `SIGNING_TEST_UNSET_VARIABLE`, which is not set"),
        );
    }

    #[test]
    fn the_environment_is_read() {
        // Cargo sets it for every test.
        check("env:CARGO_PKG_NAME", bytes(""), Ok("tower-signing"));
    }
}
