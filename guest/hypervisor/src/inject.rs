//! An exception that the guest takes itself: what it gets for an access to nothing.

use core::arch::asm;

use crate::vcpu::{AT_LEVEL_1, Abort, Vcpu};

/// Synchronous external abort: the bus says that there is nothing.
const NOTHING_THERE: u64 = 0x10;

/// Has the guest go on in its own handler, as if the bus had refused the access. Linux kills the program that did it.
pub(crate) fn abort(vcpu: &mut Vcpu, abort: Abort) {
    let from_level_1 = vcpu.pstate & 0b1_1100 == 0b0_0100;
    // From level 0 in AArch64 or AArch32; from level 1 with the stack of level 0 or its own.
    let vector = match vcpu.pstate & 0b1_1111 {
        0b0_0101 => 0x200,
        0b0_0100 => 0x000,
        state if state & 0b1_0000 == 0 => 0x400,
        _ => 0x600,
    };
    let class = if abort.instruction { 0x20 } else { 0x24 } | u64::from(from_level_1);
    let syndrome = class << 26 | 1 << 25 | u64::from(abort.write) << 6 | NOTHING_THERE;
    let vectors: u64;
    // SAFETY: registers of level 1, which does not run, written as the processor writes them at an exception.
    unsafe {
        asm!(
            "msr esr_el1, {syndrome}",
            "msr far_el1, {address}",
            "msr elr_el1, {pc}",
            "msr spsr_el1, {pstate}",
            "mrs {vectors}, vbar_el1",
            syndrome = in(reg) syndrome,
            address = in(reg) abort.virtual_address,
            pc = in(reg) vcpu.pc,
            pstate = in(reg) vcpu.pstate,
            vectors = out(reg) vectors,
            options(nomem, nostack, preserves_flags),
        );
    }
    vcpu.pc = vectors.wrapping_add(vector);
    vcpu.pstate = AT_LEVEL_1;
}
