//! What agents have set, as plain data: said, told to whoever keeps it, and taken back by a platform that was started anew.
//!
//! A [`StateEntry`] is one thing that an agent has set: a rate, a vote, a subscription. [`Platform::state`] says all of
//! them. A [`Keeper`] is told of each change before whoever caused it is answered. [`Platform::restore`] puts a platform
//! that was just built into the state that the entries say, without the time that it took to get there; its agents are
//! *away* until their channels come back ([`Platform::resume`]), begin anew ([`Platform::connect`]), or their grace is over.
//!
//! What is not kept: commands that wait for an answer, delayed responses and notifications that were not sent, and what
//! the model makes of itself.
//!
//! [`Platform::state`]: super::Platform::state
//! [`Platform::restore`]: super::Platform::restore
//! [`Platform::resume`]: super::Platform::resume
//! [`Platform::connect`]: super::Platform::connect

mod entry;
mod identity;
mod ledger;
mod restore;
mod statement;
#[cfg(all(test, feature = "agent"))]
mod tests;
mod touched;

pub use entry::{StateEntry, StateKey, StateKind, Subject};
pub use ledger::Keeper;
pub use restore::BadState;
pub use statement::Statement;

pub(super) use ledger::Ledger;
pub(super) use touched::Touched;
