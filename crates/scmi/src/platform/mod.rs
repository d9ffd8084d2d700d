//! The answering engine: all protocols, all agents, all that a platform needs without std.
//!
//! A transport calls [`Platform::connect`] when an agent's channel comes to life, [`Platform::handle`] with each
//! command, [`Platform::poll_event`] while it has buffers for notifications and delayed responses, and
//! [`Platform::poll`] when [`Platform::next_deadline`] has come. Memory is allocated by [`Builder::build`] and
//! never after it.

mod agents;
mod builder;
mod counters;
mod description;
mod device;
mod engine;
mod look;
mod notices;
mod pending;
mod per_agent;
mod permissions;
mod rights;
mod server;
mod space;
mod spec;
mod state;
mod tally;
#[cfg(all(test, feature = "agent"))]
mod tests;
mod view;
mod withdrawal;

pub use agents::{AgentId, AgentSet, Link};
pub use builder::{BuildError, Builder};
pub use counters::{Counters, Refusal};
pub use description::BadDescription;
pub use device::Device;
pub use engine::{EventOutcome, Outcome, Platform};
pub use pending::Ticket;
pub use per_agent::PerAgent;
pub use rights::Rights;
pub use server::{Call, Handled, Outbox, Permit, Server, Topic, Work, exact};
pub use space::Space;
pub use spec::AgentSpec;
pub use state::{BadState, Keeper, StateEntry, StateKey, StateKind, Statement, Subject};
pub use tally::MessageCount;
pub use view::{BadList, Seen, View};
pub use withdrawal::Withdrawal;
