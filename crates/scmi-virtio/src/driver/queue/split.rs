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

impl<S> Queue<S> {
    /// No queue, but the place for one: nothing is to be done with it, and its device is not told of it.
    pub(in crate::driver) const fn none(entries: S) -> Self {
        Self {
            layout: Layout::NONE,
            book: Book::none(entries),
            event_idx: false,
            next_available: 0,
            next_used: 0,
            asked: 0,
            fault: None,
        }
    }

    /// There is no queue from here on.
    pub(in crate::driver) const fn end(&mut self) {
        self.layout = Layout::NONE;
        self.book.end();
        self.fault = None;
    }

    /// Has so many entries and indirect descriptors from `offset` on, which suits.
    #[inline(never)]
    pub(in crate::driver) const fn lay(&mut self, [size, indirect]: [u16; 2], offset: usize) {
        self.layout = Layout::at(size, indirect, offset);
    }

    /// Where it lies; nowhere if it is none.
    pub(in crate::driver) const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// With which descriptor the next chain will begin, if any is free.
    pub(in crate::driver) fn first_free(&self) -> Option<u16> {
        (self.book.free() > 0).then_some(self.book.first_free())
    }

    /// Whether it is none.
    pub(in crate::driver) const fn is_none(&self) -> bool {
        self.layout.is_none()
    }
}

impl<S: AsRef<[Entry]> + AsMut<[Entry]>> Queue<S> {
    /// An empty queue in freshly zeroed rings, not armed; to be told to the device before it starts. `event_idx` says
    /// whether VIRTIO_F_EVENT_IDX was negotiated.
    ///
    /// None if the layout is not part of `memory`, or there are fewer `entries` than the queue has.
    pub fn new(memory: &Shared<'_>, entries: S, layout: Layout, event_idx: bool) -> Option<Self> {
        let mut queue = Self::none(entries);
        queue.layout = layout;
        queue.begin(memory, event_idx)?;
        Some(queue)
    }

    /// As [`Self::new`], in its place and with the layout that it has.
    pub(in crate::driver) fn begin(&mut self, memory: &Shared<'_>, event_idx: bool) -> Option<()> {
        let Layout { size, .. } = self.layout;
        let (start, end) = (self.layout.offset(), self.layout.end());
        memory.zero(start, end.wrapping_sub(start))?;
        self.book.begin(size)?;
        self.event_idx = event_idx;
        (self.next_available, self.next_used, self.asked) = (0, 0, 0);
        self.fault = None;
        // Told of the entry that comes last of all: not before it is armed.
        self.wish(memory, u16::MAX, QUIET);
        Some(())
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
        if self.layout.end() > memory.len() {
            return Err(AddError::Outside);
        }
        let pieces = readable.len().saturating_add(writable.len());
        let direct = self.layout.parts == 0;
        let most = if direct { self.layout.size } else { self.layout.parts };
        if pieces == 0 || pieces > usize::from(most) {
            return Err(AddError::Pieces { pieces: u32::try_from(pieces).unwrap_or(u32::MAX) });
        }
        let needed = if direct { pieces } else { 1 };
        if needed > usize::from(self.book.free()) {
            return Err(AddError::Full);
        }
        self.publish(memory, readable, writable, token).ok_or(AddError::Outside)
    }

    /// Writes the pieces into the first free descriptors, which the free list links already, or into the table of the
    /// first one, and the table into its descriptor: nobody looks there yet. Then makes the chain available.
    fn publish(
        &mut self,
        memory: &Shared<'_>,
        readable: &[Piece],
        writable: &[Piece],
        token: u16,
    ) -> Option<()> {
        let head = self.book.first_free();
        let direct = self.layout.parts == 0;
        let (descriptors, table) = (self.layout.offset(), self.layout.table(head));
        let (place, mut index) = if direct { (descriptors, head) } else { (table, 0) };
        let pieces = readable.len().wrapping_add(writable.len());
        let (mut parts, mut room): (u16, u32) = (0, 0);
        while usize::from(parts) < pieces {
            let at = usize::from(parts);
            let (piece, mut flags) = match readable.get(at) {
                Some(piece) => (piece, 0),
                None => (writable.get(at.wrapping_sub(readable.len()))?, WRITE),
            };
            if flags == WRITE {
                room = room.checked_add(piece.len)?;
            }
            parts = parts.wrapping_add(1);
            let next = if direct { self.book.next(index)? } else { parts };
            if usize::from(parts) < pieces {
                flags |= NEXT;
            }
            describe(memory, place, index, *piece, [flags, next])?;
            index = next;
        }
        if !direct {
            let whole = Piece { offset: table, len: u32::from(parts).wrapping_mul(16) };
            index = self.book.next(head)?;
            describe(memory, descriptors, head, whole, [INDIRECT, 0])?;
            parts = 1;
        }
        self.book.take(parts, index, Flight { token, room })?;
        let slot = usize::from(self.slot(self.next_available)).wrapping_mul(2);
        let ring = self.layout.available;
        memory.store16(ring.wrapping_add(4).wrapping_add(slot), head);
        self.next_available = self.next_available.wrapping_add(1);
        // Release: whoever sees the index sees the entry, the descriptors and the messages.
        memory.store16(ring.wrapping_add(2), self.next_available);
        Some(())
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
        let used = self.layout.used;
        if self.event_idx {
            let size = usize::from(self.layout.size);
            let at = used.wrapping_add(4).wrapping_add(size.wrapping_mul(USED));
            let wish = memory.load16(at);
            // The device names the index after whose move it wants the kick: is it among those added?
            return self.next_available.wrapping_sub(wish).wrapping_sub(1) < added;
        }
        memory.load16(used) & QUIET == 0
    }

