//! Exceptions to level 2: what the guest does goes to its [`Vcpu`](crate::vcpu::Vcpu). All others are mistakes of ours: told,
//! and the end of everything. Interrupts are the guest's, and do not get here.

use core::arch::global_asm;

use scmi_guest::{power, println};

// Sixteen vectors of 128 bytes. Those of a synchronous exception at a lower level are 8, in AArch64, and 12, in AArch32, as
// a program of the guest's may be. The stack may be what is wrong, so there is another one.
global_asm!(
    ".balign 2048",
    ".global hypervisor_vectors",
    "hypervisor_vectors:",
    ".irp number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15",
    "    .balign 128",
    "    .ifeq (\\number - 8) * (\\number - 12)",
    "    b vcpu_leave",
    "    .endif",
    "    mov x0, #\\number",
    "    b 1f",
    ".endr",
    "    .balign 128",
    "1:  mrs x1, esr_el2",
    "    mrs x2, elr_el2",
    "    mrs x3, far_el2",
    "    ldr x4, =image_exception_stack_top",
    "    mov sp, x4",
    "    b {report}",
    ".ltorg",
    report = sym report,
);

/// What the vectors jump to.
extern "C" fn report(vector: u64, syndrome: u64, at: u64, address: u64) -> ! {
    println!(
        "exception {vector} at level 2, at {at:#x}: syndrome {syndrome:#x}, address {address:#x}"
    );
    power::off()
}
