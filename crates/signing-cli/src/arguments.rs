//! Arguments that several commands share.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use http::request::Parts;
use signing_core::{AuthParams, Signer, Timestamp};
use tower_signing::{ParamClass, ValueSource, read_value};

use crate::auth::{Auth, OwnParams};
use crate::failure::Failure;
use crate::head::add_header;
use crate::instant;
use crate::refusal::Refusal;

/// How one request is to be signed.
#[derive(Debug, Args)]
pub(crate) struct AuthArgs {
    /// Config file; the section whose Match covers the URL signs
    #[arg(long, value_name = "FILE")]
    auth: Option<PathBuf>,
    /// Section to use, such as `payments` for [auth.payments]
    #[arg(long, value_name = "NAME", requires = "auth")]
    section: Option<String>,
    /// Parameter that overrides the section's, or stands alone; a secret as env:NAME or file:PATH
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<String>,
    /// Sign as if it were this instant: seconds since 1970, or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = instant::parse)]
    time: Option<Timestamp>,
}

impl AuthArgs {
    /// The signer for `head`.
    pub(crate) fn signer(&self, head: &Parts) -> Result<Arc<Signer>, Failure> {
        let auth = Auth::load(self.auth.as_deref())?;
        let own = self.own_params()?;
        let signer = auth.signer(&head.uri, self.section.as_deref(), own.as_ref())?;
        Ok(signer
            .ok_or_else(|| Refusal::new("route", "the section says `Method = none`: nothing is signed"))?)
    }

    /// The instant to sign for.
    pub(crate) fn now(&self) -> Result<Timestamp, Refusal> {
        self.time.map_or_else(instant::now, Ok)
    }

    fn own_params(&self) -> Result<Option<OwnParams>, Failure> {
        let mut params = AuthParams::new();
        for param in &self.params {
            let (name, value) =
                split(param, '=').ok_or_else(|| Failure::usage("--param must be NAME=VALUE"))?;
            if params.get(name).is_some() {
                return Err(Failure::usage(format!("--param {name} is given twice")));
            }
            // A command line is seen by everyone on the machine and kept in the shell's history.
            let source = ValueSource::of(value, Path::new(""));
            let is_in_sight = matches!(source, ValueSource::Literal | ValueSource::Base64);
            if is_in_sight && ParamClass::of(name) == ParamClass::Secret {
                return Err(Failure::usage(format!(
                    "--param {name} is a secret and not taken from the command line: use {name}=env:VARIABLE or {name}=file:PATH"
                )));
            }
            let text = read_value(value, Path::new(""))
                .map_err(|reason| Failure::usage(format!("--param {name} {reason}")))?;
            params.set(name, text);
        }
        Ok(if self.params.is_empty() { None } else { Some(OwnParams::new(params)) })
    }
}

/// Adds the headers of `-H` flags, `Name: value` as curl takes them.
pub(crate) fn add_headers(head: &mut Parts, headers: &[String]) -> Result<(), Failure> {
    for header in headers {
        let (name, value) = split(header, ':').ok_or_else(|| Failure::usage("-H must be `Name: value`"))?;
        add_header(head, name, value.trim())?;
    }
    Ok(())
}

/// At the first separator. (As a parser of clap's, it would have the whole argument in its error.)
fn split(argument: &str, separator: char) -> Option<(&str, &str)> {
    argument.split_once(separator).filter(|(name, _)| !name.is_empty())
}

/// `90s`, `15m`, `12h`, `7d`.
pub(crate) fn duration(text: &str) -> Result<Duration, &'static str> {
    const FAULT: &str = "must be a whole number and a unit: s, m, h or d, such as 15m";
    let unit = text.chars().last().ok_or(FAULT)?;
    let number = &text[..text.len() - unit.len_utf8()];
    let seconds_per_unit: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(FAULT),
    };
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(FAULT);
    }
    let seconds = number.parse().ok().and_then(|number: u64| number.checked_mul(seconds_per_unit));
    seconds.map(Duration::from_secs).ok_or(FAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        let check = |text, expected: Option<u64>| {
            assert_eq!(duration(text).ok().map(|time| time.as_secs()), expected, "{text}");
        };
        check("90s", Some(90));
        check("15m", Some(900));
        check("12h", Some(43_200));
        check("7d", Some(604_800));
        for text in ["", "15", "m", "-1s", "+1s", "1.5h", "1w", "15 m", "1ä", "99999999999999999999d"] {
            check(text, None);
        }
    }
}
