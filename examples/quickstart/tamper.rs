//! Changes requests between the signer and the wire, which is what a signature is there to reveal.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::header::HeaderValue;
use hyper::http::uri::PathAndQuery;
use hyper::{Request, Uri};
use tower_signing::{BoxError, SignedBody};

use crate::requests::Body;

/// What is changed.
pub(crate) enum Tampering {
    Target(&'static str),
    Header(&'static str, &'static str),
    Body(&'static str),
}

impl Tampering {
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Target(_) => "POST, sent to another path".to_owned(),
            Self::Header(name, _) => format!("POST, another {name}"),
            Self::Body(_) => "POST, another body".to_owned(),
        }
    }

    pub(crate) fn apply(
        &self,
        request: Request<SignedBody<Body>>,
    ) -> Request<UnsyncBoxBody<Bytes, BoxError>> {
        let (mut head, body) = request.into_parts();
        let mut body = body.boxed_unsync();
        match *self {
            Self::Target(target) => {
                let mut parts = head.uri.into_parts();
                parts.path_and_query = Some(PathAndQuery::from_static(target));
                head.uri = Uri::from_parts(parts).expect("another path leaves a URL a URL");
            }
            Self::Header(name, value) => {
                head.headers.insert(name, HeaderValue::from_static(value));
            }
            Self::Body(text) => {
                body = Full::from(text).map_err(|never: Infallible| match never {}).boxed_unsync();
            }
        }
        Request::from_parts(head, body)
    }
}
