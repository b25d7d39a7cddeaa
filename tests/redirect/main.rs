//! Redirects that are followed above the layer: what signs for one origin says nothing to another.
//!
//! The stack is a client's: `FollowRedirect`, then the layer, then a service that plays every origin and
//! keeps what each of them receives.

#![expect(clippy::unwrap_used, reason = "what cannot be set up ends the test")]

mod cases;
#[path = "../support/mod.rs"]
mod support;

use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use cases::{CASES, Case, STRANGERS};
use http::request::Parts;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use support::{SCHEMES, Secrets, signing_error, verify_sigv4};
use tower::{Layer, ServiceExt, service_fn};
use tower_http::follow_redirect::FollowRedirectLayer;
use tower_http::follow_redirect::policy::{Action, Attempt, Policy};
use tower_signing::{BoxError, SignedBody, SigningErrorKind, SigningLayer, SigningLayerBuilder};

/// 2024-02-29T12:34:56Z. Each request is signed a second after the one before.
const NOON: u64 = 1_709_210_096;

/// What `FollowRedirect` does with the parts of a request that belong to its first origin.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Following {
    /// Its default: at another origin it forgets the request's extensions.
    Standard,
    /// It carries all of them along, and the body as well.
    Everything,
}

#[derive(Clone, Copy)]
struct CarryEverything;

impl<B: Clone, E> Policy<B, E> for CarryEverything {
    fn redirect(&mut self, _: &Attempt<'_>) -> Result<Action, E> {
        Ok(Action::Follow)
    }

    fn clone_body(&self, body: &B) -> Option<B> {
        Some(body.clone())
    }
}

type Received = Vec<(Parts, Bytes)>;

/// Sends `request`, whose first answer is a redirect to `location`, and returns what each origin received.
async fn follow(
    layer: fn(SigningLayerBuilder) -> SigningLayer,
    request: Request<Full<Bytes>>,
    (following, status): (Following, StatusCode),
    location: &str,
) -> (Result<StatusCode, BoxError>, Received) {
    let received = Arc::new(Mutex::new(Received::new()));
    let (kept, counted) = (Arc::clone(&received), Arc::clone(&received));
    let clock = move || UNIX_EPOCH + Duration::from_secs(NOON + counted.lock().unwrap().len() as u64);
    let location = location.to_owned();
    let origins = service_fn(move |request: Request<SignedBody<Full<Bytes>>>| {
        let (kept, location) = (Arc::clone(&kept), location.clone());
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            let mut kept = kept.lock().unwrap();
            kept.push((head, body));
            let redirect = Response::builder().status(status).header("location", location);
            let response = if kept.len() == 1 { redirect } else { Response::builder() };
            Ok::<_, BoxError>(response.body(())?)
        }
    });
    let signed = layer(SigningLayer::builder().clock(clock)).layer(origins);
    let answer = match following {
        Following::Standard => FollowRedirectLayer::new().layer(signed).oneshot(request).await,
        Following::Everything => {
            FollowRedirectLayer::with_policy(CarryEverything).layer(signed).oneshot(request).await
        }
    };
    let received = std::mem::take(&mut *received.lock().unwrap());
    (answer.map(|response| response.status()), received)
}

impl Case {
    /// 302 makes a GET of a POST, 307 keeps both; without a body in hand only a GET can be sent again.
    async fn follow(
        &self,
        following: Following,
        status: StatusCode,
        location: &str,
    ) -> (Result<StatusCode, BoxError>, Received) {
        let request = match (following, status) {
            (Following::Standard, StatusCode::TEMPORARY_REDIRECT) => {
                Request::get(self.start).body(Full::default())
            }
            _ => Request::post(self.start).body(Full::from("{}")),
        };
        let mut request = request.unwrap();
        if let Some(options) = (self.options)() {
            request.extensions_mut().insert(options);
        }
        follow(self.layer, request, (following, status), location).await
    }

    /// What of ours stands in a request to a stranger.
    fn leaks(&self, (head, body): &(Parts, Bytes)) -> Vec<String> {
        let ours =
            self.headers.iter().filter(|&&name| head.headers.contains_key(name)).map(|&name| name.to_owned());
        let values = head.headers.values().flat_map(|value| [value.as_bytes(), b"\n"].concat());
        let all = [values.collect(), head.uri.to_string().into_bytes(), body.to_vec()].concat();
        let all = String::from_utf8_lossy(&all);
        let secrets = (self.secrets)().into_iter().filter(|secret| all.contains(secret)).map(str::to_owned);
        ours.chain(secrets).collect()
    }
}

const WAYS: [(Following, StatusCode); 4] = [
    (Following::Standard, StatusCode::FOUND),
    (Following::Standard, StatusCode::TEMPORARY_REDIRECT),
    (Following::Everything, StatusCode::FOUND),
    (Following::Everything, StatusCode::TEMPORARY_REDIRECT),
];

