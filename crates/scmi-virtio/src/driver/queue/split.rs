//! The queue itself.

use core::sync::atomic::{Ordering, fence};

use super::entry::{Book, Entry, Flight};
use super::fault::{AddError, Fault};
use super::layout::{DESCRIPTOR, Layout, Rings, USED};
use crate::driver::memory::Shared;

/// Descriptor flag: another one follows.
const NEXT: u16 = 1;
/// Descriptor flag: the device writes.
const WRITE: u16 = 2;
/// Descriptor flag: there is a table of descriptors.
const INDIRECT: u16 = 4;

/// Ring flag, of either ring: its reader does not want to be told.
const QUIET: u16 = 1;

/// A piece of shared memory that a descriptor names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it begins, from the start of the shared memory.
    pub offset: usize,
    /// Bytes.
    pub len: u32,
}

/// A chain that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// What [`Queue::add`] was given for it.
    pub token: u16,
    /// Bytes from the start of its writable part that the device says it wrote; never more than were offered.
    pub len: u32,
    /// Whether the device claimed more than were offered.
    pub cut: bool,
}

/// A split virtqueue whose records are kept in `S`: an array, a slice, a vector.
#[derive(Debug)]
pub struct Queue<S> {
    layout: Layout,
    book: Book<S>,
    event_idx: bool,
    next_available: u16,
    next_used: u16,
    /// The available index when the device's wish to be kicked was last asked for.
    asked: u16,
    fault: Option<Fault>,
}

impl<S: AsRef<[Entry]> + AsMut<[Entry]>> Queue<S> {
    /// An empty queue in freshly zeroed rings, not armed; to be told to the device before it starts. `event_idx` says
    /// whether VIRTIO_F_EVENT_IDX was negotiated.
    ///
    /// None if the layout is not part of `memory`, or there are fewer `entries` than the queue has.
    pub fn new(memory: &Shared<'_>, entries: S, layout: Layout, event_idx: bool) -> Option<Self> {
        memory.zero(layout.offset(), layout.end().wrapping_sub(layout.offset()))?;
        let queue = Self {
            layout,
            book: Book::new(entries, layout.size)?,
            event_idx,
            next_available: 0,
            next_used: 0,
            asked: 0,
            fault: None,
        };
        // Told of the entry that comes last of all: not before it is armed.
        queue.wish(memory, u16::MAX, QUIET);
        Some(queue)
    }

    /// What the device is told of it.
    pub fn rings(&self, memory: &Shared<'_>) -> Option<Rings> {
        self.layout.rings(memory)
    }

    /// Chains that are with the device.
    pub const fn in_flight(&self) -> u16 {
        self.book.in_flight()
    }

    /// The index of the next used entry: where a device resumes that forgot its own.
    pub const fn next_used(&self) -> u16 {
        self.next_used
    }

    /// Why it is broken, if it is.
    pub const fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// Makes a chain of `readable` and then `writable` pieces available. `token` comes back with it.
    ///
    /// # Errors
    /// [`AddError`]; nothing changed then.
    pub fn add(
        &mut self,
        memory: &Shared<'_>,
        readable: &[Piece],
        writable: &[Piece],
        token: u16,
    ) -> Result<(), AddError> {
        if let Some(fault) = self.fault {
            return Err(AddError::Broken(fault));
        }
        let pieces = readable.len().saturating_add(writable.len());
        let most = if self.layout.parts == 0 { self.layout.size } else { self.layout.parts };
        let parts = u16::try_from(pieces).ok().filter(|parts| (1..=most).contains(parts));
        let parts = parts.ok_or(AddError::Pieces { pieces })?;
        let room = room(memory, readable, writable).ok_or(AddError::Outside)?;
        let needed = if self.layout.parts == 0 { parts } else { 1 };
        if needed > self.book.free() {
            return Err(AddError::Full);
        }
        let all = readable.iter().map(|piece| (piece, 0));
        let all = all.chain(writable.iter().map(|piece| (piece, WRITE)));
        self.publish(memory, all, parts, Flight { token, room }).ok_or(AddError::Outside)
    }

