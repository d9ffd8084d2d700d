//! Version 3: the processor's side is system registers, and its own interrupts are in a redistributor.

use core::arch::asm;

use scmi_virtio::driver::{Mmio, Registers as _};

use super::{SHARED, distributor, one_bit, set_up};
use crate::tree::{Line, Place};

/// Distributor control: affinity routing, and groups 0 and 1.
const ROUTED: u32 = 1 << 4 | 0b11;
/// Where the distributor has the processor of each shared interrupt, 8 bytes each.
const ROUTES: usize = 0x6000;

/// A redistributor's registers: how it wakes.
const WAKER: usize = 0x14;
const ASLEEP: u32 = 1 << 1;
const CHILDREN_ASLEEP: u32 = 1 << 2;
/// Bytes of each of a redistributor's halves.
const HALF: u64 = 0x1_0000;

#[derive(Debug)]
pub(crate) struct V3 {
    distributor: Mmio,
    /// The first processor's own interrupts.
    own: Mmio,
}

/// The first processor's redistributor: what is common, and its own interrupts.
pub(super) fn halves(redistributors: Place) -> Option<[Place; 2]> {
    let common = Place { address: redistributors.address, len: HALF };
    let own = Place { address: redistributors.address.checked_add(HALF)?, len: HALF };
    (redistributors.len >= 2 * HALF).then_some([common, own])
}

impl V3 {
    pub(super) fn new(mut distributor: Mmio, mut common: Mmio, own: Mmio) -> Self {
        distributor.write32(distributor::CONTROL, ROUTED);
        common.write32(WAKER, common.read32(WAKER) & !ASLEEP);
        while common.read32(WAKER) & CHILDREN_ASLEEP != 0 {
            core::hint::spin_loop();
        }
        // SAFETY: the processor's side as system registers, all priorities, group 1 on. Interrupts are masked.
        unsafe {
            asm!(
                "msr icc_sre_el1, {one}", "isb", "msr icc_pmr_el1, {all}", "msr icc_igrpen1_el1, {one}", "isb",
                one = in(reg) 1_u64, all = in(reg) 0xFF_u64, options(nostack, preserves_flags)
            );
        }
        Self { distributor, own }
    }

    pub(super) fn registers(&mut self, line: Line) -> &mut Mmio {
        if line.number < SHARED { &mut self.own } else { &mut self.distributor }
    }

    pub(super) fn enable(&mut self, line: Line) {
        if line.number >= SHARED
            && let Ok(index) = usize::try_from(line.number)
        {
            // To the first processor.
            self.distributor.write32(ROUTES + index * 8, 0);
            self.distributor.write32(ROUTES + index * 8 + 4, 0);
        }
        let registers = self.registers(line);
        let (at, bit) = one_bit(distributor::GROUPS, line);
        registers.write32(at, registers.read32(at) | bit);
        set_up(registers, line);
    }
}

pub(super) fn acknowledge() -> u32 {
    let number: u64;
    // SAFETY: takes the next interrupt of group 1. It counts as access to memory, which must not be read before.
    unsafe {
        asm!("mrs {}, icc_iar1_el1", "dsb sy", out(reg) number, options(nostack, preserves_flags));
    }
    u32::try_from(number & 0xFF_FFFF).unwrap_or(u32::MAX)
}

pub(super) fn end(number: u32) {
    // SAFETY: ends the interrupt that was taken.
    unsafe {
        asm!("msr icc_eoir1_el1, {}", "isb", in(reg) u64::from(number), options(nostack, preserves_flags));
    }
}
