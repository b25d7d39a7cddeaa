//! The signed date against the server's clock, where the service says nothing of it.

use super::{Cause, Refusal, Signed};

/// The least that any of the services tolerates.
const TOLERATED: u64 = 5 * 60;

/// How many seconds the server's clock is ahead of the date that was signed.
pub(super) fn difference(signed: &Signed, refusal: &Refusal<'_>) -> Option<i64> {
    Some(refusal.date()?.unix() as i64 - signed.instant()?.unix() as i64)
}

/// A signature that has ended, or that was made too far from the server's clock.
pub(super) fn off(signed: &Signed, refusal: &Refusal<'_>) -> Option<Cause> {
    let server = refusal.date()?;
    if let Some(end) = signed.expires_at() {
        let has_ended = end <= server;
        return has_ended.then_some(Cause::SignatureExpired { at: Some(end), server: Some(server) });
    }
    let signed_at = signed.instant()?;
    (signed_at.unix().abs_diff(server.unix()) > TOLERATED).then_some(Cause::ClockOff {
        signed_at: Some(signed_at),
        server: Some(server),
        clock_correction: signed.clock_correction,
    })
}
