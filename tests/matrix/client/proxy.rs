//! A client that signs nothing, behind `SigningProxy`.

use ::hyper::body::Incoming;
use axum_signing::{SigningProxy, UploadBody};
use http::StatusCode;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use tower::Layer;
use tower_signing::SignedBody;

use super::hyper::{builder, connector};
use super::{Answer, Client, Sending, lacks_makers};
use crate::kind::{Kind, Upload};
use crate::scheme::Scheme;
use crate::server::{listen, serve};
use crate::task::Task;

pub(super) struct Proxy {
    unsigned: legacy::Client<HttpConnector, Upload>,
    /// Over HTTP/2, where a refusal that comes in the midst of an upload does not break the connection.
    unsigned_http2: legacy::Client<HttpConnector, Upload>,
    /// Of the proxy.
    inner: legacy::Client<HttpConnector, SignedBody<UploadBody<Incoming>>>,
}

impl Proxy {
    pub(super) fn new() -> Self {
        Self {
            unsigned: builder().build(connector()),
            unsigned_http2: builder().http2_only(true).build(connector()),
            inner: builder().build(connector()),
        }
    }
}

impl Client for Proxy {
    fn name(&self) -> &'static str {
        "SigningProxy, unsigned hyper"
    }

    fn lacks(&self, scheme: &Scheme, kind: Kind) -> Option<&'static str> {
        let signs_all =
            scheme.is_presigned.then_some("presigned: the proxy signs all that passes, in headers");
        signs_all.or(lacks_makers(kind))
    }

    fn send<'t>(&'t self, task: &'t Task<'t>) -> Sending<'t> {
        Box::pin(async {
            let (listener, endpoint) = listen().await;
            let builder = SigningProxy::builder(task.endpoint)?.listen_addresses([listener.local_addr()?])?;
            let layer = task.end(builder.layer())?;
            let _proxy = serve(listener, builder.build(layer.layer(self.inner.clone())));
            let mut request = task.request()?;
            *request.uri_mut() = format!("{endpoint}{}", task.scheme.target).parse()?;
            let client = if task.kind.is_long() { &self.unsigned_http2 } else { &self.unsigned };
            let answer = Answer::read(client.request(request).await?, task.kind.content()).await?;
            if answer.status == StatusCode::PAYLOAD_TOO_LARGE {
                // The server never says so.
                return Err(String::from_utf8_lossy(&answer.digest).into());
            }
            Ok(answer)
        })
    }
}
