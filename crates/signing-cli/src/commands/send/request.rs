//! The first request, from flags.

use std::path::{Path, PathBuf};

use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Uri};
use tokio::io::AsyncReadExt;

use super::data::Data;
use super::upload::Source;
use crate::arguments;
use crate::failure::Failure;
use crate::head;

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

    fn has_body(&self) -> bool {
        !self.get && !self.data.is_empty()
    }

    /// The head, but for data that go into the URL's query.
    pub(super) fn head(&self) -> Result<Parts, Failure> {
        let has_body = self.has_body();
        if self.head && has_body {
            return Err(Failure::usage("-I sends no body: leave the data out, or add -G"));
        }
        let usual = match &self.upload_file {
            Some(_) => "PUT",
            None if self.head => "HEAD",
            None if has_body => "POST",
            None => "GET",
        };
        let is_web = ["http://", "https://"].iter().any(|scheme| {
            self.url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        });
        if !is_web {
            return Err(Failure::usage("the URL must begin with https:// or http://"));
        }
        let mut head = arguments::head(self.method.as_deref().unwrap_or(usual), &self.url, &self.headers)?;
        set_default(&mut head, USER_AGENT, OURSELVES);
        if has_body && self.data.is_json() {
            set_default(&mut head, CONTENT_TYPE, JSON);
            set_default(&mut head, ACCEPT, JSON);
        } else if has_body {
            set_default(&mut head, CONTENT_TYPE, FORM);
        }
        Ok(head)
    }
}

impl Request {
    /// `head` is that of `args`; here its data are read.
    pub(super) async fn new(mut head: Parts, args: &RequestArgs) -> Result<Self, Failure> {
        if args.get && !args.data.is_empty() {
            head.uri = url_with_data(args).await?;
        }
        let body = match args.upload_file.as_deref().or_else(|| args.data.lone_file()) {
            _ if args.get => Source::Nothing,
            Some(path) => Source::file(path)?,
            None if args.has_body() => Source::Memory(args.data.joined(read).await?.into()),
            None => Source::Nothing,
        };
        Ok(Self { head, body })
    }
}

async fn url_with_data(args: &RequestArgs) -> Result<Uri, Failure> {
    let data = String::from_utf8(args.data.joined(read).await?)
        .map_err(|_| Failure::usage("the data for the URL's query are no UTF-8 text"))?;
    let url = args.url.split('#').next().unwrap_or_default();
    let separator = if url.contains('?') { '&' } else { '?' };
    head::uri(&format!("{url}{separator}{}", data.replace('#', "%23")))
        .map_err(|refusal| Failure::of_flags(&refusal))
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
