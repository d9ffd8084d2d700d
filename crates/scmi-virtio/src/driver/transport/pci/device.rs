//! The virtio device behind a PCI function.

use super::function::{MOST_CAPABILITIES, PciFunction, capability};
use crate::driver::queue::Rings;
use crate::driver::registers::{Registers, get32, read_features, write_features, write64};
use crate::driver::transport::Transport;
use crate::driver::transport::status::{Interrupts, ProbeError, Status};
use crate::ids::PCI_DEVICE;

/// The vendor of all virtio devices.
const VENDOR: u16 = 0x1AF4;

/// The capability id that vendors use as they like.
const VENDOR_SPECIFIC: u8 = 0x09;

/// Types of a virtio capability.
const COMMON: u8 = 1;
const NOTIFICATIONS: u8 = 2;
const INTERRUPT_STATUS: u8 = 3;

/// Common configuration, by the virtio specification's section on its layout.
mod common {
    pub(super) const DEVICE_FEATURES_SELECT: usize = 0x00;
    pub(super) const DEVICE_FEATURES: usize = 0x04;
    pub(super) const DRIVER_FEATURES_SELECT: usize = 0x08;
    pub(super) const DRIVER_FEATURES: usize = 0x0C;
    pub(super) const CONFIGURATION_VECTOR: usize = 0x10;
    pub(super) const STATUS: usize = 0x14;
    pub(super) const QUEUE_SELECT: usize = 0x16;
    pub(super) const QUEUE_SIZE: usize = 0x18;
    pub(super) const QUEUE_VECTOR: usize = 0x1A;
    pub(super) const QUEUE_ENABLE: usize = 0x1C;
    pub(super) const QUEUE_NOTIFY_OFFSET: usize = 0x1E;
    pub(super) const QUEUE_DESCRIPTORS: usize = 0x20;
    pub(super) const QUEUE_AVAILABLE: usize = 0x28;
    pub(super) const QUEUE_USED: usize = 0x30;
    pub(super) const LEN: usize = 0x38;
}

/// No MSI-X vector.
const NO_VECTOR: u16 = 0xFFFF;

/// A piece of a function's memory that has to be mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Which base address register it lies in.
    pub bar: u8,
    /// Where it is on the bus.
    pub address: u64,
    /// Bytes of it.
    pub len: u64,
}

/// MSI-X vectors for a device's interrupts: rows of the function's table, which the caller filled and
/// enabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vectors {
    /// For changes of the device's status.
    pub configuration: u16,
    /// For the command queue and for the event queue.
    pub queues: [u16; 2],
}

/// An SCMI device over PCI.
///
/// Without [`Vectors`] it uses the function's interrupt line, or is polled.
#[derive(Debug)]
pub struct PciTransport<R> {
    common: R,
    notifications: R,
    interrupt_status: R,
    multiplier: u32,
    /// Where queues 0 and 1 are notified, once they were started.
    doorbells: [Option<usize>; 2],
    vectors: Option<Vectors>,
}

impl<R: Registers> PciTransport<R> {
    /// The SCMI device behind a function whose base address registers have their places and which was
    /// [enabled](PciFunction::enable). `map` makes windows of its memory accessible.
    ///
    /// # Errors
    /// [`ProbeError`] says what is there instead, or is missing.
    pub fn new<C: Registers>(
        function: &mut PciFunction<C>,
        mut map: impl FnMut(Window) -> Option<R>,
    ) -> Result<Self, ProbeError> {
        let (vendor, device) = function.identity();
        if (vendor, device) != (VENDOR, PCI_DEVICE) {
            return Err(ProbeError::Pci { vendor, device });
        }
        let (_, common) = region(function, &mut map, COMMON, common::LEN)?;
        let (at, notifications) = region(function, &mut map, NOTIFICATIONS, 2)?;
        let multiplier = get32(function.configuration(), at.saturating_add(16));
        let (_, interrupt_status) = region(function, &mut map, INTERRUPT_STATUS, 1)?;
        let doorbells = [None; 2];
        Ok(Self { common, notifications, interrupt_status, multiplier, doorbells, vectors: None })
    }

    /// Uses MSI-X from the next start on.
    #[must_use]
    pub fn with_vectors(self, vectors: Vectors) -> Self {
        Self { vectors: Some(vectors), ..self }
    }

    /// Writes a vector and says whether the device took it.
    fn set_vector(&mut self, at: usize, vector: u16) -> bool {
        self.common.write16(at, vector);
        self.common.read16(at) == vector
    }

