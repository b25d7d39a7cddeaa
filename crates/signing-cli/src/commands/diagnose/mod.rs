//! `signing diagnose`: why a service refused a request, from what was sent or signed and what came back.
//!
//! ```text
//! files ─► Capture: raw messages, or what curl printed ─► Request ─► anew: what was signed ─► Signed ─┐
//!                                                     └─► Response ─► Refusal ───────────────────────┴─► Report
//! ```

mod anew;
mod capture;
mod chunked;
mod claim;
mod curl;
mod file;
mod request;
mod response;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use console::Term;
use http::StatusCode;
use signing_core::diagnose::{Cause, Diagnosis, Diff, Signed, diagnose};

use self::anew::Anew;
use self::capture::Capture;
use self::claim::{CONTENT_SHA256_HEADER, Claim};
use self::file::{NO_TEXT, text, unusable};
use self::request::Request;
use self::response::Response;
use crate::arguments::AuthArgs;
use crate::auth::Chosen;
use crate::diagnosis::{self, Note, Report, Signature};
use crate::failure::Failure;
use crate::input::is_standard_input;
use crate::terminal::{ColorChoice, Paint, visible, width};

/// Say why a service refused a signature, from what was sent and what it answered
///
/// Nothing is sent. Files are raw HTTP/1.1 messages, or what `curl -i` or `curl -v` printed; one file may hold both.
/// With a string to sign no secret is needed, nor with a request that still has its Authorization; with signing flags
/// the request's signature is checked, too. What is or sounds like a credential is not printed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  signing diagnose --string-to-sign string.txt --response answer.txt
  curl -v https://bucket.s3.eu-west-1.amazonaws.com/key -H ... 2>&1 | signing diagnose --response -
  signing diagnose --request request.http --response answer.http --auth auth.conf

