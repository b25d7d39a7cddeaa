//! `signing presign`: a URL that holds its signature.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use signing_core::Payload;

use crate::arguments::{AuthArgs, ClockArgs, duration, head};
use crate::failure::Failure;
use crate::refusal::Refusal;

/// Print a URL that holds its signature and is good for a while
///
/// The URL alone goes to standard output. Whoever has it can use it until it ends: handle it as a credential.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  signing presign https://bucket.s3.eu-west-1.amazonaws.com/key --expires-in 15m --auth auth.conf

Exit status: 0 signed, 1 the request cannot be signed, 2 unusable arguments.")]
pub(crate) struct Args {
    /// URL to sign; its own query is kept
    url: String,
    /// How long it is good: a number with s, m, h or d
    #[arg(long, value_name = "TIME", value_parser = duration)]
    expires_in: Duration,
    /// HTTP method that the URL is for
    #[arg(short = 'X', value_name = "METHOD", default_value = "GET")]
    method: String,
    /// Header that must be sent with the URL
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    #[command(flatten)]
    auth: AuthArgs,
    #[command(flatten)]
    clock: ClockArgs,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let head = head(&args.method, &args.url, &args.headers)?;
    let signer = args.auth.signer(&head)?.into_signer()?;
    let url =
        signer.presign(&head, &Payload::EMPTY, args.expires_in, args.clock.now()?).map_err(Refusal::from)?;
    writeln!(io::stdout().lock(), "{url}")?;
    Ok(ExitCode::SUCCESS)
}
