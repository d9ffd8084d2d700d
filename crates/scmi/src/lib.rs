//! SCMI, Arm's System Control and Management Interface, both ends.
//!
//! Read it in this order:
//!
//! 1. [`wire`]: the header, status codes, names and cursors that every message is made of.
//! 2. [`protocol`]: one module a protocol, each with its records, its table of messages, the calls of the
//!    asking side and the server of the answering side.
//! 3. [`platform`]: the answering engine: dispatch, agents, versions, delayed responses, notifications.
//! 4. [`agent`]: the asking engine: calls in flight, tokens, deadlines, late answers.
//! 5. [`transport`]: the seam between an agent and whatever carries its messages, and a loopback.
//! 6. [`decode`]: any message in words, from the protocols' own tables.
//!
//! Nothing here has a clock, a thread, a socket or a logger. Both engines take the time and give bytes, events
//! and the next deadline. Sections named in these documents are those of the SCMI wire reference that the
//! project keeps; tables and numbers follow the 3.2 release (DEN0056E).

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::arithmetic_side_effects
    )
)]

#[cfg(any(feature = "platform", test))]
extern crate alloc;
#[cfg(any(test, fuzzing))]
extern crate std;

/// The README's examples are compiled with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;

#[cfg(feature = "agent")]
pub mod agent;
pub mod decode;
#[cfg(feature = "platform")]
pub mod platform;
#[cfg(all(any(test, fuzzing), feature = "agent", feature = "platform"))]
pub mod proofs;
pub mod protocol;
mod time;
#[cfg(feature = "agent")]
pub mod transport;
pub mod wire;

pub use time::Time;