Exit status: 0 a cause was found, 1 none, or only `mismatch` and the like, which do not say why, 2 unusable
arguments. The README has the names of all causes.")]
pub(crate) struct Args {
    /// What came back: a response, or its body alone; - is standard input
    #[arg(long, value_name = "FILE")]
    response: PathBuf,
    /// The request as it was sent; not needed if it is in the other file
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// The string that a program signed
    #[arg(long, value_name = "FILE")]
    string_to_sign: Option<PathBuf>,
    /// The canonical request that it is of
    #[arg(long, value_name = "FILE")]
    canonical_request: Option<PathBuf>,
    /// The response's status, where only its body is in the file [default: 403]
    #[arg(long, value_name = "STATUS")]
    status: Option<StatusCode>,
    /// Scheme of a raw request whose target is only a path
    #[arg(long, value_name = "SCHEME", default_value = "https", value_parser = ["https", "http"])]
    scheme: String,
    #[command(flatten)]
    auth: AuthArgs,
    /// How to show it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// When to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    color: ColorChoice,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Format {
    /// For a person
    #[default]
    Text,
    /// For a program
    Json,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    args.check()?;
    let (request, response, notes) = args.exchange()?;
    let chosen = args.chosen(request.as_ref())?;
    let mut judged = args.judged(request.as_ref(), chosen.as_ref(), &response)?;
    if let Some(shorter) = request.as_ref().and_then(Request::without_last_line_break) {
        let other = args.judged(Some(&shorter), chosen.as_ref(), &response)?;
        if other.fits_the_body_better_than(&judged) {
            judged = other;
        }
    }
    let Judged { known, diagnosis } = judged;
    let verified = match (&request, diagnosis.diff()) {
        (Some(request), None) if known.signature != Signature::Known => verified(request, &response),
        _ => None,
    };
    let notes = notes.into_iter().chain(known.notes).collect();
    let Response { is_status_known, .. } = response;
    let report =
        Report { diagnosis: &diagnosis, signature: known.signature, is_status_known, verified, notes };
    let text = match args.format {
        Format::Text => diagnosis::text(&report, Paint::new(args.color), width(&Term::stdout())),
        Format::Json => diagnosis::json(&report),
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(if report.is_explained() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The text that the service verifies, if it shows it.
fn verified(request: &Request, response: &Response) -> Option<Diff> {
    let unknown = Signed::default().with_credentials_hidden(&request.head);
    let unknown = match Claim::of(&request.head) {
        Some(claim) => claim.tell(unknown),
        None => unknown,
    };
    diagnose(&unknown, &response.refused()).diff().cloned()
}

/// What was signed, and what follows from it.
struct Judged {
    known: Anew,
    diagnosis: Diagnosis,
}

impl Judged {
    fn fits_the_body_better_than(&self, other: &Self) -> bool {
        let is_same = |judged: &Self| judged.known.signature == Signature::Known;
        let differs = |judged: &Self| {
            let is_of_body = |cause: &Cause| {
                matches!(
                    cause,
                    Cause::BodyChanged { .. } | Cause::ContentLength { .. } | Cause::EmptyBodyHashed
                )
            };
            judged.diagnosis.causes().iter().any(is_of_body)
        };
        is_same(self) && !is_same(other) || differs(other) && !differs(self)
    }
}

impl Args {
    /// That standard input is read for one thing only.
    fn check(&self) -> Result<(), Failure> {
        let texts = [&self.string_to_sign, &self.canonical_request].into_iter().flatten();
        if texts.clone().next().is_some() && self.auth.is_given() {
            return Err(Failure::usage(
                "--string-to-sign and --canonical-request say what was signed: give no signing flags beside them",
            ));
        }
        // Request and response may be in one text.
        let mut messages = [Some(&self.response), self.request.as_ref()].into_iter().flatten();
        let messages = messages.find(|path| is_standard_input(path));
        let mut streams = texts.filter(|path| is_standard_input(path)).chain(messages);
        if streams.next().is_some() {
            self.auth.leave_standard_input_to("a file")?;
        }
        match streams.next() {
            Some(_) => Err(Failure::usage("standard input cannot give two of the files")),
            None => Ok(()),
        }
    }

    /// The request, if one is shown, and the response.
    fn exchange(&self) -> Result<(Option<Request>, Response, Vec<Note>), Failure> {
        let bytes = file::messages(&self.response)?;
        let mut shown = self.shown(&self.response, &bytes)?;
        // A request and nothing else is no body of a response.
        let has_request = shown.request.is_some();
        if let Some(path) = self.request.as_ref().filter(|path| **path != self.response) {
            shown.request = self.shown(path, &file::messages(path)?)?.request;
        }
        if let (Some(path), None) = (&self.request, &shown.request) {
            const NONE: &str = "shows no request: it must begin with a line such as `GET /path HTTP/1.1`";
            return Err(unusable(path, NONE));
        }
        let mut notes = Vec::new();
        let mut response = match shown.response {
            Some(response) => response,
            None if bytes.trim_ascii().is_empty() => return Err(unusable(&self.response, "is empty")),
            None if has_request => {
                return Err(unusable(&self.response, "shows a request, and no response"));
            }
            None if bytes.contains(&0) => return Err(unusable(&self.response, NO_TEXT)),
            None => Response::bare(bytes),
        };
        if let Some(status) = self.status {
            response.set_status(status);
        }
        if !response.is_status_known {
            notes.push(("status", "taken to be 403: there is a body only (--status)".into()));
        }
        if let Some(coding) = response.coding() {
            let coding = String::from_utf8_lossy(coding.as_bytes()).into_owned();
            let coding = visible(&coding);
            notes.push((
                "body",
                format!("not read: it is compressed ({coding}); get it with `curl --compressed`"),
            ));
        }
        Ok((shown.request, response, notes))
    }

    fn shown(&self, path: &Path, bytes: &[u8]) -> Result<Capture, Failure> {
        Capture::read(bytes, &self.scheme).map_err(|refusal| unusable(path, refusal.message()))
    }

    /// What the flags sign with, if there are any.
    fn chosen(&self, request: Option<&Request>) -> Result<Option<Chosen>, Failure> {
        let Some(request) = request.filter(|_| self.auth.is_given()) else { return Ok(None) };
        let head = &request.head;
        let loaded = self.auth.load(&head.uri)?;
        let chosen = loaded.signer(head)?;
        // The header is a choice of whoever signs, and not of the credentials.
        let value = Claim::of(head).and_then(|claim| claim.content_sha256_header());
        let is_aws = chosen.signer.as_ref().is_some_and(|signer| signer.method_name() == "aws-signature-v4");
        Ok(Some(match value.filter(|_| is_aws) {
            Some(value) => loaded.with_param(CONTENT_SHA256_HEADER, value).signer(head)?,
            None => chosen,
        }))
    }

    fn judged(
        &self,
        request: Option<&Request>,
        chosen: Option<&Chosen>,
        response: &Response,
    ) -> Result<Judged, Failure> {
        let known = self.known(request, chosen)?;
        let diagnosis = diagnose(&known.signed, &response.refused());
        Ok(Judged { known, diagnosis })
    }

    /// What was signed.
    fn known(&self, request: Option<&Request>, chosen: Option<&Chosen>) -> Result<Anew, Failure> {
        if self.string_to_sign.is_none() && self.canonical_request.is_none() {
            let Some(request) = request else {
                if self.auth.is_given() {
                    return Err(Failure::usage("signing flags need a request: give --request FILE"));
                }
                let notes =
                    vec![("signed", "nothing is known: give --request FILE or --string-to-sign FILE".into())];
                return Ok(Anew { signed: Signed::default(), signature: Signature::Unseen, notes });
            };
            return anew::of(request, chosen);
        }
        let mut signed = match &self.string_to_sign {
            Some(path) => Signed::from_string_to_sign(&text(path)?),
            None => Signed::default(),
        };
        if let Some(path) = &self.canonical_request {
            signed = signed.with_canonical_request(&text(path)?);
        }
        if let Some(request) = request {
            signed = signed.with_head(&request.head);
            if let Some(claim) = Claim::of(&request.head) {
                signed = claim.tell(signed);
            }
        }
        Ok(Anew { signed, signature: Signature::Known, notes: Vec::new() })
    }
}
