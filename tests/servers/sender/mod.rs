//! The clients that sign and send.

mod axum;
mod command;
mod hyper;
mod presigned;
mod reqwest;

use std::convert::Infallible;
use std::pin::Pin;

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response, Uri};
use http_body::Frame;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use signing_core::{AuthParams, Registry};
use tower_signing::{BoxError, Signers};

pub(crate) use command::Command;
pub(crate) use hyper::{Hyper, plain};
pub(crate) use presigned::Presigned;

/// A body that is small and was read.
pub(crate) type Answer = Result<Response<Bytes>, BoxError>;

/// Parameters of a method, by name.
pub(crate) type Params = Vec<(&'static str, String)>;

/// One client, with one kind of body.
pub(crate) trait Sender: Sync {
    fn name(&self) -> &'static str;

    /// Whether `./` and `../` in a path get to the server.
    fn keeps_dot_segments(&self) -> bool {
        true
    }

    /// Signs by these parameters, and sends.
    fn send(
        &self,
        params: Params,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>>;
}

/// How a client is given a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bytes,
    /// In pieces, and nobody says how many.
    Stream,
}

/// Each that is there.
pub(crate) fn senders() -> Vec<Box<dyn Sender>> {
    let command = Command::built();
    let with = |kind| {
        let mut all: Vec<Box<dyn Sender>> = vec![
            Box::new(Hyper::new(Registry::new, kind)),
            Box::new(reqwest::Reqwest(kind)),
            Box::new(axum::Axum::new(kind)),
        ];
        all.extend(command.clone().map(|command| Box::new(command.with(kind)) as Box<dyn Sender>));
        all
    };
    [with(Kind::Bytes), with(Kind::Stream)].into_iter().flatten().collect()
}

/// What the clients that are libraries sign with: at the request's scheme, host and port only, as the command does,
/// and whatever its `Host` header says.
fn signers(methods: &Registry, params: &Params, url: &Uri) -> Result<Signers, BoxError> {
    let scope = format!("{}://{}", url.scheme_str().unwrap(), url.authority().unwrap()).parse()?;
    let mut signers = Signers::new();
    signers.insert("server", Some(scope), methods.signer(&auth_params(params))?)?;
    Ok(signers)
}

fn auth_params(params: &Params) -> AuthParams {
    params.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

fn body(bytes: Bytes, kind: Kind) -> BoxBody<Bytes, Infallible> {
    match kind {
        Kind::Bytes => Full::new(bytes).boxed(),
        Kind::Stream => {
            let pieces: Vec<_> = bytes.chunks(50_001).map(Bytes::copy_from_slice).collect();
            let frames = pieces.into_iter().map(|piece| Ok(Frame::data(piece)));
            BodyExt::boxed(StreamBody::new(stream::iter(frames)))
        }
    }
}
