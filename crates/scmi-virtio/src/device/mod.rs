//! What an SCMI device does with the chains a driver offers: requirements R1 to R16 of the specification and
//! our readings where it is silent.
//!
//! 1. [`DeviceQueue`]: one virtqueue as this module needs it. Who implements it decides what memory is.
//! 2. [`Responder`]: the platform behind the device, as this module needs it: bytes in, bytes out.
//! 3. [`Device`]: the rules.
//! 4. [`Counters`]: what was served, and every reason for which something was not.
//! 5. [`fault`]: how to make it misbehave on purpose.
//!
//! # The rules
//!
//! - Every chain is completed, whatever it looks like (R3). What cannot be answered is completed with a used
//!   length of zero and counted by reason.
//! - An answer is as large as the room that was offered allows and not a byte larger. The used length is the
//!   number of bytes written from the start of the writable part.
//! - A request is copied once, then judged. One that is longer than any SCMI command is answered with
//!   PROTOCOL_ERROR.
//! - Event buffers are never taken ahead: one is popped when there is something to write and written in the
//!   same call. So none can be left over from an earlier life of the driver.
//! - A chain whose answer comes later is parked, in a table of a fixed size; when the table is full, commands
//!   wait in the ring.
//! - A response is made used before anything that follows from its command goes to the event queue: call
//!   [`Device::replies`] and [`Device::commands`] before [`Device::events`].
//! - One call does a bounded amount of work and says if there is more.

mod counters;
pub mod fault;
mod parked;
mod platform;
mod queue;
mod responder;
mod rules;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use counters::Counters;
pub use platform::PlatformAgent;
pub use queue::{DeviceQueue, Fault, OutsideMemory, Popped, Shape};
pub use responder::{EventOutcome, Outcome, Responder};
pub use rules::{Device, MAX_MESSAGE, Progress, Rest};
