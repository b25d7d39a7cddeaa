//! Why a signature was refused: a layer that stands on the wrong side of the signature, and what is told of it.
//!
//! Start it with `cargo run --example refused`. It needs no network and ends by itself.

use std::fmt::Write;
use std::io;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use signing_core::diagnose::{Diagnosis, DiffText};
use signing_core::{AuthParams, Registry};
use tokio::net::TcpListener;
use tower::{ServiceBuilder, ServiceExt};
use tower_signing::{BoxError, DiagnoseLayer, SignedBody, SigningLayer};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    // The sentence below comes from the layer's event.
    tracing_subscriber::fmt().without_time().with_writer(io::stdout).init();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}/bucket/key", listener.local_addr()?);
    tokio::spawn(serve(listener));

    let params: AuthParams = [
        ("Method", "aws-signature-v4"),
        ("AccessKeyId", "AKIDEXAMPLE"),
        ("SecretAccessKey", "not-a-real-key"),
        ("Region", "eu-central-1"),
        ("Service", "s3"),
    ]
    .into_iter()
    .collect();
    let client = ServiceBuilder::new()
        .layer(DiagnoseLayer::new())
        .layer(SigningLayer::new(Registry::new().signer(&params)?))
        // Wrong: this changes what was signed. It belongs above the signature.
        .map_request(|mut request: Request<SignedBody<Full<Bytes>>>| {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
            request
        })
        .service(Client::builder(TokioExecutor::new()).build_http());

    let request = Request::put(url).header(CONTENT_TYPE, "text/plain").body(Full::from("hello"))?;
    let response = client.oneshot(request).await?;
    let diagnosis = response.extensions().get::<Diagnosis>().ok_or("it was not refused")?;
    for cause in diagnosis.causes() {
        println!("{}: {cause}\n  {}", cause.name(), cause.remedy());
    }
    let text = |side: &Option<DiffText>| side.as_ref().map_or(String::new(), |line| line.text.clone());
    for line in diagnosis.diff().into_iter().flat_map(|diff| diff.lines()) {
        if line.signed != line.arrived {
            println!("  signed   {}\n  arrived  {}", text(&line.signed), text(&line.arrived));
        }
    }
    // The response is complete all the same.
    let (status, body) = (response.status(), response.into_body().collect().await?.to_bytes());
    println!("{status}, {} bytes", body.len());
    Ok(())
}

async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let server = hyper::server::conn::http1::Builder::new();
        tokio::spawn(server.serve_connection(TokioIo::new(stream), service_fn(refuse)));
    }
}

/// Answers as S3 does when the signature is not that of the request that has arrived.
async fn refuse(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, http::Error> {
    let canonical_request =
        canonical_request(request.method().as_str(), request.uri().path(), request.headers());
    let answer = format!(
        "<Error><Code>SignatureDoesNotMatch</Code><Message>The signatures differ.</Message>\
         <CanonicalRequest>{canonical_request}</CanonicalRequest></Error>"
    );
    Response::builder().status(StatusCode::FORBIDDEN).body(Full::from(answer))
}

/// What the server signs, of a request without a query.
fn canonical_request(method: &str, path: &str, headers: &HeaderMap) -> String {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let authorization = header("authorization");
    let names = authorization.split("SignedHeaders=").nth(1).and_then(|rest| rest.split(',').next());
    let names = names.unwrap_or_default();
    let mut text = format!("{method}\n{path}\n\n");
    for name in names.split(';') {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name}:{}", header(name));
    }
    text + &format!("\n{names}\n{}", header("x-amz-content-sha256"))
}
