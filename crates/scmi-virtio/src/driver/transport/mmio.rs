//! virtio-mmio, version 2.

use super::status::{Interrupts, ProbeError, Status};
use super::{Rings, Transport};
use crate::driver::registers::{Registers, read_features, write_features, write64};
use crate::ids::DEVICE;

/// Register offsets, by the virtio specification's section on MMIO device registers.
mod register {
    pub(super) const MAGIC: usize = 0x000;
    pub(super) const VERSION: usize = 0x004;
    pub(super) const DEVICE_ID: usize = 0x008;
    pub(super) const DEVICE_FEATURES: usize = 0x010;
    pub(super) const DEVICE_FEATURES_SELECT: usize = 0x014;
    pub(super) const DRIVER_FEATURES: usize = 0x020;
    pub(super) const DRIVER_FEATURES_SELECT: usize = 0x024;
    pub(super) const QUEUE_SELECT: usize = 0x030;
    pub(super) const QUEUE_SIZE_MAX: usize = 0x034;
    pub(super) const QUEUE_SIZE: usize = 0x038;
    pub(super) const QUEUE_READY: usize = 0x044;
    pub(super) const QUEUE_NOTIFY: usize = 0x050;
    pub(super) const INTERRUPT_STATUS: usize = 0x060;
    pub(super) const INTERRUPT_ACKNOWLEDGE: usize = 0x064;
    pub(super) const STATUS: usize = 0x070;
    pub(super) const QUEUE_DESCRIPTORS: usize = 0x080;
    pub(super) const QUEUE_AVAILABLE: usize = 0x090;
    pub(super) const QUEUE_USED: usize = 0x0A0;
}

/// "virt", little-endian.
const MAGIC: u32 = 0x7472_6976;

/// An SCMI device over virtio-mmio.
#[derive(Debug)]
pub struct MmioTransport<R> {
    registers: R,
}

impl<R: Registers> MmioTransport<R> {
    /// The SCMI device behind these registers. Nothing is written.
    ///
    /// # Errors
    /// [`ProbeError`] says what there is instead. A machine with places for many devices has
    /// [`ProbeError::Device`] in most of them.
    pub fn new(registers: R) -> Result<Self, ProbeError> {
        match registers.read32(register::MAGIC) {
            MAGIC => {}
            found => return Err(ProbeError::Magic(found)),
        }
        // Before the version: an empty place says 0 here whatever else it says.
        match registers.read32(register::DEVICE_ID) {
            DEVICE => {}
            found => return Err(ProbeError::Device(found)),
        }
        match registers.read32(register::VERSION) {
            2 => Ok(Self { registers }),
            found => Err(ProbeError::Version(found)),
        }
    }
}

impl<R: Registers> Transport for MmioTransport<R> {
    fn status(&self) -> Status {
        // The upper bits are none; all of them set is a bus without a device.
        let [low, ..] = self.registers.read32(register::STATUS).to_le_bytes();
        Status(low)
    }

    fn set_status(&mut self, status: Status) {
        self.registers.write32(register::STATUS, status.0.into());
    }

    fn device_features(&mut self) -> u64 {
        read_features(
            &mut self.registers,
            register::DEVICE_FEATURES_SELECT,
            register::DEVICE_FEATURES,
        )
    }

    fn set_driver_features(&mut self, features: u64) {
        let (select, at) = (register::DRIVER_FEATURES_SELECT, register::DRIVER_FEATURES);
        write_features(&mut self.registers, select, at, features);
    }

    fn queue_size(&mut self, index: u16) -> u16 {
        self.registers.write32(register::QUEUE_SELECT, index.into());
        match self.registers.read32(register::QUEUE_SIZE_MAX) {
            u32::MAX => 0,
            size => u16::try_from(size).unwrap_or(32768),
        }
    }

    fn start_queue(&mut self, index: u16, rings: &Rings) -> bool {
        self.registers.write32(register::QUEUE_SELECT, index.into());
        if self.registers.read32(register::QUEUE_READY) != 0 {
            return false;
        }
        self.registers.write32(register::QUEUE_SIZE, rings.size.into());
        write64(&mut self.registers, register::QUEUE_DESCRIPTORS, rings.descriptors);
        write64(&mut self.registers, register::QUEUE_AVAILABLE, rings.available);
        write64(&mut self.registers, register::QUEUE_USED, rings.used);
        self.registers.write32(register::QUEUE_READY, 1);
        self.registers.read32(register::QUEUE_READY) == 1
    }

    fn notify(&mut self, index: u16) {
        self.registers.write32(register::QUEUE_NOTIFY, index.into());
    }

    fn take_interrupts(&mut self) -> Interrupts {
        let all = self.registers.read32(register::INTERRUPT_STATUS);
        if all == 0 {
            return Interrupts::default();
        }
        self.registers.write32(register::INTERRUPT_ACKNOWLEDGE, all);
        let [low, ..] = all.to_le_bytes();
        Interrupts(low)
    }
}
