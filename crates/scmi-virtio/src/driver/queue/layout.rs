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
}

impl Layout {
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
        match offset.checked_add(Self::bytes(size, indirect)) {
            Some(_) => Some(Self { size, parts: indirect, offset }),
            None => None,
        }
    }

    /// Bytes of such a queue, a multiple of [`ALIGNMENT`].
    pub const fn bytes(size: u16, indirect: u16) -> usize {
        let [size, parts] = [size as usize, indirect as usize];
        let tables = parts.saturating_mul(size).saturating_mul(DESCRIPTOR);
        let available = size.wrapping_mul(2).wrapping_add(6).next_multiple_of(4);
        let used = size.wrapping_mul(USED).wrapping_add(6);
        let rings = available.wrapping_add(used).wrapping_add(size.wrapping_mul(DESCRIPTOR));
        tables.saturating_add(rings.next_multiple_of(ALIGNMENT))
    }

    /// Where it begins.
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Where it ends.
    pub const fn end(&self) -> usize {
        self.offset.wrapping_add(Self::bytes(self.size, self.parts))
    }

    pub(super) const fn descriptors(&self) -> usize {
        self.offset
    }

    pub(super) const fn used(&self) -> usize {
        self.offset.wrapping_add(DESCRIPTOR.wrapping_mul(self.size as usize))
    }

    pub(super) const fn available(&self) -> usize {
        let used = USED.wrapping_mul(self.size as usize).wrapping_add(6);
        self.used().wrapping_add(used.next_multiple_of(4))
    }

    /// The indirect table of the chain with this head. It lies behind the rings, a multiple of 16.
    pub(super) const fn table(&self, head: u16) -> usize {
        let tables = self.offset.wrapping_add(Self::bytes(self.size, 0));
        let before = (head as usize).wrapping_mul(self.parts as usize);
        tables.wrapping_add(before.wrapping_mul(DESCRIPTOR))
    }

    /// What the device is told of it. None if it is not part of `memory`.
    pub fn rings(&self, memory: &Shared<'_>) -> Option<Rings> {
        let len = Self::bytes(self.size, self.parts);
        memory.device_address(self.offset, len)?;
        Some(Rings {
            size: self.size,
            descriptors: memory.device_address(self.descriptors(), 0)?,
            available: memory.device_address(self.available(), 0)?,
            used: memory.device_address(self.used(), 0)?,
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
