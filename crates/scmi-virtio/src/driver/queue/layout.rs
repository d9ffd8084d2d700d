//! Where the parts of a virtqueue lie.

use crate::driver::memory::{ALIGNMENT, Shared};

/// Bytes of a descriptor.
pub(super) const DESCRIPTOR: usize = 16;

/// Bytes of an entry of the used ring.
pub(super) const USED: usize = 8;

/// The most entries that virtio gives a split virtqueue.
const MOST: u16 = 32768;

/// The size of a virtqueue and where it lies in shared memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub(super) size: u16,
    pub(super) parts: u16,
    offset: usize,
    // What follows from them, once.
    pub(super) used: usize,
    pub(super) available: usize,
    tables: usize,
    end: usize,
}

impl Layout {
    /// No queue at all.
    pub(in crate::driver) const NONE: Self =
        Self { size: 0, parts: 0, offset: 0, used: 0, available: 0, tables: 0, end: 0 };

    /// A queue of `size` entries at `offset`, which is rounded up to a multiple of [`ALIGNMENT`]. With
    /// `indirect`, every chain is a table of at most so many descriptors; with 0 there are no tables, and a
    /// chain takes an entry for each of its descriptors.
    ///
    /// None if the size is no power of two from 1 to 32768, or the queue would go beyond all memory.
    pub const fn new(size: u16, indirect: u16, offset: usize) -> Option<Self> {
        if !size.is_power_of_two() || size > MOST {
            return None;
        }
        let Some(offset) = offset.checked_next_multiple_of(ALIGNMENT) else { return None };
        // Below 2^36 for the largest numbers; where that is too much, the queue is refused.
        if offset.checked_add(Self::bytes(size, indirect)).is_none() {
            return None;
        }
        Some(Self::at(size, indirect, offset))
    }

    /// As [`Self::new`], of what is known to be right.
    pub(super) const fn at(size: u16, indirect: u16, offset: usize) -> Self {
        let end = offset.wrapping_add(Self::bytes(size, indirect));
        let used = offset.wrapping_add(DESCRIPTOR.wrapping_mul(size as usize));
        let available = used.wrapping_add(Self::used_bytes(size as usize));
        let tables = offset.wrapping_add(Self::bytes(size, 0));
        Self { size, parts: indirect, offset, used, available, tables, end }
    }

    /// Bytes of the used ring and of what lies between it and the available one.
    const fn used_bytes(size: usize) -> usize {
        size.wrapping_mul(USED).wrapping_add(6).next_multiple_of(4)
    }

    /// Bytes of such a queue, a multiple of [`ALIGNMENT`].
    // There once: firmware is small.
    #[inline(never)]
    pub const fn bytes(size: u16, indirect: u16) -> usize {
        let [size, parts] = [size as usize, indirect as usize];
        let tables = parts.saturating_mul(size).saturating_mul(DESCRIPTOR);
        let available = size.wrapping_mul(2).wrapping_add(6);
        let used = Self::used_bytes(size);
        let rings = available.wrapping_add(used).wrapping_add(size.wrapping_mul(DESCRIPTOR));
        tables.saturating_add(rings.next_multiple_of(ALIGNMENT))
    }

    /// Its entries.
    pub(in crate::driver) const fn size(&self) -> u16 {
        self.size
    }

    /// Whether there is none.
    pub(in crate::driver) const fn is_none(&self) -> bool {
        self.size == 0
    }

    /// Where it begins.
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Where it ends.
    pub const fn end(&self) -> usize {
        self.end
    }

    /// The indirect table of the chain with this head. It lies behind the rings, a multiple of 16.
    pub(super) const fn table(&self, head: u16) -> usize {
        let before = (head as usize).wrapping_mul(self.parts as usize);
        self.tables.wrapping_add(before.wrapping_mul(DESCRIPTOR))
    }

    /// What the device is told of it. None if it is not part of `memory`.
    pub fn rings(&self, memory: &Shared<'_>) -> Option<Rings> {
        let start = memory.device_address(self.offset, self.end.wrapping_sub(self.offset))?;
        // The memory goes as far, so no sum wraps.
        let at = |offset: usize| {
            start.wrapping_add(u64::try_from(offset.wrapping_sub(self.offset)).unwrap_or(0))
        };
        Some(Rings {
            size: self.size,
            descriptors: start,
            available: at(self.available),
            used: at(self.used),
        })
    }
}

/// What a device is told of a queue: its size and the device addresses of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rings {
    /// Entries.
    pub size: u16,
    /// The descriptor table; a multiple of 16.
    pub descriptors: u64,
    /// The available ring, virtio's "driver area"; a multiple of 2.
    pub available: u64,
    /// The used ring, virtio's "device area"; a multiple of 4.
    pub used: u64,
}
