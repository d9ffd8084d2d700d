//! SCMI over shared memory and a doorbell: the transport of most firmware, and the smallest for a hypervisor.
//!
//! An *area* is a piece of memory that both sides see, with room for one message and a word that says whose it is. The
//! agent puts a command into the first area and rings; the platform puts the answer in the same place and gives the area
//! back. A second area, if there is one, goes the other way: notifications and delayed responses.
//!
//! 1. [`Memory`]: words that somebody else may change at any time; [`map`] makes them of an address.
//! 2. [`Area`]: the layout, and the order in which its words are read and written.
//! 3. [`Doorbell`]: how one side tells the other to look.
//! 4. [`agent`]: the asking end, a channel for the agents of the `scmi` crate.
//! 5. [`platform`]: the answering end, for one agent of the `scmi` crate's platform.
//!
#![cfg_attr(
    feature = "arm-scmi",
    doc = "[`OverChannel`] runs code written for the `arm-scmi` crate over any channel.\n"
)]
//! # Layout
//!
//! | offset | word |
//! |---|---|
//! | 0 | reserved |
//! | 4 | channel status: bit 0 free, bit 1 error |
//! | 8, 12 | reserved |
//! | 16 | channel flags: bit 0 interrupt when done |
//! | 20 | length of the message in bytes, its header included |
//! | 24 | message header |
//! | 28 | payload; of an answer, its status first |
//!
//! # Example
//!
//! Both ends in one program; the doorbell is a call, as an SMC is.
//!
#![cfg_attr(all(feature = "agent", feature = "platform"), doc = "```")]
#![cfg_attr(not(all(feature = "agent", feature = "platform")), doc = "```ignore")]
//! use core::cell::RefCell;
//! use core::sync::atomic::AtomicU32;
//! use scmi::Time;
//! use scmi::agent::{CallerExt as _, Client};
//! use scmi::platform::{AgentId, Platform};
//! use scmi::protocol::base::platform::Identity;
//! use scmi::wire::{ProtocolId, Version};
//! use scmi_shmem::{Area, Line, agent::{AgentEnd, Clock}, platform::PlatformEnd};
//!
//! struct Counter;
//! impl Clock for Counter {
//!     fn now(&self) -> Time {
//!         Time::ZERO // a timer of the machine
//!     }
//! }
//!
//! let memory: &[AtomicU32] = &[const { AtomicU32::new(0) }; 64];
//!
//! // The platform.
//! let mut platform = Platform::builder(Identity::default()).agent("guest", &[]).build()?;
//! let guest = AgentId::from_index(0).unwrap();
//! let mut end = PlatformEnd::new(guest, Area::new(memory)?, |_: Line| Ok(()));
//! end.connect(Time::ZERO, &mut platform);
//! let host = RefCell::new((platform, end));
//!
//! // The agent.
//! let smc = |_: Line| {
//!     let (platform, end) = &mut *host.borrow_mut();
//!     end.command(Time::ZERO, platform);
//!     Ok(())
//! };
//! let mut channel = AgentEnd::new(Area::new(memory)?, smc, Counter);
//! let mut client: Client<'_> = Client::new(&mut channel);
//! assert_eq!(client.protocol_version(ProtocolId::BASE)?, Version::new(2, 1));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! # Doorbells for an agent
//!
//! **SMC or HVC** (`arm,scmi-smc`): call `arm,smc-id`; x1 and x2 are 0, or with `arm,scmi-smc-param` the number of the
//! area's page of 4 KiB and the offset in it. A result other than 0 is [`Unheard`]. When the call returns the answer is
//! there, so a [`Clock`](agent::Clock) that does not sleep will do; with an interrupt `a2p` use
//! `AgentEnd::with_interrupts`. Linux takes no events over it.
//!
//! ```text
//! fn ring(&mut self, _: Line) -> Result<(), Unheard> {
//!     match smc(self.function, self.page, self.offset) { 0 => Ok(()), _ => Err(Unheard) }
//! }
//! ```
//!
//! **Mailbox** (`arm,scmi`): `dsb st`, then the write that makes the mailbox ring, `tx` for [`Line::Command`] and, where
//! there is one, `rx_reply` for [`Line::EventTaken`]. The handler of `tx` (or `tx_reply`) and of `rx` clears its
//! interrupt and wakes whoever is in [`Clock::sleep`](agent::Clock::sleep).
//!
//! # Doorbells for a platform
//!
//! Whoever traps the SMC, or handles the mailbox's interrupt, calls
//! [`PlatformEnd::command`](platform::PlatformEnd::command) and then [`PlatformEnd::poll`](platform::PlatformEnd::poll). If
//! that said [`Served::Later`](platform::Served::Later), a guest that takes the end of its call for the answer (Linux,
//! unless there is `a2p`) must not run on until `poll` says [`Served::Answered`](platform::Served::Answered). Its
//! doorbell injects `a2p` or rings `tx_reply` for [`Line::Answer`], and `rx` for [`Line::Event`].
//!
//! `guest/hypervisor` in this project's repository does that for an unmodified Linux, at exception level 2 and with nothing else
//! below it: its `scmi.rs` is all that joins a platform and an area.
#![no_std]
#![deny(unsafe_code)]
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

#[cfg(test)]
extern crate std;

#[cfg(feature = "agent")]
pub mod agent;
mod area;
#[cfg(feature = "arm-scmi")]
mod arm_scmi;
mod doorbell;
mod layout;
mod map;
mod memory;
#[cfg(feature = "platform")]
pub mod platform;
#[cfg(all(test, feature = "agent", feature = "platform"))]
mod tests;

pub use area::{Area, AreaTooSmall};
#[cfg(feature = "arm-scmi")]
pub use arm_scmi::OverChannel;
pub use doorbell::{Doorbell, Line, Unheard};
pub use layout::{ChannelFlags, ChannelStatus, HEAD_BYTES, MIN_AREA_BYTES};
pub use map::map;
pub use memory::Memory;

/// One more, around the end.
#[cfg(any(feature = "agent", feature = "platform"))]
fn count(counter: &mut u64) {
    *counter = counter.wrapping_add(1);
}
