//! Faults on demand: rules that say which messages something is done to, and the saboteur that goes by them.
//!
//! 1. [`FaultRule`]: one rule, of a board file or made later.
//! 2. [`Resource`]: what it is about, by id or by name.
//! 3. [`Faults`]: the rules that stand now, what they have seen and done. It has no clock: each message brings its time.

mod engine;
mod replace;
mod resource;
mod rule;

pub use engine::{FaultReport, FaultTally, FaultTotals, Faults, NotAdded};
pub(crate) use resource::spaces;
pub use resource::{Named, Resource};
pub use rule::FaultRule;
