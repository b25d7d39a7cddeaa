//! Header values made of bytes that were checked or written here.

use std::cell::RefCell;

use bytes::Bytes;
use http::HeaderValue;

use crate::{ParamError, Timestamp};

thread_local! {
    /// Kept per thread, so that threads do not count the uses of one value together.
    static LAST_DATE: RefCell<Option<(Timestamp, HeaderValue)>> = const { RefCell::new(None) };
}

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

/// The date as IMF-fixdate, made once in a second.
pub(crate) fn imf_fixdate(now: Timestamp) -> HeaderValue {
    LAST_DATE.with_borrow_mut(|last| match last {
        Some((second, value)) if *second == now => value.clone(),
        _ => last.insert((now, value(now.imf_fixdate().to_vec()))).1.clone(),
    })
}

/// A parameter that is sent as (part of) a header value: visible ASCII and inner spaces.
pub(crate) fn check_visible(parameter: &'static str, text: &str) -> Result<(), ParamError> {
    if text.trim() == text && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(ParamError::invalid(parameter, "holds characters that a header cannot carry"))
}
