//! The requests of one command: the first, and those that redirects ask for.

use std::convert;

use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Method, Request, Response, Uri};
use http_body::Body;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use signing_core::PayloadNeed;
use tower::util::MapRequest;
use tower::{Layer, ServiceExt};
use tower_signing::{
    DiagnoseBody, DiagnoseLayer, DiagnoseService, Match, SignedBody, SigningLayer, SigningOptions,
    SigningService,
};

use super::progress::Progress;
use super::request;
use super::signature::Signed;
use super::upload::Upload;
use super::verbose::Verbose;
use super::{redirect, trouble};
use crate::arguments::Loaded;
use crate::client::Connector;
use crate::failure::Failure;

type Signable = Request<SignedBody<Upload>>;
/// What sees a request as it is sent.
type Tell = fn(Signable) -> Signable;
type Wire = MapRequest<Client<Connector, SignedBody<Upload>>, Tell>;

/// Sends requests, each signed anew.
pub(super) struct Exchange {
    client: DiagnoseService<SigningService<Wire>>,
    auth: Loaded,
    /// Where it may sign.
    origin: Match,
    has_left_origin: bool,
    progress: Progress,
    verbose: Verbose,
}

/// The response to one request.
pub(super) struct Answer {
    pub(super) response: Response<DiagnoseBody<Incoming>>,
    pub(super) signed: Signed,
}

impl Exchange {
    /// `layer` has no signers: every request names its own.
    pub(super) fn new(
        client: Client<Connector, SignedBody<Upload>>,
        layer: &SigningLayer,
        auth: Loaded,
        origin: Match,
        progress: Progress,
        verbose: Verbose,
    ) -> Self {
        let tell: Tell = if verbose.is_on { told } else { convert::identity };
        let client = DiagnoseLayer::new().layer(layer.layer(MapRequest::new(client, tell)));
        Self { client, auth, origin, has_left_origin: false, progress, verbose }
    }

    /// Sends a request and, with `most_redirects`, those that it leads to.
    ///
    /// `pass` is called with each redirect's response that is followed.
    pub(super) async fn run(
        &mut self,
        mut request: request::Request,
        most_redirects: Option<usize>,
        mut pass: impl AsyncFnMut(&Response<DiagnoseBody<Incoming>>) -> Result<(), Failure>,
    ) -> Result<Answer, Failure> {
        let mut redirects = 0;
        loop {
            let answer = self.send(&mut request, redirects > 0).await?;
            let Some(most) = most_redirects else { return Ok(answer) };
            let from = &request.head.uri;
            let Some(target) = redirect::target(&answer.response, from) else { return Ok(answer) };
            let target = target.map_err(|why| trouble::bad_redirect(from, why))?;
            if redirects == most {
                return Err(trouble::too_many_redirects(most));
            }
            redirects += 1;
            pass(&answer.response).await?;
            self.verbose.redirect(&target);
            // Who sends us back home could choose what we sign there: once away, always away.
            if !self.has_left_origin && !self.origin.covers(&target).unwrap_or(false) {
                self.has_left_origin = true;
                request.keep_for_strangers();
            }
            request.redirect(answer.response.status(), target);
        }
    }

    async fn send(&mut self, request: &mut request::Request, is_redirect: bool) -> Result<Answer, Failure> {
        let head = &request.head;
        let (options, signed, need) = if self.has_left_origin {
            (SigningOptions::new().skip(), Signed::Elsewhere, PayloadNeed::Nothing)
        } else {
            let chosen = self.auth.signer(head).map_err(|refusal| match is_redirect {
                true => trouble::redirect_not_signed(&head.uri, &refusal),
                false => Failure::from(refusal),
            })?;
            let signed = Signed::by(&chosen);
            match chosen.signer {
                Some(signer) => {
                    let need = signer.payload_need(head);
                    (SigningOptions::new().signer(signer, Some(self.origin.clone())), signed, need)
                }
                None => (SigningOptions::new().skip(), signed, PayloadNeed::Nothing),
            }
        };
        self.verbose.signed(&signed);
        let is_stream = request.body.is_stream();
        // A file is never too long to be hashed first.
        let is_hashed = matches!(need, PayloadNeed::Sha256 | PayloadNeed::Sha256OrEncoding);
        let (body, hash) = request.body.open(is_hashed, self.progress).await?;
        let options = hash.into_iter().fold(options, SigningOptions::payload_hash);
        let fault = body.fault();
        let mut head = request.head.clone();
        head.extensions.insert(options);
        if body.is_end_stream() && expects_body(&head.method) {
            // A client leaves it out, and some services ask for it.
            head.headers.entry(CONTENT_LENGTH).or_insert(HeaderValue::from_static("0"));
        }
        let response = self.client.clone().oneshot(Request::from_parts(head, body)).await;
        let response = response
            .map_err(|error| trouble::no_response(error, fault.get(), &request.head.uri, is_stream))?;
        self.verbose.response(&response);
        Ok(Answer { response, signed })
    }
}

/// Scheme, host and port of the first URL.
pub(super) fn origin(url: &Uri) -> Result<Match, Failure> {
    let origin = match (url.scheme_str(), url.authority()) {
        (Some(scheme), Some(authority)) => format!("{scheme}://{authority}/").parse::<Match>(),
        _ => return Err(Failure::usage("the URL names no scheme or no host")),
    };
    origin.map_err(|error| Failure::usage(format!("the URL {error}")))
}

/// Whether a request of this method without a length looks unfinished to a server.
///
/// Spec: RFC 9110, section 8.6.
fn expects_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

fn told(request: Signable) -> Signable {
    Verbose { is_on: true }.request(&request);
    request
}
