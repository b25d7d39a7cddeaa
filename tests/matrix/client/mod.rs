//! The clients that sign and send.

mod axum;
mod command;
mod hyper;
mod proxy;
mod reqwest;

use std::pin::Pin;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body::Body;
use http_body_util::BodyExt;
use tower_signing::BoxError;

use crate::kind::Kind;
use crate::scheme::Scheme;
use crate::task::Task;

pub(crate) trait Client: Send + Sync {
    fn name(&self) -> &'static str;

    /// Why there is no such request of this client.
    fn lacks(&self, scheme: &Scheme, kind: Kind) -> Option<&'static str>;

    /// Whether a long body of known length is a file that can be hashed first and sent then.
    fn reads_files_twice(&self) -> bool {
        false
    }

    fn send<'t>(&'t self, task: &'t Task<'t>) -> Sending<'t>;
}

/// An error, if nothing was sent.
pub(crate) type Sending<'t> = Pin<Box<dyn Future<Output = Result<Answer, BoxError>> + Send + 't>>;

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// What the server says of the body that it got, or why it refuses.
    pub(crate) digest: Bytes,
    /// The body as the client was given it.
    pub(crate) sent: Bytes,
}

impl Answer {
    async fn read<B>(response: Response<B>, sent: Bytes) -> Result<Self, BoxError>
    where
        B: Body<Data = Bytes, Error: Into<BoxError>>,
    {
        let status = response.status();
        let digest = response.into_body().collect().await.map_err(Into::into)?.to_bytes();
        Ok(Self { status, digest, sent })
    }
}

/// Each that is there.
pub(crate) fn clients() -> Vec<Box<dyn Client>> {
    let mut all: Vec<Box<dyn Client>> = vec![
        Box::new(hyper::Hyper::http1()),
        Box::new(hyper::Hyper::http2()),
        Box::new(reqwest::Reqwest),
        Box::new(axum::Axum::new()),
        Box::new(proxy::Proxy::new()),
    ];
    all.extend(command::Command::built().map(|command| Box::new(command) as Box<dyn Client>));
    all
}

const NO_FORMS: &str = "multipart: of these clients only reqwest makes such forms";
const NO_JSON: &str = "json: only the client for axum and the command write a value as JSON";

/// Of a client that takes bodies as they are.
fn lacks_makers(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Multipart => Some(NO_FORMS),
        Kind::Json => Some(NO_JSON),
        _ => None,
    }
}
