//! QEMU's arm64 machine `virt`, for a program that runs on it alone: enough of it to drive an SCMI device.
//!
//! In the order of a start:
//!
//! 1. [`boot`] gets from the image's first instruction to [`entry!`]'s function, with memory mapped as it should be.
//! 2. [`Tree`] says what the machine has.
//! 3. [`console`] prints, and [`power`] switches off; the handlers of exceptions and panics do both.
//! 4. [`Interrupts`] is the interrupt controller with the timer; [`Waiter`] sleeps with it.
//! 5. [`Pci`] finds a function and gives it its place; [`dma`] is memory that devices share.
//! 6. [`run`] finds the SCMI devices, and has a [`Program`] use each in a [`Session`].
//!
//! There is one processor, no allocator, and no handler of interrupts: they stay masked, and the one loop that there
//! is looks which came when it wakes.

#![no_std]

mod amount;
pub mod boot;
pub mod console;
mod devices;
pub mod dma;
mod exception;
mod failure;
mod gic;
mod interrupts;
mod memory;
mod panic;
mod pci;
pub mod power;
mod session;
pub mod timer;
mod tree;

pub use amount::Amount;
pub use devices::{Program, run};
pub use failure::Failure;
pub use interrupts::{Interrupts, Taken, Waiter};
pub use pci::{Function, Pci, PciError};
pub use session::{Device, Session};
pub use tree::{Bridge, Controller, Line, Place, ScmiNode, Tree, VirtioPlace};
