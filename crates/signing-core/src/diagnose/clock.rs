//! The signed date against the server's clock, where the service says nothing of it.

use super::{Cause, Refusal, Signed, compare};

/// How far apart the clocks may be: five minutes at most services, fifteen at S3, Azure Batch and Storage.
fn tolerated(signed: &Signed) -> u64 {
    let is_shared_key = || {
        let lines = signed.string_to_sign.as_deref().unwrap_or_default().lines();
        lines
            .filter_map(|line| line.split_once(':'))
            .any(|(name, _)| matches!(name, "ocp-date" | "x-ms-date"))
    };
    60 * if compare::is_for_s3(signed) || is_shared_key() { 15 } else { 5 }
}

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
    (signed_at.unix().abs_diff(server.unix()) > tolerated(signed)).then_some(Cause::ClockOff {
        signed_at: Some(signed_at),
        server: Some(server),
        clock_correction: signed.clock_correction,
    })
}
