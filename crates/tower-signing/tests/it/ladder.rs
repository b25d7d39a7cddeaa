//! Which rung of the ladder a body takes, and that nothing is lost on the way from one to the next.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use futures::StreamExt;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, StreamBody};
use signing_core::aws::{Checksum, PayloadMode};
use signing_core::{Explanation, Masking};
use tower::{Layer, ServiceExt, service_fn};
use tower_signing::{
    BoxError, SignedBody, SigningError, SigningErrorKind, SigningLayerBuilder, SigningOptions,
};

use crate::body::{S3, Script, Sent, check_body_error, hash_header, put, send};
use crate::{AWS, builder, signer};

const CHUNKED: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const CHUNKED_TRAILER: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
const UNSIGNED_TRAILER: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

fn with<'p>(more: &[(&'p str, &'p str)]) -> Vec<(&'p str, &'p str)> {
    [AWS, more].concat()
}

/// The rung that a request takes, with these limits in memory and on disk.
async fn rung<B>(params: &[(&str, &str)], limit: u64, spool: u64, request: Request<B>) -> String
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let inner = service_fn(|request: Request<SignedBody<B>>| async move {
        request.into_body().collect().await?;
        Ok::<_, BoxError>(Response::new(()))
    });
    let layer = builder().buffer_limit(limit).spool_limit(spool).signers(signer(params));
    let (mut head, body) = request.into_parts();
    head.extensions.insert(SigningOptions::new().explain(Masking::Masked));
    match layer.layer(inner).oneshot(Request::from_parts(head, body)).await {
        Ok(response) => response.extensions().get::<Explanation>().unwrap().body().unwrap().to_owned(),
        Err(error) => error.downcast_ref::<SigningError>().unwrap().kind().as_str().to_owned(),
    }
}

fn stream() -> Script {
    Script::of(&["hello", " ", "world"])
}

#[tokio::test]
async fn each_body_takes_the_first_rung_that_is_right() {
    let (auto, signed) = (AWS, &with(&[("Payload", "signed")])[..]);
    let get = || Request::get(S3).body(Full::<bytes::Bytes>::default()).unwrap();
    let post = |body| Request::post(S3).body(body).unwrap();
    let sized = || stream().declaring(11);
    assert_eq!(
        rung(auto, 10, 0, Request::put(S3).body(Full::<bytes::Bytes>::default()).unwrap()).await,
        "known"
    );
    assert_eq!(rung(auto, 11, 0, put(S3, stream())).await, "buffer");
    assert_eq!(rung(auto, 10, 11, put(S3, stream())).await, "spool");
    assert_eq!(rung(auto, 10, 11, put(S3, sized())).await, "spool");
    // Too long for both: encoded, if the size is known and it is an upload to S3; or else refused.
    assert_eq!(rung(auto, 10, 0, put(S3, sized())).await, "chunked");
    assert_eq!(rung(auto, 9, 10, put(S3, sized())).await, "chunked");
    assert_eq!(rung(auto, 10, 0, put(S3, stream())).await, "body");
    assert_eq!(rung(auto, 9, 10, put(S3, stream())).await, "body");
    assert_eq!(rung(auto, 10, 0, post(sized())).await, "body");
    assert_eq!(rung(signed, 10, 0, put(S3, sized())).await, "body");
    assert_eq!(rung(signed, 9, 10, put(S3, sized())).await, "body");
    assert_eq!(rung(auto, 10, 0, put("https://sqs.us-east-1.amazonaws.com/", sized())).await, "body");
    let unsigned = &with(&[("Payload", "unsigned")]);
    assert_eq!(rung(unsigned, 0, 0, put(S3, stream())).await, "nothing");
    // What is no upload is not encoded.
    let chunked = &with(&[("Payload", "chunked")]);
    assert_eq!(rung(chunked, 0, 0, put(S3, sized())).await, "chunked");
    assert_eq!(rung(chunked, 0, 0, get()).await, "known");
    for setting in ["?tagging", "?versioning&x-id=1"] {
        assert_eq!(rung(chunked, 100, 0, put(&format!("{S3}{setting}"), sized())).await, "buffer");
    }
    let trailer = &with(&[("Payload", "unsigned-trailer")]);
    assert_eq!(rung(trailer, 0, 0, put(S3, sized())).await, "unsigned-trailer");
    assert_eq!(rung(chunked, 100, 0, post(sized())).await, "buffer");
    // One frame in memory is hashed where it is, whatever its size.
    let frame = Full::new(bytes::Bytes::from(vec![0; 20]));
    assert_eq!(rung(auto, 10, 0, Request::put(S3).body(frame).unwrap()).await, "bytes");
}

