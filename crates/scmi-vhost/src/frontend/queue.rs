//! The driver's side of a split virtqueue.

use core::sync::atomic::{Ordering, fence};
use std::io;

use virtio_queue::desc::split::Descriptor;
use vm_memory::guest_memory::Error as MemoryError;

use super::connection::Placement;
use super::ram::Ram;

const NEXT: u16 = 1;
const WRITE: u16 = 2;
const INDIRECT: u16 = 4;

/// Bytes of a descriptor.
const DESCRIPTOR: u64 = 16;

/// A piece of guest memory that a descriptor names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The guest's address.
    pub start: u64,
    /// Bytes.
    pub len: u32,
}

/// A chain that the device gave back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// Its head, as [`DriverQueue::add`] named it.
    pub head: u16,
    /// How many bytes the device says it wrote. Not to be trusted.
    pub len: u32,
}

/// The device gave back what it does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nonsense;

/// A split virtqueue as a driver works it.
#[derive(Debug)]
pub struct DriverQueue {
    placement: Placement,
    /// Indirect tables, one for each head, each of so many descriptors; none if descriptors are direct.
    tables: Option<(u64, u16)>,
    event_idx: bool,
    /// Descriptors that are free.
    free: Vec<u16>,
    /// By head: which descriptors its chain has; empty if it is not the device's.
    chains: Vec<Vec<u16>>,
    next_available: u16,
    next_used: u16,
}

impl DriverQueue {
    /// Lays out a queue in guest memory. With `indirect`, every chain is a table of at most so many
    /// descriptors.
    ///
    /// # Errors
    /// The memory is too small.
    pub fn new(
        ram: &mut Ram,
        entries: u16,
        event_idx: bool,
        indirect: Option<u16>,
    ) -> io::Result<Self> {
        let placement = Placement::allocate(ram, entries)?;
        let tables = match indirect {
            Some(parts) => {
                let bytes = DESCRIPTOR * u64::from(parts) * u64::from(entries);
                Some((ram.allocate(bytes, DESCRIPTOR)?, parts))
            }
            None => None,
        };
        Ok(Self {
            placement,
            tables,
            event_idx,
            free: (0..entries).rev().collect(),
            chains: vec![Vec::new(); entries.into()],
            next_available: 0,
            next_used: 0,
        })
    }

    /// Where it lies, and the base it would start from now.
    pub const fn placement(&self) -> Placement {
        Placement { base: self.next_used, ..self.placement }
    }

    /// Makes a chain of `readable` and then `writable` pieces available. None if there are not enough free
    /// descriptors, or there is no piece at all.
    ///
    /// # Errors
    /// The queue does not lie in `ram`.
    pub fn add(
        &mut self,
        ram: &Ram,
        readable: &[Piece],
        writable: &[Piece],
    ) -> Result<Option<u16>, MemoryError> {
        let parts = readable.len() + writable.len();
        let pieces = readable
            .iter()
            .map(|piece| (piece, 0))
            .chain(writable.iter().map(|piece| (piece, WRITE)));
        let direct = match self.tables {
            Some((_, room)) if parts > usize::from(room) => return Ok(None),
            Some(_) => 1,
            None => parts,
        };
        if parts == 0 || self.free.len() < direct {
            return Ok(None);
        }
        let first = self.free.len() - direct;
        let head = self.free[first];
        match self.tables {
            Some((tables, room)) => {
                let table = tables + DESCRIPTOR * u64::from(room) * u64::from(head);
                let mut len: u32 = 0;
                for ((piece, flags), next) in pieces.zip(1_u16..) {
                    let last = usize::from(next) == parts;
                    write(ram, table, next - 1, piece, flags, (!last).then_some(next))?;
                    len += 16;
                }
                let whole = Piece { start: table, len };
                write(ram, self.placement.descriptors, head, &whole, INDIRECT, None)?;
            }
            None => {
                for ((piece, flags), at) in pieces.zip(first..) {
                    let next = self.free.get(at + 1).copied();
                    write(ram, self.placement.descriptors, self.free[at], piece, flags, next)?;
                }
            }
        }
        self.chains[usize::from(head)].extend(self.free.drain(first..));
        self.publish(ram, head)?;
        Ok(Some(head))
    }

