//! From an address to words: the only `unsafe` of the crate.
#![expect(unsafe_code, reason = "an address is a number until somebody vouches for it")]

use core::ptr::NonNull;
use core::sync::atomic::AtomicU32;

/// The words of memory at an address, for as long as `'m`; of `bytes` that make no whole word at the end, the last
/// ones are left alone. None where the address is not aligned to 4 bytes.
///
/// # Safety
/// For `'m`, the `bytes` from `address` on have to be mapped, readable and writable, plain memory (reading a word
/// changes nothing), and at most `isize::MAX` many. Within this program nobody may touch them otherwise than through
/// atomics of 32 bits. What another processor, a device or another exception level does to them at any time is fine:
/// it may be hostile.
///
/// The mapping has to be one in which the other side sees what is written: cacheable where it is coherent (a
/// hypervisor and its guest, two processors of a cluster), otherwise non-cacheable or a device's.
pub unsafe fn map<'m>(address: NonNull<u32>, bytes: usize) -> Option<&'m [AtomicU32]> {
    if !address.is_aligned() {
        return None;
    }
    let words = address.cast::<AtomicU32>().as_ptr();
    // SAFETY: the address is aligned and not null; the caller vouches for the bytes, that they stay for `'m` and that
    // nobody here reaches them otherwise than by atomics. `AtomicU32` has the size of `u32` and no invalid values, and
    // may be changed behind a shared reference.
    Some(unsafe { core::slice::from_raw_parts(words, bytes / 4) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::sync::atomic::Ordering;

    #[test]
    fn an_address_becomes_whole_words_if_it_is_aligned() {
        let memory: [AtomicU32; 9] = [const { AtomicU32::new(7) }; 9];
        let address = NonNull::from(&memory).cast::<u32>();
        // SAFETY: 35 bytes of `memory`, which are reached through atomics only.
        let words = unsafe { map(address, 35) }.expect("it is aligned");
        assert_eq!(words.len(), 8);
        words[7].store(9, Ordering::Relaxed);
        assert_eq!(memory[7].load(Ordering::Relaxed), 9);
        // SAFETY: within `memory`.
        let odd = unsafe { address.byte_add(2) };
        // SAFETY: within `memory`; and nothing is made of it.
        assert!(unsafe { map(odd, 32) }.is_none());
    }
}
