//! Any request through every method. Fields: which signer; seconds since 1970; seconds that a URL is good for; the
//! request's head; its body.

#![no_main]

use std::collections::VecDeque;
use std::sync::LazyLock;
use std::time::Duration;

use http::HeaderValue;
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use libfuzzer_sys::fuzz_target;
use signing_core::aws::{Checksum, PayloadMode};
use signing_core::{Masking, Payload, SignError, Signer, Timestamp};
use signing_fuzz::input::{Fields, head};
use signing_fuzz::secrets::{self, SECRET_KEY, check_none};
use signing_fuzz::signers;

static SIGNERS: LazyLock<Vec<Signer>> = LazyLock::new(signers::all);

fuzz_target!(|input: &[u8]| {
    if secrets::are_in_input(&secrets::ALL, input) {
        return;
    }
    let mut fields = Fields::new(input);
    let choice = fields.raw().and_then(|field| field.first()).copied().unwrap_or_default();
    let signer = &SIGNERS[usize::from(choice) % SIGNERS.len()];
    let number = |text: String| text.trim().parse().ok();
    let now = number(fields.text()).and_then(Timestamp::from_unix).unwrap_or(NOW);
    let expires_in = Duration::from_secs(number(fields.text()).unwrap_or(60).unsigned_abs());
    let (Some(head), body) = (head(&fields.bytes()), fields.bytes()) else { return };

    let length = Some(body.len() as u64);
    for payload in [Payload::of(&body), Payload::unread(length), Payload::unread(None), Payload::EMPTY] {
        sign(signer, &head, &payload, now);
        presign(signer, &head, &payload, expires_in, now);
    }
    encode(signer, head, &body, now);
});

const NOW: Timestamp = Timestamp::from_unix(1_709_210_096).expect("a date of 2024");

/// Signing changes nothing where it fails, and a head that was signed is signed again to the same. Only a date that the
/// caller set is kept the first time, and taken for an earlier signature's the second time.
fn sign(signer: &Signer, head: &Parts, payload: &Payload, now: Timestamp) {
    let mut signed = head.clone();
    if let Err(error) = signer.sign(&mut signed, payload, now) {
        check_error(&error);
        assert_eq!(seen(&signed), seen(head), "{error}");
        return;
    }
    assert_eq!((&signed.uri, &signed.method, signed.version), (&head.uri, &head.method, head.version));
    let explanation = signer.explain(head, payload, now, Masking::Masked).expect("it was signed");
    check_none(&format!("{explanation:?}"), &[SECRET_KEY]);
    signer.sign(&mut signed, payload, now).expect("it was signed before");
    let mut again = signed.clone();
    signer.sign(&mut again, payload, now).expect("it was signed before");
    assert_eq!(seen(&again), seen(&signed));
}

fn presign(signer: &Signer, head: &Parts, payload: &Payload, expires_in: Duration, now: Timestamp) {
    match signer.presign(head, payload, expires_in, now) {
        Ok(url) => {
            let (before, after) = (head.uri.to_string(), url.to_string());
            assert!(after.starts_with(&before), "{before} {after}");
        }
        Err(error) => check_error(&error),
    }
}

/// What is encoded is as long as it was said to be, however it is cut.
fn encode(signer: &Signer, head: Parts, body: &[u8], now: Timestamp) {
    for mode in [PayloadMode::Chunked, PayloadMode::ChunkedTrailer, PayloadMode::UnsignedTrailer] {
        let mut signed = head.clone();
        signed.extensions.insert(mode);
        signed.extensions.insert(Checksum::Crc32);
        let before = seen(&signed);
        let mut encoded = match signer.sign_encoded(&mut signed, body.len() as u64, now, None) {
            Ok(encoded) => encoded.encoder,
            Err(error) => {
                check_error(&error);
                assert_eq!(seen(&signed), before, "{error}");
                continue;
            }
        };
        let (length, mut out) = (encoded.encoded_length(), VecDeque::new());
        for piece in body.chunks(7_919) {
            encoded.push(piece.to_vec().into(), &mut out);
        }
        if let Err(error) = encoded.finish(None, &mut out) {
            // The head declared a trailer.
            check_error(&error);
            continue;
        }
        let sent: usize = out.iter().map(|data| data.len()).sum();
        assert!(length.is_none_or(|length| length == sent as u64), "{length:?} {sent}");
        let declared = signed.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        assert!(declared.is_none_or(|declared| declared == sent.to_string()), "{declared:?} {sent}");
    }
}

fn check_error(error: &SignError) {
    check_none(&format!("{error} {error:?}"), &secrets::ALL);
}

/// All of a head that goes to the wire or into a log.
fn seen(head: &Parts) -> impl PartialEq + std::fmt::Debug + use<> {
    let header = |(name, value): (&http::HeaderName, &HeaderValue)| {
        (name.clone(), value.as_bytes().to_vec(), value.is_sensitive())
    };
    let headers: Vec<_> = head.headers.iter().map(header).collect();
    (head.method.clone(), head.uri.clone(), head.version, headers)
}
