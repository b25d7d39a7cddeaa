//! Azurite: Shared Key of Azure Storage, by a method of a user's own. It tells that it does not take a signature.

use http::Method;

use super::{Place, turned};
use crate::azure::storage::sas_of;
use crate::base::{Base, Sent};
use crate::case::{Fault, Group, fault};
use crate::oracle::{base64, from_base64};
use crate::server::{AZURITE, Server};
use crate::shared_key::METHOD_NAME;

pub(crate) fn groups() -> Vec<Group> {
    let place = Place(Server::running(AZURITE));
    let (account, key) = place.key();
    let params = [("Method", METHOD_NAME), ("AccountName", account), ("SecretAccessKey", key)];
    let container = format!("/{account}/faults-{}", std::process::id());
    let put = |path: &str| {
        let base = Base::new(Method::PUT, &place.url(&[&container, path].concat()), &params);
        base.header("x-ms-version", "2024-11-04")
    };
    let blob = put("/a").header("x-ms-blob-type", "BlockBlob").header("content-type", "text/plain");
    if let Some(live) = place.live() {
        live.prepare(put("?restype=container"));
        live.prepare(blob.clone());
    }
    let get = put("/a").method(Method::GET);
    let group = |source, base, faults| Group { method: METHOD, ..place.group(source, base, faults) };
    vec![
        group("Azurite", blob.body("a line\n"), FAULTS),
        Group { right: &[|base| sas(base, -3600, false)], ..group("Azurite: SAS", get, SAS) },
    ]
}

const METHOD: &str = "a user's own";

const SAS: &[Fault] = &[
    fault("SAS that has ended", "signature-expired", |base| sas(base, 3600, false)),
    fault("SAS with the key of another account", "mismatch", |base| sas(base, -3600, true))
        .because(CODE_ALONE),
];

/// For the blob that is there, until so many seconds ago.
fn sas(base: Base, end: i64, is_wrong: bool) -> Sent {
    let key = base.value("SecretAccessKey").to_owned();
    let key = if is_wrong { turned(&key).into_bytes() } else { from_base64(&key) };
    let resource = base.path().trim_start_matches('/').to_owned();
    sas_of(base, &key, &resource, (7200, end))
}

const CODE_ALONE: &str = "the server tells that it does not take the signature, and no more";

const FAULTS: &[Fault] = &[
    fault("key of another account", "mismatch", |base| {
        let other = base64(turned(base.value("SecretAccessKey")).as_bytes());
        base.param("SecretAccessKey", &other).sign()
    })
    .because(CODE_ALONE),
    fault("x-ms header added below the signer", "mismatch", |base| {
        base.sign().set("x-ms-client-request-id", "7")
    })
    .because(CODE_ALONE),
    fault("key of the generation before", "credentials-replaced", |base| {
        let other = base64(turned(base.value("SecretAccessKey")).as_bytes());
        base.param("SecretAccessKey", &other).sign().replaced_since()
    }),
];
