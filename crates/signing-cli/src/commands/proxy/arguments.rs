//! What the flags of the proxy hold.

use std::time::Duration;

use crate::arguments::{duration, size};

/// How often the auth file is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Monitor(pub(super) Duration);

impl Monitor {
    /// `auth:SECONDS`: what is looked at, and how often.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        const FAULT: &str = "must be `auth:` and a whole number of seconds, at least 1, such as auth:30";
        let (name, seconds) = text.split_once(':').ok_or(FAULT)?;
        if name != "auth" || !seconds.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(FAULT);
        }
        match seconds.parse() {
            Ok(0) | Err(_) => Err(FAULT),
            Ok(seconds) => Ok(Self(Duration::from_secs(seconds))),
        }
    }
}

/// Bytes of a head. No less than what hyper reads at once; no more than what nobody sends.
pub(super) fn max_head(text: &str) -> Result<u32, &'static str> {
    match size(text)? {
        bytes @ 0x2000..=0x10_0000 => u32::try_from(bytes).map_err(|_| "is too large"),
        _ => Err("must be between 8KiB and 1MiB"),
    }
}

/// A duration that is one.
pub(super) fn idle_timeout(text: &str) -> Result<Duration, &'static str> {
    match duration(text)? {
        Duration::ZERO => Err("must be at least 1s"),
        time => Ok(time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monitor_names_what_is_looked_at_and_seconds() {
        let check = |text, seconds: Option<u64>| {
            assert_eq!(Monitor::parse(text).ok(), seconds.map(Duration::from_secs).map(Monitor), "{text}");
        };
        check("auth:30", Some(30));
        for text in
            ["", "30", "auth", "auth:", "auth:0", "auth:-1", "auth:+1", "auth:30s", "keys:30", "auth:1:2"]
        {
            check(text, None);
        }
    }

    #[test]
    fn limits_have_bounds() {
        assert_eq!(max_head("8KiB"), Ok(8192));
        assert!(max_head("8191").is_err() && max_head("1048577").is_err());
        assert!(idle_timeout("0s").is_err() && idle_timeout("1s").is_ok());
    }
}
