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
    ("a", Who::Service, 1, 7_400),
    ("a", Who::Diagnosed, 7, 10_000),
    ("a2", Who::Signer, 3, 6_800),
    ("a2", Who::Service, 3, 8_500),
    ("b", Who::Signer, 2, 6_500),
    ("b", Who::Service, 3, 10_400),
    ("b2", Who::Signer, 3, 8_100),
    ("b2", Who::Service, 5, 11_500),
    ("c", Who::Signer, 1, 20_700),
    ("c", Who::Service, 1, 22_800),
    ("d", Who::Signer, 2, 4_700),
    ("d", Who::Service, 4, 14_200),
    ("e", Who::Service, 25, 62_000),
    ("f", Who::Signer, 10, 13_700),
    ("g", Who::Signer, 1, 7_400),
    ("g", Who::Service, 1, 9_100),
    ("h1", Who::Signer, 1, 3_500),
    ("h2", Who::Signer, 0, 1_250),
    ("h3", Who::Signer, 0, 1_150),
    ("h4", Who::Signer, 2, 4_700),
    ("h5", Who::Signer, 1, 3_200),
    ("h6", Who::Signer, 0, 900),
    ("i", Who::Signer, 4, 11_200),
    ("i", Who::Service, 4, 12_900),
    ("r", Who::Service, 1, 8_500),
    ("r", Who::Routed, 1, 8_500),
];

/// In memory, of a section as a config file has it.
pub(crate) const BYTES_OF_SECTION: u32 = 2048;

/// What signing adds to a request that hyper sends, in percent of what it takes alone. The budget is 120; from build to
/// build it moves by up to 5.
pub(crate) const PERCENT_ON_THE_WIRE: u32 = 125;

pub(crate) fn ceiling(key: &str, who: Who) -> Ceiling {
    let found = CEILINGS.iter().find(|(of, by, ..)| *of == key && *by == who);
    found.map_or(Ceiling::default(), |&(_, _, allocations, instructions)| Ceiling {
        allocations: Some(allocations),
        instructions: Some(instructions),
    })
}
