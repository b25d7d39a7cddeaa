//! `date/region/service/aws4_request`: what a signing key is good for.

use crate::Timestamp;

/// One UTC day, region and service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CredentialScope<'r> {
    pub(super) day: u32,
    pub(super) region: &'r str,
    pub(super) service: &'r str,
}

impl<'r> CredentialScope<'r> {
    pub(super) fn new(now: Timestamp, region: &'r str, service: &'r str) -> Self {
        Self { day: now.day(), region, service }
    }

    /// As it stands in the string to sign and in `Credential`. `now` is an instant of its day.
    pub(super) fn to_text(self, now: Timestamp) -> String {
        let iso = now.iso_basic();
        let date = std::str::from_utf8(&iso[..8]).expect("digits");
        [date, "/", self.region, "/", self.service, "/aws4_request"].concat()
    }
}
