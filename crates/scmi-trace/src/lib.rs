//! What agents and a platform say to each other, in a file.
//!
//! A trace is a pcapng file: an interface an agent, a packet a message, so that every tool that reads captures reads it.
//! What a packet looks like stands in docs/trace.md and in [`Frame`].
//!
//! 1. [`Frame`]: a message with what was seen around it, as the bytes of a packet.
//! 2. [`Tracer`] and [`Port`]: write a file beside the work that is traced, which never waits for it.
//! 3. [`Reader`]: reads a file, packet by packet, whatever is in it.
//! 4. [`Matcher`]: which command an answer belongs to, and how long it took.
//! 5. [`Versions`]: in which version of its protocol a message is to be read.
//! 6. [`dissector()`]: the same for Wireshark, in Lua.

#![forbid(unsafe_code)]

mod blocks;
mod dissector;
mod frame;
mod matcher;
mod port;
#[cfg(any(test, fuzzing))]
pub mod proofs;
mod reader;
mod record;
mod versions;
mod writer;

pub use dissector::dissector;
pub use frame::{Channel, Frame, FrameError, Kind, LINK_TYPE};
pub use matcher::{Match, Matcher};
pub use port::{Entry, Port};
pub use reader::{Item, Packet, ReadError, Reader, Statistics};
pub use versions::Versions;
pub use writer::{Ended, Status, Tracer};
