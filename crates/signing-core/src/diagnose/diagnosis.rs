//! From what was signed and what came back to causes.

use std::fmt;

use http::StatusCode;

use super::escape::short;
use super::service::{Case, Reading};
use super::{Cause, Diff, Refusal, Signed, clock, compare, transit};

/// More causes are not told.
const MOST_CAUSES: usize = 16;
/// Nor more of one kind: the texts side by side show the rest.
const MOST_OF_A_KIND: usize = 5;

/// Why a request was refused, as far as it can be known.
///
/// `Display` is one sentence: that of the first [cause](Self::causes), or what is known if there is none. All texts
/// are escaped and hold no credentials.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    status: StatusCode,
    code: Option<String>,
    message: Option<String>,
    causes: Vec<Cause>,
    diff: Option<Diff>,
    section: Option<String>,
    key_id: Option<String>,
    clock_difference: Option<i64>,
    headers_in_transit: Vec<String>,
}

/// Says why the service refused what was signed.
///
/// `refusal` may be any response; for one that is no refusal there are no causes.
pub fn diagnose(signed: &Signed, refusal: &Refusal<'_>) -> Diagnosis {
    let status = refusal.status();
    let reading = (!status.is_success()).then(|| Case::new(signed, refusal).read()).flatten();
    let is_denied = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
    let (mut causes, diff) = match &reading {
        Some(reading) => judge(signed, reading),
        None if is_denied => (clock::off(signed, refusal).into_iter().collect(), None),
        None => (Vec::new(), None),
    };
    // Who refuses without a word may refuse the old key.
    let is_silent = is_denied && reading.is_none() && causes.is_empty();
    if signed.credentials_replaced && (is_silent || causes.iter().any(may_be_of_an_old_key)) {
        causes.push(Cause::CredentialsReplaced { key_id: signed.key_id.as_deref().map(short) });
    }
    causes.sort_by_key(Cause::rank);
    causes.dedup();
    keep_few_of_a_kind(&mut causes);
    causes.truncate(MOST_CAUSES);
    let (code, message) = reading.map(|reading| (reading.code, reading.message)).unwrap_or_default();
    let [code, message] = [code, message].map(|text| {
        text.map(|mut text| {
            signed.hide(&mut text);
            text
        })
    });
    Diagnosis {
        status,
        code,
        message: message.filter(|message| !message.is_empty()),
        causes,
        diff,
        section: signed.section.as_deref().map(short),
        key_id: signed.key_id.as_deref().map(short),
        clock_difference: clock::difference(signed, refusal),
        headers_in_transit: transit::names(signed),
    }
}

fn judge(signed: &Signed, reading: &Reading) -> (Vec<Cause>, Option<Diff>) {
    let mut causes = reading.causes.clone();
    if !reading.is_mismatch {
        return (causes, None);
    }
    let (differences, diff) = compare::compare(signed, &reading.computed);
    causes.extend(differences);
    let is_not_compared = matches!(causes.as_slice(), [Cause::NotCompared { .. }]);
    if causes.is_empty() || is_not_compared {
        let names = transit::names(signed);
        if !names.is_empty() {
            causes.push(Cause::HeadersInTransit { names });
        }
        if !is_not_compared {
            causes.push(Cause::Mismatch);
        }
    }
    (causes, diff)
}

fn keep_few_of_a_kind(causes: &mut Vec<Cause>) {
    let mut told: Vec<&'static str> = Vec::new();
    causes.retain(|cause| {
        told.push(cause.name());
        told.iter().filter(|name| **name == cause.name()).count() <= MOST_OF_A_KIND
    });
}

fn may_be_of_an_old_key(cause: &Cause) -> bool {
    matches!(
        cause,
        Cause::UnknownKey { .. }
            | Cause::WrongSecret { .. }
            | Cause::SignedOtherwise { .. }
            | Cause::NotCompared { .. }
            | Cause::CredentialsRefused { .. }
            | Cause::SessionTokenExpired
            | Cause::SessionTokenInvalid
            | Cause::Mismatch
    )
}

impl Diagnosis {
    /// What explains the refusal, the most telling first. Empty if nothing shows a cause.
    pub fn causes(&self) -> &[Cause] {
        &self.causes
    }

    /// The texts that were compared, if the service told its own and they differ. Where ours is not known, it is the
    /// service's alone.
    pub fn diff(&self) -> Option<&Diff> {
        self.diff.as_ref()
    }

    /// The response's status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What the service calls it, such as `SignatureDoesNotMatch`.
    pub fn service_code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// What the service says, without the texts it computed. Not for a program to read.
    pub fn service_message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// The section whose credentials signed, if it is known.
    pub fn section(&self) -> Option<&str> {
        self.section.as_deref()
    }

    /// The public name of the key that signed, if it is known.
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// How many seconds the server's clock is ahead of the date that was signed (behind it, when negative), if both are
    /// known. The way of the request and of the answer is in it.
    pub fn clock_difference(&self) -> Option<i64> {
        self.clock_difference
    }

    /// Signed headers that clients and proxies are known to change. This alone is no cause.
    pub fn headers_in_transit(&self) -> &[String] {
        &self.headers_in_transit
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(cause) = self.causes.first() {
            return write!(f, "{cause}");
        }
        write!(f, "The answer is {}", self.status.as_u16())?;
        match &self.code {
            Some(code) => write!(f, " (`{code}`), which does not tell that the signature is the matter")?,
            None => f.write_str(", and nothing in it that is known here tells of the signature")?,
        }
        match (&self.section, &self.key_id) {
            (Some(section), Some(key_id)) => {
                write!(f, "; section `{section}` signed with the key `{key_id}`")?
            }
            (Some(section), None) => write!(f, "; section `{section}` signed")?,
            (None, Some(key_id)) => write!(f, "; the key `{key_id}` signed")?,
            (None, None) => {}
        }
        if let Some(seconds) = self.clock_difference {
            write!(f, "; the clocks are {} s apart", seconds.unsigned_abs())?;
        }
        if !self.headers_in_transit.is_empty() {
            let names = self.headers_in_transit.join("`, `");
            write!(f, "; of the signed headers, clients and proxies are known to change `{names}`")?;
        }
        f.write_str(".")
    }
}
