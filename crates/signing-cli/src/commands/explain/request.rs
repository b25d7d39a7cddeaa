//! The request to explain: from flags, or from a raw one.

use std::path::Path;

use http::request::Parts;

use super::{Args, raw_request};
use crate::arguments;
use crate::failure::Failure;
use crate::input::{is_standard_input, read};

/// A request in memory.
pub(super) struct Request {
    pub(super) head: Parts,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn of(args: &Args) -> Result<Self, Failure> {
        if let Some(path) = &args.raw {
            if is_standard_input(path) {
                args.auth.leave_standard_input_to("the request")?;
            }
            return Ok(raw_request::parse(&read(path)?, &args.scheme)?);
        }
        let body = match args.data.as_deref() {
            None => None,
            Some(data) => Some(match data.strip_prefix('@').map(Path::new) {
                Some(path) => {
                    if is_standard_input(path) {
                        args.auth.leave_standard_input_to("the body")?;
                    }
                    read(path)?
                }
                None => data.as_bytes().to_vec(),
            }),
        };
        let method = args.method.as_deref().unwrap_or(if body.is_some() { "POST" } else { "GET" });
        let url = args.url.as_deref().unwrap_or_default();
        let head = arguments::head(method, url, &args.headers)?;
        Ok(Self { head, body: body.unwrap_or_default() })
    }
}
