//! How often memory is asked for.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use crate::{COUNTED, Contender, WARM_UP};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Of [`COUNTED`] signatures.
pub(crate) struct Allocations(usize);

impl Allocations {
    pub(crate) fn of(contender: &mut dyn Contender) -> Self {
        contender.run(WARM_UP, &mut |work| work());
        let mut count = 0;
        contender.run(COUNTED, &mut |work| {
            let region = Region::new(ALLOCATOR);
            work();
            let change = region.change();
            // What grows is allocated, too.
            count += change.allocations + change.reallocations;
        });
        Self(count)
    }

    pub(crate) fn for_each(&self) -> f64 {
        self.0 as f64 / COUNTED as f64
    }
}

/// What `made` still holds of the memory that making it took.
pub(crate) fn bytes_of<T>(make: impl FnOnce() -> T) -> usize {
    let region = Region::new(ALLOCATOR);
    let made = make();
    let change = region.change();
    drop(made);
    change.bytes_allocated.saturating_sub(change.bytes_deallocated)
}
