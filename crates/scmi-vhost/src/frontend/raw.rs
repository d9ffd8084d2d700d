//! A queue that a test fills as it likes.

use core::sync::atomic::Ordering;
use std::io;

use vm_memory::guest_memory::Error as MemoryError;

use super::connection::Placement;
use super::ram::Ram;

/// A descriptor with whatever is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Descriptor {
    /// The guest's address.
    pub start: u64,
    /// Bytes.
    pub len: u32,
    /// Flags: 1 next, 2 write, 4 indirect.
    pub flags: u16,
    /// The next descriptor.
    pub next: u16,
}

impl Descriptor {
    /// The flag for "another one follows".
    pub const NEXT: u16 = 1;
    /// The flag for "the device writes".
    pub const WRITE: u16 = 2;
    /// The flag for "a table of descriptors is there".
    pub const INDIRECT: u16 = 4;

    /// Its 16 bytes.
    pub fn to_bytes(self) -> [u8; 16] {
        let [a, b] = [self.start.to_le_bytes(), {
            let [a, b, c, d] = self.len.to_le_bytes();
            let ([e, f], [g, h]) = (self.flags.to_le_bytes(), self.next.to_le_bytes());
            [a, b, c, d, e, f, g, h]
        }];
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&a);
        bytes[8..].copy_from_slice(&b);
        bytes
    }
}

/// A split virtqueue without any checks: descriptors, available entries and indexes are written as given, and
/// the used ring is read as it is.
#[derive(Clone, Copy, Debug)]
pub struct RawQueue {
    placement: Placement,
    next_available: u16,
    next_used: u16,
}

impl RawQueue {
    /// Lays out a queue.
    ///
    /// # Errors
    /// The memory is too small.
    pub fn new(ram: &mut Ram, entries: u16) -> io::Result<Self> {
        let placement = Placement::allocate(ram, entries)?;
        Ok(Self { placement, next_available: 0, next_used: 0 })
    }

    /// Zeroes the descriptors and both rings, as a driver does that begins.
    ///
    /// # Errors
    /// The queue does not lie in `ram`.
    pub fn clear(&mut self, ram: &Ram) -> Result<(), MemoryError> {
        let Placement { entries, descriptors, available, used, .. } = self.placement;
        let entries = usize::from(entries);
        ram.write(descriptors, &vec![0; 16 * entries])?;
        ram.write(available, &vec![0; 6 + 2 * entries])?;
        ram.write(used, &vec![0; 6 + 8 * entries])?;
        *self = Self { placement: self.placement, next_available: 0, next_used: 0 };
        Ok(())
    }

    /// Where it lies.
    pub const fn placement(&self) -> Placement {
        self.placement
    }

    /// Writes a descriptor of the table.
    ///
    /// # Errors
    /// The queue does not lie in `ram`.
    pub fn describe(
        &self,
        ram: &Ram,
        index: u16,
        descriptor: Descriptor,
    ) -> Result<(), MemoryError> {
        let at = self.placement.descriptors + 16 * u64::from(index);
        ram.write(at, &descriptor.to_bytes())
    }

    /// Puts a head into the available ring and moves its index on.
    ///
    /// # Errors
    /// The queue does not lie in `ram`.
    pub fn offer(&mut self, ram: &Ram, head: u16) -> Result<(), MemoryError> {
        let slot = u64::from(self.next_available % self.placement.entries);
        ram.write(self.placement.available + 4 + 2 * slot, &head.to_le_bytes())?;
        let next = self.next_available.wrapping_add(1);
        self.set_available_index(ram, next)
    }

    /// Sets the index of the available ring.
    ///
    /// # Errors
    /// The queue does not lie in `ram`.
    pub fn set_available_index(&mut self, ram: &Ram, index: u16) -> Result<(), MemoryError> {
        self.next_available = index;
        ram.store(self.placement.available + 2, index.to_le(), Ordering::Release)
    }

    /// The index of the available ring as it was written last.
    pub const fn available_index(&self) -> u16 {
        self.next_available
    }

    /// Takes the next used element: its id and its length.
    ///
    /// # Errors
    /// The queue does not lie in `ram`.
    pub fn pop(&mut self, ram: &Ram) -> Result<Option<(u32, u32)>, MemoryError> {
        let index: u16 = ram.load(self.placement.used + 2, Ordering::Acquire)?;
        if u16::from_le(index) == self.next_used {
            return Ok(None);
        }
        let slot = u64::from(self.next_used % self.placement.entries);
        let [head, len]: [u32; 2] = ram.read_object(self.placement.used + 4 + 8 * slot)?;
        self.next_used = self.next_used.wrapping_add(1);
        Ok(Some((u32::from_le(head), u32::from_le(len))))
    }
}
