//! One buffer per thread, used again by every signature.

use std::cell::Cell;

thread_local! {
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Larger buffers are given back to the allocator: one odd request must not cost memory for ever.
const LARGEST_KEPT: usize = 64 * 1024;

/// Calls `write` with an empty buffer that has room from earlier signatures.
///
/// Nested calls get buffers of their own.
pub(crate) fn with_buffer<T>(write: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    let mut buffer = SPARE.take();
    buffer.clear();
    let result = write(&mut buffer);
    if buffer.capacity() <= LARGEST_KEPT {
        SPARE.set(buffer);
    }
    result
}