#[tokio::test]
async fn a_size_that_is_not_known_is_found_first() {
    let chunked = &with(&[("Payload", "chunked")]);
    assert_eq!(rung(chunked, 11, 0, put(S3, stream())).await, "chunked");
    assert_eq!(rung(chunked, 10, 11, put(S3, stream())).await, "chunked");
    assert_eq!(rung(chunked, 10, 0, put(S3, stream())).await, "body");
    let (head, hint, bytes, _) = send(chunked, 11, put(S3, stream())).await.unwrap();
    assert_eq!(head.headers["x-amz-decoded-content-length"], "11");
    assert_eq!(hint.exact(), Some(bytes.len() as u64));
}

#[tokio::test]
async fn what_was_read_before_the_limit_is_not_lost() {
    // The size is known by Content-Length alone, so several frames are read before it is too much.
    for (limit, size_hint) in [(0, true), (5, false), (6, false), (10, false)] {
        let body = if size_hint { stream().declaring(11) } else { stream() };
        let mut request = put(S3, body);
        request.headers_mut().insert("content-length", HeaderValue::from_static("11"));
        let (head, hint, bytes, _) = send(AWS, limit, request).await.unwrap();
        assert_eq!(hash_header(&head), CHUNKED);
        let text = std::str::from_utf8(&bytes).unwrap();
        assert!(text.starts_with("b;chunk-signature="), "{text}");
        assert_eq!(text.split("\r\n").nth(1), Some("hello world"));
        assert_eq!(hint.exact(), Some(bytes.len() as u64));
        assert_eq!(head.headers["content-length"].to_str().unwrap(), bytes.len().to_string());
    }
}

#[tokio::test]
async fn a_spooled_body_is_the_one_that_came() {
    let params = &with(&[("Payload", "signed")]);
    let mut trailers = HeaderMap::new();
    trailers.insert("x-sum", HeaderValue::from_static("1"));
    let inner = service_fn(|request: Request<SignedBody<Script>>| async move {
        let (head, body) = request.into_parts();
        let hint = body.size_hint();
        let body = body.collect().await?;
        let trailers = body.trailers().cloned();
        Ok::<_, BoxError>(Response::new((head, hint, body.to_bytes(), trailers)))
    });
    let layer = builder().buffer_limit(6).spool_limit(100).signers(signer(params));
    let body = stream().then(Ok(Frame::trailers(trailers.clone())));
    let sent: Sent = layer.layer(inner).oneshot(put(S3, body)).await.unwrap().into_body();
    assert_eq!(hash_header(&sent.0), "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9");
    assert_eq!((&*sent.2, sent.3), (&b"hello world"[..], Some(trailers)));
}

/// What is told of a body of `size` bytes in frames of 1 MiB, and how many of them were asked for.
async fn pulled(layer: SigningLayerBuilder, params: &[(&str, &str)], size: u64) -> (String, usize) {
    let polls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&polls);
    let frame = bytes::Bytes::from(vec![0; 1 << 20]);
    let frames = futures::stream::iter(0..size >> 20).map(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok::<_, BoxError>(Frame::data(frame.clone()))
    });
    let request = Request::put(S3).header("content-length", size).body(StreamBody::new(frames)).unwrap();
    let inner = service_fn(|request: Request<SignedBody<_>>| async move {
        Ok::<_, BoxError>(Response::new(request.into_parts().0))
    });
    let result = layer.signers(signer(params)).layer(inner).oneshot(request).await;
    let told = match result {
        Ok(response) => hash_header(response.body()).to_owned(),
        Err(error) => error.to_string(),
    };
    (told, polls.load(Ordering::Relaxed))
}

