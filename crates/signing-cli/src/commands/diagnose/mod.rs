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
mod request;
mod response;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use console::Term;
use http::StatusCode;
use signing_core::diagnose::{Signed, diagnose};

use self::anew::Anew;
use self::capture::Capture;
use self::claim::Claim;
use self::request::Request;
use self::response::Response;
use crate::arguments::AuthArgs;
use crate::diagnosis::{self, Note, Report, Signature};
use crate::failure::Failure;
use crate::input::{is_standard_input, read};
use crate::terminal::{ColorChoice, Paint, visible, width};

/// Say why a service refused a signature, from what was sent and what it answered
///
/// Nothing is sent. Files are raw HTTP/1.1 messages, or what `curl -i` or `curl -v` printed; one file may hold both.
/// With a string to sign no secret is needed, nor with a request that still has its Authorization; with signing flags
/// the request's signature is checked, too. Credentials are not printed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  signing diagnose --string-to-sign string.txt --response answer.txt
  curl -v https://bucket.s3.eu-west-1.amazonaws.com/key -H ... 2>&1 | signing diagnose --response -
  signing diagnose --request request.http --response answer.http --auth auth.conf

Exit status: 0 a cause was found, 1 none was found, 2 unusable arguments.")]
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
    let (request, response, mut notes) = args.exchange()?;
    let known = args.known(request.as_ref())?;
    notes.extend(known.notes);
    let diagnosis = diagnose(&known.signed, &response.refused());
    let report = Report { diagnosis: &diagnosis, signature: known.signature, notes };
    let text = match args.format {
        Format::Text => diagnosis::text(&report, Paint::new(args.color), width(&Term::stdout())),
        Format::Json => diagnosis::json(&report),
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(if report.causes().is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
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
        let bytes = read(&self.response)?;
        let mut shown = self.shown(&self.response, &bytes)?;
        // A request and nothing else is no body of a response.
        let has_request = shown.request.is_some();
        if let Some(path) = self.request.as_ref().filter(|path| **path != self.response) {
            shown.request = self.shown(path, &read(path)?)?.request;
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
            None => {
                if self.status.is_none() {
                    notes.push(("status", "taken to be 403: there is a body only (--status)".into()));
                }
                Response::bare(StatusCode::FORBIDDEN, bytes)
            }
        };
        response.status = self.status.unwrap_or(response.status);
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

    /// What was signed.
    fn known(&self, request: Option<&Request>) -> Result<Anew, Failure> {
        if self.string_to_sign.is_none() && self.canonical_request.is_none() {
            let Some(request) = request else {
                if self.auth.is_given() {
                    return Err(Failure::usage("signing flags need a request: give --request FILE"));
                }
                let notes =
                    vec![("signed", "nothing is known: give --request FILE or --string-to-sign FILE".into())];
                return Ok(Anew { signed: Signed::default(), signature: Signature::Unseen, notes });
            };
            let chosen = self.auth.is_given().then(|| self.auth.load(&request.head.uri));
            let chosen = chosen.transpose()?.map(|loaded| loaded.signer(&request.head)).transpose()?;
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
                signed = signed.with_signature(claim.signature.as_deref());
                signed = claim.key_id.iter().fold(signed, |signed, key_id| signed.with_key_id(key_id));
            }
        }
        Ok(Anew { signed, signature: Signature::Known, notes: Vec::new() })
    }
}

fn text(path: &Path) -> Result<String, Failure> {
    let text = String::from_utf8(read(path)?).map_err(|_| unusable(path, "is not UTF-8"))?;
    if text.trim().is_empty() { Err(unusable(path, "is empty")) } else { Ok(text) }
}

fn unusable(path: &Path, what: &str) -> Failure {
    let name = if is_standard_input(path) { "standard input".into() } else { path.display().to_string() };
    Failure::usage(format!("{name}: {what}"))
}
