//! Servers that nobody here wrote, where `tests/servers/run.sh` has started them.

mod azurite;
mod ministack;
mod s3s_fs;

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Method, Response};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

use crate::aws;
use crate::base::{Base, Sent, Wire};
use crate::case::{Fault, Group, Service};
use crate::server::Server;

pub(crate) fn groups() -> Vec<Group> {
    [ministack::groups(), s3s_fs::groups(), azurite::groups()].into_iter().flatten().collect()
}

/// Sends to a server what stands in a request, and nothing else.
struct Live {
    name: &'static str,
    address: String,
    runtime: Runtime,
}

impl Live {
    fn new(server: &Server) -> Self {
        let address = server.endpoint.strip_prefix("http://").unwrap().to_owned();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Self { name: server.name, address, runtime }
    }

    /// What has to be there before.
    fn prepare(&self, base: Base) -> String {
        let Sent { wire, .. } = base.at(self.now()).sign();
        let answer = self.answer(&wire);
        assert!(answer.status().is_success(), "{}: {} {}", self.name, wire.method(), answer.status());
        String::from_utf8_lossy(answer.body()).into_owned()
    }
}

impl Service for Live {
    fn now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
    }

    fn answer(&self, wire: &Wire) -> Response<Bytes> {
        let request = wire.clone().map(Full::new);
        self.runtime.block_on(async {
            let stream = TcpStream::connect(&self.address).await.unwrap();
            let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
            let connection = tokio::spawn(connection);
            let (head, body) = sender.send_request(request).await.unwrap().into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            connection.abort();
            Response::from_parts(head, body)
        })
    }
}

/// A server that may run, or stand in the table as one that does not.
struct Place(Option<Server>);

impl Place {
    fn live(&self) -> Option<Live> {
        self.0.as_ref().map(Live::new)
    }

    fn url(&self, path: &str) -> String {
        let endpoint = self.0.as_ref().map_or("http://127.0.0.1:1", |server| &server.endpoint);
        [endpoint, path].concat()
    }

    fn key(&self) -> (&str, &str) {
        self.0.as_ref().map_or(("KEY", "SECRET"), |server| (&server.key_id, &server.secret))
    }

    /// A request to a service of AWS.
    fn aws(&self, method: Method, service: &'static str, path: &str) -> Base {
        let (key_id, secret) = self.key();
        let params = [("Method", aws::METHOD), ("AccessKeyId", key_id), ("SecretAccessKey", secret)];
        let base = Base::new(method, &self.url(path), &params);
        base.param("Region", "us-east-1").param("Service", service)
    }

    fn group(&self, source: &'static str, base: Base, faults: &'static [Fault]) -> Group {
        let service = self.live().map(|live| Box::new(live) as Box<dyn Service>);
        Group { method: aws::METHOD, source, service, base, right: &[], faults }
    }
}

/// Of the same form, since a method may look at it.
fn turned(secret: &str) -> String {
    secret.chars().map(|character| if character == 'A' { 'B' } else { 'A' }).collect()
}

fn wrong_secret(base: Base) -> Base {
    let other = turned(base.value("SecretAccessKey"));
    base.param("SecretAccessKey", &other)
}
