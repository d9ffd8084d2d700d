//! The memory that both sides see, a word at a time.

use core::sync::atomic::{AtomicU32, Ordering};

/// Words of memory that somebody else may change at any time.
///
/// Each call is one access of 32 bits, neither repeated nor left out, and no read-modify-write: areas may lie in
/// memory that is mapped as a device's. Words are as the processor has them; the area's little-endian is dealt with
/// above. A position beyond the end reads 0 and writes nothing.
///
/// Implemented for slices of atomics ([`map`](crate::map) makes one of an address). A hypervisor that reaches its guest's memory
/// in another way implements it for that.
pub trait Memory {
    /// How many words there are; always the same number.
    fn words(&self) -> usize;

    /// Reads a word.
    fn load(&self, word: usize) -> u32;

    /// Reads a word; what is read and written after it is so after it.
    fn load_acquire(&self, word: usize) -> u32;

    /// Writes a word.
    fn store(&self, word: usize, value: u32);

    /// Writes a word; what was read and written before it was so before it.
    fn store_release(&self, word: usize, value: u32);
}

impl Memory for [AtomicU32] {
    fn words(&self) -> usize {
        self.len()
    }

    fn load(&self, word: usize) -> u32 {
        self.get(word).map_or(0, |word| word.load(Ordering::Relaxed))
    }

    fn load_acquire(&self, word: usize) -> u32 {
        self.get(word).map_or(0, |word| word.load(Ordering::Acquire))
    }

    fn store(&self, word: usize, value: u32) {
        if let Some(word) = self.get(word) {
            word.store(value, Ordering::Relaxed);
        }
    }

    fn store_release(&self, word: usize, value: u32) {
        if let Some(word) = self.get(word) {
            word.store(value, Ordering::Release);
        }
    }
}

impl<M: Memory + ?Sized> Memory for &M {
    fn words(&self) -> usize {
        (**self).words()
    }

    fn load(&self, word: usize) -> u32 {
        (**self).load(word)
    }

    fn load_acquire(&self, word: usize) -> u32 {
        (**self).load_acquire(word)
    }

    fn store(&self, word: usize, value: u32) {
        (**self).store(word, value);
    }

    fn store_release(&self, word: usize, value: u32) {
        (**self).store_release(word, value);
    }
}
