//! The guest's processor: its registers while it does not run, and how it runs.

use core::arch::{asm, global_asm};
use core::mem::offset_of;

/// The registers that we use as well. All others of its level stay in the processor, as there is only one guest.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Vcpu {
    /// x0 to x30.
    pub(crate) x: [u64; 31],
    /// Where it goes on.
    pub(crate) pc: u64,
    /// Its state, as `spsr_el2` has it.
    pub(crate) pstate: u64,
    fpcr: u64,
    fpsr: u64,
    q: [u128; 32],
}

/// Level 1 with its own stack pointer, all interrupts masked.
pub(crate) const AT_LEVEL_1: u64 = 0x3C5;

/// Why it stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// `smc`, which was trapped: it goes on after it if somebody adds 4.
    Smc,
    /// `hvc`: it goes on after it.
    Hvc,
    /// An access that stage 2 does not have.
    Abort(Abort),
    /// Something that nothing was set up for.
    Other(u64),
}

/// An access that stage 2 does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Abort {
    /// Whether an instruction was fetched.
    pub(crate) instruction: bool,
    /// Whether data was written.
    pub(crate) write: bool,
    /// The guest's own address.
    pub(crate) virtual_address: u64,
}

impl Vcpu {
    /// One that begins there as Linux wants to begin: at level 1 without MMU, the tree's address in x0.
    pub(crate) const fn new(pc: u64, tree: u64) -> Self {
        let mut x = [0; 31];
        x[0] = tree;
        Self { x, pc, pstate: AT_LEVEL_1, fpcr: 0, fpsr: 0, q: [0; 32] }
    }

    /// Runs the guest until it wants something, or does what it may not.
    ///
    /// # Safety
    /// What a guest can reach is set up: [`crate::el2::prepare`].
    pub(crate) unsafe fn run(&mut self) -> Exit {
        // SAFETY: it keeps the registers that a function has to keep, and uses the stack of its caller. The guest that
        // it lets go reaches nothing of ours, as the caller promises.
        unsafe { vcpu_enter(self) }
        exit()
    }
}

/// What the processor says of the last exception.
fn exit() -> Exit {
    let (syndrome, virtual_address): (u64, u64);
    // SAFETY: reads registers.
    unsafe {
        asm!("mrs {}, esr_el2", "mrs {}, far_el2", out(reg) syndrome, out(reg) virtual_address,
            options(nostack, preserves_flags));
    }
    let abort = |instruction: bool| {
        let write = !instruction && syndrome & 1 << 6 != 0;
        Exit::Abort(Abort { instruction, write, virtual_address })
    };
    match syndrome >> 26 & 0x3F {
        0x16 => Exit::Hvc,
        0x17 => Exit::Smc,
        0x20 => abort(true),
        0x24 => abort(false),
        _ => Exit::Other(syndrome),
    }
}

unsafe extern "C" {
    /// Lets the guest run; returns at its next exception to level 2.
    fn vcpu_enter(vcpu: &mut Vcpu);
}

// What a function must keep goes to the stack, and where the guest's registers are to `tpidr_el2`. The exception comes with
// all registers the guest's but the stack pointer, so two of them go to the stack for a moment.
global_asm!(
    ".global vcpu_enter",
    "vcpu_enter:",
    "    sub sp, sp, #160",
    "    stp x19, x20, [sp]",
    "    stp x21, x22, [sp, #16]",
    "    stp x23, x24, [sp, #32]",
    "    stp x25, x26, [sp, #48]",
    "    stp x27, x28, [sp, #64]",
    "    stp x29, x30, [sp, #80]",
    "    stp d8, d9, [sp, #96]",
    "    stp d10, d11, [sp, #112]",
    "    stp d12, d13, [sp, #128]",
    "    stp d14, d15, [sp, #144]",
    "    msr tpidr_el2, x0",
    "    ldp x1, x2, [x0, #{pc}]",
    "    msr elr_el2, x1",
    "    msr spsr_el2, x2",
    "    ldp x1, x2, [x0, #{fpcr}]",
    "    msr fpcr, x1",
    "    msr fpsr, x2",
    ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31",
    "    ldr q\\n, [x0, #({q} + 16 * \\n)]",
    ".endr",
    ".irp n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30",
    "    ldr x\\n, [x0, #(8 * \\n)]",
    ".endr",
    "    ldp x0, x1, [x0]",
    "    eret",
    "    dsb nsh",                     // nothing is speculated beyond
    "    isb",
    ".global vcpu_leave",
    "vcpu_leave:",
    "    stp x0, x1, [sp, #-16]!",
    "    mrs x0, tpidr_el2",
    ".irp n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30",
    "    str x\\n, [x0, #(8 * \\n)]",
    ".endr",
    "    ldp x1, x2, [sp], #16",
    "    stp x1, x2, [x0]",
    "    mrs x1, elr_el2",
    "    mrs x2, spsr_el2",
    "    stp x1, x2, [x0, #{pc}]",
    "    mrs x1, fpcr",
    "    mrs x2, fpsr",
    "    stp x1, x2, [x0, #{fpcr}]",
    "    msr fpcr, xzr",
    ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31",
    "    str q\\n, [x0, #({q} + 16 * \\n)]",
    ".endr",
    "    ldp x19, x20, [sp]",
    "    ldp x21, x22, [sp, #16]",
    "    ldp x23, x24, [sp, #32]",
    "    ldp x25, x26, [sp, #48]",
    "    ldp x27, x28, [sp, #64]",
    "    ldp x29, x30, [sp, #80]",
    "    ldp d8, d9, [sp, #96]",
    "    ldp d10, d11, [sp, #112]",
    "    ldp d12, d13, [sp, #128]",
    "    ldp d14, d15, [sp, #144]",
    "    add sp, sp, #160",
    "    ret",
    pc = const offset_of!(Vcpu, pc),
    fpcr = const offset_of!(Vcpu, fpcr),
    q = const offset_of!(Vcpu, q),
);
