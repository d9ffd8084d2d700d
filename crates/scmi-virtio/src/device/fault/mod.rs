//! A device that misbehaves on purpose, for whoever tests a driver.
//!
//! 1. [`Saboteur`]: decides. It is asked once for each answer, delayed response and notification, and may have a
//!    [`Plan`] for it.
//! 2. [`Acts`]: all that a plan can want; [`Kind`] names each.
//! 3. [`Sabotage`]: what one device has to do for plans later: answers held back, events of its own.
//! 4. [`Sabotaged`] and [`Lying`]: the responder and the queue that carry plans out. They wrap the ones that a
//!    [`Device`](super::Device) is given anyway, so its rules know nothing of faults.
//!
//! Even so nothing is ever written outside the room that a driver offered, and only used lengths and the used ring lie.
//! What is held back is bounded: an answer keeps its chain, of which a [`Device`](super::Device) parks a fixed number; events are
//! at most [`Sabotage::MAX_EVENTS`], floods [`Sabotage::MAX_FLOODS`].

mod acts;
mod alter;
mod responder;
mod saboteur;
mod state;
#[cfg(test)]
mod tests;
mod verdict;

pub use acts::{Acts, Flood, HeaderBits, Kind, UsedLength};
pub use responder::{Name, Sabotaged};
pub use saboteur::{Deed, Moment, Plan, Saboteur, Subject};
pub use state::{Lost, Sabotage};
pub use verdict::{Lying, Verdict};