    fn queue_vector(&self, index: u16) -> u16 {
        let queues = self.vectors.map(|vectors| vectors.queues);
        let vector = queues.and_then(|queues| queues.get(usize::from(index)).copied());
        vector.unwrap_or(NO_VECTOR)
    }
}

/// The first usable region of a type, of at least `least` bytes, and where its capability is: devices name several in
/// the order of their liking.
fn region<C: Registers, R: Registers>(
    function: &mut PciFunction<C>,
    map: &mut dyn FnMut(Window) -> Option<R>,
    kind: u8,
    least: usize,
) -> Result<(usize, R), ProbeError> {
    let mut next = function.first_capability();
    for _ in 0..MOST_CAPABILITIES {
        let Some(at) = next else { break };
        let [id, after, _, is] = get32(function.configuration(), at).to_le_bytes();
        if (id, is) == (VENDOR_SPECIFIC, kind)
            && let Some(window) = window(function, at)
            && usize::try_from(window.len).is_ok_and(|len| len >= least)
            && let Some(registers) = map(window)
            && registers.len() >= least
        {
            return Ok((at, registers));
        }
        next = capability(after);
    }
    Err(ProbeError::Region(kind))
}

/// The window of the capability at `at`, if it lies within a base address register.
fn window<C: Registers>(function: &mut PciFunction<C>, at: usize) -> Option<Window> {
    let space = function.configuration();
    let [bar, ..] = get32(space, at.wrapping_add(4)).to_le_bytes();
    let offset = u64::from(get32(space, at.wrapping_add(8)));
    let len = u64::from(get32(space, at.wrapping_add(12)));
    let place = function.bar(bar)?;
    if place.address == 0 || offset.wrapping_add(len) > place.size || len == 0 {
        return None;
    }
    Some(Window { bar, address: place.address.checked_add(offset)?, len })
}

impl<R: Registers> Transport for PciTransport<R> {
    fn status(&self) -> Status {
        Status(self.common.read8(common::STATUS))
    }

    fn set_status(&mut self, status: Status) {
        self.common.write8(common::STATUS, status.0);
        if status == Status::RESET {
            self.doorbells = [None; 2];
        }
    }

    fn device_features(&mut self) -> u64 {
        read_features(&mut self.common, common::DEVICE_FEATURES_SELECT, common::DEVICE_FEATURES)
    }

    fn set_driver_features(&mut self, features: u64) {
        let (select, at) = (common::DRIVER_FEATURES_SELECT, common::DRIVER_FEATURES);
        write_features(&mut self.common, select, at, features);
    }

    fn queue_size(&mut self, index: u16) -> u16 {
        self.common.write16(common::QUEUE_SELECT, index);
        match self.common.read16(common::QUEUE_SIZE) {
            u16::MAX => 0,
            size => size,
        }
    }

    fn start_queue(&mut self, index: u16, rings: &Rings) -> bool {
        // Here and not once for all, since a reset takes it away.
        let configuration = self.vectors.map_or(NO_VECTOR, |vectors| vectors.configuration);
        if !self.set_vector(common::CONFIGURATION_VECTOR, configuration) {
            return false;
        }
        self.common.write16(common::QUEUE_SELECT, index);
        if self.common.read16(common::QUEUE_ENABLE) != 0 {
            return false;
        }
        self.common.write16(common::QUEUE_SIZE, rings.size);
        let vector = self.queue_vector(index);
        if !self.set_vector(common::QUEUE_VECTOR, vector) {
            return false;
        }
        write64(&mut self.common, common::QUEUE_DESCRIPTORS, rings.descriptors);
        write64(&mut self.common, common::QUEUE_AVAILABLE, rings.available);
        write64(&mut self.common, common::QUEUE_USED, rings.used);
        let place = u64::from(self.common.read16(common::QUEUE_NOTIFY_OFFSET));
        let place = place.wrapping_mul(self.multiplier.into());
        let place = usize::try_from(place)
            .ok()
            .filter(|at| at.checked_add(2).is_some_and(|end| end <= self.notifications.len()));
        let (Some(doorbell), Some(_)) = (self.doorbells.get_mut(usize::from(index)), place) else {
            return false;
        };
        *doorbell = place;
        self.common.write16(common::QUEUE_ENABLE, 1);
        self.common.read16(common::QUEUE_ENABLE) == 1
    }

    fn notify(&mut self, index: u16) {
        if let Some(Some(at)) = self.doorbells.get(usize::from(index)) {
            self.notifications.write16(*at, index);
        }
    }

    fn take_interrupts(&mut self) -> Interrupts {
        if self.vectors.is_some() {
            return Interrupts::default();
        }
        // Reading it clears it.
        Interrupts(self.interrupt_status.read8(0))
    }
}
