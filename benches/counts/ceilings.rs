//! What may not be exceeded. A change that needs more argues for it here.

use crate::cases::Who;

/// Of one signature; `None`: not limited.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ceiling {
    pub(crate) allocations: Option<u32>,
    /// Executed outside the hash's block function.
    pub(crate) instructions: Option<u32>,
}

/// Case, who, allocations, instructions outside the hash. Those of `Signer` in a, b and c are budgets; the others are a
/// tenth above what was counted, since C libraries differ.
const CEILINGS: &[(&str, Who, u32, u32)] = &[
    ("a", Who::Signer, 1, 5_500),
    ("a", Who::Service, 3, 24_500),
    ("a2", Who::Signer, 5, 16_500),
    ("a2", Who::Service, 5, 26_000),
    ("b", Who::Signer, 2, 6_500),
    ("b", Who::Service, 2, 27_000),
    ("b2", Who::Signer, 4, 18_500),
    ("b2", Who::Service, 4, 29_000),
    ("c", Who::Signer, 1, 26_000),
    ("c", Who::Service, 5, 68_000),
    ("d", Who::Signer, 3, 13_000),
    ("d", Who::Service, 3, 30_000),
    ("e", Who::Service, 26, 90_000),
    ("f", Who::Signer, 10, 22_500),
    ("g", Who::Signer, 3, 21_500),
    ("g", Who::Service, 3, 31_000),
    ("h1", Who::Signer, 4, 8_000),
    ("h2", Who::Signer, 7, 8_200),
    ("h3", Who::Signer, 7, 7_400),
    ("h4", Who::Signer, 7, 9_800),
    ("h5", Who::Signer, 5, 6_900),
    ("h6", Who::Signer, 1, 1_700),
    ("i", Who::Signer, 5, 22_500),
    ("i", Who::Service, 5, 33_500),
    ("r", Who::Service, 3, 23_500),
    ("r", Who::Routed, 3, 23_500),
];

/// In memory, of a section as a config file has it.
pub(crate) const BYTES_OF_SECTION: u32 = 2048;

pub(crate) fn ceiling(key: &str, who: Who) -> Ceiling {
    let found = CEILINGS.iter().find(|(of, by, ..)| *of == key && *by == who);
    found.map_or(Ceiling::default(), |&(_, _, allocations, instructions)| Ceiling {
        allocations: Some(allocations),
        instructions: Some(instructions),
    })
}
