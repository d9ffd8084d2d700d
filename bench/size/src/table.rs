//! What is reached: functions by their addresses, so that nobody can know what they are called with.

use core::arch::global_asm;
use core::hint::black_box;

// Four bytes an address, as many as an image at a fixed place needs: the list is the measure's own, and is to be no more
// of what is measured than it must. All of it is one section, of which the linker drops nothing that `_start` knows.
global_asm!(".section .rodata.reached, \"a\"", ".balign 4", ".global REACHED", "REACHED:");

/// Lists functions of any kind.
macro_rules! table {
    ($($call:expr,)*) => {
        $(core::arch::global_asm!(".section .rodata.reached, \"a\"", ".word {}", sym $call);)*
    };
}

pub(crate) use table;

unsafe extern "C" {
    safe static REACHED: u32;
}

/// Whoever is told of this place could call all of them.
#[inline(always)]
pub(crate) fn reach() {
    black_box(&raw const REACHED);
}
