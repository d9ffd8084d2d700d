//! virtio-mmio registers in front of a machine.

use super::machine::{Handle, Machine};
use crate::driver::{Registers, Status};

/// The registers of one place for a device.
#[derive(Debug)]
pub(crate) struct MmioFake {
    pub(crate) machine: Handle,
    pub(crate) magic: u32,
    pub(crate) version: u32,
    pub(crate) device: u32,
}

impl MmioFake {
    pub(crate) fn new(machine: &Handle) -> Self {
        Self { machine: machine.clone(), magic: 0x7472_6976, version: 2, device: 32 }
    }

    fn queue_word(machine: &mut Machine, at: usize) -> Option<(&mut u64, bool)> {
        let rings = &mut machine.queues.get_mut(usize::from(machine.selected))?.rings;
        let upper = at & 4 != 0;
        match at & !4 {
            0x80 => Some((&mut rings.descriptors, upper)),
            0x90 => Some((&mut rings.available, upper)),
            0xA0 => Some((&mut rings.used, upper)),
            _ => None,
        }
    }
}

/// Puts a half into a word.
pub(crate) fn set_half(word: &mut u64, upper: bool, value: u32) {
    let shift = if upper { 32 } else { 0 };
    *word = *word & !(0xFFFF_FFFF << shift) | u64::from(value) << shift;
}

/// One of the halves of a word.
pub(crate) fn half(word: u64, which: u32) -> u32 {
    match which {
        0 => u32::try_from(word & 0xFFFF_FFFF).expect("32 bits"),
        1 => u32::try_from(word >> 32).expect("32 bits"),
        _ => 0,
    }
}

impl Registers for MmioFake {
    fn len(&self) -> usize {
        0x200
    }

    fn read8(&self, at: usize) -> u8 {
        panic!("virtio-mmio has no register of 8 bits at {at:#x}")
    }

    fn read16(&self, at: usize) -> u16 {
        panic!("virtio-mmio has no register of 16 bits at {at:#x}")
    }

    fn write8(&mut self, at: usize, _: u8) {
        panic!("virtio-mmio has no register of 8 bits at {at:#x}")
    }

    fn write16(&mut self, at: usize, _: u16) {
        panic!("virtio-mmio has no register of 16 bits at {at:#x}")
    }

    fn read32(&self, at: usize) -> u32 {
        let machine = self.machine.get();
        if machine.gone {
            return u32::MAX;
        }
        let queue = machine.queues.get(usize::from(machine.selected));
        match at {
            0x00 => self.magic,
            0x04 => self.version,
            0x08 => self.device,
            0x10 => half(machine.offered, machine.feature_selects[0]),
            0x34 => queue.map_or(0, |queue| queue.most.into()),
            0x44 => queue.map_or(0, |queue| queue.ready.into()),
            0x60 => machine.interrupts.into(),
            0x70 => machine.status.0.into(),
            _ => panic!("{at:#x} is not to be read"),
        }
    }

    fn write32(&mut self, at: usize, value: u32) {
        let mut machine = self.machine.get_mut();
        let machine = &mut *machine;
        let selected = machine.selected;
        match at {
            0x14 => machine.feature_selects[0] = value,
            0x20 => set_half(&mut machine.accepted, machine.feature_selects[1] == 1, value),
            0x24 => machine.feature_selects[1] = value,
            0x30 => machine.selected = u16::try_from(value).expect("a queue"),
            0x38 => {
                let size = u16::try_from(value).expect("a size");
                machine.queues[usize::from(selected)].rings.size = size;
            }
            0x44 => machine.set_ready(selected),
            0x50 => machine.notify(u16::try_from(value).expect("a queue")),
            0x64 => machine.interrupts &= !value.to_le_bytes()[0],
            0x70 => machine.set_status(Status(value.to_le_bytes()[0])),
            _ => match Self::queue_word(machine, at) {
                Some((word, upper)) => set_half(word, upper, value),
                None => panic!("{at:#x} is not to be written"),
            },
        }
    }
}
