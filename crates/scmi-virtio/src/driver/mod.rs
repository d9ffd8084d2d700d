//! The guest's side of the device: an agent's channel over virtqueues, without an allocator.
//!
//! 1. [`Driver`]: the device as a [`Channel`](scmi::transport::Channel); [`Options`], [`Clock`], and where it is
//!    in its [`Life`].
//! 2. [`Transport`]: its registers, over MMIO ([`MmioTransport`]) or PCI ([`PciTransport`]); [`Registers`], [`Mmio`]:
//!    what those are made of.
//! 3. [`Dma`], [`Region`], [`Shared`]: memory that both sides reach. Features add `GuestDma`, the memory of a guest without a
//!    VM (`vm-memory`), and `HalDma`, pages of an operating system that has a `Hal` already (`virtio-drivers`).
//! 4. [`queue`]: a virtqueue whose used ring is not trusted.
//!
//! # What holds
//!
//! - Memory that the device was given is not used for anything else before the device gave it back or said that it was
//!   reset. A device that says neither keeps it for good.
//! - The device is reset before the driver goes. What it does after that finds nobody, and is counted at the
//!   next start.
//! - Whatever a device does to memory and registers ends in an answer, a counter, or a closed channel.
//! - Nothing here panics, allocates, or waits without a deadline of its caller's.

mod channel;
mod clock;
mod counters;
mod error;
mod life;
mod memory;
mod options;
pub mod queue;
mod queues;
mod registers;
mod slots;
mod transport;
#[cfg(feature = "virtio-drivers")]
mod virtio_drivers;
#[cfg(feature = "vm-memory")]
mod vm_memory;

#[cfg(any(test, fuzzing))]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use channel::Driver;
pub use clock::Clock;
pub use counters::Counters;
pub use error::{StartError, Trouble};
pub use life::Life;
pub use memory::{ALIGNMENT, Dma, Region, Shared};
pub use options::Options;
pub use registers::{Mmio, Registers};
pub use transport::{
    Bar, Interrupts, MmioTransport, PciFunction, PciTransport, ProbeError, Status, Transport,
    Vectors, Window,
};
#[cfg(feature = "virtio-drivers")]
pub use virtio_drivers::HalDma;
#[cfg(feature = "vm-memory")]
pub use vm_memory::GuestDma;
