//! An allocator for what is allocated once, at the start: it never takes memory back.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

/// The platform takes a third of it, the guest's device tree and its tables about as much.
const LEN: usize = 1 << 20;

#[repr(align(4096))]
struct Heap {
    memory: UnsafeCell<[u8; LEN]>,
    taken: AtomicUsize,
}

// SAFETY: the memory is reached through what `alloc` gave out only, each byte once.
unsafe impl Sync for Heap {}

#[global_allocator]
static HEAP: Heap = Heap { memory: UnsafeCell::new([0; LEN]), taken: AtomicUsize::new(0) };

/// How many bytes were given out, of how many.
pub(crate) fn taken() -> (usize, usize) {
    (HEAP.taken.load(Ordering::Relaxed), LEN)
}

// SAFETY: `alloc` gives out bytes that nobody else has, aligned as asked for, or none; it does not unwind.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Alignments above that of the heap itself are nobody's here, and are refused.
        if layout.align() > align_of::<Self>() {
            return ptr::null_mut();
        }
        let end = |start: usize| start.checked_add(layout.size()).filter(|end| *end <= LEN);
        let claim = |taken: usize| end(taken.checked_next_multiple_of(layout.align())?);
        let Ok(before) = self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, claim)
        else {
            return ptr::null_mut();
        };
        let start = before.next_multiple_of(layout.align());
        // SAFETY: `claim` saw that `start` and the bytes after it lie within the memory.
        unsafe { self.memory.get().cast::<u8>().add(start) }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}
