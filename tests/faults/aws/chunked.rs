//! S3, with a body that is signed while it is sent.

use bytes::{Bytes, BytesMut};
use http::Method;

use super::{base, group};
use crate::base::{Base, Wire};
use crate::case::{Fault, Group, fault};
use crate::oracle::s3;
use crate::oracle::sigv4::OTHER_SECRET;

pub(crate) fn groups() -> Vec<Group> {
    let put = |form| {
        let body: Vec<u8> = (0..20_000_u32).map(|at| b'a' + (at % 23) as u8).collect();
        let put = base(Method::PUT, "https://corpus.s3.eu-west-1.amazonaws.com/large");
        put.body(body).encoded().param("Payload", form).param("ChunkSize", "8192")
    };
    let group = |source, form, faults| group(source, s3::verify, put(form), faults);
    vec![
        group("oracle: S3 chunked", "chunked", CHUNKED),
        group("oracle: S3 trailer", "chunked-trailer", TRAILER),
        group("oracle: S3 trailer", "unsigned-trailer", UNSIGNED),
    ]
}

const CHUNKED: &[Fault] = &[
    fault("byte of a chunk changed", "chunk-signature", |base| change(base, b"abcdefgh", b"abcxefgh")),
    fault("signature of a chunk changed", "chunk-signature", |base| {
        change(base, b"chunk-signature=", b"chunk-signature=0")
    }),
    fault("end of the body lost", "chunk-signature", |base| base.sign().changed(|wire| cut(wire, 9_000))),
    fault("aws-chunked decoded by a proxy", "chunk-signature", |base| {
        base.sign().changed(|wire| *wire.body_mut() = Bytes::from_static(b"abcdefghij\r\n"))
    }),
    fault("decoded length changed", "header-changed", |base| {
        base.sign().set("x-amz-decoded-content-length", "20001")
    })
    .telling("`x-amz-decoded-content-length`"),
    fault("secret of another key", "wrong-secret", |base| base.param("SecretAccessKey", OTHER_SECRET).sign()),
    fault("clock 20 min behind", "clock-off", |base| base.behind(1200).sign()),
];

const TRAILER: &[Fault] = &[
    fault("checksum in the trailer changed", "trailer", |base| {
        change(base, b"x-amz-checksum-crc32:", b"x-amz-checksum-crc32:A")
    }),
    fault("signature of the trailer changed", "trailer", |base| {
        change(base, b"x-amz-trailer-signature:", b"x-amz-trailer-signature:0")
    }),
    fault("trailer lost", "trailer", |base| {
        base.sign().changed(|wire| {
            let at = position(wire.body(), b"x-amz-checksum-crc32:");
            cut(wire, at);
        })
    }),
    fault("byte of a chunk changed", "chunk-signature", |base| change(base, b"abcdefgh", b"abcxefgh")),
];

const UNSIGNED: &[Fault] = &[
    fault("byte of a chunk changed", "body-changed", |base| change(base, b"abcdefgh", b"abcxefgh")),
    fault("trailer renamed", "trailer", |base| {
        change(base, b"x-amz-checksum-crc32:", b"x-amz-checksum-crc:")
    }),
    fault("end of the body lost", "chunk-signature", |base| base.sign().changed(|wire| cut(wire, 9_000))),
];

/// The first `from` in the body becomes `to`, as long as that.
fn change(base: Base, from: &'static [u8], to: &'static [u8]) -> crate::base::Sent {
    base.sign().changed(|wire| {
        let at = position(wire.body(), from);
        let mut body = BytesMut::from(&wire.body()[..]);
        let end = (at + to.len()).min(body.len());
        body[at..end].copy_from_slice(&to[..end - at]);
        *wire.body_mut() = body.freeze();
    })
}

fn cut(wire: &mut Wire, length: usize) {
    let body = wire.body().slice(..length);
    *wire.body_mut() = body;
}

fn position(body: &[u8], part: &[u8]) -> usize {
    body.windows(part.len()).position(|window| window == part).unwrap()
}
