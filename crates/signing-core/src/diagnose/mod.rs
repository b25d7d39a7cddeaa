//! Says why a signature was refused: from what was signed and the response, to causes in order of likelihood, each
//! with a sentence for a person, and a comparison of the texts where the service told its own.
//!
//! ```text
//! Explanation, or a string to sign ──► Signed ─┐
//!                                               ├─► diagnose ──► Diagnosis: causes, each with its evidence; Diff
//! status, headers, body ─────────────► Refusal ─┘
//! ```
//!
//! | who answers | what can be told |
//! | --- | --- |
//! | S3, AWS services and API Gateway that show their canonical request | what was added, dropped, changed, moved or encoded in another way; the same texts: a wrong secret |
//! | AWS without it | clock, unknown key, session token, region and service, missing and malformed signatures, unsigned headers |
//! | Azure Batch and Storage, whose answer holds their string to sign | header, line, resource and query that differ; the same texts: a wrong key |
//! | Event Hubs, Service Bus, IoT Hub | signature, end, resource of the token |
//! | CyberSource | clock, host; beyond that, that the credentials are refused |
//! | anyone else | the clock, where the response has a `Date` and the signature a date |
//!
//! A cause is only told if something shows it. Where the service says that it knows the caller and does not allow the
//! request, [`Cause::Authorization`] is the only one. A [`Diagnosis`] without causes says what is known, and no more.
//!
//! There is no I/O and no clock: the date of the signature is in what was signed, that of the server in its answer.
//! Bodies are hostile: at most 64 KiB are read, in bounded depth and time. All text in a diagnosis is escaped and can
//! be printed. Session tokens, signatures and other credentials that a service echoes are masked before anything is
//! kept; whatever else [sounds like a credential](is_telling_name) is compared and not shown.
//!
//! # Example
//!
//! ```
//! use http::{HeaderMap, StatusCode};
//! use signing_core::diagnose::{Refusal, Signed, diagnose};
//!
//! let signed = Signed::from_string_to_sign(
//!     r"GET\n\n\n\n\n\n\n\n\n\n\n\nocp-date:Sun, 24 Nov 2019 21:08:20 GMT\n/account/jobs\napi-version:2019-08-01.10.0",
//! );
//! let body = r#"{"code": "AuthenticationFailed", "values": [{"key": "AuthenticationErrorDetail", "value":
//!     "The MAC signature found in the HTTP request '…' is not the same as any computed signature. Server used following string to sign: 'GET\n\n\n\n\ntext/plain\n\n\n\n\n\n\nocp-date:Sun, 24 Nov 2019 21:08:20 GMT\n/account/jobs\napi-version:2019-08-01.10.0'."}]}"#;
//! let diagnosis = diagnose(&signed, &Refusal::new(StatusCode::FORBIDDEN, &HeaderMap::new(), body.as_bytes()));
//! assert_eq!(
//!     diagnosis.to_string(),
//!     "The header `content-type: text/plain` arrived, but was not signed: a client or layer below the signer added it."
//! );
//! ```

mod cause;
mod clock;
mod compare;
mod diagnosis;
mod diff;
mod escape;
mod instant;
mod mask;
mod refusal;
mod remedy;
mod sentence;
mod service;
mod shown;
mod signed;
mod telling;
mod transit;

pub use cause::{Cause, PathChange};
pub use diagnosis::{Diagnosis, diagnose};
pub use diff::{Diff, DiffLine, DiffOf, DiffText};
pub use escape::visible;
pub use refusal::Refusal;
pub use signed::Signed;
pub use telling::is_telling_name;
