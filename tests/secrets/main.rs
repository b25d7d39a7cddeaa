//! Secrets stay where they are: not in `Debug`, not in an error or its sources, not in a log, not in a masked
//! explanation.

#![expect(clippy::unwrap_used, reason = "what cannot be set up ends the test")]

mod errors;
mod explanations;
mod logs;
#[path = "../support/mod.rs"]
mod support;
mod types;

use std::error::Error;
use std::fmt::{Debug, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use support::SCHEMES;

/// A prefix of this many characters is a leak: masks that show the beginning are how secrets get out.
const PREFIX: usize = 8;

/// How a secret may look when it has gone astray: as it is, encoded, decoded, as bytes.
fn looks_of(secret: &str) -> Vec<String> {
    let percent: String = secret
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect();
    let raw = STANDARD.decode(secret).unwrap_or_default();
    let list = |bytes: &[u8]| {
        let numbers: Vec<_> = bytes.iter().take(PREFIX).map(u8::to_string).collect();
        numbers.join(", ")
    };
    let hex = |bytes: &[u8]| bytes.iter().take(PREFIX).map(|byte| format!("{byte:02x}")).collect::<String>();
    let texts = [secret.to_owned(), percent, STANDARD.encode(secret), STANDARD.encode(&raw)];
    let texts =
        texts.iter().filter(|text| text.len() >= PREFIX).map(|text| text.chars().take(PREFIX).collect());
    let bytes = [list(secret.as_bytes()), list(&raw), hex(secret.as_bytes()), hex(&raw)];
    texts.chain(bytes.into_iter().filter(|text| !text.is_empty())).collect()
}

/// Every secret of the six methods.
fn secrets() -> Vec<&'static str> {
    SCHEMES.iter().flat_map(|scheme| scheme.secret_values()).collect()
}

/// The secrets of which `text` shows at least a prefix.
fn shown_in<'s>(text: &str, secrets: &[&'s str]) -> Vec<&'s str> {
    let folded = text.to_lowercase();
    let is_shown = |secret: &&&str| {
        looks_of(secret).iter().any(|look| text.contains(look) || folded.contains(&look.to_lowercase()))
    };
    secrets.iter().filter(is_shown).copied().collect()
}

/// Both forms of `Debug`: the long one goes into every field again.
fn debug_of<T: Debug + ?Sized>(value: &T) -> String {
    format!("{value:?}\n{value:#?}")
}

/// All that an error says of itself, and its sources of themselves.
fn all_of(error: &dyn Error) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        writeln!(text, "{error}\n{error:?}\n{error:#?}").unwrap();
        next = error.source();
    }
    text
}

#[test]
fn a_leak_of_any_look_is_noticed() {
    let secret = "s3cret/with+signs==";
    let text = |shown: &str| !shown_in(shown, &[secret]).is_empty();
    for look in [
        "key: s3cret/w…",
        "s3cret%2Fwith",
        "czNjcmV0L3dpdGg",
        "[115, 51, 99, 114, 101, 116, 47, 119]",
        "7333637265742f77",
    ] {
        assert!(text(look), "{look}");
    }
    for look in ["s3cret/", "SecretText(..)", "<masked>"] {
        assert!(!text(look), "{look}");
    }
}
