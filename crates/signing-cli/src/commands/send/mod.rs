//! `signing send`: a signed request, with curl's common flags.
//!
//! `request` makes it from flags (`data`, `upload`), `exchange` signs and sends it and what redirects ask for
//! (`redirect`), `receive` takes the response to where it goes (`output`). What went wrong is said in
//! `trouble`, and in `refused` where the server did not accept who we are.

mod data;
mod exchange;
mod output;
mod progress;
mod receive;
mod redirect;
mod refused;
mod request;
mod signature;
mod trouble;
mod upload;
mod verbose;

use std::process::ExitCode;
use std::time::Duration;

use http::request::Parts;
use tower_signing::{Match, Signers, SigningLayer};

use self::exchange::Exchange;
use self::output::{OutputArgs, Place};
use self::progress::Progress;
use self::receive::Receiver;
use self::refused::RefusedArgs;
use self::request::{Request, RequestArgs};
use self::verbose::Verbose;
use crate::arguments::{AuthArgs, BodyArgs, ClockArgs, Loaded, duration};
use crate::client::ClientArgs;
use crate::failure::Failure;

/// Send a signed request, with curl's common flags
///
/// The response's body goes to standard output. A file is streamed from disk; where the signature covers its
/// content, it is read twice. Why a service refused it is said on standard error.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  signing send https://sqs.eu-west-1.amazonaws.com/?Action=ListQueues --auth auth.conf
  signing send -T disk.img https://bucket.s3.eu-west-1.amazonaws.com/disk.img --auth auth.conf
  signing send --json @job.json https://acct.westus2.batch.azure.com/jobs --auth auth.conf -i
  signing send -fL -o report.csv https://api.example.com/report --auth auth.conf --section payments

Redirects (-L): each request is signed anew. One that leads to another scheme, host or port is sent unsigned
and without -H headers that could be credentials, and so is every one after it; its body, with a 307 or 308,
goes along.

Exit status:
  0  a response came, whatever its status    28  a time limit was reached
  1  the request cannot be signed            35  no TLS connection
  2  unusable arguments                      47  a redirect that is not followed
  6  the host was not found                  52  the connection was closed without an answer
  7  no connection                           56  no answer, for another reason
 18  the response broke off                  60  the server's certificate is not trusted
 22  the status is 400 or more, with -f      65  a redirect asks again for a body that is a stream
 23  the output cannot be written            26  the body cannot be read to its end")]
pub(crate) struct Args {
    #[command(flatten)]
    request: RequestArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    refused: RefusedArgs,
    /// Follow redirects
    #[arg(short = 'L', long, help_heading = "Connection")]
    location: bool,
    /// How many redirects at most
    #[arg(long, value_name = "NUMBER", default_value_t = 50, help_heading = "Connection")]
    max_redirs: usize,
    /// How long everything may take once secrets are read: seconds, or a number with s, m, h or d
    #[arg(short = 'm', long, value_name = "TIME", value_parser = seconds, help_heading = "Connection")]
    max_time: Option<Duration>,
    #[command(flatten)]
    auth: AuthArgs,
    #[command(flatten)]
    clock: ClockArgs,
    #[command(flatten)]
    body: BodyArgs,
    #[command(flatten)]
    client: ClientArgs,
}

/// How much of standard input is kept in a file, unless it is said: 64 GiB.
const MOST_SPOOLED: u64 = 64 << 30;

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    match prepare_and_send(args) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(failure) if args.output.tells_faults() => Err(failure),
        Err(failure) => Err(failure.silenced()),
    }
}

fn prepare_and_send(args: &Args) -> Result<(), Failure> {
    if args.request.reads_standard_input() {
        args.auth.leave_standard_input_to("the body")?;
    }
    let head = args.request.head()?;
    let place = args.output.place(&head.uri)?;
    let origin = exchange::origin(&head.uri)?;
    // Whoever is asked for a secret may take their time: no limit runs, and no timer waits for this thread.
    let auth = args.auth.load(&head.uri)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(async {
        let sent = send(args, head, place, origin, auth);
        match args.max_time {
            None => sent.await,
            Some(limit) => {
                tokio::time::timeout(limit, sent).await.unwrap_or_else(|_| Err(trouble::timeout(limit)))
            }
        }
    });
    // A read of standard input that waits for ever would be waited for.
    runtime.shutdown_background();
    outcome
}

async fn send(args: &Args, head: Parts, place: Place, origin: Match, auth: Loaded) -> Result<(), Failure> {
    let request = Request::new(head, &args.request).await?;
    let verbose = Verbose { is_on: args.output.verbose };
    let progress = Progress::new(!args.output.silent && !verbose.is_on);
    let client = match verbose.is_on {
        true => args.client.client_telling(|connection| Verbose { is_on: true }.connection(connection)),
        false => args.client.client(),
    }?;
    let clock = args.clock;
    let builder = SigningLayer::builder().clock(move || clock.system_time());
    // One request may fill the disk, if its user does not mind.
    let builder = builder.spool_limit(MOST_SPOOLED).total_spool_limit(u64::MAX);
    let layer = args.body.apply(builder)?.signers(Signers::new());
    let mut exchange = Exchange::new(client, &layer, auth, origin, progress, verbose);
    let most_redirects = args.location.then_some(args.max_redirs);
    let mut receiver = Receiver::new(args, place, progress);
    let answer =
        exchange.run(request, most_redirects, async |response| receiver.receive_head(response).await).await?;
    receiver.receive(answer).await
}

/// `5`, `0.5` or `1m`.
fn seconds(text: &str) -> Result<Duration, &'static str> {
    match text.parse().map(Duration::try_from_secs_f64) {
        Ok(Ok(time)) if !time.is_zero() => Ok(time),
        Ok(_) => Err("must be more than zero seconds"),
        Err(_) => duration(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_need_no_unit() {
        assert_eq!(seconds("5"), Ok(Duration::from_secs(5)));
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        assert_eq!(seconds("2m"), Ok(Duration::from_secs(120)));
        for text in ["", "0", "-1", "nan", "inf", "1e300", "soon"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
