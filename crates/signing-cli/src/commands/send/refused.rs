//! What is said on standard error where a server did not accept who we are.

use std::io::{self, IsTerminal};

use console::Term;
use http::{Response, StatusCode};
use signing_core::diagnose::Diagnosis;

use super::signature::Signed;
use crate::diagnosis::{self, Report, Signature};
use crate::terminal::{Paint, visible, width};

/// How much is said of a refusal.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(super) struct RefusedArgs {
    /// When a service refuses the signature, show remedy and differences, too; so it is on a terminal
    #[arg(long, overrides_with = "no_diagnose")]
    diagnose: bool,
    /// Say no more than the cause
    #[arg(long, overrides_with = "diagnose")]
    no_diagnose: bool,
}

impl RefusedArgs {
    fn is_in_full(&self) -> bool {
        self.diagnose || !self.no_diagnose && io::stderr().is_terminal()
    }

    /// Text for standard error; empty if the response does not refuse.
    pub(super) fn text<B>(&self, response: &Response<B>, signed: &Signed) -> String {
        let status = response.status();
        let diagnosis = response.extensions().get::<Diagnosis>();
        if diagnosis.is_none() && !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return String::new();
        }
        let mut lines = vec![format!("{status}: the request was {signed}")];
        let Some(diagnosis) = diagnosis else { return prefixed(&lines) };
        let hint =
            "`signing explain` with the same URL, -X, -H, data and signing flags shows what was signed";
        if self.is_in_full() {
            let report = Report {
                diagnosis,
                signature: Signature::Known,
                is_status_known: true,
                verified: None,
                notes: Vec::new(),
            };
            let told = diagnosis::text(&report, Paint::of_errors(), width(&Term::stderr()));
            return [&prefixed(&lines), "\n", &told, "\n", &prefixed(&[hint.to_owned()])].concat();
        }
        lines.extend([diagnosis.to_string(), hint.to_owned()]);
        prefixed(&lines)
    }
}

fn prefixed(lines: &[String]) -> String {
    lines.iter().map(|line| format!("signing: {}\n", visible(line))).collect()
}
