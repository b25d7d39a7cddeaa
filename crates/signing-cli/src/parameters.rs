//! Parameters on a command line: `--method NAME`, `--param NAME=VALUE`.

use std::io::{self, BufRead, IsTerminal, Read};
use std::path::Path;

use signing_core::{AuthParams, ParamErrorKind, Registry, SecretText};
use tower_signing::{ParamClass, ValueSource, read_value};

use crate::arguments::split;
use crate::failure::Failure;
use crate::terminal::visible;

/// The value that stands for a line of standard input.
const STANDARD_INPUT: &str = "-";
/// The longest line that is read there, in bytes: that of a file with a secret.
const LONGEST_LINE: u64 = 64 * 1024;

/// What the flags say; `None` if there are none.
pub(crate) fn of_flags(method: Option<&str>, flags: &[String]) -> Result<Option<AuthParams>, Failure> {
    let mut params = AuthParams::new();
    for flag in flags {
        let (name, value) = parts(flag)?;
        if params.get(name).is_some() {
            return Err(Failure::usage(format!("--param {name} is given twice")));
        }
        params.set(name, read(name, value)?);
    }
    if let Some(method) = method {
        match params.get("Method") {
            Some(other) if !other.eq_ignore_ascii_case(method) => {
                return Err(Failure::usage("--method and --param Method name different methods"));
            }
            _ => params.set("Method", method),
        };
    }
    check_method(&params)?;
    Ok(if flags.is_empty() && method.is_none() { None } else { Some(params) })
}

/// The parameter that is to be read from standard input, if one is. There is one line for one parameter.
pub(crate) fn of_standard_input(flags: &[String]) -> Result<Option<&str>, Failure> {
    let mut found = None;
    for flag in flags {
        let (name, value) = parts(flag)?;
        if value != STANDARD_INPUT {
            continue;
        }
        if let Some(other) = found.replace(name) {
            return Err(Failure::usage(format!(
                "--param {other}=- and --param {name}=- both read standard input; one of them can"
            )));
        }
    }
    Ok(found)
}

fn parts(flag: &str) -> Result<(&str, &str), Failure> {
    split(flag, '=').ok_or_else(|| Failure::usage("--param must be NAME=VALUE"))
}

fn read(name: &str, value: &str) -> Result<SecretText, Failure> {
    if value == STANDARD_INPUT {
        return read_line(name);
    }
    // A command line is seen by everyone on the machine and kept in the shell's history.
    let source = ValueSource::of(value, Path::new(""));
    let is_in_sight = matches!(source, ValueSource::Literal | ValueSource::Base64);
    if is_in_sight && ParamClass::of(name) == ParamClass::Secret {
        return Err(Failure::usage(format!(
            "--param {name} is a secret and not taken from the command line: use {name}=env:VARIABLE, {name}=file:PATH, or {name}=- for a line of standard input"
        )));
    }
    read_value(value, Path::new("")).map_err(|reason| Failure::usage(format!("--param {name} {reason}")))
}

/// One line of standard input. On a terminal it is asked for, and not shown.
fn read_line(name: &str) -> Result<SecretText, Failure> {
    let fault = |what: &str| Failure::usage(format!("--param {name}=-: {what}"));
    let input = io::stdin();
    if input.is_terminal() {
        let line = rpassword::prompt_password(format!("{}: ", visible(name)));
        let line = line.map_err(|error| fault(&format!("the terminal cannot be read: {error}")))?;
        return Ok(SecretText::new(line));
    }
    let mut line = String::new();
    let read = input.lock().take(LONGEST_LINE).read_line(&mut line);
    let line = SecretText::new(line);
    // The error of a text that is not UTF-8 shows nothing of it.
    read.map_err(|error| fault(&format!("standard input cannot be read: {error}")))?;
    if line.expose().len() as u64 == LONGEST_LINE {
        return Err(fault("the line is longer than 64 KiB"));
    }
    let text = line.expose().strip_suffix('\n').unwrap_or(line.expose());
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(fault("standard input has no line for it"));
    }
    Ok(SecretText::new(text))
}

/// A method that nobody knows makes no sense beside a file either.
fn check_method(params: &AuthParams) -> Result<(), Failure> {
    let Some(method) = params.get("Method") else { return Ok(()) };
    let registry = Registry::new();
    match registry.signer(&[("Method", method)].into_iter().collect()) {
        Err(error) if error.kind() == ParamErrorKind::UnknownMethod => {
            let names: Vec<_> = registry.names().collect();
            Err(Failure::usage(format!("{error}\nthe methods are {}", names.join(", "))))
        }
        // Its other parameters are judged when all of them are known.
        _ => Ok(()),
    }
}
