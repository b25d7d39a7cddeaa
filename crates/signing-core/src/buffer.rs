//! One buffer per thread, used again by every signature.

use std::cell::Cell;

use zeroize::Zeroize;

thread_local! {
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Room for almost every canonical request. With it from the start, growing leaves no copies behind.
const USUAL: usize = 4 * 1024;

/// Larger buffers are given back to the allocator: one odd request must not cost memory for ever.
const LARGEST_KEPT: usize = 64 * 1024;

/// Calls `write` with an empty buffer that has room from earlier signatures. Nested calls get buffers of their own.
///
/// What was written is wiped: a canonical request holds session tokens.
pub(crate) fn with_buffer<T>(write: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    let mut buffer = SPARE.take();
    buffer.reserve(USUAL);
    let result = write(&mut buffer);
    if buffer.capacity() <= LARGEST_KEPT {
        // The buffer lives on, so this is not optimized away, and it is cheaper than volatile writes.
        buffer.fill(0);
        buffer.clear();
        SPARE.set(buffer);
    } else {
        buffer.zeroize();
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_room_is_kept_empty_and_a_large_one_is_not() {
        // That it is wiped as well cannot be seen from safe code.
        with_buffer(|buffer| buffer.extend_from_slice(b"session-token"));
        let buffer = SPARE.take();
        assert!(buffer.is_empty() && buffer.capacity() >= USUAL);
        with_buffer(|buffer| buffer.reserve(LARGEST_KEPT + 1));
        assert_eq!(SPARE.take().capacity(), 0);
    }
}
