//! Faults on demand: rules that say which messages something is done to, and the saboteur that goes by them.
//!
//! 1. [`FaultRule`]: one rule, of a board file or made later.
//! 2. [`Faults`]: the rules that stand now, what they have seen and done. It has no clock: each message brings its time.

mod engine;
mod rule;

pub use engine::{FaultReport, FaultTotals, Faults, NotAdded};
pub use rule::FaultRule;
