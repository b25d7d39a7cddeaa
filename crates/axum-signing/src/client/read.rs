//! Reading a body up to a limit.

use std::future::poll_fn;
use std::pin::Pin;

use axum_core::body::Body;
use http_body::Body as _;

/// Why a body was not read to its end.
pub(crate) enum ReadError {
    TooLong,
    BrokenOff(axum_core::Error),
}

/// Appends `body` to `bytes`, which are never longer than `limit`. What was read stays, whatever the end.
pub(crate) async fn read(body: &mut Body, limit: usize, bytes: &mut Vec<u8>) -> Result<(), ReadError> {
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
        let frame = frame.map_err(ReadError::BrokenOff)?;
        let Ok(data) = frame.into_data() else { continue };
        let room = limit - bytes.len();
        if data.len() > room {
            bytes.extend_from_slice(&data[..room]);
            return Err(ReadError::TooLong);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(())
}
