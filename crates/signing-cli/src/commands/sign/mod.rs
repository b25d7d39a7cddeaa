//! `signing sign`: JSON lines in, JSON lines out.
//!
//! ```text
//! line ─► Lines ─► Line::parse ─► SignerCache / Auth: which signer? ─► Signer ─► output
//!         bounded  fields         signers of equal `auth` objects
//! ```

mod body;
mod fields;
mod input;
mod lines;
mod output;
mod signer_cache;

use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use signing_core::{Masking, PayloadNeed};

use self::input::Line;
use self::lines::{Lines, MAX_LINE};
use self::output::Answer;
use self::signer_cache::SignerCache;
use crate::auth::Auth;
use crate::failure::Failure;
use crate::head::{add_header, head};
use crate::instant;
use crate::refusal::Refusal;

/// Sign requests given as JSON lines, one answer per line
///
/// Reads one JSON object per line from standard input and writes one per line, in order. The output is for
/// machines and not masked.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  echo '{\"method\":\"GET\",\"url\":\"https://sqs.eu-west-1.amazonaws.com/\"}' | signing sign --auth auth.conf

Fields in:  method, url, headers, body_base64 or body_repeat, time, auth, presign
Fields out: url, headers, removed, canonical_request, string_to_sign, signature, body (aws-chunked); or error

Exit status: 0 all signed, 1 some line failed, 2 unusable arguments.")]
pub(crate) struct Args {
    /// Config file; the section whose Match covers a line's URL signs
    #[arg(long, value_name = "FILE")]
    auth: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let auth = Auth::load(args.auth.as_deref())?;
    let all_signed = sign_lines(io::stdin().lock(), io::stdout().lock(), &auth)?;
    Ok(if all_signed { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Whether every line was signed.
fn sign_lines(input: impl Read, output: impl Write, auth: &Auth) -> io::Result<bool> {
    let mut lines = Lines::new(input);
    let mut output = BufWriter::with_capacity(64 * 1024, output);
    let mut cache = SignerCache::new();
    let mut all_signed = true;
    // Whoever waits for an answer before the next question gets it.
    while let Some(line) = lines.next(|| output.flush())? {
        let answer = match line {
            Some(bytes) => sign_line(bytes, auth, &mut cache),
            None => Err(Refusal::input(format!("the line is longer than {} MiB", MAX_LINE >> 20))),
        };
        all_signed &= answer.is_ok();
        output::write(&mut output, &answer)?;
    }
    output.flush()?;
    Ok(all_signed)
}

fn sign_line(line: &[u8], auth: &Auth, cache: &mut SignerCache) -> Result<Answer, Refusal> {
    let line = Line::parse(line)?;
    let mut head = head(&line.method, &line.url)?;
    for (name, value) in &line.headers {
        add_header(&mut head, name, value)?;
    }
    let own = line.auth.map(|auth| cache.params(auth)).transpose()?;
    let Some(signer) = auth.signer(&head, None, own.as_deref())? else {
        return Ok(Answer::Untouched(head.uri.to_string()));
    };
    let need = signer.payload_need(&head);
    let now = line.time.map_or_else(instant::now, Ok)?;
    if need == PayloadNeed::Encoding && line.expires_in.is_none() {
        let mut signed = signer.sign_encoded(&mut head, line.body.length(), now, Some(Masking::Unmasked))?;
        let body = line.body.encode(&mut *signed.encoder)?;
        let explanation = signed.explanation.expect("it was asked for");
        return Ok(Answer::Signed(explanation, Some(body)));
    }
    let payload = line.body.payload(need);
    let explanation = match line.expires_in {
        Some(time) => signer.presign_explained(&head, &payload, time, now, Masking::Unmasked)?,
        None => signer.sign_explained(&mut head, &payload, now, Masking::Unmasked)?,
    };
    Ok(Answer::Signed(explanation, None))
}
