//! What must hold whatever comes: bodies of property tests and of fuzz targets.
//!
//! A body takes any bytes, reads choices from them, and panics when something does not hold. The tests run it on random
//! bytes and on the committed corpus; the target in `fuzz/` is three lines that call it. Nothing of this is part of
//! the crate but in tests and under `cfg(fuzzing)`.

mod driver_ops;
mod input;

#[cfg(test)]
mod tests;

pub use driver_ops::driver_ops;
