//! A diagnosis, told to a person or to a program.
//!
//! Its texts are escaped and masked by the library. What is told beside them is ours, and holds nothing of what was
//! sent or received.

mod diff;
mod human;
mod json;

use std::borrow::Cow;

use http::StatusCode;
use signing_core::diagnose::{Cause, Diagnosis};

pub(crate) use human::text;
pub(crate) use json::text as json;

/// What is known of the signature that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    /// What it was made of.
    Known,
    /// What it should be made of, and not whether it is.
    Unseen,
    /// That the credentials at hand make another one of what the request shows.
    Other,
}

/// What else is known: a word, and what is said of it.
pub(crate) type Note = (&'static str, String);

/// What is to be told.
pub(crate) struct Report<'d> {
    pub(crate) diagnosis: &'d Diagnosis,
    pub(crate) signature: Signature,
    pub(crate) notes: Vec<Note>,
}

/// One cause as it is told.
pub(crate) struct Told {
    pub(crate) name: &'static str,
    pub(crate) sentence: String,
    pub(crate) remedy: Cow<'static, str>,
}

const OTHER: &str = "The signature is not the one that these credentials make of what the request shows: the request was changed after it was signed, or another secret signed it.";
const UNSEEN: &str = "The service verifies what the request shows: another secret signed it, or it was changed after it was signed.";

impl Report<'_> {
    /// The causes of the diagnosis, but for those that take for granted what is not known of the signature.
    pub(crate) fn causes(&self) -> Vec<Told> {
        let mut told: Vec<Told> = Vec::new();
        let mut is_in_doubt = false;
        for cause in self.diagnosis.causes() {
            match (cause, self.signature) {
                (Cause::WrongSecret { .. }, Signature::Unseen | Signature::Other)
                | (Cause::Mismatch, Signature::Other) => is_in_doubt = true,
                _ => told.push(Told {
                    name: cause.name(),
                    sentence: cause.to_string(),
                    remedy: cause.remedy(),
                }),
            }
        }
        let is_denied = matches!(self.diagnosis.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        let is_all = told.is_empty() && is_denied && self.signature == Signature::Other;
        if is_in_doubt || is_all {
            told.push(Told {
                name: "signed-otherwise",
                sentence: if self.signature == Signature::Other { OTHER } else { UNSEEN }.to_owned(),
                remedy: Cow::Borrowed(
                    "See that the secret is complete and of this key, and that nothing changes the request between signing and sending; `--string-to-sign` compares what the program signed.",
                ),
            });
        }
        told
    }
}
