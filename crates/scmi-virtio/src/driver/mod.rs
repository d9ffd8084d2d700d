//! The guest's side of the device: an agent's channel over virtqueues.
//!
//! 1. [`Dma`], [`Region`], [`Shared`]: memory that both sides reach.
//! 2. [`queue`]: a virtqueue whose used ring is not trusted.

mod memory;
pub mod queue;

#[cfg(test)]
pub(crate) mod testing;

pub use memory::{ALIGNMENT, Dma, Region, Shared};
