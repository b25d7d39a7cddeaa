//! CyberSource HTTP signature: `cybersource-http`.
//!
//! | name | meaning |
//! | --- | --- |
//! | `MerchantId` | sent as `v-c-merchant-id` |
//! | `MerchantKeyID` | the key's id |
//! | `MerchantSecretKey` | the key, base64 as the portal shows it |
//! | `DateHeader` | `date` (default), as today's SDKs send, or `v-c-date`, as the documentation shows |
//! | `RequestTarget` | `request-target` (default), or `(request-target)`, as older SDKs sign |
//! | `PortfolioId` | signed as `v-c-merchant-id`, while the transacting `MerchantId` is sent |
//!
//! POST, PUT and PATCH send and sign `digest`, of an empty body, too. Other methods do not; a `digest` that an
//! earlier signature left is removed.
//!
//! Spec: [HTTP signature authentication][spec].
//!
//! [spec]: https://developer.cybersource.com/api/developer-guides/dita-gettingstarted/authentication/GenerateHeader/httpSignatureAuthentication.html

use std::fmt;

use http::header::DATE;
use http::request::Parts;
use http::{HeaderName, HeaderValue};

use crate::buffer::with_buffer;
use crate::encode::{BASE64_LENGTH, push_base64};
use crate::header::{self, check_visible};
use crate::{
    Changes, MacKey, Method, ParamError, ParamReader, PayloadNeed, Reach, SignError, SignErrorKind,
    SigningRequest,
};

/// Its name in a config file.
pub const METHOD_NAME: &str = "cybersource-http";

const SIGNATURE: &str = "signature";
const DIGEST: &str = "digest";
const V_C_DATE: &str = "v-c-date";
const MERCHANT_ID: &str = "v-c-merchant-id";
const SUFFIX: &str = ".cybersource.com";

/// Signs for one merchant.
pub struct HttpSignature {
    merchant_id: HeaderValue,
    signed_merchant_id: Box<str>,
    key_id: Box<str>,
    key: MacKey,
    date_header: HeaderName,
    request_target: &'static str,
    /// What each `signature` begins with: all before the names that only some requests sign.
    opening: Box<str>,
}

impl HttpSignature {
    pub(crate) fn from_params(params: &mut ParamReader<'_>) -> Result<Self, ParamError> {
        let mut visible = |name| {
            let text = params.text(name)?;
            check_visible(name, text).map(|()| text)
        };
        let merchant_id = visible("MerchantId")?;
        let key_id = visible("MerchantKeyID")?;
        if key_id.contains(['"', '\\']) {
            return Err(ParamError::invalid("MerchantKeyID", "holds a character that no key id has"));
        }
        let key = MacKey::new(params.base64_key("MerchantSecretKey")?.expose());
        let date_header = params.choice("DateHeader", &[("date", false), ("v-c-date", true)])?;
        let date_header = if date_header.unwrap_or(false) { HeaderName::from_static(V_C_DATE) } else { DATE };
        let request_target = params.choice(
            "RequestTarget",
            &[("request-target", "request-target"), ("(request-target)", "(request-target)")],
        )?;
        let request_target = request_target.unwrap_or("request-target");
        let portfolio_id = params.optional_text("PortfolioId")?;
        if let Some(id) = portfolio_id {
            check_visible("PortfolioId", id)?;
        }
        Ok(Self {
            merchant_id: header::value(merchant_id.as_bytes().to_vec()),
            signed_merchant_id: portfolio_id.unwrap_or(merchant_id).into(),
            key_id: key_id.into(),
            key,
            opening: format!(
                "keyid=\"{key_id}\", algorithm=\"HmacSHA256\", headers=\"host {date_header} {request_target}"
            )
            .into(),
            date_header,
            request_target,
        })
    }

    fn signs_digest(method: &str) -> bool {
        matches!(method, "POST" | "PUT" | "PATCH")
    }

    /// Each covered header as `name: value`, on a line of its own.
    fn push_string_to_sign(
        &self,
        out: &mut Vec<u8>,
        request: &SigningRequest<'_>,
        (host, date, digest): (&[u8], &HeaderValue, Option<&HeaderValue>),
    ) {
        out.extend_from_slice(b"host: ");
        out.extend_from_slice(host);
        push_name(out, self.date_header.as_str());
        out.extend_from_slice(date.as_bytes());
        // The target is written in lower case up to the path, which keeps its case.
        push_name(out, self.request_target);
        let start = out.len();
        out.extend_from_slice(request.method().as_bytes());
        out[start..].make_ascii_lowercase();
        out.push(b' ');
        out.extend_from_slice(request.uri().path().as_bytes());
        if let Some(query) = request.uri().query() {
            out.push(b'?');
            out.extend_from_slice(query.as_bytes());
        }
        if let Some(digest) = digest {
            push_name(out, DIGEST);
            out.extend_from_slice(digest.as_bytes());
        }
        push_name(out, MERCHANT_ID);
        out.extend_from_slice(self.signed_merchant_id.as_bytes());
    }
}

