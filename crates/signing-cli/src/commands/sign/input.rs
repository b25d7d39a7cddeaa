//! A line of input.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::value::RawValue;
use signing_core::{Timestamp, nearest};

use super::body::Body;
use super::fields::{Fields, text};
use crate::instant;
use crate::refusal::Refusal;

/// One request to sign, as its line says it.
pub(super) struct Line<'a> {
    pub(super) method: Cow<'a, str>,
    pub(super) url: Cow<'a, str>,
    pub(super) headers: Vec<Header<'a>>,
    pub(super) body: Body,
    pub(super) time: Option<Timestamp>,
    /// The JSON text of the object.
    pub(super) auth: Option<&'a str>,
    /// Of `presign`.
    pub(super) expires_in: Option<Duration>,
}

/// Name and value.
type Header<'a> = (Cow<'a, str>, Cow<'a, str>);

const NAMES: [&str; 8] =
    ["method", "url", "headers", "body_base64", "body_repeat", "time", "auth", "presign"];

impl<'a> Line<'a> {
    pub(super) fn parse(line: &'a [u8]) -> Result<Self, Refusal> {
        let json = std::str::from_utf8(line).map_err(|error| {
            Refusal::input(format!("the line is not UTF-8 from byte {} on", error.valid_up_to() + 1))
        })?;
        let (mut method, mut url, mut body) = (None, None, None);
        let (mut headers, mut time, mut auth, mut expires_in) = (Vec::new(), None, None, None);
        for (name, value) in Fields::parse(json, "the line")?.0 {
            match &*name {
                "method" => method = Some(string(&name, value)?),
                "url" => url = Some(string(&name, value)?),
                "headers" => headers = pairs(value)?,
                "body_base64" | "body_repeat" if body.is_some() => {
                    return Err(Refusal::input("`body_base64` and `body_repeat` exclude each other"));
                }
                "body_base64" => body = Some(Body::Bytes(bytes(&name, value)?)),
                "body_repeat" => body = Some(repeated(value)?),
                "time" => time = Some(instant(value)?),
                "auth" => auth = Some(value),
                "presign" => expires_in = Some(presign(value)?),
                _ => return Err(unknown(&name, &NAMES)),
            }
        }
        Ok(Self {
            method: method.ok_or_else(|| missing("method"))?,
            url: url.ok_or_else(|| missing("url"))?,
            headers,
            body: body.unwrap_or_default(),
            time,
            auth,
            expires_in,
        })
    }
}

fn string<'a>(name: &str, value: &'a str) -> Result<Cow<'a, str>, Refusal> {
    text(value).ok_or_else(|| Refusal::input(format!("`{name}` must be a string")))
}

fn bytes(name: &str, value: &str) -> Result<Vec<u8>, Refusal> {
    use base64::Engine;
    let decoded = base64::engine::general_purpose::STANDARD.decode(&*string(name, value)?);
    decoded.map_err(|_| Refusal::input(format!("`{name}` must be base64 (standard alphabet, padded)")))
}

fn pairs(value: &str) -> Result<Vec<Header<'_>>, Refusal> {
    let pairs: Option<Vec<(&RawValue, &RawValue)>> = serde_json::from_str(value).ok();
    let texts = pairs.and_then(|pairs| {
        pairs.into_iter().map(|(name, value)| Some((text(name.get())?, text(value.get())?))).collect()
    });
    texts.ok_or_else(|| Refusal::input("`headers` must be an array of [name, value] arrays of strings"))
}

fn repeated(value: &str) -> Result<Body, Refusal> {
    let (mut unit, mut count) = (None, None);
    for (name, value) in Fields::parse(value, "`body_repeat`")?.0 {
        match &*name {
            "unit_base64" => unit = Some(bytes(&name, value)?),
            "count" => count = Some(whole_number("body_repeat.count", value)?),
            _ => return Err(unknown(&name, &["unit_base64", "count"])),
        }
    }
    let unit = unit.ok_or_else(|| missing("body_repeat.unit_base64"))?;
    let count = count.ok_or_else(|| missing("body_repeat.count"))?;
    Body::repeat(unit, count).ok_or_else(|| Refusal::input("`body_repeat` is longer than a body can be"))
}

fn instant(value: &str) -> Result<Timestamp, Refusal> {
    let parsed = match text(value) {
        // In a string, only the form with a date is meant.
        Some(text) if text.contains(':') => instant::parse(&text).ok(),
        Some(_) => None,
        None => value.parse().ok().and_then(Timestamp::from_unix),
    };
    parsed.ok_or_else(|| {
        Refusal::input(
            "`time` must be an integer (seconds since 1970) or an RFC 3339 string, up to the year 9999",
        )
    })
}

fn presign(value: &str) -> Result<Duration, Refusal> {
    let mut expires_in = None;
    for (name, value) in Fields::parse(value, "`presign`")?.0 {
        match &*name {
            "expires_in" => expires_in = Some(whole_number("presign.expires_in", value)?),
            _ => return Err(unknown(&name, &["expires_in"])),
        }
    }
    expires_in.map(Duration::from_secs).ok_or_else(|| missing("presign.expires_in"))
}

fn whole_number(name: &str, value: &str) -> Result<u64, Refusal> {
    value.parse().map_err(|_| Refusal::input(format!("`{name}` must be a whole number")))
}

fn missing(name: &str) -> Refusal {
    Refusal::input(format!("`{name}` is missing"))
}

fn unknown(name: &str, known: &[&str]) -> Refusal {
    let shown: String = name.chars().take(40).flat_map(char::escape_debug).collect();
    let hint = nearest(name, known.iter().copied());
    let hint = hint.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Refusal::input(format!("`{shown}` is not a known field{hint}"))
}
