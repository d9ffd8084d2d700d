//! SCMI over virtio: the virtio device 32, which carries one agent's messages to its platform.
//!
//! 1. [`ids`]: the numbers that both sides must agree on: device, features, queues, shared memory regions.
//! 2. [`device`]: what a device does with the chains that a driver offers, whatever the virtqueues are made
//!    of. A hypervisor with queues of its own implements one small trait.
//! 3. [`driver`]: the guest's side: virtqueues, MMIO and PCI, and a channel for an agent. No allocator.
//!
//! Requirement numbers R1 to R22 are the project's own numbering of the virtio specification's statements on
//! this device, in the order of the specification.

#![no_std]
// The driver's memory and registers are reached through pointers; each module that does so says why.
#![cfg_attr(not(feature = "driver"), forbid(unsafe_code))]
#![cfg_attr(feature = "driver", deny(unsafe_code))]
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

#[cfg(feature = "device")]
extern crate alloc;
#[cfg(any(test, fuzzing))]
extern crate std;

#[cfg(feature = "device")]
pub mod device;
#[cfg(feature = "driver")]
pub mod driver;
pub mod ids;
#[cfg(all(any(test, fuzzing), feature = "driver"))]
pub mod proofs;
