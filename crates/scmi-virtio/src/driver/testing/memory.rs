//! Shared memory on the heap.
#![expect(unsafe_code, reason = "memory that two parties write is reached through pointers")]

use core::ptr::NonNull;
use std::boxed::Box;
use std::sync::Arc;
use std::vec;

use crate::driver::memory::Dma;

/// Where the device finds the memory: not where the driver does.
pub(crate) const BASE: u64 = 0x4000_0000;

/// Zeroed memory that goes when the last handle does. One handle is the driver's, others are its device's.
#[derive(Clone, Debug)]
pub(crate) struct Heap(Arc<Block>);

#[derive(Debug)]
struct Block(NonNull<[u128]>);

impl Heap {
    pub(crate) fn new(bytes: usize) -> Self {
        let block = vec![0_u128; bytes.div_ceil(16)].into_boxed_slice();
        let pointer = NonNull::new(Box::into_raw(block)).expect("a box is somewhere");
        Self(Arc::new(Block(pointer)))
    }

    /// Handles that there are: the memory lives on while there is one.
    pub(crate) fn handles(&self) -> usize {
        Arc::strong_count(&self.0)
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: the pointer came from a box, and nobody has another one any more.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

// SAFETY: the block lives as long as a handle, is aligned to 16, and no reference into it is made before it goes.
// Handles of both sides access it atomically, through `Shared`.
unsafe impl Dma for Heap {
    fn pointer(&self) -> NonNull<u8> {
        self.0.0.cast()
    }

    fn len(&self) -> usize {
        self.0.0.len() * 16
    }

    fn device_address(&self) -> u64 {
        BASE
    }
}

// SAFETY: the block belongs to no thread, and its accesses are atomic.
unsafe impl Send for Block {}
// SAFETY: as above.
unsafe impl Sync for Block {}