#[tokio::test]
async fn nothing_of_ours_reaches_a_stranger() {
    let mut refused = 0;
    for case in CASES {
        for (following, status) in WAYS {
            for &location in STRANGERS.iter().chain(case.outside) {
                let at = format!("{}, {following:?}, {status}, to {location}", case.name);
                let (answer, received) = case.follow(following, status, location).await;
                let leaks: Vec<_> = received.iter().skip(1).flat_map(|request| case.leaks(request)).collect();
                assert!(leaks.is_empty(), "{at}: {leaks:?}");
                assert_eq!(received.len(), 1, "{at}: the stranger was called");
                let kind = signing_error(&answer.expect_err(&at)).kind();
                let expected =
                    if location.contains('@') { SigningErrorKind::Url } else { SigningErrorKind::Route };
                assert_eq!(kind, expected, "{at}");
                refused += 1;
            }
        }
    }
    println!("{refused} redirects refused");
}

#[tokio::test]
async fn a_redirect_within_the_section_is_signed_anew() {
    for case in CASES {
        for (following, status) in WAYS {
            for &location in case.inside {
                let at = format!("{}, {following:?}, {status}, to {location}", case.name);
                let (answer, received) = case.follow(following, status, location).await;
                if is_forgotten(case, following, &received, &answer) {
                    continue;
                }
                assert_eq!(answer.unwrap_or_else(|error| panic!("{at}: {error}")), 200, "{at}");
                let [first, second] = &received[..] else { panic!("{at}: {} requests", received.len()) };
                assert_ne!(first.0.uri, second.0.uri, "{at}");
                check_signed(case, first, "20240229T123456Z", &at);
                check_signed(case, second, "20240229T123457Z", &at);
            }
        }
    }
}

/// `FollowRedirect` knows origins, not sections: at another origin of the same section, what the extensions
/// said is gone, and the layer is right to refuse.
fn is_forgotten(
    case: &Case,
    following: Following,
    received: &Received,
    answer: &Result<StatusCode, BoxError>,
) -> bool {
    let by_extension = (case.options)().is_some() && following == Following::Standard;
    by_extension
        && received.len() == 1
        && signing_error(answer.as_ref().unwrap_err()).kind() == SigningErrorKind::Route
}

fn check_signed(case: &Case, (head, body): &(Parts, Bytes), date: &str, at: &str) {
    if let Some(token) = head.headers.get("x-api-key") {
        assert_eq!(token, (case.secrets)()[0], "{at}");
        return;
    }
    let [key_id, secret, token] = (case.secrets)()[..] else { panic!("{at}: not signed") };
    verify_sigv4(head, body, Secrets { key_id, secret, token: Some(token) })
        .unwrap_or_else(|fault| panic!("{at}: {fault}"));
    assert_eq!(head.headers["x-amz-date"], date, "{at}");
}

/// A caller's `Host` header survives a redirect. The method knows both hosts as its service's, but the second
/// may be anyone's: what is signed for the first must not be handed to it.
#[tokio::test]
async fn a_host_header_of_the_first_origin_signs_nothing_for_the_second() {
    let table = [
        (0, "https://evil.execute-api.us-east-1.amazonaws.com/queue"),
        (1, "https://evil.westus2.batch.azure.com/jobs"),
        (2, "https://evil.servicebus.windows.net/hub/messages"),
        (3, "https://evil.azure-devices.net/twins/d1"),
        (4, "https://evil.cybersource.com/pts/v2/payments"),
    ];
    let layers: [fn(SigningLayerBuilder) -> SigningLayer; 5] = [
        |builder| builder.signers(SCHEMES[0].signer()),
        |builder| builder.signers(SCHEMES[1].signer()),
        |builder| builder.signers(SCHEMES[2].signer()),
        |builder| builder.signers(SCHEMES[3].signer()),
        |builder| builder.signers(SCHEMES[4].signer()),
    ];
    let mut leaks = Vec::new();
    for (at, location) in table {
        let scheme = &SCHEMES[at];
        let host = scheme.url.parse::<Uri>().unwrap().host().unwrap().to_owned();
        let request = Request::get(scheme.url).header("host", &host).body(Full::default()).unwrap();
        let way = (Following::Standard, StatusCode::FOUND);
        let (_, received) = follow(layers[at], request, way, location).await;
        for (head, _) in received.iter().skip(1) {
            // Of Batch, only the account and the path are signed: the host is not part of it.
            if head.headers["host"] == *host && scheme.method != "azure-batch" {
                leaks.push(format!(
                    "{}: signed for {host}, sent to {}",
                    scheme.method,
                    head.uri.host().unwrap()
                ));
            }
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
}
