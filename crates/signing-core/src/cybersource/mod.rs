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

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::DATE;
use http::request::Parts;
use http::{HeaderName, HeaderValue};

use crate::buffer::with_buffer;
use crate::header::{self, check_visible};
use crate::{
    Changes, MacKey, Method, ParamError, ParamReader, PayloadNeed, Reach, SignError, SignErrorKind,
    SigningRequest,
};

/// Its name in a config file.
pub const METHOD_NAME: &str = "cybersource-http";

static SIGNATURE: HeaderName = HeaderName::from_static("signature");
static DIGEST: HeaderName = HeaderName::from_static("digest");
static MERCHANT_ID: HeaderName = HeaderName::from_static("v-c-merchant-id");
static V_C_DATE: HeaderName = HeaderName::from_static("v-c-date");
const SUFFIX: &str = ".cybersource.com";

/// Signs for one merchant.
pub struct HttpSignature {
    merchant_id: HeaderValue,
    signed_merchant_id: Box<str>,
    key_id: Box<str>,
    key: MacKey,
    date_header: HeaderName,
    request_target: &'static str,
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
        let key = MacKey::new(&params.base64_key("MerchantSecretKey")?);
        let date_header = params.choice("DateHeader", &[("date", false), ("v-c-date", true)])?;
        let request_target = params.choice(
            "RequestTarget",
            &[("request-target", "request-target"), ("(request-target)", "(request-target)")],
        )?;
        let portfolio_id = params.optional_text("PortfolioId")?;
        if let Some(id) = portfolio_id {
            check_visible("PortfolioId", id)?;
        }
        Ok(Self {
            merchant_id: header::value(merchant_id.as_bytes().to_vec()),
            signed_merchant_id: portfolio_id.unwrap_or(merchant_id).into(),
            key_id: key_id.into(),
            key,
            date_header: if date_header.unwrap_or(false) { V_C_DATE.clone() } else { DATE },
            request_target: request_target.unwrap_or("request-target"),
        })
    }

    fn signs_digest(method: &str) -> bool {
        matches!(method, "POST" | "PUT" | "PATCH")
    }
}

impl Method for HttpSignature {
    fn payload_need(&self, head: &Parts) -> PayloadNeed {
        if Self::signs_digest(head.method.as_str()) { PayloadNeed::Sha256 } else { PayloadNeed::Nothing }
    }

    fn sign(&self, request: &SigningRequest<'_>, changes: &mut Changes) -> Result<(), SignError> {
        let host = request.host()?;
        let date = request.now().imf_fixdate();
        let digest = if Self::signs_digest(request.method()) { Some(digest(request)?) } else { None };

        let signature = with_buffer(|buffer| {
            push_line(buffer, "host", &[&host]);
            push_line(buffer, self.date_header.as_str(), &[&date]);
            // The target is written in lower case up to the path, which keeps its case.
            let method = request.method().to_ascii_lowercase();
            let path = request.uri().path();
            let (mark, query) = request.uri().query().map_or(("", ""), |query| ("?", query));
            let target = [method.as_str(), " ", path, mark, query].map(str::as_bytes);
            push_line(buffer, self.request_target, &target);
            if let Some(digest) = &digest {
                push_line(buffer, DIGEST.as_str(), &[digest.as_bytes()]);
            }
            push_line(buffer, MERCHANT_ID.as_str(), &[self.signed_merchant_id.as_bytes()]);
            changes.record_string_to_sign(buffer);

            let signature = STANDARD.encode(self.key.sign(buffer));
            changes.record_signature(signature.as_bytes());
            let digest_name = if digest.is_some() { " digest" } else { "" };
            let value = [
                "keyid=\"",
                &self.key_id,
                "\", algorithm=\"HmacSHA256\", headers=\"host ",
                self.date_header.as_str(),
                " ",
                self.request_target,
                digest_name,
                " v-c-merchant-id\", signature=\"",
                &signature,
                "\"",
            ];
            header::sensitive(value.concat().into_bytes())
        });
        changes.set(MERCHANT_ID.clone(), self.merchant_id.clone());
        changes.set(self.date_header.clone(), header::value(date.to_vec()));
        if request.headers().contains_key(&SIGNATURE) {
            // What an earlier signature left, if it was of another kind: a POST that became a GET by a redirect
            // still bears the digest of its body.
            for stale in [&DIGEST, &DATE, &V_C_DATE] {
                let is_set_anew = *stale == self.date_header || (stale == DIGEST && digest.is_some());
                if !is_set_anew && request.headers().contains_key(stale) {
                    changes.remove(stale.clone());
                }
            }
        }
        if let Some(digest) = digest {
            changes.set(DIGEST.clone(), digest);
        }
        changes.set(SIGNATURE.clone(), signature);
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

/// Appends `name: value`, on a line of its own.
fn push_line(out: &mut Vec<u8>, name: &str, value: &[&[u8]]) {
    if !out.is_empty() {
        out.push(b'\n');
    }
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    for part in value {
        out.extend_from_slice(part);
    }
}

fn digest(request: &SigningRequest<'_>) -> Result<HeaderValue, SignError> {
    let hash = request.payload().hash().ok_or_else(|| {
        SignError::new(SignErrorKind::Payload, "the signature covers the body, whose SHA-256 is not known")
    })?;
    let mut value = String::with_capacity(52);
    value.push_str("SHA-256=");
    STANDARD.encode_string(hash.as_bytes(), &mut value);
    Ok(header::value(value.into_bytes()))
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
        assert!(head.headers.contains_key(&DIGEST));
        head.method = http::Method::GET;
        signer.sign(&mut head, &Payload::EMPTY, NOW).unwrap();
        assert!(!head.headers.contains_key(&DIGEST));
        assert!(!head.headers[&SIGNATURE].to_str().unwrap().contains("digest"));
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
