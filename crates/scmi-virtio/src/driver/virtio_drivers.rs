//! Memory of an operating system that implements `virtio-drivers`' `Hal`, as the shared memory of a driver.
#![expect(unsafe_code, reason = "it vouches for pages that a Hal gave out")]

use core::fmt;
use core::marker::PhantomData;
use core::ptr::NonNull;

use virtio_drivers::{BufferDirection, Hal, PAGE_SIZE};

use super::memory::{Dma, is_aligned};

/// Pages that a `Hal` gave out; they are given back when this is dropped.
pub struct HalDma<H: Hal> {
    pointer: NonNull<u8>,
    device_address: u64,
    pages: usize,
    hal: PhantomData<H>,
}

impl<H: Hal> HalDma<H> {
    /// Pages for at least so many bytes. None if there are none, or the `Hal` does not keep its promise that they
    /// are aligned.
    pub fn new(bytes: usize) -> Option<Self> {
        let pages = bytes.div_ceil(PAGE_SIZE).max(1);
        let (device_address, pointer) = H::dma_alloc(pages, BufferDirection::Both);
        // A Hal says by this address that it has none.
        if device_address == 0 {
            return None;
        }
        let pages = Self { pointer, device_address, pages, hal: PhantomData };
        is_aligned(pointer, device_address).then_some(pages)
    }
}

impl<H: Hal> Drop for HalDma<H> {
    fn drop(&mut self) {
        // SAFETY: these are the values that `dma_alloc` gave for so many pages, and they are given back once.
        let _refused = unsafe { H::dma_dealloc(self.device_address, self.pointer, self.pages) };
    }
}

impl<H: Hal> fmt::Debug for HalDma<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HalDma")
            .field("device_address", &self.device_address)
            .field("pages", &self.pages)
            .finish_non_exhaustive()
    }
}

// SAFETY: `dma_alloc` promises whole pages that are valid, aligned to a page and alias nothing until they are given
// back, which the drop does; the fields never change.
unsafe impl<H: Hal> Dma for HalDma<H> {
    fn pointer(&self) -> NonNull<u8> {
        self.pointer
    }

    fn len(&self) -> usize {
        self.pages.saturating_mul(PAGE_SIZE)
    }

    fn device_address(&self) -> u64 {
        self.device_address
    }
}

// SAFETY: DMA memory belongs to no thread; `virtio-drivers` sends its own between threads as well.
unsafe impl<H: Hal> Send for HalDma<H> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::Shared;
    use core::alloc::Layout;
    use core::sync::atomic::{AtomicUsize, Ordering};
    use std::alloc::{alloc_zeroed, dealloc};

    static PAGES: AtomicUsize = AtomicUsize::new(0);

    /// Pages of the heap, at most four at a time.
    struct HeapHal;

    fn layout(pages: usize) -> Layout {
        Layout::from_size_align(pages * PAGE_SIZE, PAGE_SIZE).expect("few pages")
    }

    // SAFETY: pages come zeroed and aligned from the heap, and go back there.
    unsafe impl Hal for HeapHal {
        fn dma_alloc(pages: usize, _: BufferDirection) -> (u64, NonNull<u8>) {
            if pages > 4 {
                return (0, NonNull::dangling());
            }
            // SAFETY: the layout is not empty.
            let pointer = NonNull::new(unsafe { alloc_zeroed(layout(pages)) }).expect("memory");
            PAGES.fetch_add(pages, Ordering::Relaxed);
            (pointer.addr().get().try_into().expect("64 bits"), pointer)
        }

        unsafe fn dma_dealloc(_: u64, pointer: NonNull<u8>, pages: usize) -> i32 {
            // SAFETY: the caller promises that it came from `dma_alloc` for so many pages.
            unsafe { dealloc(pointer.as_ptr(), layout(pages)) };
            PAGES.fetch_sub(pages, Ordering::Relaxed);
            0
        }

        unsafe fn mmio_phys_to_virt(_: u64, _: usize) -> NonNull<u8> {
            NonNull::dangling()
        }

        unsafe fn share(_: NonNull<[u8]>, _: BufferDirection) -> u64 {
            0
        }

        unsafe fn unshare(_: u64, _: NonNull<[u8]>, _: BufferDirection) {}
    }

    #[test]
    fn pages_are_taken_used_and_given_back() {
        assert!(HalDma::<HeapHal>::new(4 * PAGE_SIZE + 1).is_none(), "there are not so many");
        let mut memory = HalDma::<HeapHal>::new(PAGE_SIZE + 1).expect("two pages");
        assert_eq!((memory.len(), PAGES.load(Ordering::Relaxed)), (2 * PAGE_SIZE, 2));
        let shared = Shared::new(&mut memory);
        shared.write(PAGE_SIZE - 2, b"across").expect("inside");
        let mut bytes = [0; 6];
        shared.read(PAGE_SIZE - 2, &mut bytes).expect("inside");
        assert_eq!(&bytes, b"across");
        drop(memory);
        assert_eq!(PAGES.load(Ordering::Relaxed), 0);
    }
}
