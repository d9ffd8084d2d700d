//! Calls of whoever is below us.

use core::arch::asm;

/// `smc` with this function and no arguments; what is in x0 after it.
pub(crate) fn smc(function: u32) -> u64 {
    let mut x0 = u64::from(function);
    // SAFETY: a call by the SMC calling convention: what is in x0 to x17 may change. What it does to memory, it does to
    // the shared area, which everybody here reaches through atomics.
    unsafe {
        asm!("smc #0", inout("x0") x0, in("x1") 0, in("x2") 0, in("x3") 0, clobber_abi("C"),
            options(nostack));
    }
    x0
}

/// The same by `hvc`.
pub(crate) fn hvc(function: u32) -> u64 {
    let mut x0 = u64::from(function);
    // SAFETY: as above.
    unsafe {
        asm!("hvc #0", inout("x0") x0, in("x1") 0, in("x2") 0, in("x3") 0, clobber_abi("C"),
            options(nostack));
    }
    x0
}
