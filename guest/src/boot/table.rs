//! The page table: addresses are as they are, by gigabytes.

use core::arch::asm;
use core::sync::atomic::{AtomicU64, Ordering};

/// One level, 512 gigabytes.
#[repr(align(4096))]
pub(super) struct Table([AtomicU64; 512]);

/// A gigabyte that begins where the entry says, accessed already, not from user space (there is none).
const BLOCK: u64 = 1 | 1 << 10 | 1 << 54;
/// Memory attributes 0, and no instructions.
const DEVICE: u64 = BLOCK | 1 << 53;
/// Memory attributes 1, inner shareable.
const NORMAL: u64 = BLOCK | 1 << 2 | 3 << 8;

const GIGABYTE: u64 = 1 << 30;

/// `virt` has devices in its first gigabyte and memory in the second; more memory is not used.
pub(super) static TABLE: Table = {
    let mut entries = [const { AtomicU64::new(0) }; 512];
    entries[0] = AtomicU64::new(DEVICE);
    entries[1] = AtomicU64::new(GIGABYTE | NORMAL);
    Table(entries)
};

/// Maps the bytes from `address` on as device memory, unless they are. Whether they are now: they cannot be where memory is,
/// nor beyond the table.
pub(super) fn map_device(address: u64, len: u64) -> bool {
    let Some(last) = len.checked_sub(1).and_then(|more| address.checked_add(more)) else {
        return false;
    };
    let gigabytes = address / GIGABYTE..=last / GIGABYTE;
    gigabytes.into_iter().all(|gigabyte| {
        let entry = usize::try_from(gigabyte).ok().and_then(|index| TABLE.0.get(index));
        let Some(entry) = entry else { return false };
        let wanted = (gigabyte * GIGABYTE) | DEVICE;
        match entry.compare_exchange(0, wanted, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => see_the_table(),
            Err(there) => return there == wanted,
        }
        true
    })
}

/// Accesses from here on find what was added to the table.
fn see_the_table() {
    // SAFETY: barriers, which change nothing. An entry that was invalid is in no TLB.
    unsafe { asm!("dsb ishst", "isb", options(nostack, preserves_flags)) }
}
