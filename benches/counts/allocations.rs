//! How often memory is asked for.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use crate::{BATCH, Contender, WARM_UP};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

pub(crate) struct Allocations {
    count: usize,
    signatures: usize,
}

impl Allocations {
    pub(crate) fn of(contender: &mut dyn Contender, batches: usize) -> Self {
        contender.run(WARM_UP, &mut |work| work());
        let mut count = 0;
        for _ in 0..batches {
            contender.run(BATCH, &mut |work| {
                let region = Region::new(ALLOCATOR);
                work();
                let change = region.change();
                // What grows is allocated, too.
                count += change.allocations + change.reallocations;
            });
        }
        Self { count, signatures: batches * BATCH }
    }

    pub(crate) fn for_each(&self) -> f64 {
        self.count as f64 / self.signatures as f64
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
