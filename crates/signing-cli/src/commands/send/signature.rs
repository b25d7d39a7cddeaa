//! What signed a request, for messages.

use std::fmt;

use signing_core::Signer;

use crate::auth::Chosen;

/// How a request was signed, or why it was not. No secret is in it.
#[derive(Debug)]
pub(super) enum Signed {
    By {
        method: String,
        section: Option<String>,
        key_id: Option<String>,
    },
    /// The section says `Method = none`.
    NotWanted {
        section: Option<String>,
    },
    /// A redirect has led to another scheme, host or port.
    Elsewhere,
}

impl Signed {
    pub(super) fn by(chosen: &Chosen) -> Self {
        let section = chosen.section.clone();
        match chosen.signer.as_deref() {
            Some(signer) => Self::By {
                method: signer.method_name().to_owned(),
                section,
                key_id: Signer::key_id(signer).map(str::to_owned),
            },
            None => Self::NotWanted { section },
        }
    }
}

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::By { method, section, key_id } => {
                write!(f, "signed with {method} by {}", shown(section.as_deref()))?;
                key_id.as_ref().map_or(Ok(()), |key_id| write!(f, ", key {key_id}"))
            }
            Self::NotWanted { section } => {
                write!(f, "sent unsigned: {} says `Method = none`", shown(section.as_deref()))
            }
            Self::Elsewhere => f.write_str(
                "sent unsigned: a redirect has left the scheme, host or port that the first request was for",
            ),
        }
    }
}

fn shown(section: Option<&str>) -> String {
    match section {
        Some("auth") => "section [auth]".to_owned(),
        Some(name) => format!("section [auth.{name}]"),
        None => "the parameters of the command line".to_owned(),
    }
}
