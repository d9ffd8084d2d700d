//! From the image's first instructions, which are those of all programs here, to Rust at exception level 2; and which
//! memory is how for us.

use core::arch::global_asm;
use core::sync::atomic::AtomicU64;

use crate::layout::{BLOCK, MEMORY, OWN, SHARED};

#[repr(align(4096))]
#[expect(dead_code, reason = "it is the processor that reads it")]
struct Table([AtomicU64; 512]);

/// A block that begins where the entry says: accessed already, and of the only privilege that there is.
const MAPPED: u64 = 1 | 1 << 6 | 1 << 10;
const NOT_EXECUTED: u64 = 1 << 54;
/// Memory attributes 0.
const DEVICE: u64 = MAPPED | NOT_EXECUTED;
/// Memory attributes 1, inner shareable.
const NORMAL: u64 = MAPPED | 1 << 2 | 3 << 8;
/// Memory attributes 2.
const UNCACHED: u64 = MAPPED | NOT_EXECUTED | 2 << 2;

/// By gigabytes: the devices; the next one, to which the boot code adds its table; nothing else.
static GIGABYTES: Table = {
    let mut entries = [const { AtomicU64::new(0) }; 512];
    entries[0] = AtomicU64::new(DEVICE);
    Table(entries)
};

/// The gigabyte of memory. Nothing of the guest's is ever executed here, and what we share with it is not cached, as a
/// guest takes it for a device's: two who see the same bytes with other attributes need not see the same.
static BLOCKS: Table = {
    let mut entries = [const { AtomicU64::new(0) }; 512];
    let (mut index, mut address) = (0, MEMORY.start);
    while index < entries.len() {
        let how = if address < OWN.end {
            NORMAL
        } else if address == SHARED.start {
            UNCACHED
        } else {
            NORMAL | NOT_EXECUTED
        };
        entries[index] = AtomicU64::new(address | how);
        index += 1;
        address += BLOCK;
    }
    Table(entries)
};

// The MMU and the caches, before any code that a compiler made, as the others do; no trap of floating point; the stack;
// Rust. The tree's address is in x19.
global_asm!(
    ".weak image_at_el2",             // as who calls it has it
    "image_at_el2:",
    "    mov x1, #(1 << 31)",          // level 1 is AArch64, and there is no host mode
    "    msr hcr_el2, x1",
    "    isb",
    "    ldr x1, ={gigabytes}",
    "    ldr x2, ={blocks}",
    "    orr x2, x2, #3",              // a table
    "    str x2, [x1, #8]",            // for the second gigabyte
    "    msr ttbr0_el2, x1",
    "    ldr x1, =0x44ff04",           // memory attributes 0: device, nGnRE; 1: normal, write-back; 2: normal, uncached
    "    msr mair_el2, x1",
    "    ldr x1, =0x80823519",         // 39 bits, 4 KiB, shareable, cached; 40 bits physical
    "    msr tcr_el2, x1",
    "    dsb sy",
    "    tlbi alle2",
    "    dsb sy",
    "    isb",
    "    ldr x1, =0x30c51835",         // what is always 1; instruction cache, data cache, MMU
    "    msr sctlr_el2, x1",
    "    mov x1, #0x33ff",             // what is always 1
    "    msr cptr_el2, x1",
    "    ldr x1, =hypervisor_vectors",
    "    msr vbar_el2, x1",
    "    isb",
    "    ldr x1, =image_stack_top",
    "    mov sp, x1",
    "    mov x29, xzr",
    "    mov x30, xzr",
    "    mov x0, x19",
    "    bl image_main",
    "1:  wfi",
    "    b 1b",
    ".ltorg",
    gigabytes = sym GIGABYTES,
    blocks = sym BLOCKS,
);
