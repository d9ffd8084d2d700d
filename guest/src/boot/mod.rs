//! From the first instruction to Rust, and which memory is where.

mod registers;
mod table;

pub use registers::registers;

use core::arch::global_asm;

use table::TABLE;

/// Names the function that the machine runs: `fn(Tree)`. It switches the machine off when it returns.
#[macro_export]
macro_rules! entry {
    ($main:path) => {
        // SAFETY: the boot code calls a function of this name and type, and nothing else has the name.
        #[unsafe(no_mangle)]
        extern "C" fn image_main(tree: *const u8) -> ! {
            let main: fn($crate::Tree) = $main;
            // SAFETY: this is called once, by the boot code, with what QEMU says is its device tree.
            unsafe { $crate::boot::begin(tree, main) }
        }
    };
}

/// What [`entry!`] makes its function of: reads the tree, sets up what prints and switches off, and calls it.
///
/// # Safety
/// `tree` is the address of a device tree, to which nobody writes from now on, or of nothing that begins like one.
/// It is called once.
pub unsafe fn begin(tree: *const u8, main: fn(crate::Tree)) -> ! {
    // SAFETY: the caller's promise is the same.
    match unsafe { crate::Tree::at(tree) } {
        Ok(tree) => {
            crate::console::find(&tree);
            crate::power::find(&tree);
            main(tree);
        }
        Err(error) => crate::println!("no device tree: {error}"),
    }
    crate::power::off()
}

// The header of an arm64 image, then: only where the linker thought it would be; an empty .bss; at exception level 2 the
// program's own `image_at_el2`, if it has one, with the tree's address in x19; otherwise only at exception level 1 the
// MMU and the caches, before any code that a compiler made, as that is free to access memory unaligned and exclusively,
// which needs Normal memory; floating point registers; the stack; Rust.
global_asm!(
    ".section .boot.head, \"ax\"",
    ".global _start",
    "_start:",
    "    b 1f",
    "    nop",
    "    .quad 0",                     // where it wants to be, above a multiple of 2 MiB
    "    .quad image_end - _start",    // bytes, with those that are not in the file
    "    .quad 0x2",                   // little-endian, 4 KiB pages, near the begin of memory
    "    .quad 0, 0, 0",
    "    .ascii \"ARM\\x64\"",
    "    .word 0",
    ".weak image_at_el2",
    "1:  mov x19, x0",
    "    adr x1, _start",
    "    ldr x2, =_start",
    "    cmp x1, x2",
    "    b.ne 9f",
    "    ldr x1, =image_bss",
    "    ldr x2, =image_bss_end",
    "2:  cmp x1, x2",
    "    b.hs 3f",
    "    stp xzr, xzr, [x1], #16",
    "    b 2b",
    "3:  mrs x1, CurrentEL",
    "    cmp x1, #4",
    "    b.eq 4f",
    "    cmp x1, #8",
    "    b.ne 9f",
    "    ldr x2, =image_at_el2",       // 0 where there is none
    "    cbz x2, 9f",
    "    br x2",
    "4:  ldr x1, =0xff04",             // memory attributes 0: device, nGnRE; 1: normal, write-back
    "    msr mair_el1, x1",
    "    ldr x1, =0x200803519",        // 39 bits from table 0 only, 4 KiB, shareable, cached; 40 bits physical
    "    msr tcr_el1, x1",
    "    ldr x1, ={table}",
    "    msr ttbr0_el1, x1",
    "    dsb sy",
    "    tlbi vmalle1",
    "    dsb sy",
    "    isb",
    "    mrs x1, sctlr_el1",
    "    mov x2, #0x1005",             // instruction cache, data cache, MMU
    "    orr x1, x1, x2",
    "    bic x1, x1, #2",              // no alignment check
    "    msr sctlr_el1, x1",
    "    mov x1, #(3 << 20)",          // no trap of floating point
    "    msr cpacr_el1, x1",
    "    ldr x1, =exception_vectors",
    "    msr vbar_el1, x1",
    "    isb",
    "    ldr x1, =image_stack_top",
    "    mov sp, x1",
    "    mov x29, xzr",
    "    mov x30, xzr",
    "    mov x0, x19",
    "    bl image_main",
    "9:  wfi",                         // no word is possible yet, nor a way out
    "    b 9b",
    ".ltorg",
    ".previous",
    table = sym TABLE,
);
