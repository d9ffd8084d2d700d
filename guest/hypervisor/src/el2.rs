//! What level 2 decides for a guest at level 1.

use core::arch::asm;

use scmi_guest::println;

/// Level 1 is AArch64; `smc` comes to us; translation of addresses is in two stages, and a walk of the first must not go
/// through devices; cleaning of caches by set and way also writes back.
const TRAPS: u64 = 1 << 31 | 1 << 19 | 1 << 2 | 1 << 1 | 1;

/// Stage 2: 39 bits from one table of level 1, 4 KiB, shareable, cached; 40 bits physical.
const STAGE_2: u64 = 1 << 31 | 2 << 16 | 3 << 12 | 1 << 10 | 1 << 8 | 1 << 6 | 25;

/// Level 1 without MMU and caches, and what is always 1.
const NO_MMU: u64 = 0x30D0_0800;

/// Whether this is level 2.
pub(crate) fn is_here() -> bool {
    let level: u64;
    // SAFETY: reads a register.
    unsafe { asm!("mrs {}, CurrentEL", out(reg) level, options(nomem, nostack, preserves_flags)) }
    let level = level >> 2 & 3;
    if level != 2 {
        println!(
            "this is exception level {level}, not 2: start QEMU with -M virt,virtualization=on"
        );
    }
    level == 2
}

/// Sets up the only guest that there will be. What it reaches is what the tables have whose first is at `tables`; its
/// timer and its processor's name are the machine's, it has all counters of events, and it begins without MMU.
///
/// # Safety
/// This is level 2. The tables stay there for ever, nobody else writes to them, and they have nothing of ours.
pub(crate) unsafe fn prepare(tables: u64) {
    // SAFETY: the registers of a level that does not run yet, with values that the architecture has for them; the
    // tables are as the caller promises. The barriers make them known before the level runs.
    unsafe {
        asm!(
            "msr vttbr_el2, {tables}",
            "msr vtcr_el2, {stage_2}",
            "msr hcr_el2, {traps}",
            "msr hstr_el2, xzr",
            "mov {scratch}, #3",
            "msr cnthctl_el2, {scratch}",
            "msr cntvoff_el2, xzr",
            "mrs {scratch}, midr_el1",
            "msr vpidr_el2, {scratch}",
            "mrs {scratch}, mpidr_el1",
            "msr vmpidr_el2, {scratch}",
            "mrs {scratch}, pmcr_el0",
            "ubfx {scratch}, {scratch}, #11, #5",
            "msr mdcr_el2, {scratch}",
            "msr sctlr_el1, {no_mmu}",
            "dsb ish",
            "isb",
            "tlbi vmalls12e1",
            "ic iallu",
            "dsb ish",
            "isb",
            tables = in(reg) tables,
            stage_2 = in(reg) STAGE_2,
            traps = in(reg) TRAPS,
            no_mmu = in(reg) NO_MMU,
            scratch = out(reg) _,
            options(nostack, preserves_flags),
        );
    }
}

/// Writes what we wrote into these bytes out of the caches, as the guest begins without.
pub(crate) fn clean(bytes: &[u8]) {
    /// The shortest line that a cache may have.
    const LINE: usize = 16;
    for line in bytes.chunks(LINE) {
        // SAFETY: writes a line back that holds memory of ours; it changes nothing.
        unsafe { asm!("dc cvac, {}", in(reg) line.as_ptr(), options(nostack, preserves_flags)) }
    }
    // SAFETY: a barrier.
    unsafe { asm!("dsb sy", options(nostack, preserves_flags)) }
}
