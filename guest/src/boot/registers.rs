//! Registers of devices, made accessible.

use core::ptr::{self, NonNull};

use scmi_virtio::driver::Mmio;

use super::table::map_device;

/// The `len` bytes of registers at `address`; none where memory is, or beyond what can be mapped.
///
/// # Safety
/// A device of this machine has registers there, `address` is a multiple of 4, nobody else uses them, and using them does
/// nothing to memory but what whoever gets them means to.
pub unsafe fn registers(address: u64, len: u64) -> Option<Mmio> {
    let size = usize::try_from(len).ok()?;
    let base = NonNull::new(ptr::with_exposed_provenance_mut(usize::try_from(address).ok()?))?;
    if !map_device(address, len) {
        return None;
    }
    // SAFETY: all of it was mapped just now as device memory, and is never unmapped; the caller promises the rest.
    Some(unsafe { Mmio::new(base, size) })
}
