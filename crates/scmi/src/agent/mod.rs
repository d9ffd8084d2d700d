//! The asking engine: calls in flight, tokens, deadlines, late and delayed answers, events.
//!
//! 1. [`Agent`] has no I/O: it takes bytes and a time and gives bytes, events and the next deadline.
//! 2. [`Link`] is an agent with a [`crate::transport::Channel`], which may come later, go away and come back.
//! 3. Two fronts of it: [`Client`] waits, a call at a time; [`Tasks`] lets many tasks wait for many calls, with nothing
//!    but [`core::task::Waker`].
//!
//! The typed calls of each protocol (`protocol::*::agent`) are [`Steps`], written once for both fronts.

mod ask;
mod asking;
mod caller;
pub(crate) use caller::{record, same, take};
pub(crate) use query::{Kept, What, fill};
mod client;
mod coming;
mod counters;
mod engine;
mod error;
mod events;
mod front;
mod line;
mod link;
mod lock;
mod query;
mod request;
mod slot;
mod steps;
mod tasks;
#[cfg(test)]
mod tests;
mod wakers;

pub use ask::Ask;
pub use asking::Asking;
pub use caller::{Caller, CallerExt};
pub use client::{Client, Within};
pub use coming::{Attached, Events, NextEvent};
pub use counters::Counters;
pub use engine::Agent;
pub use error::{CallError, Malformed};
pub use events::Event;
pub use front::{Asked, Blocking, Front};
pub use line::{Line, Wake};
pub use link::Link;
pub use lock::Lock;
pub use request::{Request, Timeouts, Transmit};
pub use slot::CallId;
pub use steps::{Steps, Whole};
pub use tasks::Tasks;
pub use wakers::Woken;
