//! The end, by PSCI.

use core::arch::asm;
use core::sync::atomic::{AtomicBool, Ordering};

use crate::tree::Tree;

const SYSTEM_OFF: u64 = 0x8400_0008;
const SYSTEM_RESET: u64 = 0x8400_0009;

/// Whether PSCI is reached by `smc`; by `hvc` otherwise, which is so where nothing is above us but the machine.
static SECURE: AtomicBool = AtomicBool::new(false);

/// Takes the way to PSCI that the tree names.
pub fn find(tree: &Tree) {
    SECURE.store(tree.psci_is_secure(), Ordering::Relaxed);
}

/// Switches the machine off.
pub fn off() -> ! {
    end(SYSTEM_OFF)
}

/// Starts the machine anew.
pub fn restart() -> ! {
    end(SYSTEM_RESET)
}

/// Calls a function of PSCI that ends everything.
fn end(function: u64) -> ! {
    if SECURE.load(Ordering::Relaxed) {
        // SAFETY: a call of PSCI, which does not return; nothing of ours is used after it.
        unsafe { asm!("smc #0", in("x0") function, clobber_abi("C")) }
    } else {
        // SAFETY: as above.
        unsafe { asm!("hvc #0", in("x0") function, clobber_abi("C")) }
    }
    // It came back: there is no other way out.
    loop {
        core::hint::spin_loop();
    }
}
