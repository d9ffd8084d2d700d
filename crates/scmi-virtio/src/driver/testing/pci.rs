//! A PCI function in front of a machine.

use std::vec;
use std::vec::Vec;

use super::machine::Handle;
use super::mmio::{half, set_half};
use crate::driver::{Registers, Status};

/// Where the windows of the device lie in BAR 4: type, offset, length. As in QEMU.
pub(crate) const WINDOWS: [(u8, u32, u32); 4] =
    [(1, 0x0000, 0x1000), (3, 0x1000, 0x1000), (4, 0x2000, 0x1000), (2, 0x3000, 0x1000)];

/// Bytes of BAR 4.
const BAR_SIZE: u64 = 0x4000;

/// Notification offsets count in steps of so many bytes.
pub(crate) const MULTIPLIER: u32 = 4;

/// Configuration space as bytes, with one base address register that measures itself.
#[derive(Clone, Debug)]
pub(crate) struct ConfigurationFake {
    pub(crate) bytes: Vec<u8>,
    bar: u64,
}

impl ConfigurationFake {
    /// The space of an SCMI device, with its virtio capabilities from 0x40 on, among others.
    pub(crate) fn new() -> Self {
        let mut bytes = vec![0; 256];
        bytes[..4].copy_from_slice(&[0xF4, 0x1A, 0x60, 0x10]);
        bytes[0x06] = 0x10;
        bytes[0x34] = 0x98;
        // MSI-X first, then the device's own.
        bytes[0x98..0x9A].copy_from_slice(&[0x11, 0x40]);
        for (place, (kind, offset, len)) in (0_u8..).zip(WINDOWS) {
            let at = usize::from(0x40 + place * 20);
            let next = if place == 3 { 0 } else { 0x40 + (place + 1) * 20 };
            bytes[at..at + 5].copy_from_slice(&[0x09, next, 20, kind, 4]);
            bytes[at + 8..at + 12].copy_from_slice(&offset.to_le_bytes());
            bytes[at + 12..at + 16].copy_from_slice(&len.to_le_bytes());
            bytes[at + 16..at + 20].copy_from_slice(&MULTIPLIER.to_le_bytes());
        }
        Self { bytes, bar: 0 }
    }

    /// What it says of the capability of a type begins here.
    pub(crate) fn capability(&self, kind: u8) -> usize {
        let place = WINDOWS.iter().position(|(other, ..)| *other == kind).expect("it has one");
        0x40 + place * 20
    }
}

impl Registers for ConfigurationFake {
    fn len(&self) -> usize {
        self.bytes.len()
    }

    fn read8(&self, at: usize) -> u8 {
        self.bytes[at]
    }

    fn read16(&self, at: usize) -> u16 {
        u16::from_le_bytes(self.bytes[at..at + 2].try_into().expect("2"))
    }

    fn read32(&self, at: usize) -> u32 {
        match at {
            0x20 => half(self.bar, 0) | 0b1100,
            0x24 => half(self.bar, 1),
            _ => u32::from_le_bytes(self.bytes[at..at + 4].try_into().expect("4")),
        }
    }

    fn write8(&mut self, at: usize, _: u8) {
        panic!("{at:#x} is not to be written");
    }

    fn write16(&mut self, at: usize, value: u16) {
        assert_eq!(at, 4, "only the command register is to be written");
        self.bytes[4..6].copy_from_slice(&value.to_le_bytes());
    }

    fn write32(&mut self, at: usize, value: u32) {
        match at {
            0x20 => set_half(&mut self.bar, false, value & !0xF),
            0x24 => set_half(&mut self.bar, true, value),
            // Another register that is not there.
            0x10..0x28 => return,
            _ => panic!("{at:#x} is not to be written"),
        }
        self.bar &= !(BAR_SIZE - 1);
    }
}

/// A window onto BAR 4.
#[derive(Debug)]
pub(crate) struct BarFake {
    pub(crate) machine: Handle,
    pub(crate) offset: usize,
    pub(crate) len: usize,
}

impl BarFake {
    fn place(&self, at: usize) -> usize {
        assert!(at < self.len, "{at:#x} lies outside the window");
        self.offset + at
    }
}

impl Registers for BarFake {
    fn len(&self) -> usize {
        self.len
    }

    fn read8(&self, at: usize) -> u8 {
        let mut machine = self.machine.get_mut();
        match self.place(at) {
            _ if machine.gone => u8::MAX,
            0x14 => machine.status.0,
            0x1000 => core::mem::take(&mut machine.interrupts),
            at => panic!("{at:#x} is not to be read as a byte"),
        }
    }

    fn read16(&self, at: usize) -> u16 {
        let machine = self.machine.get();
        let queue = machine.queues.get(usize::from(machine.selected));
        match self.place(at) {
            _ if machine.gone => u16::MAX,
            0x10 => machine.vector,
            0x18 => queue.map_or(0, |queue| queue.most),
            0x1A => queue.map_or(0xFFFF, |queue| queue.vector),
            0x1C => queue.map_or(0, |queue| queue.ready.into()),
            0x1E => machine.selected * 2 + 1,
            at => panic!("{at:#x} is not to be read as 16 bits"),
        }
    }

    fn read32(&self, at: usize) -> u32 {
        let machine = self.machine.get();
        match self.place(at) {
            _ if machine.gone => u32::MAX,
            0x04 => half(machine.offered, machine.feature_selects[0]),
            at => panic!("{at:#x} is not to be read as 32 bits"),
        }
    }

    fn write8(&mut self, at: usize, value: u8) {
        assert_eq!(self.place(at), 0x14, "only the status is written as a byte");
        self.machine.get_mut().set_status(Status(value));
    }

    fn write16(&mut self, at: usize, value: u16) {
        let mut machine = self.machine.get_mut();
        let selected = usize::from(machine.selected);
        match self.place(at) {
            0x10 => machine.vector = value,
            0x16 => machine.selected = value,
            0x18 => machine.queues[selected].rings.size = value,
            0x1A => machine.queues[selected].vector = value,
            0x1C => {
                let index = machine.selected;
                machine.set_ready(index);
            }
            at @ 0x3000.. => {
                let step = usize::try_from(MULTIPLIER).expect("small");
                assert_eq!(at - 0x3000, (usize::from(value) * 2 + 1) * step, "another's doorbell");
                machine.notify(value);
            }
            at => panic!("{at:#x} is not to be written as 16 bits"),
        }
    }

    fn write32(&mut self, at: usize, value: u32) {
        let mut machine = self.machine.get_mut();
        let machine = &mut *machine;
        let upper = at & 4 != 0;
        let selected = usize::from(machine.selected);
        match self.place(at) {
            0x00 => machine.feature_selects[0] = value,
            0x08 => machine.feature_selects[1] = value,
            0x0C => set_half(&mut machine.accepted, machine.feature_selects[1] == 1, value),
            0x20 | 0x24 => set_half(&mut machine.queues[selected].rings.descriptors, upper, value),
            0x28 | 0x2C => set_half(&mut machine.queues[selected].rings.available, upper, value),
            0x30 | 0x34 => set_half(&mut machine.queues[selected].rings.used, upper, value),
            at => panic!("{at:#x} is not to be written as 32 bits"),
        }
    }
}
