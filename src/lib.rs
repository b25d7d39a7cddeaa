//! The workspace root has no code of its own: see `examples/`, `tests/` and `benches/`.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
