//! One request: what to sign it with, where to send it, and what with.

use std::time::{Duration, SystemTime};

use http::{HeaderValue, Method, Request, Uri};
use signing_core::{AuthParams, Payload, Timestamp};
use tower_signing::{BoxError, SigningLayer, SigningLayerBuilder, SigningOptions};

use crate::kind::{BUFFER_LIMIT, Kind, Upload};
use crate::scheme::{self, Scheme};

pub(crate) const EXPIRES_IN: Duration = Duration::from_secs(300);
const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

pub(crate) struct Task<'t> {
    pub(crate) scheme: &'t Scheme,
    pub(crate) kind: Kind,
    /// Scheme, host and port of the server.
    pub(crate) endpoint: &'t str,
    pub(crate) params: Vec<(&'static str, String)>,
}

impl<'t> Task<'t> {
    pub(crate) fn new(scheme: &'t Scheme, kind: Kind, endpoint: &'t str) -> Self {
        let params = scheme.params().map(|(name, value)| (name, value.to_owned())).collect();
        Self { scheme, kind, endpoint, params }
    }

    /// The same, but for one byte of the secret.
    pub(crate) fn with_another_secret(mut self) -> Self {
        let secret = self.scheme.secret_names()[0];
        let (_, value) = self.params.iter_mut().find(|(name, _)| *name == secret).unwrap();
        // Base64 stays base64.
        let other = if value.starts_with('B') { "C" } else { "B" };
        value.replace_range(..1, other);
        self
    }

    pub(crate) fn method(&self) -> Method {
        if self.kind == Kind::None { Method::GET } else { Method::PUT }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}{}", self.endpoint, self.scheme.target)
    }

    /// The same for every client, but for `Content-Type` where the client knows it.
    pub(crate) fn content_type(&self) -> Option<HeaderValue> {
        (self.kind != Kind::None && !self.kind.sets_content_type()).then_some(CONTENT_TYPE)
    }

    /// For clients of the library: signed already, if the URL is to be presigned.
    pub(crate) fn head(&self) -> Result<Request<()>, BoxError> {
        let mut request = Request::builder().method(self.method()).uri(self.url()).body(())?;
        if let Some(content_type) = self.content_type() {
            request.headers_mut().insert("content-type", content_type);
        }
        if self.scheme.is_presigned {
            let now = Timestamp::from_system_time(SystemTime::now()).ok_or("the clock is wrong")?;
            let (head, ()) = request.clone().into_parts();
            let signer = scheme::signer(&self.auth_params())?;
            let url = signer.presign(&head, &Payload::unread(None), EXPIRES_IN, now)?;
            *request.uri_mut() = Uri::try_from(url.to_string())?;
            request.extensions_mut().insert(SigningOptions::new().skip());
        }
        Ok(request)
    }

    pub(crate) fn request(&self) -> Result<Request<Upload>, BoxError> {
        Ok(self.head()?.map(|()| self.kind.upload()))
    }

    /// Signs for the server only.
    pub(crate) fn layer(&self) -> Result<SigningLayer, BoxError> {
        self.end(SigningLayer::builder().base_url(self.endpoint)?)
    }

    /// Sets what bodies may take, and who signs.
    pub(crate) fn end(&self, builder: SigningLayerBuilder) -> Result<SigningLayer, BoxError> {
        let builder = builder.buffer_limit(BUFFER_LIMIT).spool_limit(self.kind.spool_limit());
        Ok(builder.signers(scheme::signer(&self.auth_params())?))
    }

    fn auth_params(&self) -> AuthParams {
        self.params.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }
}
