//! Memory that the driver and its device share, and the only ways to touch it.
#![expect(
    unsafe_code,
    reason = "memory that another party writes at any time is reached through pointers"
)]

use core::fmt;
use core::marker::PhantomData;
use core::ptr::NonNull;
use core::slice;
use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, Ordering};

/// A piece of memory that the driver owns and its device can reach: rings and messages lie in it.
///
/// One such object holds everything of one device. How it comes to be is the environment's affair: a static
/// array under an identity mapping, pages of an allocator mapped for an IOMMU, the RAM of a guest without a VM.
/// It must be coherent between the driver and the device, as virtio assumes.
///
/// A [`Driver`](super::Driver) drops it only after the device said that it was reset. If the device never says
/// so, the driver forgets the object instead, so that the memory is never used for anything else.
///
/// # Safety
/// As long as the object lives, wherever it is moved:
/// - [`pointer`](Self::pointer) gives the same pointer, valid for reads and writes of [`len`](Self::len)
///   bytes, aligned to [`ALIGNMENT`];
/// - no Rust reference to any of those bytes exists;
/// - nobody accesses those bytes but the device, and this object's owner through it. Where the device is Rust
///   code in the same process, it accesses them atomically or by volatile operations.
pub unsafe trait Dma {
    /// Where it begins, for the driver.
    fn pointer(&self) -> NonNull<u8>;

    /// Bytes of it.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where it begins, for the device; a multiple of [`ALIGNMENT`]. With an IOMMU that is not a physical address.
    fn device_address(&self) -> u64;
}

/// What shared memory is aligned to, on either side, in bytes: what a descriptor table asks for.
pub const ALIGNMENT: usize = 16;

/// Memory that is there for good, named by its addresses: a static array, or pages that are never given back.
#[derive(Debug)]
pub struct Region {
    pointer: NonNull<u8>,
    len: usize,
    device_address: u64,
}

impl Region {
    /// The `len` bytes at `pointer`, which the device finds at `device_address`. None if one of both is not a
    /// multiple of [`ALIGNMENT`].
    ///
    /// # Safety
    /// The memory is valid for reads and writes for the rest of the program. From now on nothing but what is
    /// made of this region and the device touches it, and there is no reference to it.
    pub unsafe fn new(pointer: NonNull<u8>, len: usize, device_address: u64) -> Option<Self> {
        is_aligned(pointer, device_address).then_some(Self { pointer, len, device_address })
    }
}

// SAFETY: the fields never change, `new` checked the alignment, and its caller promised the rest for ever.
unsafe impl Dma for Region {
    fn pointer(&self) -> NonNull<u8> {
        self.pointer
    }

    fn len(&self) -> usize {
        self.len
    }

    fn device_address(&self) -> u64 {
        self.device_address
    }
}

// SAFETY: the region is the only owner of its memory, which does not belong to a thread.
unsafe impl Send for Region {}

/// Whether both addresses of a piece of memory are multiples of [`ALIGNMENT`].
pub(super) fn is_aligned(pointer: NonNull<u8>, device_address: u64) -> bool {
    pointer.addr().get().is_multiple_of(ALIGNMENT)
        && usize::try_from(device_address & 0xFFF).is_ok_and(|low| low.is_multiple_of(ALIGNMENT))
}

/// Shared memory in use: every access goes through here, by offset, and ends at the memory's end.
///
/// Nothing can be borrowed from it: what the device may write at any time is copied, once. All accesses are
/// atomic, each of a few bytes, so that a device that writes at the same moment makes a mix of old and new
/// bytes at worst. Values are little-endian, as virtio has them.
pub struct Shared<'a> {
    pointer: NonNull<u8>,
    len: usize,
    device_address: u64,
    /// Exclusive, so that no other thread of the driver's side is in here at the same time.
    memory: PhantomData<&'a mut [u8]>,
}

impl<'a> Shared<'a> {
    /// The memory of `memory`.
    pub fn new<M: Dma + ?Sized>(memory: &'a mut M) -> Self {
        Self {
            pointer: memory.pointer(),
            len: memory.len(),
            device_address: memory.device_address(),
            memory: PhantomData,
        }
    }

    /// Bytes of it.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Where the device finds the `len` bytes at `offset`, if they are part of it.
    pub fn device_address(&self, offset: usize, len: usize) -> Option<u64> {
        self.range(offset, len)?;
        self.device_address.checked_add(u64::try_from(offset).ok()?)
    }

    /// Copies the bytes at `offset` into `into`. None, and nothing copied, if there are not so many.
    pub fn read(&self, offset: usize, into: &mut [u8]) -> Option<()> {
        let (words, bytes) = self.parts(offset, into.len())?;
        for (word, to) in words.iter().zip(into.chunks_exact_mut(4)) {
            to.copy_from_slice(&word.load(Ordering::Relaxed).to_ne_bytes());
        }
        let tail = into.get_mut(words.len().wrapping_mul(4)..)?;
        for (byte, to) in bytes.iter().zip(tail) {
            *to = byte.load(Ordering::Relaxed);
        }
        Some(())
    }

