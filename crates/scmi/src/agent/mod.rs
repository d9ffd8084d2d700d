//! The asking engine: calls in flight, tokens, deadlines, late and delayed answers, events.
//!
//! [`Agent`] has no I/O: it takes bytes and a time and gives bytes, events and the next deadline. [`Client`] drives
//! one over a [`crate::transport::Channel`], a call at a time; the typed calls of each protocol
//! (`protocol::*::agent`) take any [`Caller`].

mod client;
pub(crate) use client::take;
mod engine;
mod error;
mod events;
mod slot;
#[cfg(test)]
mod tests;

pub use client::{Caller, CallerExt, Client};
pub use engine::{Agent, Counters, Request, Timeouts, Transmit};
pub use error::{CallError, Malformed};
pub use events::Event;
pub use slot::CallId;
