//! The guest's kernel and its device tree, in the guest's memory.

use core::ptr::{copy_nonoverlapping, with_exposed_provenance, with_exposed_provenance_mut};

use crate::el2;
use crate::failure::Failure;
use crate::layout::{BLOCK, GUEST, KERNEL};

/// What an arm64 image has at an offset of 56 bytes.
const MAGIC: &[u8; 4] = b"ARM\x64";
const MAGIC_AT: u64 = 56;

/// Puts the tree where the guest's memory begins. Where the kernel begins, and the tree.
///
/// # Errors
/// When no kernel is there, or the tree is larger than Linux takes it.
///
/// # Safety
/// There is no guest yet, and nobody else uses its memory.
pub(crate) unsafe fn place(tree: &[u8]) -> Result<(u64, u64), Failure> {
    let address = |at: u64| usize::try_from(at).unwrap_or(0);
    let magic = with_exposed_provenance::<[u8; 4]>(address(KERNEL + MAGIC_AT));
    // SAFETY: memory of the machine that the boot code mapped; any bytes will do.
    let found = unsafe { magic.read() };
    if found != *MAGIC {
        return Err(Failure::NoKernel);
    }
    if tree.len() > address(BLOCK) {
        return Err(Failure::Tree("end within 2 MiB"));
    }
    let place: *mut u8 = with_exposed_provenance_mut(address(GUEST));
    // SAFETY: memory of the guest, mapped by the boot code, with room for a block before the kernel; the tree is ours, so
    // they are apart.
    unsafe { copy_nonoverlapping(tree.as_ptr(), place, tree.len()) };
    // SAFETY: these bytes were written just now, and nobody writes to them while this is used.
    el2::clean(unsafe { core::slice::from_raw_parts(place, tree.len()) });
    Ok((KERNEL, GUEST))
}
