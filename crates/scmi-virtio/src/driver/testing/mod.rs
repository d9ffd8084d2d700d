//! What the driver's tests share: memory, and devices that keep the rules or do not.

mod memory;
mod ring;

pub(crate) use memory::Heap;
pub(crate) use ring::Ring;
