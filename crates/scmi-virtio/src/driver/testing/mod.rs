//! What the driver's tests share: memory, registers, time, and devices that keep the rules or do not.

mod bench;
mod machine;
mod memory;
mod mmio;
#[cfg(test)]
mod pci;
#[cfg(all(test, feature = "device"))]
mod platform;
mod ring;
mod script;

pub(crate) use bench::{Bench, TestDriver, next};
pub(crate) use machine::{EVENT_IDX, Handle, INDIRECT, VERSION_1};
pub(crate) use memory::Heap;
pub(crate) use mmio::MmioFake;
#[cfg(test)]
pub(crate) use pci::{BarFake, ConfigurationFake, WINDOWS};
#[cfg(all(test, feature = "device"))]
pub(crate) use platform::PlatformBack;
pub(crate) use ring::{Chain, Ring};
