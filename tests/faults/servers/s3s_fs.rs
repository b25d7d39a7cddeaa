//! s3s-fs: S3, with the code of an error alone.

use http::Method;

use super::{Place, wrong_secret};
use crate::case::{Fault, Group, fault};
use crate::server::{S3S_FS, Server};

pub(crate) fn groups() -> Vec<Group> {
    let place = Place(Server::running(S3S_FS));
    let bucket = format!("/faults-{}", std::process::id());
    let put = place.aws(Method::PUT, "s3", &format!("{bucket}/a"));
    if let Some(live) = place.live() {
        live.prepare(place.aws(Method::PUT, "s3", &bucket));
        live.prepare(put.clone());
    }
    let get = place.aws(Method::GET, "s3", &format!("{bucket}/a"));
    let large = put.clone().body(vec![b'x'; 20_000]).encoded().param("ChunkSize", "8192");
    vec![
        place.group("s3s-fs", put.header("x-amz-meta-color", "blue").body("hello"), HEADER),
        place.group("s3s-fs: presigned", get.presigned(300), PRESIGNED),
        place.group("s3s-fs: chunked", large.param("Payload", "chunked"), CHUNKED),
    ]
}

const CODE_ALONE: &str = "the server tells that the signatures differ, and no more";

const FAILS: &str = "the server fails while it stores the body: 500, without a word of it";

const HEADER: &[Fault] = &[
    fault("clock 20 min behind", "clock-off", |base| base.behind(1200).sign()),
    fault("clock 1 h ahead", "clock-off", |base| base.ahead(3600).sign()),
    fault("key that the service does not know", "none", |base| {
        base.param("AccessKeyId", "AKIDOFNOBODY").sign()
    })
    .because("its code is NotSignedUp, which is that of a known key at S3"),
    fault("secret of another key", "mismatch", |base| wrong_secret(base).sign()).because(CODE_ALONE),
    fault("another path", "mismatch", |base| base.sign().target("/a", "/b")).because(CODE_ALONE),
    fault("signed Accept-Encoding set by a proxy", "headers-in-transit", |base| {
        base.header("accept-encoding", "identity").sign().set("accept-encoding", "gzip")
    }),
    fault("secret of the generation before", "credentials-replaced", |base| {
        wrong_secret(base).sign().replaced_since()
    }),
    fault("body changed after it was hashed", "none", |base| base.sign().body("jello")).because(FAILS),
];

const PRESIGNED: &[Fault] = &[
    fault("URL that has ended", "signature-expired", |base| base.behind(600).sign()),
    fault("clock 1 h ahead", "clock-off", |base| base.ahead(3600).sign()),
    fault("secret of another key", "mismatch", |base| wrong_secret(base).sign()).because(CODE_ALONE),
];

const CHUNKED: &[Fault] = &[
    fault("secret of another key", "mismatch", |base| wrong_secret(base).sign()).because(CODE_ALONE),
    fault("byte of a chunk changed", "none", |base| {
        base.sign().changed(|wire| {
            let mut body = wire.body().to_vec();
            body[9_500] ^= 1;
            *wire.body_mut() = body.into();
        })
    })
    .because(FAILS),
];
