//! The request to explain: from flags, or from a raw one.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use http::request::Parts;

use super::{Args, raw_request};
use crate::arguments;
use crate::failure::Failure;
use crate::head::head;
use crate::refusal::Refusal;

/// A request in memory.
pub(super) struct Request {
    pub(super) head: Parts,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn of(args: &Args) -> Result<Self, Failure> {
        if let Some(path) = &args.raw {
            let bytes = if path == Path::new("-") {
                args.auth.leave_standard_input_to("the request")?;
                standard_input()?
            } else {
                read(path)?
            };
            return Ok(raw_request::parse(&bytes, &args.scheme)?);
        }
        let body = match args.data.as_deref() {
            None => None,
            Some(data) => Some(match data.strip_prefix('@') {
                Some("-") => {
                    args.auth.leave_standard_input_to("the body")?;
                    standard_input()?
                }
                Some(path) => read(Path::new(path))?,
                None => data.as_bytes().to_vec(),
            }),
        };
        let method = args.method.as_deref().unwrap_or(if body.is_some() { "POST" } else { "GET" });
        let url = args.url.as_deref().unwrap_or_default();
        let head = arguments::head(method, url, &args.headers)?;
        Ok(Self { head, body: body.unwrap_or_default() })
    }

    /// From lines that were read already; `target` is a URL.
    pub(super) fn new(method: &str, target: &str, body: Vec<u8>) -> Result<Self, Refusal> {
        Ok(Self { head: head(method, target)?, body })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::usage(format!("{} cannot be read: {error}", path.display())))
}

fn standard_input() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}
