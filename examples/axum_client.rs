//! Handlers that call out: `SignedClient` as an argument, JSON in and out, and a stream that passes through.
//!
//! ```text
//! request ──► axum handler ──► SignedClient ──► a service that wants signatures
//! ```
//!
//! Start it with `cargo run --example axum_client`. It needs no network and ends by itself.

use axum::body::Body;
use axum::extract::{FromRef, Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use axum_signing::{ClientError, SignedClient};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use serde::{Deserialize, Serialize};
use signing_core::{AuthParams, Registry};
use tokio::net::TcpListener;
use tower::ServiceExt;
use tower_signing::{BoxError, SigningLayer};

/// What the application shares. Handlers ask for the parts that they need.
#[derive(Clone)]
struct App {
    client: SignedClient,
    warehouse: String,
}

/// `#[derive(FromRef)]`, with axum's feature `macros`.
impl FromRef<App> for SignedClient {
    fn from_ref(app: &App) -> Self {
        app.client.clone()
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Order {
    item: String,
    count: u32,
}

/// A refusal of the warehouse, or a connection that breaks, is a 502 by itself.
async fn order(
    client: SignedClient,
    State(app): State<App>,
    Json(order): Json<Order>,
) -> Result<Json<Order>, ClientError> {
    Ok(Json(client.post(format!("{}/orders", app.warehouse)).json(&order).receive_json().await?))
}

/// Its bytes pass as they come.
async fn list(client: SignedClient, State(app): State<App>) -> Result<Response, ClientError> {
    client.get(format!("{}/list", app.warehouse)).send().await
}

/// Tells an error apart, for once.
async fn item(
    client: SignedClient,
    State(app): State<App>,
    Path(id): Path<u32>,
) -> Result<StatusCode, ClientError> {
    match client.get(format!("{}/items/{id}", app.warehouse)).send().await {
        Ok(_) => Ok(StatusCode::OK),
        Err(error) if error.status() == Some(StatusCode::NOT_FOUND) => {
            println!("app: {error}: {}", String::from_utf8_lossy(error.body()));
            Ok(StatusCode::NOT_FOUND)
        }
        Err(error) => Err(error),
    }
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let params: AuthParams = [
        ("Method", "aws-signature-v4"),
        ("AccessKeyId", "AKIDEXAMPLE"),
        ("SecretAccessKey", "not-a-real-key"),
        ("Region", "eu-central-1"),
        ("Service", "execute-api"),
    ]
    .into_iter()
    .collect();
    // From a file whose changes are followed: `SigningLayer::from_file("auth.conf")`.
    let layer = SigningLayer::new(Registry::new().signer(&params)?);
    let app = App { client: SignedClient::over_http(layer), warehouse: warehouse().await? };
    let app = Router::new()
        .route("/orders", post(order))
        .route("/list", get(list))
        .route("/items/{id}", get(item))
        .with_state(app);

    let new = Request::post("/orders").header("content-type", "application/json");
    for request in [
        new.body(Body::from(r#"{"item":"lamp","count":2}"#))?,
        Request::get("/list").body(Body::empty())?,
        Request::get("/items/7").body(Body::empty())?,
    ] {
        let what = format!("{} {}", request.method(), request.uri());
        let response = app.clone().oneshot(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        println!("caller: {what}: {status} {}", String::from_utf8_lossy(&body));
    }
    Ok(())
}

/// A service on loopback that wants signatures. (It does not verify them; see `quickstart`.)
async fn warehouse() -> Result<String, BoxError> {
    async fn take(headers: HeaderMap, Json(mut order): Json<Order>) -> Result<Json<Order>, StatusCode> {
        println!("warehouse: {order:?}, signed at {:?}", headers.get("x-amz-date"));
        if !headers.contains_key("authorization") {
            return Err(StatusCode::FORBIDDEN);
        }
        order.count += 1;
        Ok(Json(order))
    }

    let router = Router::new()
        .route("/orders", post(take))
        .route("/list", get(async || "lamp, table, chair"))
        .route("/items/{id}", get(async || (StatusCode::NOT_FOUND, "there is no such item")));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(router.clone());
            tokio::spawn(async move {
                auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await
            });
        }
    });
    Ok(url)
}
