//! reqwest with `SigningMiddleware`.

use bytes::Bytes;
use http::Response;
use reqwest::Body;
use reqwest::multipart::Form;
use reqwest_signing::SigningMiddleware;

use super::{Answer, Client, NO_JSON, Sending};
use crate::kind::Kind;
use crate::scheme::Scheme;
use crate::task::Task;

pub(super) struct Reqwest;

impl Client for Reqwest {
    fn name(&self) -> &'static str {
        "reqwest"
    }

    fn lacks(&self, _: &Scheme, kind: Kind) -> Option<&'static str> {
        (kind == Kind::Json).then_some(NO_JSON)
    }

    fn send<'t>(&'t self, task: &'t Task<'t>) -> Sending<'t> {
        Box::pin(async {
            let (mut head, ()) = task.head()?.into_parts();
            let client = reqwest::Client::builder().no_proxy();
            let request = client.build()?.request(head.method, head.uri.to_string()).headers(head.headers);
            let (request, sent) = match task.kind {
                Kind::None => (request, Bytes::new()),
                Kind::Multipart => {
                    let (form, text) = form();
                    (request.multipart(form), text)
                }
                Kind::Bytes | Kind::Empty => (request.body(task.kind.content()), task.kind.content()),
                kind => (request.body(Body::wrap(kind.upload())), kind.content()),
            };
            let client = reqwest_signing::client_builder(reqwest::Client::builder().no_proxy())?
                .with(SigningMiddleware::from(task.layer()?))
                .build();
            let response = client.execute_with_extensions(request.build()?, &mut head.extensions).await?;
            Answer::read(Response::from(response), sent).await
        })
    }
}

/// A form, and how RFC 7578 writes it.
fn form() -> (Form, Bytes) {
    let form = Form::new().text("name", "Zoë").text("text", "one\r\n--two");
    let boundary = form.boundary();
    let part = |name, text| {
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let text = format!("{}{}--{boundary}--\r\n", part("name", "Zoë"), part("text", "one\r\n--two"));
    (form, text.into())
}
