//! Header values made of bytes that were checked or written here.

use bytes::Bytes;
use http::HeaderValue;

use crate::ParamError;

/// A value from text that is ASCII and visible by construction.
pub(crate) fn value(text: Vec<u8>) -> HeaderValue {
    HeaderValue::from_maybe_shared(Bytes::from(text)).expect("built of visible ASCII only")
}

/// A value that is a credential, or proves one.
pub(crate) fn sensitive(text: Vec<u8>) -> HeaderValue {
    let mut value = value(text);
    value.set_sensitive(true);
    value
}

/// A parameter that is sent as (part of) a header value: visible ASCII and inner spaces.
pub(crate) fn check_visible(parameter: &'static str, text: &str) -> Result<(), ParamError> {
    if text.trim() == text && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(ParamError::invalid(parameter, "holds characters that a header cannot carry"))
}
