//! hyper-util's client under the layer: a body in memory, a stream, and a request that is not for the keys to sign.
//!
//! Start it with `cargo run --example hyper_client`. It needs no network and ends by itself.

use std::io;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use signing_core::{AuthParams, Registry};
use tokio::net::TcpListener;
use tower::{Layer, ServiceExt};
use tower_signing::{BoxError, SigningError, SigningLayer};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
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
    // From a file whose changes are followed: `SigningLayer::from_file("auth.conf")`.
    let layer = SigningLayer::new(Registry::new().signer(&params)?);
    let client = layer.layer(Client::builder(TokioExecutor::new()).build_http());

    // Hashed where it is. `UnsyncBoxBody` lets one client send bodies of several types.
    let text = in_memory("in memory");
    let response = client.clone().oneshot(Request::put(&url).body(text)?).await?;
    println!("client: {}", response.status());

    // Read once, hashed, then sent: the signature covers it, and stands before it.
    let frames = ["in ", "three ", "pieces"].map(|piece| Ok::<_, BoxError>(Frame::data(Bytes::from(piece))));
    let stream = StreamBody::new(stream::iter(frames)).boxed_unsync();
    let response = client.clone().oneshot(Request::put(&url).body(stream)?).await?;
    println!("client: {}", response.status());

    // Nothing is sent to a host that these keys are not for.
    let stray = Request::get("http://stranger.example/").body(in_memory(""))?;
    let Err(error) = client.oneshot(stray).await else {
        return Err("a stranger got a signed request".into());
    };
    let reason = error.downcast_ref::<SigningError>().ok_or("not for the signature's sake")?;
    println!("client: not sent ({}): {reason}", reason.kind().as_str());
    Ok(())
}

fn in_memory(text: &'static str) -> UnsyncBoxBody<Bytes, BoxError> {
    Full::from(text).map_err(|never| match never {}).boxed_unsync()
}

async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let server = hyper::server::conn::http1::Builder::new();
        tokio::spawn(server.serve_connection(TokioIo::new(stream), service_fn(answer)));
    }
}

/// Says what it receives.
async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    println!("server: {} {}: {:?}", head.method, head.uri, body.collect().await?.to_bytes());
    let header =
        |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    println!(
        "server:   signed at {}, with the body's hash {}",
        header("x-amz-date"),
        header("x-amz-content-sha256")
    );
    println!("server:   {}…", header("authorization").split(", Signature").next().unwrap_or_default());
    Ok(Response::new(Full::default()))
}
