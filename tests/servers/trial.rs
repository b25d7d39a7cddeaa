//! One client against one server: what is signed rightly is taken, and anything else refused.

use bytes::Bytes;
use http::{Method, Request, Response};

use crate::relay::{Change, Relay};
use crate::sender::{Answer, Params, Sender};
use crate::server::{Server, tell};

/// A request whose URL is a path so far.
pub(crate) fn request(
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Request<Bytes> {
    let builder = Request::builder().method(method).uri(path);
    let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
    builder.body(body.into()).unwrap()
}

/// The same at an endpoint.
pub(crate) fn at(endpoint: &str, request: &Request<Bytes>) -> Request<Bytes> {
    let mut request = request.clone();
    *request.uri_mut() = format!("{endpoint}{}", request.uri()).parse().unwrap();
    request
}

/// Whether the server says that the signature, or what it covers, is wrong. Each protocol has its own words.
pub(crate) fn is_refusal(response: &Response<Bytes>) -> bool {
    const WORDS: [&str; 9] = [
        "SignatureDoesNotMatch",
        "InvalidSignature",
        "InvalidToken",
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "UnrecognizedClient",
        "XAmzContentSHA256Mismatch",
        "BadDigest",
        "AuthorizationFailure",
    ];
    let text = String::from_utf8_lossy(response.body());
    response.status().is_client_error() && WORDS.iter().any(|word| text.contains(word))
}

pub(crate) struct Trial<'t> {
    server: &'t Server,
    sender: &'t dyn Sender,
    relay: Relay,
    taken: usize,
    refused: usize,
}

impl<'t> Trial<'t> {
    pub(crate) async fn new(server: &'t Server, sender: &'t dyn Sender) -> Self {
        let relay = Relay::start(&server.endpoint).await;
        Self { server, sender, relay, taken: 0, refused: 0 }
    }

    /// Sends it, which must succeed.
    pub(crate) async fn takes(&mut self, params: &Params, request: &Request<Bytes>) -> Bytes {
        let answer = self.sender.send(params.clone(), at(&self.server.endpoint, request)).await;
        self.check_taken(request, answer)
    }

    /// Sends it; the server may refuse it for what it is, but not for its signature.
    pub(crate) async fn verifies(&mut self, params: &Params, request: &Request<Bytes>) {
        let case = self.case(request);
        let answer = self.sender.send(params.clone(), at(&self.server.endpoint, request)).await;
        let answer = answer.unwrap_or_else(|error| panic!("{case}: {error}"));
        assert!(!is_refusal(&answer), "{case}: {} {:?}", answer.status(), answer.body());
        self.taken += 1;
    }

    /// Sends it with another secret, which must be refused.
    pub(crate) async fn refuses_secret(&mut self, params: &Params, request: &Request<Bytes>) {
        let request = at(&self.server.endpoint, request);
        let answer = self.sender.send(with_wrong_secret(params), request.clone()).await;
        self.check_refused(&request, "another secret", answer);
    }

    /// Sends it with another secret, and with each change on the way: all must be refused.
    ///
    /// Without a change it must pass the relay, so that nothing else is what is refused.
    pub(crate) async fn refuses(&mut self, params: &Params, request: &Request<Bytes>, changes: &[Change]) {
        self.relay.set(None);
        let through = at(&self.relay.endpoint, request);
        let answer = self.sender.send(params.clone(), through.clone()).await;
        self.check_taken(request, answer);
        let answer = self.sender.send(with_wrong_secret(params), through.clone()).await;
        self.check_refused(request, "another secret", answer);
        for &change in changes {
            self.relay.set(Some(change));
            let answer = self.sender.send(params.clone(), through.clone()).await;
            match &answer {
                // Where the body is verified while it is stored, the service has no other word for it.
                Ok(answer) if change == Change::Body && answer.status() == 500 => self.refused += 1,
                _ => self.check_refused(request, &format!("{change:?} changed"), answer),
            }
        }
    }

    fn check_taken(&mut self, request: &Request<Bytes>, answer: Answer) -> Bytes {
        let case = self.case(request);
        let answer = answer.unwrap_or_else(|error| panic!("{case}: {error}"));
        assert!(answer.status().is_success(), "{case}: {} {:?}", answer.status(), answer.body());
        self.taken += 1;
        answer.into_body()
    }

    pub(crate) fn check_refused(&mut self, request: &Request<Bytes>, what: &str, answer: Answer) {
        let case = format!("{}, {what}", self.case(request));
        let answer = answer.unwrap_or_else(|error| panic!("{case}: {error}"));
        assert!(is_refusal(&answer), "{case}: {} {:?}", answer.status(), answer.body());
        self.refused += 1;
    }

    fn case(&self, request: &Request<Bytes>) -> String {
        let (method, path) = (request.method(), request.uri().path());
        format!("{} {}: {method} {path}", self.server.name, self.sender.name())
    }

    /// Says what was seen.
    pub(crate) fn end(self, what: &str) {
        let (server, sender) = (self.server.name, self.sender.name());
        tell(&format!("{server:9} {sender:14} {what:30} {:3} taken, {:3} refused", self.taken, self.refused));
    }
}

/// Of the same form, since a method may look at it.
pub(crate) fn with_wrong_secret(params: &Params) -> Params {
    let turned = |secret: &str| secret.chars().map(|c| if c == 'A' { 'B' } else { 'A' }).collect();
    params
        .iter()
        .map(|(name, value)| (*name, if *name == "SecretAccessKey" { turned(value) } else { value.clone() }))
        .collect()
}
