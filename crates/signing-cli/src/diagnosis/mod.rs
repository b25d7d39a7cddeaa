//! A diagnosis, told to a person or to a program.
//!
//! Its texts are escaped and masked by the library. What is told beside them is ours, and holds nothing of what was
//! sent or received.

mod diff;
mod human;
mod json;

use std::borrow::Cow;

use http::StatusCode;
use signing_core::diagnose::{Cause, Diagnosis, Diff};

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
    /// Or else it is a guess.
    pub(crate) is_status_known: bool,
    /// The text that the service verifies, where nothing that is known differs from it.
    pub(crate) verified: Option<Diff>,
    pub(crate) notes: Vec<Note>,
}

/// One cause as it is told.
pub(crate) struct Told {
    pub(crate) name: &'static str,
    pub(crate) sentence: String,
    pub(crate) remedy: Cow<'static, str>,
}

/// The causes that say what was seen, and not why.
const UNEXPLAINED: [&str; 4] = ["headers-in-transit", "mismatch", "not-compared", "strings-differ"];

const OTHER: &str = "The signature is not the one that these credentials make of what the request shows: the request was changed after it was signed, its program made another text of it, or another secret signed it.";

impl Report<'_> {
    /// The causes of the diagnosis, but for those that take for granted what is not known of the signature.
    pub(crate) fn causes(&self) -> Vec<Told> {
        let mut told: Vec<Told> = Vec::new();
        let mut is_in_doubt = false;
        for cause in self.diagnosis.causes() {
            match (cause, self.signature) {
                (Cause::SignedOtherwise { .. } | Cause::WrongSecret { .. }, Signature::Unseen)
                | (
                    Cause::SignedOtherwise { .. } | Cause::WrongSecret { .. } | Cause::Mismatch,
                    Signature::Other,
                ) => is_in_doubt = true,
                _ => told.push(Told::of(cause)),
            }
        }
        let is_denied = matches!(self.diagnosis.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        let is_all = told.is_empty() && is_denied && self.signature == Signature::Other;
        if is_in_doubt || is_all {
            let mut otherwise = Told::of(&Cause::SignedOtherwise { key_id: None });
            if self.signature == Signature::Other {
                otherwise.sentence = OTHER.to_owned();
            }
            told.push(otherwise);
        }
        told
    }

    /// Whether some cause says why the request was refused.
    pub(crate) fn is_explained(&self) -> bool {
        self.causes().iter().any(|told| !UNEXPLAINED.contains(&told.name))
    }

    /// What was compared, or else the text that the service verifies.
    fn diff(&self) -> Option<&Diff> {
        self.diagnosis.diff().or(self.verified.as_ref())
    }
}

impl Told {
    fn of(cause: &Cause) -> Self {
        Self { name: cause.name(), sentence: cause.to_string(), remedy: cause.remedy() }
    }
}
