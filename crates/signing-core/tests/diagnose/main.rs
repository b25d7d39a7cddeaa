//! Diagnoses of raw refusals.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod explained;
mod first_case;
mod found;
mod hostile;
mod ministack;
mod partly;
mod raw;
mod refusals;
mod secrets;
mod table;
mod unrelated;
