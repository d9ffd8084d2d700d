//! What the driver's tests share: memory, registers, time, and devices that keep the rules or do not.

mod machine;
mod memory;
mod mmio;
mod pci;
#[cfg(feature = "device")]
mod platform;
mod ring;
mod script;

pub(crate) use machine::{EVENT_IDX, Handle, INDIRECT, VERSION_1};
pub(crate) use memory::Heap;
pub(crate) use mmio::MmioFake;
pub(crate) use pci::{BarFake, ConfigurationFake, WINDOWS};
#[cfg(feature = "device")]
pub(crate) use platform::PlatformBack;
pub(crate) use ring::{Chain, Ring};
pub(crate) use script::ScriptBack;