    /// Copies `bytes` to `offset`. None, and nothing copied, if there is no place for so many.
    pub fn write(&self, offset: usize, from: &[u8]) -> Option<()> {
        let (words, bytes) = self.parts(offset, from.len())?;
        for (word, from) in words.iter().zip(from.as_chunks().0) {
            word.store(u32::from_ne_bytes(*from), Ordering::Relaxed);
        }
        let tail = from.get(words.len().wrapping_mul(4)..)?;
        for (byte, from) in bytes.iter().zip(tail) {
            byte.store(*from, Ordering::Relaxed);
        }
        Some(())
    }

    /// Zeroes `len` bytes at `offset`. None, and nothing written, if there are not so many.
    pub fn zero(&self, offset: usize, len: usize) -> Option<()> {
        let (words, bytes) = self.parts(offset, len)?;
        words.iter().for_each(|word| word.store(0, Ordering::Relaxed));
        bytes.iter().for_each(|byte| byte.store(0, Ordering::Relaxed));
        Some(())
    }

    /// The `len` bytes at `offset`, if there are so many: as many words as they have, and the bytes after them; all of
    /// them bytes where they do not begin at a word.
    #[inline(always)]
    fn parts(&self, offset: usize, len: usize) -> Option<(&[AtomicU32], &[AtomicU8])> {
        self.range(offset, len)?;
        let words = if offset.is_multiple_of(4) { len >> 2 } else { 0 };
        let whole = words.wrapping_mul(4);
        // Also a slice without words is to be aligned.
        let begin = if words > 0 { offset } else { 0 };
        // SAFETY: `range` saw that the offset lies within the `len` bytes that `pointer` is valid for, by the contract
        // of `Dma`; so the sum neither leaves the memory nor wraps.
        let start = unsafe { self.pointer.add(begin) };
        // SAFETY: likewise, since `whole` is no more than `len`.
        let tail = unsafe { self.pointer.add(offset.wrapping_add(whole)) };
        // SAFETY: valid for so many words while `self` is borrowed, since `Dma` promises it for as long as the object
        // lives that `self` borrows; aligned, as the offset is where there are any, and the memory begins at a multiple
        // of 16. Only atomic accesses are made from this side, which no other thread of it shares, as the borrow is
        // exclusive; the device's are atomic or volatile, or not Rust.
        let first = unsafe { slice::from_raw_parts(start.cast().as_ptr(), words) };
        // SAFETY: likewise, for bytes, which need no alignment.
        let rest = unsafe { slice::from_raw_parts(tail.cast().as_ptr(), len.wrapping_sub(whole)) };
        Some((first, rest))
    }

    // These are not inlined: firmware is small. So the order is always what an index of a ring needs.

    /// The number of 16 bits at `offset`, which is even; 0 outside. What is read later is read after it (Acquire).
    #[inline(never)]
    pub(super) fn load16(&self, offset: usize) -> u16 {
        self.half(offset).map_or(0, |half| u16::from_le(half.load(Ordering::Acquire)))
    }

    /// Sets the number of 16 bits at `offset`, which is even. Outside there is nothing to be set. What was written
    /// before is written before it (Release).
    #[inline(never)]
    pub(super) fn store16(&self, offset: usize, value: u16) {
        if let Some(half) = self.half(offset) {
            half.store(value.to_le(), Ordering::Release);
        }
    }

    /// The number of 32 bits at `offset`, a multiple of 4; 0 outside.
    #[inline(never)]
    pub(super) fn load32(&self, offset: usize) -> u32 {
        self.word(offset).map_or(0, |word| u32::from_le(word.load(Ordering::Relaxed)))
    }

    /// The bytes from `offset` on, if there are so many.
    fn range(&self, offset: usize, len: usize) -> Option<core::ops::Range<usize>> {
        let end = offset.checked_add(len)?;
        (end <= self.len).then_some(offset..end)
    }

    /// A pointer to `SIZE` bytes at `offset` that are within the memory and aligned to their size.
    fn at<const SIZE: usize>(&self, offset: usize) -> Option<NonNull<u8>> {
        self.range(offset, SIZE)?;
        // SAFETY: `range` saw that the offset lies within the `len` bytes that `pointer` is valid for, by the
        // contract of `Dma`; so the sum neither leaves the memory nor wraps.
        let pointer = unsafe { self.pointer.add(offset) };
        offset.is_multiple_of(SIZE).then_some(pointer)
    }

    fn half(&self, offset: usize) -> Option<&AtomicU16> {
        let pointer = self.at::<2>(offset)?.cast::<u16>();
        // SAFETY: valid for two bytes, and only accessed atomically, as in `parts`; `at` saw that the offset is even, and the memory begins at a
        // multiple of 16, so the pointer is aligned.
        Some(unsafe { AtomicU16::from_ptr(pointer.as_ptr()) })
    }

    fn word(&self, offset: usize) -> Option<&AtomicU32> {
        let pointer = self.at::<4>(offset)?.cast::<u32>();
        // SAFETY: as in `half`, for four bytes; `at` saw that the offset is a multiple of four, and the memory
        // begins at a multiple of 16, so the pointer is aligned.
        Some(unsafe { AtomicU32::from_ptr(pointer.as_ptr()) })
    }
}

impl fmt::Debug for Shared<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("len", &self.len)
            .field("device_address", &self.device_address)
            .finish_non_exhaustive()
    }
}
