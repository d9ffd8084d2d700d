//! SCMI through the raw mode of a Linux kernel: an [`scmi::transport::Channel`] to the platform of the machine we
//! run on, whatever transport that has, for tools and for tests.
//!
//! A kernel with `CONFIG_ARM_SCMI_RAW_MODE_SUPPORT` shows each SCMI instance below `/sys/kernel/debug/scmi`. What is
//! written to its file `raw/message` goes to the platform as it is; answers are read from there, a message a read.
//! What is special about this way:
//!
//! - Linux finds an answer's command by the token alone and shows the command's header with it: whether a platform
//!   echoes headers bit for bit cannot be seen. Bits `[31:28]` of a header do not reach the platform.
//! - Answers with more than 124 bytes of values are lost in the kernel ("Cannot collect xfer into buffer"), although
//!   it offers the platform room for 128.
//! - A command that asks for a delayed response has a file of its own.
//! - All processes share one queue of answers and one of notifications. Two channels keep out of each other's way: one
//!   holds a lock on the answers while its commands are in flight, and only one at a time reads notifications.

#![forbid(unsafe_code)]

mod channel;
mod error;
mod files;
mod flight;
#[cfg(test)]
mod tests;

pub use channel::RawChannel;
pub use error::RawError;
