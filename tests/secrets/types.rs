//! `Debug` of every public type.

use std::any::type_name;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use signing_core::aws::{Checksum, Credentials, PayloadMode, Rules, SigV4, endpoint};
use signing_core::azure::Batch;
use signing_core::diagnose::{Diagnosis, PathChange, Refusal, Signed};
use signing_core::token::AuthToken;
use signing_core::{
    AuthParams, Changes, MacKey, Masking, Method, Payload, PayloadHash, PayloadNeed, Reach, Registry,
    SecretText, SignError, SignErrorKind, Signer, SigningRequest, Timestamp,
};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_signing::{
    BoxError, Destination, DiagnoseLayer, Match, ReplayBody, ReplayLayer, SignedBody, SignerStore, Signers,
    SigningErrorKind, SigningLayer, SigningOptions, SigningRecord,
};

use super::{debug_of, secrets, shown_in};
use crate::support::{AWS, SCHEMES, Scheme};

const NOW: Timestamp = Timestamp::from_unix(1_709_210_096).unwrap();

/// What was formatted, by the name of its type.
#[derive(Default)]
struct Formatted(Vec<(&'static str, String)>);

impl Formatted {
    fn add<T: Debug + ?Sized>(&mut self, value: &T) {
        self.0.push((type_name::<T>(), debug_of(value)));
    }
}

/// Signs with SigV4, and keeps how everything looks that a method is given.
struct Spy {
    inner: SigV4,
    seen: Arc<Mutex<Formatted>>,
}

impl Spy {
    fn look(&self, request: &SigningRequest<'_>, changes: &Changes) {
        let mut seen = self.seen.lock().unwrap();
        seen.add(request);
        seen.add(changes);
    }
}

impl Method for Spy {
    fn payload_need(&self, head: &Parts) -> PayloadNeed {
        self.inner.payload_need(head)
    }

    fn sign(&self, request: &SigningRequest<'_>, changes: &mut Changes) -> Result<(), SignError> {
        self.inner.sign(request, changes)?;
        self.look(request, changes);
        Ok(())
    }

    fn presign(
        &self,
        request: &SigningRequest<'_>,
        expires_in: Duration,
        changes: &mut Changes,
    ) -> Result<(), SignError> {
        self.inner.presign(request, expires_in, changes)?;
        self.look(request, changes);
        Ok(())
    }
}

fn credentials() -> Credentials {
    let [secret, token] = AWS.secret_values().collect::<Vec<_>>()[..] else { unreachable!("two secrets") };
    Credentials {
        access_key_id: "AKIDOFTHETESTS".into(),
        secret_access_key: secret.into(),
        session_token: Some(token.into()),
        expires_at: Some(NOW.checked_add(3_600).unwrap()),
    }
}

fn spy() -> (Signer, Arc<Mutex<Formatted>>) {
    let seen = Arc::new(Mutex::new(Formatted::default()));
    let spy = Spy { inner: SigV4::new(credentials()).unwrap(), seen: Arc::clone(&seen) };
    (Signer::new("spy", spy), seen)
}

fn head(url: &str) -> Parts {
    Request::post(url).body(()).unwrap().into_parts().0
}

/// The types of the core.
fn core(formatted: &mut Formatted) {
    formatted.add(&credentials());
    formatted.add(&PayloadMode::Signed);
    formatted.add(&Rules::default());
    formatted.add(&SigV4::new(credentials()).unwrap());
    formatted.add(&endpoint::from_host("sqs.eu-west-1.amazonaws.com"));
    let token = SCHEMES[5].secret_values().next().unwrap();
    formatted.add(&AuthToken::new(HeaderName::from_static("x-api-key"), token.into()).unwrap());
    for secret in secrets() {
        formatted.add(&SecretText::new(secret));
        let encoded: AuthParams = [("Key", STANDARD.encode(secret))].into_iter().collect();
        formatted.add(&encoded.reader().base64_key("Key").unwrap());
        formatted.add(&MacKey::new(secret.as_bytes()));
        formatted.add(&Batch::new("acct", secret.as_bytes()).unwrap());
    }
    formatted.add(&Registry::new());
    formatted.add(&NOW);
    formatted.add(&Masking::Masked);
    for scheme in &SCHEMES {
        let params = scheme.params();
        formatted.add(&params);
        formatted.add(&params.reader());
        let signer = scheme.signer();
        formatted.add(&signer.reach());
        formatted.add(&signer.payload_need(&head(scheme.url)));
        for masking in [Masking::Masked, Masking::Unmasked] {
            let signed = signer.sign_explained(&mut head(scheme.url), &Payload::of(b"{}"), NOW, masking);
            // An explanation is for reading, not for a log: its `Debug` shows neither.
            formatted.add(&signed.unwrap());
        }
        formatted.add(&signer);
    }
    formatted.add(&Payload::of(b"{}"));
    formatted.add(&PayloadHash::EMPTY);
    let mut upload = Request::put("https://b.s3.us-east-1.amazonaws.com/k").body(()).unwrap().into_parts().0;
    upload.extensions.insert(PayloadMode::ChunkedTrailer);
    let encoded = AWS.signer().sign_encoded(&mut upload, 5, NOW, Some(Masking::Unmasked)).unwrap();
    formatted.add(&encoded);
    formatted.add(&*encoded.encoder);
    formatted.add(&Checksum::Crc32);
    formatted.add(&Reach::Host("h"));
    let error = SignError::new(SignErrorKind::Request, "no host");
    formatted.add(&error.kind());
    formatted.add(&error);
    let error = Registry::new().signer(&AuthParams::new()).unwrap_err();
    formatted.add(&error.kind());
    formatted.add(&error);

    let (signer, seen) = spy();
    let mut head = head(AWS.url);
    // The second time, the head bears the headers of the first.
    for _ in 0..2 {
        signer.sign(&mut head, &Payload::EMPTY, NOW).unwrap();
        let masked = signer.sign_explained(&mut head, &Payload::EMPTY, NOW, Masking::Masked);
        formatted.add(&masked.unwrap());
    }
    formatted.0.append(&mut seen.lock().unwrap().0);
}

/// The types of the layer.
async fn tower(formatted: &mut Formatted) {
    let mut signers = Signers::new();
    for scheme in &SCHEMES {
        signers
            .insert(
                scheme.method,
                Some(scheme.url.split('?').next().unwrap().parse().unwrap()),
                scheme.signer(),
            )
            .unwrap();
    }
    formatted.add(&signers.insert("auth-token", None, AWS.signer()).unwrap_err());
    formatted.add(&signers);
    let store = SignerStore::new(signers);
    formatted.add(&store.generation());
    formatted.add(&store);
    let builder = SigningLayer::builder().base_url("https://partner.example").unwrap();
    formatted.add(&builder);
    let layer = builder.store(store);
    formatted.add(&layer);
    formatted.add(&"https://partner.example".parse::<Match>().unwrap());
    formatted.add(&"https://u:p@partner.example".parse::<Match>().unwrap_err());
    let options = SigningOptions::new().params(SCHEMES[1].params()).explain(Masking::Unmasked);
    formatted.add(&options);
    formatted.add(&options.signer(Arc::new(AWS.signer()), None));

    let inner = service_fn(|request: Request<SignedBody<Full<Bytes>>>| async {
        let (head, body) = request.into_parts();
        let shown = format!("{}{}", debug_of(&head), debug_of(&body));
        body.collect().await?;
        Ok::<_, BoxError>(Response::new(shown))
    });
    let replay = ReplayLayer::new();
    formatted.add(&replay);
    let mut replayed = replay.layer(service_fn(|request: Request<ReplayBody<Full<Bytes>>>| async move {
        Ok::<_, BoxError>(Response::new(request))
    }));
    formatted.add(&replayed);
    let secret = Full::from(secrets().into_iter().next().unwrap());
    let kept = replayed.ready().await.unwrap().call(Request::new(secret)).await.unwrap().into_body();
    kept.body().clone().collect().await.unwrap();
    formatted.add(kept.body());
    let mut service = layer.layer(inner.boxed_clone());
    formatted.add(&service);
    for Scheme { url, .. } in SCHEMES {
        let request = Request::post(url).body(Full::from("{}")).unwrap();
        formatted.add(&Destination::from(&request));
        let answer = service.ready().await.unwrap().call(request);
        formatted.add(&answer);
        formatted.0.push((type_name::<SignedBody<Full<Bytes>>>(), answer.await.unwrap().into_body()));
    }
    let stranger = Request::post("https://evil.example").body(Full::from("{}")).unwrap();
    let error = service.ready().await.unwrap().call(stranger).await.unwrap_err();
    let error = crate::support::signing_error(&error);
    formatted.add(error);
    formatted.add::<SigningErrorKind>(&error.kind());
    let error = Signers::from_file("no-such-file.conf", &Registry::new()).unwrap_err();
    formatted.add(&error.faults()[0]);
    formatted.add(&error);
}

/// Answers that echo all that was sent, in the forms that are read.
fn echoes(head: &Parts) -> Vec<String> {
    let headers = head.headers.iter().map(|(name, value)| format!("{name}:{}", value.to_str().unwrap()));
    let lines: Vec<_> = headers.chain([head.uri.to_string()]).collect();
    let (text, words) = (lines.join("\n"), lines.join(" "));
    let escaped = text.replace('\n', "\\n").replace('"', "\\\"");
    vec![
        format!(
            "<Error><Code>SignatureDoesNotMatch</Code><Message>{words}</Message><StringToSign>AWS4-HMAC-SHA256\n{text}</StringToSign><CanonicalRequest>POST\n/\n\n{text}\n\nhost\nhash</CanonicalRequest></Error>"
        ),
        format!(
            "{{\"code\":\"AuthenticationFailed\",\"values\":[{{\"key\":\"AuthenticationErrorDetail\",\"value\":\"Server used following string to sign: 'POST\\n{escaped}'.\"}}]}}"
        ),
        format!("{{\"__type\":\"InvalidSignatureException\",\"message\":\"{escaped}\"}}"),
        format!("{{\"errorCode\":401002,\"Message\":\"{escaped}\"}}"),
        format!("<Error><Code>401</Code><Detail>InvalidSignature: {words}</Detail></Error>"),
        format!("{{\"response\":{{\"rmsg\":\"Authentication Failed: {escaped}\"}}}}"),
    ]
}

/// The types of diagnosis, for services that echo all they were sent.
async fn diagnoses(formatted: &mut Formatted) {
    let layer = DiagnoseLayer::new();
    formatted.add(&layer);
    for scheme in &SCHEMES {
        let explained = scheme.signer().sign_explained(
            &mut head(scheme.url),
            &Payload::of(b"{}"),
            NOW,
            Masking::Unmasked,
        );
        formatted.add(&Signed::from_explanation(&explained.unwrap()));
        let base_url = scheme.url.split('?').next().unwrap();
        let signing = SigningLayer::builder().base_url(base_url).unwrap().signers(scheme.signer());
        for form in 0..6 {
            let inner = service_fn(move |request: Request<SignedBody<Full<Bytes>>>| async move {
                let echo = echoes(&request.into_parts().0).swap_remove(form);
                Ok::<_, BoxError>(Response::builder().status(401).body(Full::new(Bytes::from(echo))).unwrap())
            });
            let request = || Request::post(scheme.url).body(Full::from("{}"));
            let mut asked = request().unwrap();
            asked.extensions_mut().insert(SigningOptions::new().record());
            let recorded = signing.layer(inner).oneshot(asked).await.unwrap();
            formatted.add(recorded.extensions().get::<SigningRecord>().unwrap());

            let mut service = layer.layer(signing.layer(inner.boxed_clone()));
            formatted.add(&service);
            let answer = service.ready().await.unwrap().call(request().unwrap());
            formatted.add(&answer);
            let response = answer.await.unwrap();
            formatted.add(response.body());
            let told = response.extensions().get::<Diagnosis>().unwrap();
            formatted.add(told);
            formatted.0.push(("Display", told.to_string()));
            for cause in told.causes() {
                formatted.add(cause);
                formatted.0.push(("Display", format!("{cause} {}", cause.remedy())));
            }
            if let Some(diff) = told.diff() {
                formatted.add(diff);
                formatted.add(&diff.of());
                let sides = diff.lines().iter().flat_map(|line| [&line.signed, &line.arrived]);
                sides.flatten().for_each(|text| formatted.add(text));
                diff.lines().iter().for_each(|line| formatted.add(line));
            }
        }
    }
    let secret = secrets()[0];
    let headers = HeaderMap::from_iter([(http::header::COOKIE, HeaderValue::from_static(secret))]);
    formatted.add(&Refusal::new(StatusCode::FORBIDDEN, &headers, secret.as_bytes()));
    formatted.add(&PathChange::Escaped);
}

/// The public types by what the crates export, so that a new one is not forgotten here.
fn exported() -> Vec<&'static str> {
    let crates = [
        include_str!("../../crates/signing-core/src/lib.rs"),
        include_str!("../../crates/signing-core/src/diagnose/mod.rs"),
        include_str!("../../crates/tower-signing/src/lib.rs"),
    ];
    let lines = crates.iter().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("pub use "));
    let names = lines.flat_map(|line| line.split(|character: char| !character.is_alphanumeric()));
    names.filter(|name| name.starts_with(char::is_uppercase)).collect()
}

