//! aws-chunked bodies: however a body comes, the same bytes are sent, and a decoder of the specification takes them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod decoder;

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use proptest::prelude::*;
use proptest::sample::select;
use signing_core::{AuthParams, Registry};
use tower::{Layer, ServiceExt, service_fn};
use tower_signing::{BoxError, SignedBody, SigningLayer};

use decoder::decode;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const FORMS: [&str; 3] = ["chunked", "chunked-trailer", "unsigned-trailer"];
const CHECKSUMS: [&str; 5] = ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"];

/// How one body is sent.
#[derive(Clone, Debug)]
struct Setup {
    form: &'static str,
    checksum: &'static str,
    chunk_size: usize,
}

/// A body in given frames. One that keeps its size to itself is read before it is sent.
struct Frames {
    left: usize,
    frames: std::vec::IntoIter<Bytes>,
    tells_size: bool,
}

impl Frames {
    fn new(body: &Bytes, cuts: &[usize], tells_size: bool) -> Self {
        let mut at: Vec<_> = cuts.iter().map(|cut| cut % (body.len() + 1)).collect();
        at.push(body.len());
        at.sort_unstable();
        let starts = std::iter::once(0).chain(at.iter().copied());
        let frames: Vec<_> = starts.zip(&at).map(|(start, &end)| body.slice(start..end)).collect();
        Self { left: body.len(), frames: frames.into_iter(), tells_size }
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = self.frames.next();
        self.left -= data.as_ref().map_or(0, Bytes::len);
        Poll::Ready(data.map(|data| Ok(Frame::data(data))))
    }

    fn size_hint(&self) -> SizeHint {
        if self.tells_size { SizeHint::with_exact(self.left as u64) } else { SizeHint::new() }
    }
}

fn send(setup: &Setup, body: Frames) -> (Parts, Bytes) {
    let chunk_size = setup.chunk_size.to_string();
    let params: AuthParams = [
        ("Method", "aws-signature-v4"),
        ("AccessKeyId", "AKIDEXAMPLE"),
        ("SecretAccessKey", SECRET),
        ("Payload", setup.form),
        ("Checksum", setup.checksum),
        ("ChunkSize", &chunk_size),
    ]
    .into_iter()
    .collect();
    let layer = SigningLayer::builder()
        .clock(|| UNIX_EPOCH + Duration::from_secs(1_709_210_096))
        .signers(Registry::new().signer(&params).unwrap());
    let inner = service_fn(|request: Request<SignedBody<Frames>>| async move {
        let (head, body) = request.into_parts();
        let exact = body.size_hint().exact();
        let sent = body.collect().await?.to_bytes();
        assert_eq!(exact, Some(sent.len() as u64));
        Ok::<_, BoxError>(Response::new((head, sent)))
    });
    let request = Request::put("https://b.s3.us-east-1.amazonaws.com/k").body(body).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(layer.layer(inner).oneshot(request)).unwrap().into_body()
}

fn setups() -> impl Strategy<Value = Setup> {
    (select(&FORMS[..]), select(&CHECKSUMS[..]), 8192_usize..40_000)
        .prop_map(|(form, checksum, chunk_size)| Setup { form, checksum, chunk_size })
}

/// Sizes around chunk boundaries, and any.
fn bodies() -> impl Strategy<Value = Bytes> {
    let near = (0_usize..5, 0_usize..3).prop_map(|(chunks, more)| (8192 * chunks + more).saturating_sub(1));
    (prop_oneof![near, 0_usize..100_000], any::<u8>()).prop_map(|(length, first)| {
        (0..length).map(|at| (at as u8).wrapping_mul(31).wrapping_add(first)).collect::<Vec<_>>().into()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn a_decoder_gets_back_what_was_sent(setup in setups(), body in bodies(), cuts in any::<[usize; 3]>()) {
        let (head, sent) = send(&setup, Frames::new(&body, &cuts, true));
        prop_assert_eq!(decode(&head, &sent, SECRET), Ok(body.to_vec()));
    }

    #[test]
    fn how_a_body_is_cut_does_not_show(
        setup in setups(),
        body in bodies(),
        cuts in proptest::collection::vec(any::<usize>(), 0..200),
    ) {
        let (head, whole) = send(&setup, Frames::new(&body, &[], true));
        let (cut_head, cut) = send(&setup, Frames::new(&body, &cuts, true));
        let (_, read_first) = send(&setup, Frames::new(&body, &cuts, false));
        prop_assert_eq!(&head.headers, &cut_head.headers);
        prop_assert!(whole == cut && whole == read_first);
    }

    #[test]
    fn what_is_changed_on_the_way_is_refused(
        checksum in select(&CHECKSUMS[..]),
        body in bodies(),
        (at, bit) in (any::<proptest::sample::Index>(), 0..8),
    ) {
        let setup = Setup { form: "chunked-trailer", checksum, chunk_size: 8192 };
        let (head, sent) = send(&setup, Frames::new(&body, &[], true));
        let mut changed = sent.to_vec();
        *at.get_mut(&mut changed) ^= 1_u8 << bit;
        // A hexadecimal digit in capitals says the same.
        prop_assume!(!changed.eq_ignore_ascii_case(&sent));
        prop_assert!(decode(&head, &changed, SECRET).is_err());
        prop_assert!(decode(&head, &sent[..at.index(sent.len())], SECRET).is_err());
    }
}