#[tokio::test]
async fn what_cannot_be_sent_is_told_before_it_is_read() {
    let signed = &with(&[("Payload", "signed")]);
    let spooling = |limit, total| builder().buffer_limit(1).spool_limit(limit).total_spool_limit(total);
    let (told, polls) = pulled(spooling(32 << 20, 1 << 30), signed, 64 << 20).await;
    assert!(told.contains("`spool_limit`") && polls <= 2, "{told} {polls}");
    let (told, polls) = pulled(spooling(1 << 30, 32 << 20), signed, 64 << 20).await;
    assert!(told.contains("`total_spool_limit`") && polls <= 2, "{told} {polls}");
    // Where there is another rung, it is taken.
    assert_eq!(pulled(spooling(1 << 30, 32 << 20), AWS, 64 << 20).await, (CHUNKED.to_owned(), 1));
    // A head that cannot be signed anyway.
    let odd = &with(&[("Payload", "signed"), ("Region", "us-east-1"), ("Service", "s3")]);
    let layer = spooling(1 << 30, 1 << 30).clock(|| UNIX_EPOCH - Duration::from_secs(1));
    let (told, polls) = pulled(layer, odd, 64 << 20).await;
    assert!(told.contains("clock") && polls == 0, "{told} {polls}");
}

#[tokio::test]
async fn a_body_that_has_failed_stays_unfinished() {
    for payload in ["chunked", "unsigned-trailer", "unsigned"] {
        for body in [
            Script::of(&["hello", "world!"]).declaring(5),
            Script::of(&["hello"]).declaring(5).then(Err("disk on fire")),
            Script::of(&["hell"]).declaring(5),
        ] {
            let inner = service_fn(|request: Request<SignedBody<Script>>| async move {
                let mut body = request.into_body();
                while let Some(frame) = body.frame().await {
                    if frame.is_err() {
                        assert!(body.frame().await.is_none(), "something follows an error");
                        return Ok::<_, BoxError>(Response::new(body.is_end_stream()));
                    }
                }
                panic!("there was no error");
            });
            let layer = builder().signers(signer(&with(&[("Payload", payload)])));
            let looks_whole = layer.layer(inner).oneshot(put(S3, body)).await.unwrap().into_body();
            assert!(!looks_whole, "{payload}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_read_to_be_encoded_keeps_its_trailers() {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-sum", HeaderValue::from_static("1"));
    let body = stream().then(Ok(Frame::trailers(trailers.clone())));
    let (_, hint, _, sent) = send(&with(&[("Payload", "chunked")]), 100, put(S3, body)).await.unwrap();
    // An exact size would make a client send Content-Length, which leaves no place for them.
    assert_eq!((hint.exact(), sent), (None, Some(trailers)));
}

#[tokio::test]
async fn reading_gives_way_where_nothing_is_hashed() {
    let tiny: Vec<_> = std::iter::repeat_n("x", 10_000).collect();
    let inner = service_fn(|_: Request<SignedBody<Script>>| async { Ok::<_, BoxError>(Response::new(())) });
    let service = builder().signers(signer(&with(&[("Payload", "chunked")]))).layer(inner);
    let long: Vec<_> =
        tiny.iter().map(|_| "a frame that is longer than what a frame costs, which is 64 bytes").collect();
    for frames in [tiny, long] {
        let mut sending = tokio_test::task::spawn(service.clone().oneshot(put(S3, Script::of(&frames))));
        let mut polls = 1;
        while sending.poll().is_pending() {
            polls += 1;
        }
        assert_eq!(polls, 20);
    }
}

#[tokio::test]
async fn the_form_can_be_chosen_per_request() {
    let chosen = async |mode: PayloadMode, params: &[(&str, &str)]| {
        let mut request = put(S3, stream().declaring(11));
        request.extensions_mut().insert(mode);
        request.extensions_mut().insert(Checksum::Sha1);
        send(params, 100, request).await.unwrap()
    };
    let (head, ..) = chosen(PayloadMode::Chunked, AWS).await;
    assert_eq!(hash_header(&head), CHUNKED);
    assert!(!head.headers.contains_key("x-amz-trailer"));
    let (head, _, bytes, _) = chosen(PayloadMode::ChunkedTrailer, AWS).await;
    assert_eq!(hash_header(&head), CHUNKED_TRAILER);
    assert_eq!(head.headers["x-amz-trailer"], "x-amz-checksum-sha1");
    // sha1sum of `hello world`, in base64.
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(
        text.contains("\r\nx-amz-checksum-sha1:Kq5sNclPz7QV2+lfQIuc6R7oRu0=\r\nx-amz-trailer-signature:")
    );
    let (head, _, bytes, _) = chosen(PayloadMode::UnsignedTrailer, AWS).await;
    assert_eq!(hash_header(&head), UNSIGNED_TRAILER);
    assert_eq!(bytes, "b\r\nhello world\r\n0\r\nx-amz-checksum-sha1:Kq5sNclPz7QV2+lfQIuc6R7oRu0=\r\n\r\n");
    let (head, ..) = chosen(PayloadMode::Unsigned, AWS).await;
    assert_eq!(hash_header(&head), "UNSIGNED-PAYLOAD");
    let (head, ..) = chosen(PayloadMode::Signed, &with(&[("Payload", "chunked")])).await;
    assert!(hash_header(&head).starts_with("b94d27b9"));
}

#[tokio::test]
async fn what_is_not_signed_needs_tls_or_this_machine() {
    let refused = "a body that is not signed is sent over https only, except to loopback (AllowPlainHttp = true allows it)";
    for payload in ["unsigned", "unsigned-trailer"] {
        let params = with(&[("Payload", payload), ("Region", "us-east-1"), ("Service", "s3")]);
        let request = || put("http://minio.internal:9000/b/k", stream().declaring(11));
        let layer = |params: &[(&str, &str)]| builder().base_url("*").unwrap().signers(signer(params));
        let inner =
            || service_fn(|_: Request<SignedBody<Script>>| async { Ok::<_, BoxError>(Response::new(())) });
        let error = layer(&params).layer(inner()).oneshot(request()).await.unwrap_err();
        let error = error.downcast_ref::<SigningError>().unwrap();
        assert_eq!(error.kind(), SigningErrorKind::Sign);
        assert_eq!(std::error::Error::source(error).unwrap().to_string(), refused);
        layer(&params)
            .layer(inner())
            .oneshot(put("http://127.0.0.1/b/k", stream().declaring(11)))
            .await
            .unwrap();
        let allowed = [&params[..], &[("AllowPlainHttp", "true")]].concat();
        layer(&allowed).layer(inner()).oneshot(request()).await.unwrap();
    }
}

#[tokio::test]
async fn an_encoded_body_is_held_to_its_length() {
    for payload in ["chunked", "chunked-trailer", "unsigned-trailer"] {
        let params = &with(&[("Payload", payload)]);
        check_body_error(send(params, 0, put(S3, stream().declaring(10))).await, "longer");
        check_body_error(send(params, 0, put(S3, stream().declaring(12))).await, "ended before");
        let broken = stream().declaring(12).then(Err("disk on fire"));
        assert_eq!(send(params, 0, put(S3, broken)).await.unwrap_err().to_string(), "disk on fire");
    }
}

#[tokio::test]
async fn trailers_of_the_body_are_kept() {
    let body = || {
        let mut trailers = HeaderMap::new();
        trailers.insert("x-b", HeaderValue::from_static(" 2 "));
        trailers.append("x-b", HeaderValue::from_static("3"));
        trailers.insert("x-other", HeaderValue::from_static("o"));
        stream().declaring(11).then(Ok(Frame::trailers(trailers)))
    };
    let params = &with(&[("Payload", "unsigned-trailer")]);
    // Behind the encoding, unless x-amz-trailer says that they belong into it.
    let (_, _, bytes, trailers) = send(params, 0, put(S3, body())).await.unwrap();
    assert!(bytes.ends_with(b"0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n"));
    assert_eq!(trailers.unwrap().len(), 3);

    let mut request = put(S3, body());
    request.headers_mut().insert("x-amz-trailer", HeaderValue::from_static("X-B"));
    request.headers_mut().insert("content-length", HeaderValue::from_static("11"));
    let (head, hint, bytes, trailers) = send(params, 0, request).await.unwrap();
    assert_eq!(head.headers["x-amz-trailer"], "x-amz-checksum-crc32,x-b");
    assert!(bytes.ends_with(b"0\r\nx-amz-checksum-crc32:DUoRhQ==\r\nx-b:2,3\r\n\r\n"));
    assert_eq!(trailers.unwrap().keys().collect::<Vec<_>>(), ["x-other"]);
    // Their values are not known when the head is sent, so neither is the length.
    assert_eq!((hint.exact(), head.headers.get("content-length")), (None, None));

    let mut request = put(S3, stream().declaring(11));
    request.headers_mut().insert("x-amz-trailer", HeaderValue::from_static("x-b"));
    let error = send(params, 0, request).await.unwrap_err();
    let source = std::error::Error::source(&*error).unwrap().to_string();
    assert_eq!(source, "the trailer `x-b` was declared in x-amz-trailer, and the body did not bring it");
}

#[tokio::test]
async fn content_encoding_is_added_to_and_not_twice() {
    for (given, expected) in [
        (&[][..], "aws-chunked"),
        (&["gzip"], "gzip,aws-chunked"),
        (&["AWS-Chunked"], "AWS-Chunked"),
        (&["gzip", "br, aws-chunked"], "gzip,br, aws-chunked"),
    ] {
        let mut request = put(S3, stream().declaring(11));
        for coding in given {
            request.headers_mut().append("content-encoding", HeaderValue::from_static(coding));
        }
        let (head, ..) = send(&with(&[("Payload", "chunked")]), 0, request).await.unwrap();
        assert_eq!(head.headers.get_all("content-encoding").iter().collect::<Vec<_>>(), [expected]);
    }
}

#[tokio::test]
async fn contradictions_are_refused_before_anything_is_sent() {
    let refused = async |payload: &str, url: &str, header: Option<(&'static str, &'static str)>| {
        let mut request = put(url, stream().declaring(11));
        if let Some((name, value)) = header {
            request.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        let error = send(&with(&[("Payload", payload)]), 0, request).await.unwrap_err();
        std::error::Error::source(&*error).unwrap().to_string()
    };
    let sqs = "https://sqs.us-east-1.amazonaws.com/1/queue";
    let not_s3 = "aws-chunked bodies are for S3; the service of this request is `sqs`";
    assert_eq!(refused("chunked", sqs, None).await, not_s3);
    let already = refused("chunked", S3, Some(("x-amz-content-sha256", CHUNKED))).await;
    assert!(already.contains("aws-chunked already"), "{already}");
    let trailer = refused("chunked", S3, Some(("x-amz-trailer", "x-b"))).await;
    assert!(trailer.contains("chunked-trailer"), "{trailer}");
    let checksum = refused("chunked-trailer", S3, Some(("x-amz-checksum-crc32", "DUoRhQ=="))).await;
    assert!(checksum.contains("leave one out"), "{checksum}");
    let length = refused("chunked", S3, Some(("content-length", "12"))).await;
    assert_eq!(length, "Content-Length is not the length of the body");
}
