//! Exceptions: none is expected, so each is told and ends everything. Interrupts are masked and do not get here.

use core::arch::global_asm;

use crate::{power, println};

// Sixteen vectors of 128 bytes: four kinds, from four places. The stack may be what is wrong, so there is another one.
global_asm!(
    ".balign 2048",
    ".global exception_vectors",
    "exception_vectors:",
    ".irp number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15",
    "    .balign 128",
    "    mov x0, #\\number",
    "    b 1f",
    ".endr",
    "    .balign 128",
    "1:  mrs x1, esr_el1",
    "    mrs x2, elr_el1",
    "    mrs x3, far_el1",
    "    ldr x4, =image_exception_stack_top",
    "    mov sp, x4",
    "    b {report}",
    ".ltorg",
    report = sym report,
);

const KINDS: [&str; 4] = ["exception", "interrupt", "fast interrupt", "system error"];

/// What the vectors jump to.
extern "C" fn report(vector: u64, syndrome: u64, at: u64, address: u64) -> ! {
    let kind = usize::try_from(vector % 4).ok().and_then(|kind| KINDS.get(kind));
    println!(
        "{} at {at:#x}: syndrome {syndrome:#x}, address {address:#x}",
        kind.unwrap_or(&"exception")
    );
    power::off()
}
