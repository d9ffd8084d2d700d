//! What carries a virtio device's registers.
//!
//! 1. [`Transport`]: what the driver needs of it.
//! 2. [`MmioTransport`]: virtio-mmio, version 2.
//! 3. [`PciTransport`]: virtio over PCI, modern; [`PciFunction`] finds and prepares one.

mod mmio;
mod pci;
mod status;

pub use mmio::MmioTransport;
pub use pci::{Bar, PciFunction, PciTransport, Vectors, Window};
pub use status::{Interrupts, ProbeError, Status};

use super::queue::Rings;

/// A virtio device of type 32, as the driver needs it.
///
/// The driver calls it from one thread at a time and in the order that virtio prescribes. Nothing that it returns
/// is believed beyond what virtio promises; a device that went away reads as all ones.
pub trait Transport {
    /// The device's status.
    fn status(&self) -> Status;

    /// Sets the device's status; 0 begins a reset, which is complete when the status reads 0.
    fn set_status(&mut self, status: Status);

    /// The features that the device offers.
    fn device_features(&mut self) -> u64;

    /// The features that the driver accepts.
    fn set_driver_features(&mut self, features: u64);

    /// The most entries that queue `index` can have; 0 if there is no such queue.
    fn queue_size(&mut self, index: u16) -> u16;

    /// Tells the device where queue `index` is, and lets it begin. Whether it took it.
    fn start_queue(&mut self, index: u16, rings: &Rings) -> bool;

    /// Tells the device that there is something in queue `index`.
    fn notify(&mut self, index: u16);

    /// Why the device interrupted, and that it was heard. Where each cause has an interrupt of its own (MSI-X), none.
    fn take_interrupts(&mut self) -> Interrupts;
}

/// A driver over `&mut dyn Transport` is the same code for every transport: for images that have several and little room.
impl<T: Transport + ?Sized> Transport for &mut T {
    fn status(&self) -> Status {
        (**self).status()
    }

    fn set_status(&mut self, status: Status) {
        (**self).set_status(status);
    }

    fn device_features(&mut self) -> u64 {
        (**self).device_features()
    }

    fn set_driver_features(&mut self, features: u64) {
        (**self).set_driver_features(features);
    }

    fn queue_size(&mut self, index: u16) -> u16 {
        (**self).queue_size(index)
    }

    fn start_queue(&mut self, index: u16, rings: &Rings) -> bool {
        (**self).start_queue(index, rings)
    }

    fn notify(&mut self, index: u16) {
        (**self).notify(index);
    }

    fn take_interrupts(&mut self) -> Interrupts {
        (**self).take_interrupts()
    }
}
