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
//!
//! # A program
//!
//! ```no_run
//! use core::cell::UnsafeCell;
//! use core::ptr::NonNull;
//!
//! use scmi::Time;
//! use scmi_virtio::driver::{Clock, Driver, Mmio, MmioTransport, Options, Region};
//!
//! const BYTES: usize = Options::DEFAULT.memory(64, 64);
//!
//! #[repr(align(16))]
//! struct Shared(UnsafeCell<[u8; BYTES]>);
//! // SAFETY: nothing but the driver's region touches it.
//! unsafe impl Sync for Shared {}
//! static SHARED: Shared = Shared(UnsafeCell::new([0; BYTES]));
//!
//! struct Timer;
//! impl Clock for Timer {
//!     fn now(&self) -> Time {
//!         Time::from_nanos(0) // read the machine's counter here
//!     }
//! }
//!
//! // SAFETY: the machine's documentation says that a place for a virtio device is mapped there.
//! let registers = unsafe { Mmio::new(NonNull::new(0x0a00_3e00 as *mut u8).unwrap(), 0x200) };
//! let memory = NonNull::new(SHARED.0.get().cast()).unwrap();
//! let address = u64::try_from(memory.addr().get()).unwrap();
//! // SAFETY: a static that nothing else uses, under an identity mapping.
//! let memory = unsafe { Region::new(memory, BYTES, address) }.unwrap();
//! let transport = MmioTransport::new(registers)?;
//! let driver: Driver<_, _, _> = Driver::new(transport, memory, Timer, Options::DEFAULT)?;
//! // The driver is a channel: give it to an agent of `scmi::agent`.
//! # drop(driver);
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

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
#[cfg_attr(not(test), expect(unused, reason = "fuzzing needs a part of what the tests share"))]
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
