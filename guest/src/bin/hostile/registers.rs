//! The registers of a guest around a call: by the convention all but x0 to x3 stay as they are, and the code that answers uses
//! them all.

use core::arch::global_asm;

/// q0 to q31, and x4 to x27; of these x18 and x19 are left alone.
#[repr(C, align(16))]
#[derive(Clone, Copy, PartialEq, Eq)]
struct Registers {
    q: [u128; 32],
    x: [u64; 24],
}

/// Positions of x18 and x19.
const LEFT_ALONE: [usize; 2] = [14, 15];

unsafe extern "C" {
    /// Calls a function with `before` in the registers, and puts what is there afterwards into `after`.
    fn call_with_registers(function: u32, before: &Registers, after: &mut Registers);
}

/// Whether they are after a call of this function as they were before it.
pub(crate) fn survive(function: u32) -> bool {
    let mut before = Registers { q: [0; 32], x: [0; 24] };
    let patterns = (1_u64..).map(|number| number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    before.q.iter_mut().zip(patterns.clone()).for_each(|(q, one)| {
        *q = u128::from(one) << 64 | u128::from(!one);
    });
    before.x.iter_mut().zip(patterns).for_each(|(x, one)| *x = one.rotate_left(7));
    LEFT_ALONE.into_iter().for_each(|x| before.x[x] = 0);
    let mut after = Registers { q: [0; 32], x: [0; 24] };
    // SAFETY: it keeps the registers that a function has to keep, and writes to `after` only; what the call does to
    // memory, it does to the shared area.
    unsafe { call_with_registers(function, &before, &mut after) };
    before == after
}

// x19 has the place for what comes back, and x18 is the platform's in some conventions.
global_asm!(
    "call_with_registers:",
    "    stp x29, x30, [sp, #-160]!",
    "    stp x19, x20, [sp, #16]",
    "    stp x21, x22, [sp, #32]",
    "    stp x23, x24, [sp, #48]",
    "    stp x25, x26, [sp, #64]",
    "    stp x27, x28, [sp, #80]",
    "    stp d8, d9, [sp, #96]",
    "    stp d10, d11, [sp, #112]",
    "    stp d12, d13, [sp, #128]",
    "    stp d14, d15, [sp, #144]",
    "    mov x19, x2",
    ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31",
    "    ldr q\\n, [x1, #(16 * \\n)]",
    ".endr",
    ".irp n, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 20, 21, 22, 23, 24, 25, 26, 27",
    "    ldr x\\n, [x1, #(512 + 8 * (\\n - 4))]",
    ".endr",
    "    mov x1, xzr",
    "    mov x2, xzr",
    "    mov x3, xzr",
    "    smc #0",
    ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31",
    "    str q\\n, [x19, #(16 * \\n)]",
    ".endr",
    ".irp n, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 20, 21, 22, 23, 24, 25, 26, 27",
    "    str x\\n, [x19, #(512 + 8 * (\\n - 4))]",
    ".endr",
    "    ldp x19, x20, [sp, #16]",
    "    ldp x21, x22, [sp, #32]",
    "    ldp x23, x24, [sp, #48]",
    "    ldp x25, x26, [sp, #64]",
    "    ldp x27, x28, [sp, #80]",
    "    ldp d8, d9, [sp, #96]",
    "    ldp d10, d11, [sp, #112]",
    "    ldp d12, d13, [sp, #128]",
    "    ldp d14, d15, [sp, #144]",
    "    ldp x29, x30, [sp], #160",
    "    ret",
);
