//! virtio over PCI, without its legacy half.
//!
//! 1. [`PciFunction`]: a function's configuration space: what it is, its base address registers, its capabilities.
//! 2. [`PciTransport`]: the device, through the regions that the capabilities name.

mod device;
mod function;

pub use device::{PciTransport, Vectors, Window};
pub use function::{Bar, PciFunction};
