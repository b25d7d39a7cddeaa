//! `x-amz-date` as a header.

use std::cell::RefCell;

use http::HeaderValue;

use crate::{Timestamp, header};

thread_local! {
    /// Kept per thread, so that threads do not count the uses of one value together.
    static LAST: RefCell<Option<(Timestamp, HeaderValue)>> = const { RefCell::new(None) };
}

/// The header for `now`, of which `iso` is the text; made once in a second.
#[inline]
pub(super) fn header(now: Timestamp, iso: &[u8; 16]) -> HeaderValue {
    LAST.with_borrow_mut(|last| match last {
        Some((second, value)) if *second == now => value.clone(),
        _ => last.insert((now, header::value(iso.to_vec()))).1.clone(),
    })
}
