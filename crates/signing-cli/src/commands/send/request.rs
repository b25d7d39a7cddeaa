//! The first request, from flags.

use std::path::{Path, PathBuf};

use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use tokio::io::AsyncReadExt;

use super::data::Data;
use super::upload::Source;
use crate::arguments::add_headers;
use crate::failure::Failure;
use crate::head::head;

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const OURSELVES: HeaderValue = HeaderValue::from_static(concat!("signing/", env!("CARGO_PKG_VERSION")));

/// What is sent.
#[derive(Debug, clap::Args)]
pub(super) struct RequestArgs {
    /// URL of the request
    pub(super) url: String,
    /// HTTP method; GET, or POST with data, or PUT with -T
    #[arg(short = 'X', long = "request", value_name = "METHOD")]
    method: Option<String>,
    /// Header of the request
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// Send a HEAD, and show the head of the response
    #[arg(short = 'I', long, conflicts_with = "upload_file")]
    pub(super) head: bool,
    /// Send a file by PUT, streamed from disk; - is standard input
    #[arg(short = 'T', long, value_name = "FILE", help_heading = "Body",
        conflicts_with_all = ["data", "data_raw", "data_binary", "json"])]
    upload_file: Option<PathBuf>,
    /// Put the data into the URL's query, and send a GET
    #[arg(short = 'G', long, help_heading = "Body", conflicts_with_all = ["upload_file", "json"])]
    get: bool,
    #[command(flatten)]
    data: Data,
}

/// As the user wants it, unsigned.
pub(super) struct Request {
    pub(super) head: Parts,
    pub(super) body: Source,
}

impl RequestArgs {
    pub(super) fn reads_standard_input(&self) -> bool {
        let stdin = Path::new("-");
        self.upload_file.as_deref() == Some(stdin) || self.data.reads(stdin)
    }
}

impl Request {
    pub(super) async fn of(args: &RequestArgs) -> Result<Self, Failure> {
        let has_body = !args.get && !args.data.is_empty();
        if args.head && has_body {
            return Err(Failure::usage("-I sends no body: leave the data out, or add -G"));
        }
        let usual = match &args.upload_file {
            Some(_) => "PUT",
            None if args.head => "HEAD",
            None if has_body => "POST",
            None => "GET",
        };
        let is_web = ["http://", "https://"].iter().any(|scheme| {
            args.url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        });
        if !is_web {
            return Err(Failure::usage("the URL must begin with https:// or http://"));
        }
        let mut head = head(args.method.as_deref().unwrap_or(usual), &url(args).await?)?;
        add_headers(&mut head, &args.headers)?;
        set_default(&mut head, USER_AGENT, OURSELVES);
        if has_body && args.data.is_json() {
            set_default(&mut head, CONTENT_TYPE, JSON);
            set_default(&mut head, ACCEPT, JSON);
        } else if has_body {
            set_default(&mut head, CONTENT_TYPE, FORM);
        }
        let body = match args.upload_file.as_deref().or_else(|| args.data.lone_file()) {
            _ if args.get => Source::Nothing,
            Some(path) => Source::file(path)?,
            None if has_body => Source::Memory(args.data.joined(read).await?.into()),
            None => Source::Nothing,
        };
        Ok(Self { head, body })
    }
}

/// As given, or with the data at its end.
async fn url(args: &RequestArgs) -> Result<String, Failure> {
    if !args.get || args.data.is_empty() {
        return Ok(args.url.clone());
    }
    let data = String::from_utf8(args.data.joined(read).await?)
        .map_err(|_| Failure::usage("the data for the URL's query are no UTF-8 text"))?;
    let url = args.url.split('#').next().unwrap_or_default();
    let separator = if url.contains('?') { '&' } else { '?' };
    Ok(format!("{url}{separator}{}", data.replace('#', "%23")))
}

fn set_default(head: &mut Parts, name: HeaderName, value: HeaderValue) {
    head.headers.entry(name).or_insert(value);
}

/// Off this thread: who writes a pipe may be slow, and there is a time limit.
async fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        tokio::io::stdin().read_to_end(&mut bytes).await?;
        return Ok(bytes);
    }
    tokio::fs::read(path)
        .await
        .map_err(|error| Failure::usage(format!("{} cannot be read: {error}", path.display())))
}