impl Method for HttpSignature {
    fn payload_need(&self, head: &Parts) -> PayloadNeed {
        if Self::signs_digest(head.method.as_str()) { PayloadNeed::Sha256 } else { PayloadNeed::Nothing }
    }

    fn sign(&self, request: &SigningRequest<'_>, changes: &mut Changes) -> Result<(), SignError> {
        let host = request.host()?;
        let date = header::imf_fixdate(request.now());
        let digest = if Self::signs_digest(request.method()) { Some(digest(request)?) } else { None };

        const LAST_NAME: &[u8] = b" v-c-merchant-id\", signature=\"";
        let digest_name: &[u8] = if digest.is_some() { b" digest" } else { b"" };
        // Of the exact size: a vector with room to spare would be moved once more on its way to a header.
        let length = self.opening.len() + digest_name.len() + LAST_NAME.len() + BASE64_LENGTH + 1;
        let mut signature = Vec::with_capacity(length);
        signature.extend_from_slice(self.opening.as_bytes());
        signature.extend_from_slice(digest_name);
        signature.extend_from_slice(LAST_NAME);
        let start = signature.len();
        with_buffer(|buffer| {
            self.push_string_to_sign(buffer, request, (&host, &date, digest.as_ref()));
            changes.record_string_to_sign(buffer);
            push_base64(&mut signature, &self.key.sign(buffer));
        });
        changes.record_signature(&signature[start..]);
        signature.push(b'"');

        changes.set(const { HeaderName::from_static(MERCHANT_ID) }, self.merchant_id.clone());
        changes.set(self.date_header.clone(), date);
        if request.headers().contains_key(const { HeaderName::from_static(SIGNATURE) }) {
            // What an earlier signature left, if it was of another kind: a POST that became a GET by a redirect
            // still bears the digest of its body.
            for stale in
                [const { HeaderName::from_static(DIGEST) }, DATE, const { HeaderName::from_static(V_C_DATE) }]
            {
                let is_set_anew = stale == self.date_header || (stale == DIGEST && digest.is_some());
                if !is_set_anew && request.headers().contains_key(&stale) {
                    changes.remove(stale);
                }
            }
        }
        if let Some(digest) = digest {
            changes.set(const { HeaderName::from_static(DIGEST) }, digest);
        }
        changes.set(const { HeaderName::from_static(SIGNATURE) }, header::sensitive(signature));
        Ok(())
    }

    fn reach(&self) -> Reach<'_> {
        Reach::Known(|host| host.ends_with(SUFFIX))
    }

    fn key_id(&self) -> Option<&str> {
        Some(&self.key_id)
    }
}

impl fmt::Debug for HttpSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpSignature")
            .field("merchant_id", &self.merchant_id)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

/// Begins the line of a further header.
fn push_name(out: &mut Vec<u8>, name: &str) {
    out.push(b'\n');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
}

fn digest(request: &SigningRequest<'_>) -> Result<HeaderValue, SignError> {
    let hash = request.payload().hash().ok_or_else(|| {
        SignError::new(SignErrorKind::Payload, "the signature covers the body, whose SHA-256 is not known")
    })?;
    const ALGORITHM: &[u8] = b"SHA-256=";
    let mut value = Vec::with_capacity(ALGORITHM.len() + BASE64_LENGTH);
    value.extend_from_slice(ALGORITHM);
    push_base64(&mut value, hash.as_bytes());
    Ok(header::value(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AuthParams, Payload, Registry, Timestamp};

    const NOW: Timestamp = Timestamp::from_unix(1_709_210_096).unwrap();

    #[test]
    fn a_post_that_became_a_get_loses_its_digest() {
        let params: AuthParams = [
            ("Method", METHOD_NAME),
            ("MerchantId", "m"),
            ("MerchantKeyID", "k"),
            ("MerchantSecretKey", "AAEC"),
        ]
        .into_iter()
        .collect();
        let signer = Registry::new().signer(&params).unwrap();
        let mut head =
            http::Request::post("https://apitest.cybersource.com/p").body(()).unwrap().into_parts().0;
        signer.sign(&mut head, &Payload::of(b"{}"), NOW).unwrap();
        assert!(head.headers.contains_key(DIGEST));
        head.method = http::Method::GET;
        signer.sign(&mut head, &Payload::EMPTY, NOW).unwrap();
        assert!(!head.headers.contains_key(DIGEST));
        assert!(!head.headers[SIGNATURE].to_str().unwrap().contains("digest"));
    }

    #[test]
    fn the_target_has_a_path_also_where_the_url_has_only_a_query() {
        let params: AuthParams = [
            ("Method", METHOD_NAME),
            ("MerchantId", "m"),
            ("MerchantKeyID", "k"),
            ("MerchantSecretKey", "AAEC"),
        ]
        .into_iter()
        .collect();
        let signer = Registry::new().signer(&params).unwrap();
        let head = http::Request::get("https://apitest.cybersource.com?x=1").body(()).unwrap().into_parts().0;
        let shown = signer.explain(&head, &Payload::EMPTY, NOW, crate::Masking::Masked).unwrap();
        assert!(shown.string_to_sign().unwrap().contains("\nrequest-target: get /?x=1\n"));
    }
}