    fn publish<'a>(
        &mut self,
        memory: &Shared<'_>,
        pieces: impl Iterator<Item = (&'a Piece, u16)>,
        parts: u16,
        flight: Flight,
    ) -> Option<()> {
        let head = self.book.first_free();
        let taken = self.describe_all(memory, pieces, parts, head)?;
        self.book.take(taken, flight)?;
        let slot = usize::from(self.slot(self.next_available));
        let ring = self.layout.available();
        memory.store16(
            ring.wrapping_add(4).wrapping_add(slot.wrapping_mul(2)),
            head,
            Ordering::Relaxed,
        )?;
        self.next_available = self.next_available.wrapping_add(1);
        // Release: whoever sees the index sees the entry, the descriptors and the messages.
        memory.store16(ring.wrapping_add(2), self.next_available, Ordering::Release)
    }

    /// Writes the pieces into the first free descriptors, which the free list links already, or into the table of
    /// `head`, and the table into its descriptor. How many descriptors of the queue that takes.
    fn describe_all<'a>(
        &self,
        memory: &Shared<'_>,
        pieces: impl Iterator<Item = (&'a Piece, u16)>,
        parts: u16,
        head: u16,
    ) -> Option<u16> {
        let direct = self.layout.parts == 0;
        let (descriptors, table) = (self.layout.descriptors(), self.layout.table(head));
        let (place, mut index) = if direct { (descriptors, head) } else { (table, 0) };
        for ((piece, flags), left) in pieces.zip((0..parts).rev()) {
            let next = if direct { self.book.next(index)? } else { index.wrapping_add(1) };
            describe(memory, place, index, *piece, flags, (left > 0).then_some(next))?;
            index = next;
        }
        if direct {
            return Some(parts);
        }
        let whole = Piece { offset: table, len: u32::from(parts).wrapping_mul(16) };
        describe(memory, descriptors, head, whole, INDIRECT, None)?;
        Some(1)
    }

    /// Whether the device wants to be kicked for what was added since this was last asked. Ask after each
    /// [`add`](Self::add), or once after several.
    pub fn wants_kick(&mut self, memory: &Shared<'_>) -> bool {
        let since = core::mem::replace(&mut self.asked, self.next_available);
        let added = self.next_available.wrapping_sub(since);
        if added == 0 || self.fault.is_some() {
            return false;
        }
        // Between the store of the index and the load of the wish, or both sides could miss each other.
        fence(Ordering::SeqCst);
        let used = self.layout.used();
        if self.event_idx {
            let size = usize::from(self.layout.size);
            let at = used.wrapping_add(4).wrapping_add(size.wrapping_mul(USED));
            let wish = memory.load16(at, Ordering::Relaxed);
            // The device names the index after whose move it wants the kick: is it among those added?
            return wish
                .is_none_or(|wish| self.next_available.wrapping_sub(wish).wrapping_sub(1) < added);
        }
        memory.load16(used, Ordering::Relaxed).is_none_or(|flags| flags & QUIET == 0)
    }

    /// Whether the device gave something back, as far as it says.
    pub fn has_used(&self, memory: &Shared<'_>) -> bool {
        self.fault.is_none() && self.used_index(memory).is_some_and(|index| index != self.next_used)
    }

    /// Takes the next chain back, if there is one.
    ///
    /// # Errors
    /// The [`Fault`] that broke the queue, now or earlier.
    pub fn pop(&mut self, memory: &Shared<'_>) -> Result<Option<Used>, Fault> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        self.judge(memory).inspect_err(|fault| self.fault = Some(*fault))
    }

