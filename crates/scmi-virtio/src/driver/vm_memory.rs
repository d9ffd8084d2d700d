//! A guest's memory as a VMM maps it, as the shared memory of a driver: for agents without a VM, and tests.
#![expect(unsafe_code, reason = "it vouches for a mapping")]

use core::ptr::NonNull;

use vm_memory::{Address, GuestMemoryRegion, GuestRegionMmap, MemoryRegionAddress};

use super::memory::{Dma, is_aligned};

/// Readable and writable, as `mmap` has it.
const READ_WRITE: i32 = 0b11;

/// A mapped region of guest memory, whose device addresses are the guest's.
#[derive(Debug)]
pub struct GuestDma {
    region: GuestRegionMmap<()>,
    pointer: NonNull<u8>,
}

impl GuestDma {
    /// The memory of a region, or the region back if it is not mapped for reading and writing, or its guest address is
    /// not a multiple of [`ALIGNMENT`](super::ALIGNMENT).
    ///
    /// Other handles of the same mapping are the device's.
    ///
    /// # Errors
    /// The region.
    pub fn new(region: GuestRegionMmap<()>) -> Result<Self, GuestRegionMmap<()>> {
        let host = region.get_host_address(MemoryRegionAddress(0)).ok().and_then(NonNull::new);
        let aligned = |pointer| is_aligned(pointer, region.start_addr().raw_value());
        match host {
            Some(pointer) if region.prot() & READ_WRITE == READ_WRITE && aligned(pointer) => {
                Ok(Self { region, pointer })
            }
            _ => Err(region),
        }
    }

    /// The region.
    pub const fn region(&self) -> &GuestRegionMmap<()> {
        &self.region
    }
}

// SAFETY: the mapping is held by a reference count of the region's, lives until the last one goes, and does not move
// with this object. `new` checked that it is readable, writable and aligned. Safe code reaches it through `vm-memory`
// only, whose accesses are volatile or atomic and which gives no reference out. If the file behind it is made
// shorter, an access ends the process by a signal, which is no undefined behaviour.
unsafe impl Dma for GuestDma {
    fn pointer(&self) -> NonNull<u8> {
        self.pointer
    }

    fn len(&self) -> usize {
        self.region.size()
    }

    fn device_address(&self) -> u64 {
        self.region.start_addr().raw_value()
    }
}

// SAFETY: the mapping belongs to no thread, and the region is `Send` itself.
unsafe impl Send for GuestDma {}
// SAFETY: through a shared reference only `region` gives access, which is `Sync` itself.
unsafe impl Sync for GuestDma {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::Shared;
    use vm_memory::{Bytes, GuestAddress};

    #[test]
    fn both_sides_see_the_same_bytes() {
        let region =
            GuestRegionMmap::from_range(GuestAddress(0x8000), 0x1000, None).expect("memory");
        let device =
            GuestRegionMmap::<()>::with_arc(region.get_mmap(), GuestAddress(0)).expect("memory");
        let mut driver = GuestDma::new(region).expect("readable, writable, aligned");
        assert_eq!(Shared::new(&mut driver).device_address(4, 1), Some(0x8004));
        Shared::new(&mut driver).write(0xFFE, b"ab").expect("inside");
        let mut seen = [0; 2];
        device.read_slice(&mut seen, MemoryRegionAddress(0xFFE)).expect("inside");
        assert_eq!(&seen, b"ab");
        device.write_slice(b"cd", MemoryRegionAddress(0xFFE)).expect("inside");
        Shared::new(&mut driver).read(0xFFE, &mut seen).expect("inside");
        assert_eq!(&seen, b"cd");
        assert_eq!(Shared::new(&mut driver).read(0xFFF, &mut seen), None);
    }

    #[test]
    fn a_guest_address_that_is_not_aligned_is_refused() {
        let region = GuestRegionMmap::from_range(GuestAddress(8), 0x1000, None).expect("memory");
        assert_eq!(GuestDma::new(region).expect_err("refused").start_addr(), GuestAddress(8));
    }
}
