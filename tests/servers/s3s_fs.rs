//! S3 with keys of every kind, in path and virtual-hosted style.

use bytes::Bytes;
use http::{Method, Request};

use crate::ministack::check_presigned;
use crate::relay::Change;
use crate::sender::{Params, Presigned, Sender, senders};
use crate::server::{S3S_FS, Server};
use crate::trial::{Trial, request};

const ALL: &[Change] = &[Change::Path, Change::Query, Change::Header("x-amz-meta-color"), Change::Body];

/// Parts of a URL's path that clients like to change, and servers to decode.
const KEYS: [&str; 19] = [
    "plain",
    "a%20space",
    "plus+plus",
    "plus%2Bplus",
    "percent%25",
    "percent%2541",
    "%c3%a9%E2%82%AC",
    "twice//slashed",
    "./dot",
    "in/./between",
    "up/../down",
    "encoded/%2e%2E/dots",
    "~tilde",
    "%7Etilde",
    "it's",
    "it%27s",
    "(a)!*'",
    "a=b&c:d@e,f;g$h",
    "a%2Fslash%3F%23",
];

/// The keys that this client leaves as they are.
fn keys(sender: &dyn Sender) -> impl Iterator<Item = &'static str> {
    let has_dots = |key: &str| {
        let dots = [".", "..", "%2e%2E"];
        key.split('/').any(|segment| dots.contains(&segment))
    };
    let keeps_dots = sender.keeps_dot_segments();
    KEYS.into_iter().filter(move |key| keeps_dots || !has_dots(key))
}

/// Whether a folder on disk can hold it: the server refuses others, but only after it has verified the signature.
fn has_a_file(key: &str) -> bool {
    !key.contains("..") && !key.contains("%2e%2E")
}

#[tokio::test]
async fn takes_what_is_signed_and_refuses_what_was_changed() {
    let Some(server) = Server::running(S3S_FS) else { return };
    let params = server.params("s3");
    for sender in senders() {
        let mut trial = Trial::new(&server, &*sender).await;
        let bucket = new_bucket(&mut trial, &params, "s3s", &*sender).await;
        for body in ["", "a line\n"] {
            let put = request(
                Method::PUT,
                &format!("/{bucket}/key"),
                &[("x-amz-meta-color", "blue,  green")],
                body,
            );
            trial.takes(&params, &put).await;
            let changes = if body.is_empty() { &ALL[..3] } else { ALL };
            trial.refuses(&params, &put, changes).await;
        }
        let list =
            request(Method::GET, &format!("/{bucket}?list-type=2&prefix=a%20b%2B~&delimiter=/"), &[], "");
        trial.refuses(&params, &list, &ALL[..2]).await;
        trial.end("S3, path style");
    }
}

#[tokio::test]
async fn takes_awkward_keys() {
    let Some(server) = Server::running(S3S_FS) else { return };
    let params = server.params("s3");
    for sender in senders() {
        let mut trial = Trial::new(&server, &*sender).await;
        let bucket = new_bucket(&mut trial, &params, "keys", &*sender).await;
        for key in keys(&*sender) {
            check_key(&mut trial, &params, &format!("/{bucket}/{key}"), &[], has_a_file(key)).await;
        }
        trial.end("S3, awkward keys");
    }
}

#[tokio::test]
async fn takes_virtual_hosted_requests() {
    let Some(server) = Server::running(S3S_FS) else { return };
    let params = server.params("s3");
    let (_, port) = server.endpoint.rsplit_once(':').unwrap();
    for sender in senders() {
        let mut trial = Trial::new(&server, &*sender).await;
        let bucket = new_bucket(&mut trial, &params, "hosted", &*sender).await;
        // Names below localhost are not resolved everywhere.
        let host = format!("{bucket}.localhost:{port}");
        for key in keys(&*sender) {
            check_key(&mut trial, &params, &format!("/{key}"), &[("host", &host)], has_a_file(key)).await;
        }
        let headers = [("host", &*host), ("x-amz-meta-color", "blue")];
        let put = request(Method::PUT, "/changed", &headers, "a line\n");
        trial.refuses(&params, &put, ALL).await;
        // It lies in the bucket, not in one that the path names.
        let get = request(Method::GET, &format!("/{bucket}/plain"), &[], "");
        assert_eq!(trial.takes(&params, &get).await, "/plain");
        trial.end("S3, virtual-hosted");
    }
}

#[tokio::test]
async fn presigned_urls_are_taken_and_changed_ones_refused() {
    let Some(server) = Server::running(S3S_FS) else { return };
    let params = server.params("s3");
    for presigned in Presigned::all() {
        let bucket = format!("presigned-{}-{}", presigned.name(), std::process::id());
        check_presigned(&server, &presigned, &params, &format!("/{bucket}")).await;
        let mut trial = Trial::new(&server, &presigned).await;
        for key in keys(&presigned) {
            check_key(&mut trial, &params, &format!("/{bucket}/{key}"), &[], has_a_file(key)).await;
        }
        trial.end("S3 presigned, awkward keys");
    }
}

async fn new_bucket(trial: &mut Trial<'_>, params: &Params, what: &str, sender: &dyn Sender) -> String {
    let bucket = format!("{what}-{}-{}", sender.name(), std::process::id());
    trial.takes(params, &request(Method::PUT, &format!("/{bucket}"), &[], "")).await;
    bucket
}

/// PUT, and GET what was PUT; where no file can have this name, no refusal because of the signature.
async fn check_key(
    trial: &mut Trial<'_>,
    params: &Params,
    path: &str,
    headers: &[(&str, &str)],
    has_a_file: bool,
) {
    let put: Request<Bytes> = request(Method::PUT, path, headers, path.to_owned());
    let get = request(Method::GET, path, headers, "");
    if has_a_file {
        trial.takes(params, &put).await;
        assert_eq!(trial.takes(params, &get).await, path);
    } else {
        trial.verifies(params, &put).await;
        trial.verifies(params, &get).await;
    }
    trial.refuses_secret(params, &put).await;
}
