//! A gRPC client whose calls carry a token: the layer between tonic's `Grpc` and its `Channel`.
//!
//! ```text
//! Grpc (or a generated client) ──► SigningLayer ──► body for tonic ──► Channel
//! ```
//!
//! Start it with `cargo run --example tonic_channel`. It needs no network, no protoc, and ends by itself.

use std::convert::Infallible;
use std::io;

use bytes::{Buf, BufMut, Bytes};
use http::Uri;
use http::uri::PathAndQuery;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use signing_core::{AuthParams, Registry};
use tokio::net::TcpListener;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status};
use tower::ServiceBuilder;
use tower_signing::{BoxError, SignedBody, SigningLayer};

const TOKEN: &str = "Bearer not-a-real-token";

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(serve(listener));

    let params: AuthParams =
        [("Method", "auth-token"), ("Header", "authorization"), ("Token", TOKEN)].into_iter().collect();
    // A token is bound to where it may go, since whoever receives it can use it.
    let signing = SigningLayer::builder().base_url(&url)?.signers(Registry::new().signer(&params)?);

    let channel = Channel::from_shared(url.clone())?.connect().await?;
    let service = ServiceBuilder::new()
        .layer(signing)
        // The channel takes tonic's own body only.
        .map_request(|request: http::Request<SignedBody<tonic::body::Body>>| {
            request.map(tonic::body::Body::new)
        })
        .service(channel.clone());
    // The channel adds its origin below the layer, too late to be routed or signed: so it is said above. A generated
    // client has `with_origin` as well.
    let mut client = tonic::client::Grpc::with_origin(service, url.parse::<Uri>()?);
    let answer = call(&mut client).await?;
    println!("client: {answer:?}");

    // The same call without the layer.
    match call(&mut tonic::client::Grpc::new(channel)).await {
        Err(status) if status.code() == Code::Unauthenticated => {
            println!("client: without the token, {}", status.message())
        }
        other => return Err(format!("a call without the token: {other:?}").into()),
    }
    Ok(())
}

async fn call<S>(client: &mut tonic::client::Grpc<S>) -> Result<Bytes, Status>
where
    S: tonic::client::GrpcService<tonic::body::Body>,
    S::ResponseBody: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    client.ready().await.map_err(|error| Status::from_error(error.into()))?;
    let path = PathAndQuery::from_static("/example.Greeter/Greet");
    let response = client.unary(Request::new(Bytes::from("hello")), path, Raw).await?;
    Ok(response.into_inner())
}

/// Messages as they are, where generated code would have protobuf.
#[derive(Clone, Copy)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(message);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let service = service_fn(|request: http::Request<Incoming>| async {
            let greeter = tower::service_fn(greet);
            Ok::<_, Infallible>(tonic::server::Grpc::new(Raw).unary(greeter, request).await)
        });
        let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        tokio::spawn(server.serve_connection(TokioIo::new(stream), service));
    }
}

async fn greet(request: Request<Bytes>) -> Result<Response<Bytes>, Status> {
    let token = request.metadata().get("authorization").and_then(|value| value.to_str().ok());
    println!("server: {:?}, {} token", request.get_ref(), if token.is_some() { "with a" } else { "without" });
    if token != Some(TOKEN) {
        return Err(Status::unauthenticated("there is no right token"));
    }
    Ok(Response::new(Bytes::from("hello to you")))
}
