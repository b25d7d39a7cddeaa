//! A fixed token in a header: `auth-token`.
//!
//! | name | meaning |
//! | --- | --- |
//! | `Header` | the header's name, such as `Authorization` or `X-Api-Key` |
//! | `Token` | its value, as it is sent: `Bearer …` |
//! | `AllowPlainHttp` | `true`: the token may go over plain http to any host |
//!
//! Whoever receives the token can use it again. So it is sent over https only, except to this machine's
//! loopback, and a section needs a `Match`.

use std::fmt;

use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderName, HeaderValue};

use crate::header::{self, check_visible};
use crate::loopback::is_private;
use crate::{Changes, Method, ParamError, ParamReader, SecretText, SignError, SigningRequest};

/// Its name in a config file.
pub const METHOD_NAME: &str = "auth-token";

/// Sends one token.
pub struct AuthToken {
    header: HeaderName,
    token: SecretText,
    value: HeaderValue,
    allow_plain_http: bool,
}

impl AuthToken {
    /// `token` is the header's whole value.
    ///
    /// # Errors
    ///
    /// The header is one that frames the message, or the token cannot stand in a header.
    pub fn new(header: HeaderName, token: SecretText) -> Result<Self, ParamError> {
        if [CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING, UPGRADE].contains(&header) {
            return Err(ParamError::invalid("Header", "cannot carry a token: it frames the message"));
        }
        check_visible("Token", token.expose())?;
        let value = header::sensitive(token.expose().as_bytes().to_vec());
        Ok(Self { header, token, value, allow_plain_http: false })
    }

    pub(crate) fn from_params(params: &mut ParamReader<'_>) -> Result<Self, ParamError> {
        let header = params.text("Header")?.parse();
        let header = header.map_err(|_| ParamError::invalid("Header", "is not a header name"))?;
        let mut method = Self::new(header, params.secret("Token")?)?;
        method.allow_plain_http = params.flag("AllowPlainHttp")?.unwrap_or(false);
        Ok(method)
    }
}

impl Method for AuthToken {
    fn sign(&self, request: &SigningRequest<'_>, changes: &mut Changes) -> Result<(), SignError> {
        if !is_private(request.uri()) && !self.allow_plain_http {
            return Err(SignError::request(
                "a token is sent over https only, except to loopback (AllowPlainHttp = true allows it)",
            ));
        }
        changes.record_secret(self.token.expose());
        changes.set(self.header.clone(), self.value.clone());
        Ok(())
    }
}

impl fmt::Debug for AuthToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthToken").field("header", &self.header).finish_non_exhaustive()
    }
}
