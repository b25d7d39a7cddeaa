//! The client for handlers of axum.

use axum::body::Body;
use axum_signing::{HttpClient, SignedClient};
use bytes::Bytes;
use tower::Layer;
use tower_signing::{SignedBody, SigningOptions};

use super::{Answer, Client, NO_FORMS, Sending};
use crate::kind::{Kind, json};
use crate::scheme::Scheme;
use crate::task::Task;

pub(super) struct Axum(HttpClient<SignedBody<Body>>);

impl Axum {
    pub(super) fn new() -> Self {
        Self(HttpClient::new())
    }
}

impl Client for Axum {
    fn name(&self) -> &'static str {
        "axum, SignedClient"
    }

    fn lacks(&self, _: &Scheme, kind: Kind) -> Option<&'static str> {
        (kind == Kind::Multipart).then_some(NO_FORMS)
    }

    fn send<'t>(&'t self, task: &'t Task<'t>) -> Sending<'t> {
        Box::pin(async {
            let (head, ()) = task.head()?.into_parts();
            let client = SignedClient::new(task.layer()?.layer(self.0.clone()));
            let mut request = client.request(head.method, head.uri);
            for (name, value) in &head.headers {
                request = request.header(name, value);
            }
            if let Some(options) = head.extensions.get::<SigningOptions>() {
                request = request.extension(options.clone());
            }
            let request = match task.kind {
                Kind::None => request,
                Kind::Json => request.json(&json()),
                Kind::Bytes | Kind::Empty => request.body(task.kind.content()),
                kind => request.body(Body::new(kind.upload())),
            };
            match request.send().await {
                Ok(response) => Answer::read(response, task.kind.content()).await,
                Err(error) => {
                    let digest = Bytes::copy_from_slice(error.body());
                    let status = error.status().ok_or(error)?;
                    Ok(Answer { status, digest, sent: task.kind.content() })
                }
            }
        })
    }
}
