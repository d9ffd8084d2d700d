//! Two agents made of our own crate, and one without an event queue, ask our platform everything over vhost-user.
//!
//! [`walk`] serves the board of this crate to agents that speak each version of a protocol in turn, has a test's steps
//! ask, and then holds what was asked against the protocol's table of messages: every command was answered and its answer understood, every notification and delayed response came,
//! every refusal that the table has was met, and no other was. What cannot be met here, the test names with the
//! reason ([`Never`]).
//!
//! The typed calls of `scmi` take an [`Agent`]; what they cannot ask, because it is wrong, [`Agent::raw`] does.

mod agent;
mod demands;
mod ledger;
mod walk;

pub use agent::Agent;
pub use demands::Never;
pub use walk::{Walk, walk};
