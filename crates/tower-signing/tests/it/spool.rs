//! Bodies in temporary files: nothing of them stays, and too much of them is refused.

use std::fs;
use std::future::{Future, pending, ready};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::{FutureExt, StreamExt, stream};
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, StreamBody};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;
use tower::{Layer, ServiceExt, service_fn};
use tower_signing::{BoxError, SignedBody, SigningError, SigningErrorKind, SigningLayer};

use crate::{AWS, builder, signer};

const URL: &str = "https://b.s3.us-east-1.amazonaws.com/k";
const MIB: usize = 1 << 20;

/// 1 MiB is held, 8 MiB may be in one file, and in all of them.
fn layer(dir: &Path) -> SigningLayer {
    let total = 8 * MIB as u64;
    let builder = builder().buffer_limit(MIB as u64).spool_limit(total).total_spool_limit(total);
    builder.spool_dir(dir).signers(signer(AWS))
}

/// So many frames of 1 MiB, each different, and then the end, after `rest`.
fn body(
    frames: u8,
    rest: impl Future<Output = ()> + Send + 'static,
) -> impl Body<Data = Bytes, Error = BoxError> + Send + 'static {
    let frames = stream::iter((0..frames).map(|at| Ok(Frame::data(Bytes::from(vec![at; MIB])))));
    let rest = stream::once(rest.map(|()| Ok(Frame::data(Bytes::new()))));
    StreamBody::new(frames.chain(rest).boxed())
}

/// The bytes that are sent, if the hash that is signed is theirs.
async fn send(layer: &SigningLayer, frames: u8) -> Result<usize, BoxError> {
    let body = body(frames, ready(()));
    let inner = service_fn(|request: Request<SignedBody<_>>| async {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let hash: String = Sha256::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(head.headers["x-amz-content-sha256"].to_str()?, hash);
        Ok::<_, BoxError>(Response::new(body.len()))
    });
    let request = Request::put(URL).body(body)?;
    Ok(layer.layer(inner).oneshot(request).await?.into_body())
}

/// A request whose body never ends, and tells when all that there is of it was taken.
fn endless(
    layer: &SigningLayer,
    frames: u8,
    taken: Arc<Notify>,
) -> impl Future<Output = Result<Response<()>, BoxError>> + use<> {
    let inner = service_fn(|_: Request<SignedBody<_>>| async { Ok::<_, BoxError>(Response::new(())) });
    let body = body(frames, async move {
        taken.notify_one();
        pending().await
    });
    layer.layer(inner).oneshot(Request::put(URL).body(body).unwrap())
}

async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds().await {
        assert!(Instant::now() < end, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Files of this folder that are open, with a name or without.
#[cfg(target_os = "linux")]
fn open_files(dir: &Path) -> usize {
    let open =
        fs::read_dir("/proc/self/fd").unwrap().filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    open.filter(|file| file.starts_with(dir)).count()
}

#[tokio::test]
async fn a_long_stream_is_sent_as_it_came() {
    let dir = tempfile::tempdir().unwrap();
    let layer = layer(dir.path());
    for frames in [0, 1, 2, 5, 8] {
        eventually("a body that fits is sent", async || {
            send(&layer, frames).await.is_ok_and(|sent| sent == usize::from(frames) * MIB)
        })
        .await;
    }
}

#[tokio::test]
async fn a_stream_over_the_limit_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let error = send(&layer(dir.path()), 9).await.unwrap_err();
    let leaf = error.downcast_ref::<SigningError>().unwrap();
    assert_eq!(leaf.kind(), SigningErrorKind::Body);
    assert!(
        leaf.to_string().contains("8388608 bytes") && leaf.to_string().contains("`spool_limit`"),
        "{leaf}"
    );
}

#[tokio::test]
async fn a_request_that_is_dropped_gives_its_space_back() {
    let dir = tempfile::tempdir().unwrap();
    let layer = layer(dir.path());
    let taken = Arc::<Notify>::default();
    let dropped = tokio::spawn(endless(&layer, 6, Arc::clone(&taken)));
    taken.notified().await;
    let error = send(&layer, 3).await.unwrap_err();
    let leaf = error.downcast_ref::<SigningError>().unwrap();
    assert_eq!((leaf.kind(), leaf.kind().as_str()), (SigningErrorKind::Spool, "spool"));
    assert!(leaf.to_string().contains("`total_spool_limit`"), "{leaf}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    #[cfg(target_os = "linux")]
    eventually("the file is open", async || open_files(dir.path()) == 1).await;
    dropped.abort();
    eventually("the space is given back", async || send(&layer, 8).await.is_ok()).await;
    #[cfg(target_os = "linux")]
    eventually("no file is open", async || open_files(dir.path()) == 0).await;
}

#[tokio::test]
async fn a_response_that_does_not_wait_for_the_body_frees_it() {
    let dir = tempfile::tempdir().unwrap();
    let layer = layer(dir.path());
    let inner = service_fn(|request: Request<SignedBody<_>>| async {
        let mut body = request.into_body();
        body.frame().await.unwrap()?;
        Ok::<_, BoxError>(Response::new(()))
    });
    let request = Request::put(URL).body(body(8, ready(()))).unwrap();
    layer.layer(inner).oneshot(request).await.unwrap();
    eventually("the space is given back", async || send(&layer, 8).await.is_ok()).await;
}
