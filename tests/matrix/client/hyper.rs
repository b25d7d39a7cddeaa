//! hyper-util's client with the layer on top.

use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tower::{Layer, ServiceExt};
use tower_signing::SignedBody;

use super::{Answer, Client, Sending, lacks_makers};
use crate::kind::{Kind, Upload};
use crate::scheme::Scheme;
use crate::task::Task;

pub(super) struct Hyper {
    name: &'static str,
    client: legacy::Client<HttpConnector, SignedBody<Upload>>,
}

impl Hyper {
    pub(super) fn http1() -> Self {
        Self { name: "hyper, HTTP/1.1", client: builder().build(connector()) }
    }

    /// Without TLS, and without asking first.
    pub(super) fn http2() -> Self {
        Self { name: "hyper, h2c", client: builder().http2_only(true).build(connector()) }
    }
}

impl Client for Hyper {
    fn name(&self) -> &'static str {
        self.name
    }

    fn lacks(&self, _: &Scheme, kind: Kind) -> Option<&'static str> {
        lacks_makers(kind)
    }

    fn send<'t>(&'t self, task: &'t Task<'t>) -> Sending<'t> {
        Box::pin(async {
            let service = task.layer()?.layer(self.client.clone());
            Answer::read(service.oneshot(task.request()?).await?, task.kind.content()).await
        })
    }
}

pub(super) fn builder() -> legacy::Builder {
    legacy::Client::builder(TokioExecutor::new())
}

pub(super) fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    // Else a small streamed body waits 40 ms for the acknowledgement of its head.
    connector.set_nodelay(true);
    connector
}