    /// Whether the device wants to be told of the entries since `since`, an earlier
    /// [`next_available`](Self::next_available).
    ///
    /// # Errors
    /// The queue does not lie in `ram`.
    pub fn wants_kick(&self, ram: &Ram, since: u16) -> Result<bool, MemoryError> {
        fence(Ordering::SeqCst);
        if self.event_idx {
            let at = self.placement.used + 4 + 8 * u64::from(self.placement.entries);
            let wanted = u16::from_le(ram.load(at, Ordering::Relaxed)?);
            let new = self.next_available;
            return Ok(new.wrapping_sub(wanted).wrapping_sub(1) < new.wrapping_sub(since));
        }
        let flags: u16 = ram.load(self.placement.used, Ordering::Relaxed)?;
        Ok(u16::from_le(flags) & 1 == 0)
    }

    /// The index of the next available entry.
    pub const fn next_available(&self) -> u16 {
        self.next_available
    }

    /// Chains that the device has.
    pub fn in_flight(&self) -> usize {
        self.chains.iter().filter(|chain| !chain.is_empty()).count()
    }

    /// Whether the device gave something back.
    ///
    /// # Errors
    /// The queue does not lie in `ram`.
    pub fn has_used(&self, ram: &Ram) -> Result<bool, MemoryError> {
        let index: u16 = ram.load(self.placement.used + 2, Ordering::Acquire)?;
        Ok(u16::from_le(index) != self.next_used)
    }

    /// Takes a chain back.
    ///
    /// # Errors
    /// The device gave back a chain that it does not have, or the queue does not lie in `ram`.
    pub fn pop(&mut self, ram: &Ram) -> Result<Option<Used>, Nonsense> {
        if !self.has_used(ram).map_err(|_| Nonsense)? {
            return Ok(None);
        }
        let slot = u64::from(self.next_used % self.placement.entries);
        let [head, len]: [u32; 2] =
            ram.read_object(self.placement.used + 4 + 8 * slot).map_err(|_| Nonsense)?;
        self.next_used = self.next_used.wrapping_add(1);
        let head = u16::try_from(u32::from_le(head)).map_err(|_| Nonsense)?;
        let chain = self.chains.get_mut(usize::from(head)).ok_or(Nonsense)?;
        if chain.is_empty() {
            return Err(Nonsense);
        }
        self.free.append(chain);
        Ok(Some(Used { head, len: u32::from_le(len) }))
    }

    /// Asks to be called for the next chain that comes back. Whether one has come by now.
    ///
    /// # Errors
    /// The queue does not lie in `ram`.
    pub fn arm(&mut self, ram: &Ram) -> Result<bool, MemoryError> {
        let available = self.placement.available;
        if self.event_idx {
            let at = available + 4 + 2 * u64::from(self.placement.entries);
            ram.store(at, self.next_used.to_le(), Ordering::Relaxed)?;
        } else {
            ram.store(available, 0_u16, Ordering::Relaxed)?;
        }
        fence(Ordering::SeqCst);
        self.has_used(ram)
    }

    /// Asks not to be called. With event indexes that is so by itself once a call was made.
    ///
    /// # Errors
    /// The queue does not lie in `ram`.
    pub fn disarm(&mut self, ram: &Ram) -> Result<(), MemoryError> {
        if self.event_idx {
            return Ok(());
        }
        ram.store(self.placement.available, 1_u16.to_le(), Ordering::Relaxed)
    }

    fn publish(&mut self, ram: &Ram, head: u16) -> Result<(), MemoryError> {
        let slot = u64::from(self.next_available % self.placement.entries);
        let ring = self.placement.available + 4;
        ram.store(ring + 2 * slot, head.to_le(), Ordering::Relaxed)?;
        self.next_available = self.next_available.wrapping_add(1);
        let index = self.placement.available + 2;
        ram.store(index, self.next_available.to_le(), Ordering::Release)
    }
}

impl Placement {
    /// Sets memory aside for a ring.
    ///
    /// # Errors
    /// The memory is too small.
    pub fn allocate(ram: &mut Ram, entries: u16) -> io::Result<Self> {
        let count = u64::from(entries);
        Ok(Self {
            entries,
            base: 0,
            descriptors: ram.allocate(DESCRIPTOR * count, DESCRIPTOR)?,
            available: ram.allocate(6 + 2 * count, 2)?,
            used: ram.allocate(6 + 8 * count, 4)?,
        })
    }
}

fn write(
    ram: &Ram,
    table: u64,
    index: u16,
    piece: &Piece,
    flags: u16,
    next: Option<u16>,
) -> Result<(), MemoryError> {
    let flags = flags | next.map_or(0, |_| NEXT);
    let descriptor = Descriptor::new(piece.start, piece.len, flags, next.unwrap_or(0));
    ram.write_object(table + DESCRIPTOR * u64::from(index), descriptor)
}
