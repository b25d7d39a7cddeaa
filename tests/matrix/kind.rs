//! The kinds of bodies.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full};
use serde_json::{Value, json};

/// What a layer may hold of a stream in memory: more than a short body, less than a long one.
pub(crate) const BUFFER_LIMIT: u64 = 64 * 1024;
const SPOOL_LIMIT: u64 = 1024 * 1024;
const SHORT: usize = 40_000;
const LONG: usize = 300_000;

/// A body in pieces, as clients of HTTP take it.
pub(crate) type Upload = BoxBody<Bytes, Infallible>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The only one that is no upload: a GET.
    None,
    /// In memory.
    Bytes,
    /// In memory, without a byte.
    Empty,
    /// A stream of known length.
    Sized,
    /// A stream of unknown length.
    Open,
    /// Of unknown length, longer than memory may hold, and a file may hold it.
    Spooled,
    /// Of known length, longer than may be held.
    LongSized,
    /// Of unknown length, longer than may be held.
    LongOpen,
    /// A form of several parts.
    Multipart,
    /// A value that the client writes.
    Json,
}

impl Kind {
    pub(crate) const ALL: [Self; 10] = [
        Self::None,
        Self::Bytes,
        Self::Empty,
        Self::Sized,
        Self::Open,
        Self::Spooled,
        Self::LongSized,
        Self::LongOpen,
        Self::Multipart,
        Self::Json,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Bytes => "bytes",
            Self::Empty => "empty",
            Self::Sized => "sized",
            Self::Open => "open",
            Self::Spooled => "spooled",
            Self::LongSized => "long sized",
            Self::LongOpen => "long open",
            Self::Multipart => "multipart",
            Self::Json => "json",
        }
    }

    /// Whether it is longer than may be held.
    pub(crate) fn is_long(self) -> bool {
        matches!(self, Self::LongSized | Self::LongOpen)
    }

    /// How much of it may be in a file.
    pub(crate) fn spool_limit(self) -> u64 {
        if self == Self::Spooled { SPOOL_LIMIT } else { 0 }
    }

    /// What a client that makes forms or JSON knows by itself.
    pub(crate) fn sets_content_type(self) -> bool {
        matches!(self, Self::Multipart | Self::Json)
    }

    /// What is to arrive. (Only its client knows how a form is written.) It is text, so that it can be an argument.
    pub(crate) fn content(self) -> Bytes {
        let letters = |length: u32| (0..length).map(|at| b'a' + (at.wrapping_mul(2_654_435_761) >> 28) as u8);
        match self {
            Self::None | Self::Empty | Self::Multipart => Bytes::new(),
            Self::Bytes | Self::Sized | Self::Open => letters(SHORT as u32).collect(),
            Self::Spooled | Self::LongSized | Self::LongOpen => letters(LONG as u32).collect(),
            Self::Json => json().to_string().into(),
        }
    }

    /// For clients that take any body.
    pub(crate) fn upload(self) -> Upload {
        let content = self.content();
        match self {
            Self::None => Empty::new().boxed(),
            Self::Bytes | Self::Empty | Self::Multipart | Self::Json => Full::new(content).boxed(),
            Self::Sized | Self::LongSized => Pieces { left: content, tells_length: true }.boxed(),
            Self::Open | Self::Spooled | Self::LongOpen => {
                Pieces { left: content, tells_length: false }.boxed()
            }
        }
    }
}

/// The value that is sent as JSON.
pub(crate) fn json() -> Value {
    json!({ "amount": "12.50", "currency": "EUR", "note": "für Zoë\n" })
}

/// A stream whose pieces end where no chunk does.
struct Pieces {
    left: Bytes,
    tells_length: bool,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let length = self.left.len().min(9_001);
        let piece = self.left.split_to(length);
        Poll::Ready((length > 0).then(|| Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        if self.tells_length { SizeHint::with_exact(self.left.len() as u64) } else { SizeHint::new() }
    }
}
