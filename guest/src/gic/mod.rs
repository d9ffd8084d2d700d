//! The interrupt controller, Arm's GIC of version 2 or 3: one processor, all interrupts of the same priority.

mod v2;
mod v3;

use scmi_virtio::driver::{Mmio, Registers as _};

use crate::boot::registers;
use crate::tree::{Controller, Line, Place};

/// The distributor's registers; a redistributor has those of the first 32 interrupts at the same offsets.
mod distributor {
    pub(super) const CONTROL: usize = 0x000;
    pub(super) const GROUPS: usize = 0x080;
    pub(super) const ENABLE: usize = 0x100;
    pub(super) const DISABLE: usize = 0x180;
    pub(super) const PRIORITIES: usize = 0x400;
    pub(super) const TARGETS: usize = 0x800;
    pub(super) const TRIGGERS: usize = 0xC00;
}

/// Interrupts of each processor of its own come first.
const SHARED: u32 = 32;
/// Numbers from here on say that there is no interrupt.
const NONE: u32 = 1020;

#[derive(Debug)]
pub(crate) enum Gic {
    V2(v2::V2),
    V3(v3::V3),
}

impl Gic {
    /// The controller, on and with all interrupts off. None if its registers cannot be mapped.
    ///
    /// # Safety
    /// The machine has this controller, and nobody else uses it.
    pub(crate) unsafe fn new(controller: Controller) -> Option<Self> {
        // SAFETY: the caller promises it for all registers of the controller.
        let map = |place: Place| unsafe { registers(place.address, place.len) };
        Some(match controller {
            Controller::V2 { distributor, processor } => {
                Self::V2(v2::V2::new(map(distributor)?, map(processor)?))
            }
            Controller::V3 { distributor, redistributors } => {
                let [common, own] = v3::halves(redistributors)?;
                Self::V3(v3::V3::new(map(distributor)?, map(common)?, map(own)?))
            }
        })
    }

    pub(crate) const fn version(&self) -> u32 {
        match self {
            Self::V2(_) => 2,
            Self::V3(_) => 3,
        }
    }

    /// Lets an interrupt come.
    pub(crate) fn enable(&mut self, line: Line) {
        match self {
            Self::V2(gic) => gic.enable(line),
            Self::V3(gic) => gic.enable(line),
        }
    }

    /// Lets it come no more.
    pub(crate) fn disable(&mut self, line: Line) {
        let registers = match self {
            Self::V2(gic) => gic.registers(line),
            Self::V3(gic) => gic.registers(line),
        };
        let (at, bit) = one_bit(distributor::DISABLE, line);
        registers.write32(at, bit);
    }

    /// Takes the next pending interrupt, if there is one; [`Self::end`] is to follow.
    pub(crate) fn acknowledge(&mut self) -> Option<u32> {
        let number = match self {
            Self::V2(gic) => gic.acknowledge(),
            Self::V3(_) => v3::acknowledge(),
        };
        (number < NONE).then_some(number)
    }

    /// The interrupt was looked at.
    pub(crate) fn end(&mut self, number: u32) {
        match self {
            Self::V2(gic) => gic.end(number),
            Self::V3(_) => v3::end(number),
        }
    }
}

/// The word with an interrupt's bit in an array of bits, and the bit.
fn one_bit(array: usize, line: Line) -> (usize, u32) {
    (word(array, line.number / 32), 1 << (line.number % 32))
}

fn word(array: usize, index: u32) -> usize {
    usize::try_from(index).map_or(usize::MAX, |index| array + index * 4)
}

/// Sets an interrupt's trigger and priority, and lets it come.
fn set_up(registers: &mut Mmio, line: Line) {
    let edge = 0b10 << (line.number % 16 * 2);
    let at = word(distributor::TRIGGERS, line.number / 16);
    let triggers = registers.read32(at) & !edge;
    registers.write32(at, if line.level { triggers } else { triggers | edge });
    let shift = line.number % 4 * 8;
    let at = word(distributor::PRIORITIES, line.number / 4);
    let priorities = registers.read32(at) & !(0xFF << shift);
    registers.write32(at, priorities | 0x80 << shift);
    let (at, bit) = one_bit(distributor::ENABLE, line);
    registers.write32(at, bit);
}
