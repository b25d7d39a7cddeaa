//! A right request, how it is signed, and what may be done to it before and after that.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use signing_core::diagnose::Signed;
use signing_core::{AuthParams, Explanation, Masking, Payload, Signer, Timestamp};

use crate::shared_key;

/// A request as it goes over the wire: the target alone in its URL, and a Host header.
pub(crate) type Wire = Request<Bytes>;

/// What is sent, and what the signer knows of it.
pub(crate) struct Sent {
    pub(crate) wire: Wire,
    pub(crate) signed: Signed,
    /// From an explanation that is not masked; the diagnosis has to be the same.
    pub(crate) unmasked: Option<Signed>,
    /// What no text may hold.
    pub(crate) secrets: Vec<String>,
}

/// Where a signature goes, and in which form the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Header,
    /// In a URL that is good for so many seconds.
    Presigned(u64),
    /// In the header, with a body that is encoded while it is sent.
    Encoded,
}

/// A request that is right as it stands. Each method changes it before it is signed.
#[derive(Clone)]
pub(crate) struct Base {
    params: Vec<(&'static str, String)>,
    method: Method,
    url: String,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
    form: Form,
    now: u64,
}

impl Base {
    pub(crate) fn new(method: Method, url: &str, params: &[(&'static str, &str)]) -> Self {
        Self {
            params: params.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
            method,
            url: url.to_owned(),
            headers: Vec::new(),
            body: Bytes::new(),
            form: Form::Header,
            now: 0,
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn presigned(mut self, seconds: u64) -> Self {
        self.form = Form::Presigned(seconds);
        self
    }

    pub(crate) fn encoded(mut self) -> Self {
        self.form = Form::Encoded;
        self
    }

    pub(crate) fn param(mut self, name: &'static str, value: &str) -> Self {
        self = self.without(name);
        self.params.push((name, value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.params.retain(|(other, _)| *other != name);
        self
    }

    /// The service's clock.
    pub(crate) fn at(mut self, unix: u64) -> Self {
        self.now = unix;
        self
    }

    /// The signer's clock is so many seconds ahead of the service's.
    pub(crate) fn ahead(mut self, seconds: i64) -> Self {
        self.now = self.now.checked_add_signed(seconds).unwrap();
        self
    }

    pub(crate) fn behind(self, seconds: i64) -> Self {
        self.ahead(-seconds)
    }

    pub(crate) fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// With `to` in place of `from`.
    pub(crate) fn url(mut self, from: &str, to: &str) -> Self {
        assert!(self.url.contains(from), "{from} is not in {}", self.url);
        self.url = self.url.replacen(from, to, 1);
        self
    }

    pub(crate) fn value(&self, name: &str) -> &str {
        let found = self.params.iter().find(|(other, _)| *other == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    pub(crate) fn path(&self) -> String {
        self.url.parse::<Uri>().unwrap().path().to_owned()
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.now as i64).unwrap()
    }

    /// Signed as it is.
    pub(crate) fn sign(self) -> Sent {
        let payload = Payload::of(&self.body);
        self.sign_as(&payload)
    }

    /// Signed as if the body were `body`.
    pub(crate) fn sign_for_body(self, body: &[u8]) -> Sent {
        self.sign_as(&Payload::of(body))
    }

    /// Not signed here: another program has, in the query.
    pub(crate) fn unsigned(mut self, query: &str, string_to_sign: &str) -> Sent {
        self.url.push_str(query);
        let (head, secrets) = (self.head(), self.secrets());
        let signed = Signed::from_string_to_sign(string_to_sign).with_head(&head);
        Sent { wire: wire(head, self.body), signed, unmasked: None, secrets }
    }

    fn sign_as(self, payload: &Payload) -> Sent {
        let params: AuthParams = self.params.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let signer = shared_key::registry().signer(&params).unwrap();
        let mut head = self.head();
        let unsigned = head.clone();
        let (explanation, bare, body) = match self.form {
            Form::Header => {
                let told = |head: &mut Parts, masking| {
                    signer.sign_explained(head, payload, self.now(), masking).unwrap()
                };
                let bare = told(&mut head.clone(), Masking::Unmasked);
                (told(&mut head, Masking::Masked), bare, self.body.clone())
            }
            Form::Presigned(seconds) => {
                let told = |masking| {
                    let life = Duration::from_secs(seconds);
                    signer.presign_explained(&unsigned, payload, life, self.now(), masking).unwrap()
                };
                let bare = told(Masking::Unmasked);
                head.uri = bare.url().parse().unwrap();
                (told(Masking::Masked), bare, self.body.clone())
            }
            Form::Encoded => self.encode(&signer, &mut head),
        };
        let mut secrets = self.secrets();
        secrets.extend(bare.signature().map(str::to_owned));
        let known = |explanation: &Explanation| {
            let signed = Signed::from_explanation(explanation).with_section("faults");
            signer.key_id().map_or(signed.clone(), |key_id| signed.with_key_id(key_id))
        };
        let signed = known(&explanation).with_credentials_hidden(&head);
        Sent { wire: wire(head, body), signed, unmasked: Some(known(&bare)), secrets }
    }

    fn encode(&self, signer: &Signer, head: &mut Parts) -> (Explanation, Explanation, Bytes) {
        let length = self.body.len() as u64;
        let encode =
            |head: &mut Parts, masking| signer.sign_encoded(head, length, self.now(), Some(masking)).unwrap();
        let bare = encode(&mut head.clone(), Masking::Unmasked);
        let mut encoded = encode(head, Masking::Masked);
        let mut out = VecDeque::new();
        encoded.encoder.push(self.body.clone(), &mut out);
        encoded.encoder.finish(None, &mut out).unwrap();
        let body = out.iter().flatten().copied().collect();
        (encoded.explanation.unwrap(), bare.explanation.unwrap(), body)
    }

    fn head(&self) -> Parts {
        let mut builder = Request::builder().method(self.method.clone()).uri(&self.url);
        for (name, value) in &self.headers {
            builder = builder.header(*name, value);
        }
        builder.body(()).unwrap().into_parts().0
    }

    fn secrets(&self) -> Vec<String> {
        const NAMES: [&str; 4] = ["SecretAccessKey", "SessionToken", "MerchantSecretKey", "Token"];
        let of = |name: &&str| Some(self.value(name).to_owned()).filter(|value| !value.is_empty());
        NAMES.iter().filter_map(of).collect()
    }
}

/// What a client makes of a request: the Host header, the length of the body, the target.
fn wire(mut head: Parts, body: Bytes) -> Wire {
    let authority = head.uri.authority().unwrap().as_str();
    let host = HeaderValue::from_str(authority.rsplit('@').next().unwrap()).unwrap();
    head.headers.entry(HOST).or_insert(host);
    if !body.is_empty() || head.method != Method::GET {
        head.headers.entry(CONTENT_LENGTH).or_insert(body.len().into());
    }
    head.uri = Uri::from(head.uri.path_and_query().unwrap().clone());
    Request::from_parts(head, body)
}

impl Sent {
    /// Another program signed: its texts are known, and no more.
    pub(crate) fn of_another_program(mut self, signed: Signed) -> Self {
        (self.signed, self.unmasked) = (signed, None);
        self
    }

    /// Signed once more below, which is what is sent and what nobody knows of.
    pub(crate) fn signed_again(self, below: Base) -> Self {
        let below = below.sign();
        Self { wire: below.wire, secrets: [self.secrets, below.secrets].concat(), ..self }
    }

    /// The configuration has other credentials by now.
    pub(crate) fn replaced_since(mut self) -> Self {
        let replaced = |signed: Signed| signed.with_credentials_replaced(true);
        (self.signed, self.unmasked) = (replaced(self.signed), self.unmasked.map(replaced));
        self
    }

    pub(crate) fn corrected_by(mut self, seconds: i64) -> Self {
        let corrected = |signed: Signed| signed.with_clock_correction(seconds);
        (self.signed, self.unmasked) = (corrected(self.signed), self.unmasked.map(corrected));
        self
    }

    pub(crate) fn changed(mut self, change: impl FnOnce(&mut Wire)) -> Self {
        change(&mut self.wire);
        self
    }

    pub(crate) fn set(self, name: &'static str, value: &str) -> Self {
        self.changed(|wire| drop(wire.headers_mut().insert(name, value.parse().unwrap())))
    }

    pub(crate) fn append(self, name: &'static str, value: &str) -> Self {
        self.changed(|wire| assert!(wire.headers_mut().append(name, value.parse().unwrap())))
    }

    pub(crate) fn remove(self, name: &'static str) -> Self {
        let name = HeaderName::from_static(name);
        self.changed(|wire| assert!(wire.headers_mut().remove(&name).is_some(), "no {name} to remove"))
    }

    pub(crate) fn method(self, method: Method) -> Self {
        self.changed(|wire| *wire.method_mut() = method)
    }

    /// With `to` in place of `from` in path and query.
    pub(crate) fn target(self, from: &str, to: &str) -> Self {
        self.changed(|wire| {
            let target = wire.uri().to_string();
            assert!(target.contains(from), "{from} is not in {target}");
            *wire.uri_mut() = target.replacen(from, to, 1).parse().unwrap();
        })
    }

    /// Another body, with its length.
    pub(crate) fn body(self, body: impl Into<Bytes>) -> Self {
        self.changed(|wire| {
            *wire.body_mut() = body.into();
            let length = wire.body().len();
            wire.headers_mut().insert(CONTENT_LENGTH, length.into());
        })
    }

    /// The `Authorization` of SigV4 ends before the signature.
    pub(crate) fn authorization_cut_short(self) -> Self {
        let value = self.wire.headers()["authorization"].to_str().unwrap().to_owned();
        self.set("authorization", value.split(", Signature=").next().unwrap())
    }

    /// Another part of a header's value.
    pub(crate) fn within(self, name: &'static str, from: &str, to: &str) -> Self {
        let value = self.wire.headers()[name].to_str().unwrap().to_owned();
        assert!(value.contains(from), "{from} is not in {name}");
        self.set(name, &value.replacen(from, to, 1))
    }
}
