//! Bodies of any size, in every form that a server takes.

use crate::client::{Protocol, S3, Upload};
use crate::server::{MINISTACK, S3S_FS, Server};

const CHUNK: u64 = 8192;
const MIB: u64 = 1024 * 1024;

/// What each server verifies, beyond the head.
struct Supported {
    protocols: &'static [Protocol],
    forms: &'static [&'static str],
    checksums: &'static [&'static str],
    /// Forms whose change on the way it notices, over these protocols.
    verified: &'static [&'static str],
    verifies_over: &'static [Protocol],
    largest: u64,
}

const FORMS: &[&str] = &["signed", "unsigned", "chunked", "chunked-trailer", "unsigned-trailer"];
const CHECKSUMS: &[&str] = &["crc32", "crc32c", "crc64nvme", "sha1", "sha256"];

async fn takes_every_form_and_size(server: &Server, supported: &Supported) {
    let bucket = format!("/bucket-{}", std::process::id());
    let made = S3::new(server, Protocol::Http1).put(&bucket, Upload::new(0)).await.unwrap();
    assert_eq!(made, 200, "{}: the bucket", server.name);
    for &protocol in supported.protocols {
        for &form in supported.forms {
            let s3 = S3::new(server, protocol).param("Payload", form);
            let s3 = if form.contains("chunked") || form.contains("trailer") {
                s3.param("ChunkSize", &CHUNK.to_string())
            } else {
                s3
            };
            for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * MIB] {
                let case = format!("{} {protocol:?} {form} {size}", server.name);
                let path = format!("{bucket}/{form}-{size}-{protocol:?}");
                let body = Upload::new(size);
                assert_eq!(body.size(), size);
                assert_eq!(s3.put(&path, body).await.unwrap(), 200, "{case}");
                let (status, stored) = S3::new(server, protocol).get(&path).await.unwrap();
                assert_eq!(status, 200, "{case}");
                assert!(stored == Upload::new(size).bytes(), "{case}: what is stored differs");
            }
            let wrong = s3.param("SecretAccessKey", "wrong");
            let status = wrong.put(&format!("{bucket}/wrong"), Upload::new(1)).await.unwrap();
            assert_eq!(status, 403, "{} {protocol:?} {form}: another secret", server.name);
        }
        for &checksum in supported.checksums {
            let s3 =
                S3::new(server, protocol).param("Payload", "unsigned-trailer").param("Checksum", checksum);
            let case = format!("{} {protocol:?} {checksum}", server.name);
            assert_eq!(
                s3.put(&format!("{bucket}/{checksum}"), Upload::new(100_000)).await.unwrap(),
                200,
                "{case}"
            );
        }
    }
}

async fn takes_a_gibibyte(server: &Server, supported: &Supported) {
    let bucket = format!("/large-{}", std::process::id());
    assert_eq!(S3::new(server, Protocol::Http1).put(&bucket, Upload::new(0)).await.unwrap(), 200);
    for (&protocol, form) in supported.protocols.iter().zip(["chunked", "chunked-trailer"]) {
        let s3 = S3::new(server, protocol).param("Payload", form);
        let case = format!("{} {protocol:?} {form}", server.name);
        assert_eq!(
            s3.put(&format!("{bucket}/o"), Upload::new(supported.largest)).await.unwrap(),
            200,
            "{case}"
        );
    }
}

async fn refuses_what_was_changed(server: &Server, supported: &Supported) {
    let bucket = format!("/changed-{}", std::process::id());
    assert_eq!(S3::new(server, Protocol::Http1).put(&bucket, Upload::new(0)).await.unwrap(), 200);
    for &protocol in supported.verifies_over {
        for &form in supported.verified {
            let path = format!("{bucket}/{form}-{protocol:?}");
            for at in [2_000, 20_000] {
                let s3 = S3::new(server, protocol).param("Payload", form).changed_at(at);
                let case = format!("{} {protocol:?} {form} byte {at}", server.name);
                // Refused before or after the whole body was sent: by a status, or by a closed connection.
                if let Ok(status) = s3.put(&path, Upload::new(30_000)).await {
                    assert!(!status.is_success(), "{case}: {status}");
                }
                let (status, _) = S3::new(server, protocol).get(&path).await.unwrap();
                assert_eq!(status, 404, "{case}: nothing is stored");
            }
        }
    }
}

/// It verifies chunks and trailers, but not the checksum behind a body that is not signed.
const S3S: Supported = Supported {
    protocols: &[Protocol::Http1, Protocol::Http2],
    forms: FORMS,
    checksums: CHECKSUMS,
    verified: &["signed", "chunked", "chunked-trailer"],
    verifies_over: &[Protocol::Http1, Protocol::Http2],
    largest: 1024 * MIB,
};

/// It verifies chunks over HTTP/1.1 only, and neither trailers nor the hash of a whole body.
const MINI: Supported = Supported {
    protocols: &[Protocol::Http1, Protocol::Http2],
    forms: FORMS,
    checksums: CHECKSUMS,
    verified: &["chunked", "chunked-trailer"],
    verifies_over: &[Protocol::Http1],
    largest: 1024 * MIB,
};

macro_rules! against {
    ($name:ident, $server:ident, $supported:ident) => {
        mod $name {
            use super::*;

            #[tokio::test]
            async fn every_form_and_size_is_taken() {
                if let Some(server) = Server::running($server) {
                    takes_every_form_and_size(&server, &$supported).await;
                }
            }

            #[tokio::test]
            async fn a_gibibyte_is_taken() {
                if let Some(server) = Server::running($server) {
                    takes_a_gibibyte(&server, &$supported).await;
                }
            }

            #[tokio::test]
            async fn what_was_changed_on_the_way_is_refused() {
                if let Some(server) = Server::running($server) {
                    refuses_what_was_changed(&server, &$supported).await;
                }
            }
        }
    };
}

against!(s3s_fs, S3S_FS, S3S);
against!(ministack, MINISTACK, MINI);
