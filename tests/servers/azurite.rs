//! Shared Key of Azure Storage, as a method of a user's own.

use http::Method as Verb;

use crate::relay::Change;
use crate::sender::{Hyper, Kind};
use crate::server::{AZURITE, Server};
use crate::shared_key::{METHOD_NAME, registry};
use crate::trial::{Trial, request};

#[tokio::test]
async fn takes_a_method_of_a_users_own() {
    let Some(server) = Server::running(AZURITE) else { return };
    let params = vec![
        ("Method", METHOD_NAME.to_owned()),
        ("AccountName", server.key_id.clone()),
        ("SecretAccessKey", server.secret.clone()),
    ];
    let sender = Hyper::new(registry, Kind::Bytes);
    let mut trial = Trial::new(&server, &sender).await;
    let version = ("x-ms-version", "2024-11-04");
    let container = format!("/{}/own-{}", server.key_id, std::process::id());
    let create = request(Verb::PUT, &format!("{container}?restype=container"), &[version], "");
    trial.takes(&params, &create).await;
    for key in ["plain", "a%20space", "%c3%a9", "plus+plus", "~it's"] {
        let path = format!("{container}/{key}");
        let headers = [
            version,
            ("x-ms-blob-type", "BlockBlob"),
            ("x-ms-meta-color", "blue"),
            ("content-type", "text/plain"),
        ];
        let put = request(Verb::PUT, &path, &headers, "a line\n");
        trial.takes(&params, &put).await;
        assert_eq!(trial.takes(&params, &request(Verb::GET, &path, &[version], "")).await, "a line\n");
        let changes =
            [Change::Path, Change::Query, Change::Header("x-ms-meta-color"), Change::Header("content-type")];
        trial.refuses(&params, &put, &changes).await;
    }
    let list = format!("{container}?restype=container&comp=list&prefix=a%20s&maxresults=7");
    let listed = trial.takes(&params, &request(Verb::GET, &list, &[version], "")).await;
    assert!(String::from_utf8_lossy(&listed).contains("<Name>a space</Name>"), "{listed:?}");
    trial.end("Shared Key, a custom method");
}
