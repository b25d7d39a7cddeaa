//! Request signing algorithms, pure: no I/O, no async, no clock, no environment.
//!
//! A [`Registry`] turns [`AuthParams`] (a section of a config file, or pairs given in code) into a
//! [`Signer`], which signs, presigns and explains. `tower-signing` puts one into a Tower stack; this crate
//! can be used without it, wherever a request has a head.
//!
//! ```text
//! AuthParams --> Registry --> Method::from_params --> Signer
//!                                                       | sign(&mut head, &payload, now)
//! request head + Payload + Timestamp -------------------+--> the same head, signed, or unchanged and an error
//! ```
//!
//! | method | scheme | feature |
//! | --- | --- | --- |
//! | `aws-signature-v4` | AWS Signature Version 4, by header and presigned: [`aws`] | `aws` |
//! | `azure-batch` | Azure Batch Shared Key: [`azure`] | `azure` |
//! | `azure-event-hub` | SAS token for Event Hubs and Service Bus: [`azure`] | `azure` |
//! | `azure-iot-hub` | SAS token for IoT Hub: [`azure`] | `azure` |
//! | `cybersource-http` | CyberSource HTTP signature: [`cybersource`] | `cybersource` |
//! | `auth-token` | a fixed token in a header: [`token`] | `token` |
//!
//! What a service that refuses a signature tells about it is read by `diagnose` (feature `diagnose`).
//!
//! A scheme of your own is one [`Method`]; [`Registry::register`] gives it a name.
//!
//! # Example
//!
//! ```
//! use std::time::SystemTime;
//! use signing_core::{AuthParams, Payload, Registry, Timestamp};
//!
//! let params: AuthParams = [
//!     ("Method", "azure-batch"),
//!     ("AccountName", "myaccount"),
//!     ("SecretAccessKey", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
//! ]
//! .into_iter()
//! .collect();
//! let signer = Registry::new().signer(&params)?;
//!
//! let request = http::Request::get("https://myaccount.westus2.batch.azure.com/jobs?api-version=2024-07-01.20.0");
//! let (mut head, ()) = request.body(())?.into_parts();
//! let now = Timestamp::from_system_time(SystemTime::now()).ok_or("the clock is wrong")?;
//! signer.sign(&mut head, &Payload::EMPTY, now)?;
//! assert!(head.headers["authorization"].to_str()?.starts_with("SharedKey myaccount:"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![cfg_attr(
    not(all(feature = "aws", feature = "azure", feature = "cybersource", feature = "token")),
    allow(dead_code, unused_mut, reason = "what the method families share is not used by each of them")
)]

#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "azure")]
pub mod azure;
#[cfg(feature = "cybersource")]
pub mod cybersource;
#[cfg(feature = "diagnose")]
pub mod diagnose;
#[cfg(feature = "token")]
pub mod token;

mod buffer;
mod changes;
mod encode;
mod encoder;
mod error;
mod explain;
mod header;
mod loopback;
mod mac;
mod method;
mod params;
mod payload;
mod registry;
mod request;
mod secret;
mod sha256;
mod signer;
mod timestamp;

pub use changes::Changes;
pub use encoder::BodyEncoder;
pub use error::{SignError, SignErrorKind};
pub use explain::{Explanation, Masking};
pub use loopback::is_loopback;
pub use mac::MacKey;
pub use method::{Method, Reach};
pub use params::{AuthParams, ParamError, ParamErrorKind, ParamReader, nearest};
pub use payload::{Payload, PayloadHash, PayloadNeed};
pub use registry::Registry;
pub use request::SigningRequest;
pub use secret::{SecretBytes, SecretText};
pub use signer::{Encoded, Signer};
pub use timestamp::Timestamp;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
