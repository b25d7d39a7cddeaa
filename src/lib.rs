//! The workspace root has no code of its own: see `examples/`, `tests/` and `benches/`.
