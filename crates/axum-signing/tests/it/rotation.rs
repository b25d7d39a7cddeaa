//! Credentials that change while requests run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use http::{Request, Response};
use http_body_util::BodyExt;
use tower_signing::SignerStore;

use super::support::*;

const REQUESTS: u64 = 2_000;
const WORKERS: u64 = 16;

fn params(key: u64) -> [(&'static str, String); 5] {
    let id = format!("AKID{key}");
    [
        ("Method", "aws-signature-v4".to_owned()),
        ("SecretAccessKey", format!("secret of {id}")),
        ("AccessKeyId", id),
        ("Region", "eu-west-1".to_owned()),
        ("Service", "s3".to_owned()),
    ]
}

fn signer_of(key: u64) -> tower_signing::signing_core::Signer {
    let params = params(key);
    signer(&params.each_ref().map(|(name, value)| (*name, &**value)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_every_10_ms_refuses_no_request() {
    let upstream = upstream(|request| async move {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        match verify(&head, Some(&body)) {
            Ok(()) => Response::new(text("ok")),
            Err(reason) => Response::builder().status(403).body(super::support::body(reason)).unwrap(),
        }
    })
    .await;
    let store = SignerStore::new(signer_of(0));
    let proxy = proxy_with(&format!("http://{upstream}"), store.clone(), Http1, |builder| builder).await;
    let done = Arc::new(AtomicU64::new(0));
    let rotation = tokio::spawn({
        let done = Arc::clone(&done);
        async move {
            for key in 1.. {
                if done.load(Relaxed) == REQUESTS {
                    return key;
                }
                store.replace(signer_of(key));
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            unreachable!("a u64 does not run out")
        }
    });
    let client = proxy.client(Http1);
    let workers: Vec<_> = (0..WORKERS)
        .map(|worker| {
            let (client, done, url) = (client.clone(), Arc::clone(&done), proxy.url("/x"));
            tokio::spawn(async move {
                for number in 0..REQUESTS / WORKERS {
                    let body = super::support::body(format!("{worker} {number}"));
                    let response =
                        within(client.request(Request::post(&url).body(body).unwrap())).await.unwrap();
                    let (status, answer) = (response.status(), read(response).await);
                    assert_eq!(status, 200, "{answer:?}");
                    done.fetch_add(1, Relaxed);
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    assert!(within(rotation).await.unwrap() > 5, "too few rotations to tell");
}