#[tokio::test]
async fn debug_of_no_public_type_shows_a_secret() {
    let mut formatted = Formatted::default();
    core(&mut formatted);
    tower(&mut formatted).await;
    diagnoses(&mut formatted).await;
    for (name, text) in &formatted.0 {
        assert!(
            shown_in(text, &secrets()).is_empty(),
            "{name} shows {:?}:\n{text}",
            shown_in(text, &secrets())
        );
    }
    for name in exported() {
        // A trait, and the name of a type that has its own `Debug`.
        let is_type = !["Method", "BoxError"].contains(&name);
        let is_this = |formatted: &str| {
            formatted.split(['<', '>', ',', ' ']).any(|path| path.ends_with(&format!("::{name}")))
        };
        assert!(
            !is_type || formatted.0.iter().any(|(formatted, _)| is_this(formatted)),
            "{name} was not formatted"
        );
    }
}

/// A presigned URL is a credential, wherever it stands.
#[test]
fn debug_of_what_a_method_is_given_shows_no_presigned_url() {
    let (signer, seen) = spy();
    let url = signer.presign(&head(AWS.url), &Payload::EMPTY, Duration::from_secs(60), NOW).unwrap();
    let signature = url.query().unwrap().split("X-Amz-Signature=").nth(1).unwrap();
    let mut known = secrets();
    known.push(signature);
    for (name, text) in &seen.lock().unwrap().0 {
        assert!(shown_in(text, &known).is_empty(), "{name} shows {:?}:\n{text}", shown_in(text, &known));
    }
}

/// What a client logs of a request must not be more than what the layer would.
#[test]
fn headers_of_ours_are_marked_as_sensitive() {
    for scheme in &SCHEMES {
        let mut head = head(scheme.url);
        scheme.signer().sign(&mut head, &Payload::of(b"{}"), NOW).unwrap();
        let is_marked = |name: &str| head.headers.get(name).is_none_or(HeaderValue::is_sensitive);
        for name in ["authorization", "signature", "x-api-key", "x-amz-security-token"] {
            assert!(is_marked(name), "{} {name}", scheme.method);
        }
    }
}
