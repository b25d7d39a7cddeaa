//! `signing explain`: how the signature of one request comes about.

mod human;
mod json;
mod notes;
mod raw_request;
mod request;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use signing_core::{Explanation, Masking};

use self::notes::Note;
use self::request::Request;
use crate::arguments::{AuthArgs, ClockArgs};
use crate::failure::Failure;
use crate::refusal::Refusal;
use crate::terminal::{ColorChoice, Paint};

/// Show how the signature of a request comes about, stage by stage
///
/// Shows what was normalized and why, the canonical request, the string to sign, the key scope, the signature
/// and the headers to send. Secrets and tokens are masked.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  signing explain https://sqs.eu-west-1.amazonaws.com/?Action=ListQueues --auth auth.conf
  signing explain -X POST -d @job.json https://acct.westus2.batch.azure.com/jobs --auth auth.conf
  signing explain --request request.http --auth auth.conf --time 2024-02-29T12:34:56Z

Exit status: 0 signed, 1 the request cannot be signed, 2 unusable arguments.")]
pub(crate) struct Args {
    /// URL of the request
    #[arg(required_unless_present = "raw", conflicts_with = "raw")]
    url: Option<String>,
    /// HTTP method; GET, or POST with a body
    #[arg(short = 'X', value_name = "METHOD", conflicts_with = "raw")]
    method: Option<String>,
    /// Header of the request
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", conflicts_with = "raw")]
    headers: Vec<String>,
    /// Body of the request; @FILE reads it from a file
    #[arg(short = 'd', long = "data", value_name = "DATA", conflicts_with = "raw")]
    data: Option<String>,
    /// Read a raw HTTP/1.1 request from a file, or from standard input if it is -
    #[arg(long = "request", id = "raw", value_name = "FILE")]
    raw: Option<PathBuf>,
    /// Scheme of a raw request whose target is only a path
    #[arg(long, value_name = "SCHEME", default_value = "https", value_parser = ["https", "http"])]
    scheme: String,
    #[command(flatten)]
    auth: AuthArgs,
    #[command(flatten)]
    clock: ClockArgs,
    /// How to show it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Show tokens and other secrets as they are sent
    #[arg(long)]
    show_secrets: bool,
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

/// A signature that was made, and what to say of it.
struct Explained {
    method: String,
    explanation: Explanation,
    notes: Vec<Note>,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let Request { mut head, body } = Request::of(args)?;
    let signer = args.auth.signer(&head)?.into_signer()?;
    let masking = if args.show_secrets { Masking::Unmasked } else { Masking::Masked };
    let payload = signing_core::Payload::of(&body);
    let explanation =
        signer.sign_explained(&mut head, &payload, args.clock.now()?, masking).map_err(Refusal::from)?;
    let explained =
        Explained { method: head.method.as_str().to_owned(), notes: notes::of(&explanation), explanation };
    // Written at once: it is short, and a pipe that closes early is told in one place.
    let text = match args.format {
        Format::Text => human::text(&explained, Paint::new(args.color)),
        Format::Json => json::text(&explained),
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The credential scope of SigV4: the third line of its string to sign.
fn key_scope(explanation: &Explanation) -> Option<&str> {
    match explanation.method() {
        "aws-signature-v4" => explanation.string_to_sign()?.split('\n').nth(2),
        _ => None,
    }
}
