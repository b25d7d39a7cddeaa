//! Each hop is signed for its own host, and no host gets what is another's.

use std::time::Duration;

use reqwest_middleware::Error;
use reqwest_signing::{RedirectError, RedirectMiddleware, signing_error};
use tower_signing::{SigningErrorKind, SigningLayer};

use crate::support::{
    Server, answer, client, client_with, config, now, redirect, signer, signing, stream, within,
};

/// What the caller sends that could be a credential.
const CALLERS: [(&str, &str); 5] = [
    ("authorization", "Basic Y2FsbGVyOnNlY3JldA=="),
    ("proxy-authorization", "Basic Y2FsbGVyOnNlY3JldA=="),
    ("cookie", "session=callers"),
    ("x-custom-token", "callers"),
    ("x-amz-meta-owner", "caller"),
];

#[tokio::test]
async fn three_origins() {
    // Back at the first, the second time.
    let third = Server::answering(|_, _| answer(200)).await;
    let to_third = third.url("/third");
    let second = Server::answering(move |_, _| redirect(307, &to_third)).await;
    let to_second = second.url("/second");
    let first = Server::answering(move |number, _| match number {
        0 => redirect(308, "/again?x=1"),
        _ => redirect(307, &to_second),
    })
    .await;
    let path = config(
        "three_origins.conf",
        &format!(
            "[auth.first]\nMatch = http://{}/\nMethod = aws-signature-v4\nAccessKeyId = AKIDONE\n\
             SecretAccessKey = secret of AKIDONE\nSessionToken = token-of-the-first\nRegion = eu-west-1\nService = s3\n\
             [auth.second]\nMatch = http://{}/\nMethod = auth-token\nHeader = X-Second-Key\nToken = token-of-the-second\n\
             [auth.third]\nMatch = http://{}/\nMethod = none\n",
            first.address, second.address, third.address
        ),
    );
    let layer =
        SigningLayer::builder().clock(now).monitor(Duration::from_secs(3600)).from_file(path).unwrap();
    let mut request = client_with(layer.into())
        .put(first.url("/first"))
        .header("content-type", "text/plain")
        .body("the body");
    for (name, value) in CALLERS {
        request = request.header(name, value);
    }
    assert_eq!(within(request.send()).await.unwrap().status(), 200);

    let at_first = first.seen();
    assert_eq!(at_first.len(), 2);
    for (seen, target) in at_first.iter().zip(["/first", "/again?x=1"]) {
        seen.assert_signed();
        assert_eq!(seen.head.uri, target);
        assert_eq!(seen.header("x-amz-security-token"), Some("token-of-the-first"));
        assert_eq!(seen.header("x-custom-token"), Some("callers"));
    }
    let (second, third) = (second.only(), third.only());
    assert_eq!(second.header("x-second-key"), Some("token-of-the-second"));
    assert_eq!(third.header("x-second-key"), None);
    for seen in [second, third] {
        assert_eq!((seen.head.method.as_str(), &seen.body[..]), ("PUT", &b"the body"[..]));
        assert_eq!(seen.header("content-type"), Some("text/plain"));
        for name in CALLERS.map(|(name, _)| name) {
            assert_eq!(seen.header(name), None, "{name}");
        }
        let text = format!("{:?}", seen.head);
        for secret in ["x-amz-", "token-of-the-first", "AWS4", "callers"] {
            assert!(!text.contains(secret), "{secret}");
        }
    }
}

#[tokio::test]
async fn what_was_dropped_does_not_come_back() {
    let second = Server::answering(|_, seen| redirect(302, seen.header("user-agent").unwrap())).await;
    let to_second = second.url("/");
    let first = Server::answering(move |number, _| match number {
        0 => redirect(302, &to_second),
        _ => answer(200),
    })
    .await;
    let request = client().get(first.url("/a")).header("user-agent", first.url("/b")).header("cookie", "c=1");
    within(request.send()).await.unwrap();
    let seen = first.seen();
    assert_eq!((seen[0].header("cookie"), seen[1].header("cookie")), (Some("c=1"), None));
    second.only().assert_signed();
    seen.iter().for_each(|seen| seen.assert_signed());
}

#[tokio::test]
async fn a_stranger_that_no_section_covers_gets_nothing() {
    let stranger = Server::new().await;
    let to_stranger = stranger.url("/");
    let server = Server::answering(move |_, _| redirect(302, &to_stranger)).await;
    let layer =
        SigningLayer::builder().clock(now).base_url(&server.url("/")).unwrap().signers(signer("AKIDONE"));
    let error = within(client_with(layer.into()).get(server.url("/")).send()).await.unwrap_err();
    assert_eq!(signing_error(&error).unwrap().kind(), SigningErrorKind::Route);
    assert!(stranger.seen().is_empty());
}

#[tokio::test]
async fn a_stream_is_not_sent_twice() {
    for (status, is_followed) in [(307, false), (308, false), (301, true), (302, true), (303, true)] {
        let server = Server::answering(move |number, _| match number {
            0 => redirect(status, "/b"),
            _ => answer(200),
        })
        .await;
        let request =
            client().post(server.url("/a")).header("content-type", "text/plain").body(stream(&["text"]));
        let result = within(request.send()).await;
        let seen = server.seen();
        seen.iter().for_each(|seen| seen.assert_signed());
        match result {
            Ok(_) => {
                assert!(is_followed, "{status}");
                assert_eq!((seen[1].head.method.as_str(), seen[1].body.len()), ("GET", 0));
                assert_eq!(seen[1].header("content-type"), None);
            }
            Err(Error::Middleware(error)) => {
                assert!(!is_followed, "{status}: {error:?}");
                assert!(matches!(error.downcast_ref(), Some(RedirectError::Body)), "{error:?}");
                assert_eq!(seen.len(), 1);
            }
            Err(error) => panic!("{error:?}"),
        }
    }
}

#[tokio::test]
async fn an_endless_chain_ends() {
    let server = Server::answering(|_, _| redirect(302, "/")).await;
    let send = |redirects: RedirectMiddleware| {
        let builder = redirects.client_builder(reqwest::Client::builder().no_proxy()).unwrap();
        builder.with(signing(signer("AKIDONE"))).build().get(server.url("/")).send()
    };
    for (redirects, expected) in [(RedirectMiddleware::new(), 10), (RedirectMiddleware::new().limit(2), 2)] {
        let before = server.seen().len();
        let Err(Error::Middleware(error)) = within(send(redirects)).await else { panic!("no error") };
        assert!(
            matches!(error.downcast_ref(), Some(RedirectError::TooMany { limit }) if *limit == expected),
            "{error:?}"
        );
        assert_eq!(server.seen().len() - before, expected + 1);
    }
}

#[tokio::test]
async fn what_is_no_redirect_or_cannot_be_followed() {
    let server = Server::answering(|_, seen| match seen.head.uri.path() {
        "/multiple" => redirect(300, "/"),
        "/nowhere" => answer(302),
        _ => redirect(302, "/a/../b"),
    })
    .await;
    for (path, status) in [("/multiple", 300), ("/nowhere", 302)] {
        assert_eq!(within(client().get(server.url(path)).send()).await.unwrap().status(), status);
    }
    let Err(Error::Middleware(error)) = within(client().get(server.url("/dots")).send()).await else {
        panic!("no error")
    };
    assert!(matches!(error.downcast_ref(), Some(RedirectError::Location(_))), "{error:?}");
    assert_eq!(server.seen().len(), 3);
}
