//! Responses as they stand on the wire.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use signing_core::diagnose::{Diagnosis, Refusal, Signed, diagnose};

pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Response {
    /// Status, header lines, an empty line, the body.
    pub(crate) fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').next().unwrap().parse().unwrap();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())
        });
        Self { status, headers: headers.collect(), body: body.to_owned() }
    }

    pub(crate) fn diagnose(&self, signed: &Signed) -> Diagnosis {
        diagnose(signed, &Refusal::new(self.status, &self.headers, self.body.as_bytes()))
    }
}

pub(crate) fn names(diagnosis: &Diagnosis) -> Vec<&'static str> {
    diagnosis.causes().iter().map(|cause| cause.name()).collect()
}
