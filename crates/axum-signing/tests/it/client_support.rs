//! What the tests of `SignedClient` share: a layer with a clock that stands still, and a server that counts.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, UNIX_EPOCH};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tower_signing::{SignerStore, SigningLayer};

use super::support::*;

pub(crate) fn layer(store: SignerStore) -> SigningLayer {
    SigningLayer::builder().clock(|| UNIX_EPOCH + Duration::from_secs(NOW)).store(store)
}

/// A server that counts its connections, and resets one when `handler` has no answer.
pub(crate) async fn accepts<H, F>(handler: H) -> (SocketAddr, Arc<AtomicUsize>)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Option<Response<TestBody>>> + Send + 'static,
{
    let (listener, address) = listen().await;
    let accepted = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&accepted);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, SeqCst);
            // What ends early ends by a reset.
            stream.set_zero_linger().unwrap();
            let handler = handler.clone();
            let service = service_fn(move |request| {
                let response = handler(request);
                async { response.await.ok_or("reset on purpose") }
            });
            tokio::spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    (address, accepted)
}
