//! Credentials that change while requests run.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::proxy::*;
use super::upstream::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_under_load_fails_no_request() {
    const ROTATIONS: usize = 5;
    let (upstream, record) = verifier().await;
    let key = |number: usize| format!("AKID{number}");
    let mut proxy = Proxy::start(upstream, &sigv4(&key(0)), &["--monitor", "auth:1"]);
    let is_over = Arc::new(AtomicBool::new(false));
    let loads: Vec<_> = (0..8)
        .map(|number| {
            let (is_over, url) = (Arc::clone(&is_over), proxy.url("/x"));
            // Some share a connection, and half of them have bodies.
            let client = client(number % 4 == 0);
            tokio::spawn(async move {
                let mut keys = BTreeSet::new();
                let mut requests = 0;
                while !is_over.load(Relaxed) {
                    let body = if number % 2 == 0 { "a body" } else { "" };
                    match fetch(&client, &url, body).await {
                        Ok((200, key)) => drop(keys.insert(key)),
                        other => panic!("{other:?}"),
                    }
                    requests += 1;
                }
                (requests, keys)
            })
        })
        .collect();
    for number in 1..=ROTATIONS {
        // Each generation is seen in use before the next one comes.
        proxy.rotate(&sigv4(&key(number)));
        proxy.logged(&format!("signing credentials replaced generation={}", number + 1));
        let seen = record.len();
        until(|| record.len() >= seen + 20).await;
    }
    is_over.store(true, Relaxed);
    let (mut requests, mut keys) = (0, BTreeSet::new());
    for load in loads {
        let (more, others) = within(load).await.unwrap();
        requests += more;
        keys.extend(others);
    }
    assert_eq!(keys, (0..=ROTATIONS).map(key).collect());
    println!("{requests} requests, {} generations", keys.len());
    // A file that is wrong changes nothing.
    proxy.rotate("[auth]\nMethod = no-such-method\n");
    proxy.logged("the last good one stays in use");
    assert_eq!(fetch(&client(false), &proxy.url("/"), "").await, Ok((200, key(ROTATIONS))));
}
