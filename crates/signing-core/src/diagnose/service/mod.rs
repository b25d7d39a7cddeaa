//! What a service says in its refusal, in one form for all of them.

mod aws;
mod azure;
mod cybersource;
mod fields;
mod sas;

use super::compare::Computed;
use super::escape::cut;
use super::{Cause, Refusal, Signed, mask};
use crate::Timestamp;
use crate::explain::MASK;

use fields::Fields;

/// What is asked: what was signed, and what came back.
pub(super) struct Case<'c> {
    pub(super) signed: &'c Signed,
    pub(super) refusal: &'c Refusal<'c>,
    fields: Fields,
}

/// What a family of services makes of it.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) computed: Computed,
    /// What the service says in so many words.
    pub(super) causes: Vec<Cause>,
    /// Whether it says that the signatures differ.
    pub(super) is_mismatch: bool,
}

/// The first that knows the refusal reads it. A new family is a file and a line here.
const FAMILIES: [fn(&Case<'_>) -> Option<Reading>; 4] =
    [sas::read, azure::read, aws::read, cybersource::read];

impl<'c> Case<'c> {
    pub(super) fn new(signed: &'c Signed, refusal: &'c Refusal<'c>) -> Self {
        let mut fields = Fields::read(refusal.body());
        fields.hide(&signed.secrets);
        Self { signed, refusal, fields }
    }

    /// `None` if no family knows the refusal.
    pub(super) fn read(&self) -> Option<Reading> {
        FAMILIES.iter().find_map(|family| family(self))
    }

    /// Whether the answer says of itself that it is of AWS.
    fn is_of_aws(&self) -> bool {
        ["x-amzn-errortype", "x-amzn-requestid", "x-amz-request-id", "x-amz-id-2", "x-amz-cf-id"]
            .iter()
            .any(|name| self.refusal.header(name).is_some())
            || self.fields.get("__type").is_some()
    }

    /// The service does not allow it, which it says of a request without a signature as well.
    fn denied(&self, code: &str, names_caller: bool) -> Cause {
        if self.is_unsigned() && !names_caller {
            return Cause::AuthenticationMissing;
        }
        Cause::Authorization { code: self.shown(code), names_caller }
    }

    /// Whether the head is known, and nothing in it is or may be a signature.
    fn is_unsigned(&self) -> bool {
        let Signed { url, string_to_sign, signature, section, headers, secrets, .. } = self.signed;
        let is_known = url.is_some() && section.is_none();
        let may_bear_one = |(name, value): &(String, String)| {
            matches!(name.as_str(), "authorization" | "signature") || value.contains(MASK)
        };
        is_known
            && string_to_sign.is_none()
            && signature.is_none()
            && secrets.is_empty()
            && !headers.iter().any(may_bear_one)
    }

    /// The date that was signed is off: against the server's clock as the service told it, or as its response has it.
    fn clock_off(&self, signed_at: Option<Timestamp>, server: Option<Timestamp>) -> Cause {
        Cause::ClockOff {
            signed_at: signed_at.or_else(|| self.signed.instant()),
            server: server.or_else(|| self.refusal.date()),
            clock_correction: self.signed.clock_correction,
        }
    }

    fn expired(&self, at: Option<Timestamp>, server: Option<Timestamp>) -> Cause {
        Cause::SignatureExpired {
            at: at.or_else(|| self.signed.expires_at()),
            server: server.or_else(|| self.refusal.date()),
        }
    }

    /// Text of the service that may be kept.
    fn shown(&self, text: &str) -> String {
        const MOST_CHARACTERS: usize = 300;
        let mut text = text.trim().to_owned();
        // It may be of a header.
        self.signed.hide(&mut text);
        let secrets = [self.signed.signature.as_deref().unwrap_or_default()];
        cut(mask::sentence(&text, &secrets).as_str(), MOST_CHARACTERS)
    }

    fn key_id(&self) -> Option<String> {
        self.signed.key_id.as_deref().map(super::escape::short)
    }
}

/// What stands in `text` between `start` and `end`.
fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(inside, _)| inside)
}
