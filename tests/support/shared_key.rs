//! Shared Key of Azure Storage, which none of our methods is: a method of a user's own can be complete.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use signing_core::{
    Changes, MacKey, Method, ParamError, ParamReader, Reach, Registry, SignError, SignErrorKind,
    SigningRequest,
};

/// Its name in a section.
pub(crate) const METHOD_NAME: &str = "azure-storage-shared-key";
const DATE: &str = "x-ms-date";

/// `Authorization: SharedKey ACCOUNT:SIGNATURE`, for the Blob service.
///
/// Spec: [Authorize with Shared Key][spec].
///
/// [spec]: https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
struct SharedKey {
    account: String,
    key: MacKey,
}

impl SharedKey {
    fn from_params(params: &mut ParamReader<'_>) -> Result<Self, ParamError> {
        let account = params.text("AccountName")?.to_owned();
        Ok(Self { account, key: MacKey::new(params.base64_key("SecretAccessKey")?.expose()) })
    }

    fn string_to_sign(&self, request: &SigningRequest<'_>, date: &str) -> Result<String, SignError> {
        let not_text = |error| {
            SignError::new(SignErrorKind::Request, "a header that is signed is not ASCII").with_source(error)
        };
        let header = |name: &str| match request.headers().get(name) {
            Some(value) => value.to_str().map_err(not_text),
            None => Ok(""),
        };
        let length = request.payload().length().filter(|length| *length > 0);
        let mut lines = vec![
            request.method().to_owned(),
            header("content-encoding")?.to_owned(),
            header("content-language")?.to_owned(),
            length.map(|length| length.to_string()).unwrap_or_default(),
            header("content-md5")?.to_owned(),
            header("content-type")?.to_owned(),
            String::new(), // x-ms-date stands in for Date
        ];
        for name in ["if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range"] {
            lines.push(header(name)?.to_owned());
        }
        let mut canonical = BTreeMap::from([(DATE, date)]);
        for name in request
            .headers()
            .keys()
            .filter(|name| name.as_str().starts_with("x-ms-") && name.as_str() != DATE)
        {
            canonical.insert(name.as_str(), header(name.as_str())?);
        }
        lines.extend(canonical.into_iter().map(|(name, value)| format!("{name}:{value}")));
        lines.push(self.canonical_resource(request));
        Ok(lines.join("\n"))
    }

    fn canonical_resource(&self, request: &SigningRequest<'_>) -> String {
        let mut resource = format!("/{}{}", self.account, request.uri().path());
        let decoded = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
        let mut parameters: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for pair in request.uri().query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            parameters.entry(decoded(name).to_lowercase()).or_default().push(decoded(value));
        }
        for (name, mut values) in parameters {
            values.sort();
            resource.push_str(&format!("\n{name}:{}", values.join(",")));
        }
        resource
    }
}

impl Method for SharedKey {
    fn sign(&self, request: &SigningRequest<'_>, changes: &mut Changes) -> Result<(), SignError> {
        let date = request.now().imf_fixdate();
        let text = self.string_to_sign(request, std::str::from_utf8(&date).unwrap())?;
        changes.record_string_to_sign(text.as_bytes());
        let signature = STANDARD.encode(self.key.sign(text.as_bytes()));
        let mut value = HeaderValue::try_from(format!("SharedKey {}:{signature}", self.account)).unwrap();
        value.set_sensitive(true);
        changes.set(HeaderName::from_static(DATE), HeaderValue::from_bytes(&date).unwrap());
        changes.set(http::header::AUTHORIZATION, value);
        Ok(())
    }

    fn reach(&self) -> Reach<'_> {
        Reach::Known(|host| host.ends_with(".blob.core.windows.net"))
    }
}

/// All methods, and this one.
pub(crate) fn registry() -> Registry {
    let mut registry = Registry::new();
    registry.register(METHOD_NAME, SharedKey::from_params).unwrap();
    registry
}