    /// Whether the device gave something back, as far as it says.
    pub fn has_used(&self, memory: &Shared<'_>) -> bool {
        self.fault.is_none() && self.used_index(memory) != self.next_used
    }

    /// Takes the next chain back, if there is one.
    ///
    /// # Errors
    /// The [`Fault`] that broke the queue, now or earlier.
    pub fn pop(&mut self, memory: &Shared<'_>) -> Result<Option<Used>, Fault> {
        let used = self.next(memory);
        self.fault.filter(|_| used.is_none()).map_or(Ok(used), Err)
    }

    /// Takes the next chain back, if there is one and the queue is not broken, which [`Self::fault`] tells.
    pub(in crate::driver) fn next(&mut self, memory: &Shared<'_>) -> Option<Used> {
        if self.layout.end() > memory.len() {
            return self.broken(Fault::Outside);
        }
        let claimed = self.used_index(memory).wrapping_sub(self.next_used);
        if claimed == 0 || self.fault.is_some() {
            return None;
        }
        let in_flight = self.in_flight();
        if claimed > in_flight {
            return self.broken(Fault::Jump { claimed, in_flight });
        }
        let slot = usize::from(self.slot(self.next_used));
        let at = self.layout.used.wrapping_add(4).wrapping_add(slot.wrapping_mul(USED));
        let id = memory.load32(at);
        let len = memory.load32(at.wrapping_add(4));
        let head = match u16::try_from(id) {
            Ok(head) if self.book.knows(head) => head,
            _ => return self.broken(Fault::Beyond { id, size: self.layout.size }),
        };
        let Some(Flight { token, room }) = self.book.give_back(head) else {
            return self.broken(Fault::NotInFlight { id: head });
        };
        self.next_used = self.next_used.wrapping_add(1);
        Some(Used { token, len: len.min(room), cut: len > room })
    }

    fn broken(&mut self, fault: Fault) -> Option<Used> {
        self.fault.get_or_insert(fault);
        None
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
        let ring = self.layout.available;
        if self.event_idx {
            let size = usize::from(self.layout.size);
            let at = ring.wrapping_add(4).wrapping_add(size.wrapping_mul(2));
            memory.store16(at, event);
        } else {
            memory.store16(ring, flags);
        }
    }

    /// The used index as it stands in memory, which a device may move even after it was reset.
    pub fn used_index(&self, memory: &Shared<'_>) -> u16 {
        if self.is_none() {
            return 0;
        }
        // Acquire: whoever sees the index sees the entry and what was written to the chain.
        memory.load16(self.layout.used.wrapping_add(2))
    }

    const fn slot(&self, index: u16) -> u16 {
        // The size is a power of two.
        index & self.layout.size.wrapping_sub(1)
    }
}

/// Writes descriptor `index` of the table at `table`: its piece, its flags, and the one that follows. None if the piece
/// is no part of the memory.
fn describe(
    memory: &Shared<'_>,
    table: usize,
    index: u16,
    piece: Piece,
    rest: [u16; 2],
) -> Option<()> {
    let at = table.wrapping_add(usize::from(index).wrapping_mul(DESCRIPTOR));
    let address = memory.device_address(piece.offset, usize::try_from(piece.len).ok()?)?;
    let [flags, next] = rest;
    let (flags, next) = (u128::from(flags), u128::from(next));
    let words = u128::from(address) | u128::from(piece.len) << 64 | flags << 96 | next << 112;
    memory.write(at, &words.to_le_bytes())
}