    fn judge(&mut self, memory: &Shared<'_>) -> Result<Option<Used>, Fault> {
        let index = self.used_index(memory).ok_or(Fault::Outside)?;
        let claimed = index.wrapping_sub(self.next_used);
        if claimed == 0 {
            return Ok(None);
        }
        let in_flight = self.in_flight();
        if claimed > in_flight {
            return Err(Fault::Jump { claimed, in_flight });
        }
        let slot = usize::from(self.slot(self.next_used));
        let at = self.layout.used().wrapping_add(4).wrapping_add(slot.wrapping_mul(USED));
        let id = memory.load32(at).ok_or(Fault::Outside)?;
        let len = memory.load32(at.wrapping_add(4)).ok_or(Fault::Outside)?;
        let head = u16::try_from(id).ok().filter(|head| self.book.knows(*head));
        let head = head.ok_or(Fault::Beyond { id, size: self.layout.size })?;
        let Flight { token, room } =
            self.book.give_back(head).ok_or(Fault::NotInFlight { id: head })?;
        self.next_used = self.next_used.wrapping_add(1);
        Ok(Some(Used { token, len: len.min(room), cut: len > room }))
    }

    /// Asks to be told of the next chain that comes back. Whether one has come by now: then the caller goes on
    /// instead of sleeping.
    pub fn arm(&mut self, memory: &Shared<'_>) -> bool {
        self.wish(memory, self.next_used, 0);
        // Between the wish and the look at the index, or both sides could miss each other.
        fence(Ordering::SeqCst);
        self.fault.is_some() || self.has_used(memory)
    }

    /// Asks not to be told. With event indexes that is so by itself once the device told; to move the index back
    /// costs more calls than it saves. A device may tell nevertheless.
    pub fn disarm(&mut self, memory: &Shared<'_>) {
        if !self.event_idx {
            self.wish(memory, 0, QUIET);
        }
    }

    /// Says after which used entry to be told, or by flags whether.
    fn wish(&self, memory: &Shared<'_>, event: u16, flags: u16) {
        let ring = self.layout.available();
        // None only outside the memory, where there is nobody to be told.
        let _stored = if self.event_idx {
            let size = usize::from(self.layout.size);
            let at = ring.wrapping_add(4).wrapping_add(size.wrapping_mul(2));
            memory.store16(at, event, Ordering::Relaxed)
        } else {
            memory.store16(ring, flags, Ordering::Relaxed)
        };
    }

    /// The used index as it stands in memory, which a device may move even after it was reset.
    pub fn used_index(&self, memory: &Shared<'_>) -> Option<u16> {
        // Acquire: whoever sees the index sees the entry and what was written to the chain.
        memory.load16(self.layout.used().wrapping_add(2), Ordering::Acquire)
    }

    const fn slot(&self, index: u16) -> u16 {
        // The size is a power of two.
        index & self.layout.size.wrapping_sub(1)
    }
}

/// The bytes that the device may write, if all pieces are part of the memory.
fn room(memory: &Shared<'_>, readable: &[Piece], writable: &[Piece]) -> Option<u32> {
    let inside = |piece: &Piece| {
        memory.device_address(piece.offset, usize::try_from(piece.len).ok()?)?;
        Some(piece.len)
    };
    for piece in readable {
        inside(piece)?;
    }
    writable.iter().try_fold(0_u32, |sum, piece| sum.checked_add(inside(piece)?))
}

/// Writes descriptor `index` of the table at `table`.
fn describe(
    memory: &Shared<'_>,
    table: usize,
    index: u16,
    piece: Piece,
    flags: u16,
    next: Option<u16>,
) -> Option<()> {
    let address = memory.device_address(piece.offset, usize::try_from(piece.len).ok()?)?;
    let flags = if next.is_some() { flags | NEXT } else { flags };
    let [a, b, c, d, e, f, g, h] = address.to_le_bytes();
    let [i, j, k, l] = piece.len.to_le_bytes();
    let [m, n] = flags.to_le_bytes();
    let [o, p] = next.unwrap_or(0).to_le_bytes();
    let at = table.wrapping_add(usize::from(index).wrapping_mul(DESCRIPTOR));
    memory.write(at, &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p])
}
