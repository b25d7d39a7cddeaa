//! Frames of a body, found by their position in it.

use bytes::{Bytes, BytesMut};

/// Frames below this are joined: each one kept apart costs memory beside its bytes.
const SMALL_FRAME: usize = 1024;

/// Joined frames are closed at this length: a look at those that are still open copies them.
const MOST_JOINED: usize = 16 * 1024;

/// A run of a body's bytes. Frames are kept as they came, unless they are small.
#[derive(Debug)]
pub(crate) struct Frames {
    /// With the position of their first bytes.
    closed: Vec<(u64, Bytes)>,
    /// Small frames that came after the last closed one.
    joined: BytesMut,
    start: u64,
    end: u64,
}

impl Frames {
    /// What is pushed first stands at `start`.
    pub(crate) fn new(start: u64) -> Self {
        Self { closed: Vec::new(), joined: BytesMut::new(), start, end: start }
    }

    pub(crate) fn start(&self) -> u64 {
        self.start
    }

    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    pub(crate) fn len(&self) -> u64 {
        self.end - self.start
    }

    pub(crate) fn push(&mut self, data: Bytes) {
        let length = data.len();
        if length >= SMALL_FRAME {
            self.close();
            self.closed.push((self.end, data));
        } else {
            self.joined.extend_from_slice(&data);
        }
        self.end += length as u64;
        if self.joined.len() >= MOST_JOINED {
            self.close();
        }
    }

    /// What stands at `position`, up to the end of its frame. Nothing stands at the end.
    pub(crate) fn at(&self, position: u64) -> Option<Bytes> {
        if !(self.start..self.end).contains(&position) {
            return None;
        }
        let open = self.end - self.joined.len() as u64;
        if let Some(within) = position.checked_sub(open) {
            return Some(Bytes::copy_from_slice(&self.joined[within as usize..]));
        }
        let after = self.closed.partition_point(|(start, _)| *start <= position);
        let (start, data) = &self.closed[after - 1];
        Some(data.slice((position - start) as usize..))
    }

    /// All of it, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let joined = Some(&*self.joined).filter(|joined| !joined.is_empty());
        self.closed.iter().map(|(_, data)| &**data).chain(joined)
    }

    /// All of it, in order.
    pub(crate) fn into_frames(mut self) -> impl Iterator<Item = Bytes> {
        self.close();
        self.closed.into_iter().map(|(_, data)| data)
    }

    fn close(&mut self) {
        if !self.joined.is_empty() {
            let joined = self.joined.split().freeze();
            // They end where what comes next begins.
            self.closed.push((self.end - joined.len() as u64, joined));
        }
    }
}
