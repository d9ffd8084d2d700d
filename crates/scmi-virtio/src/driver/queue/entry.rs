//! What the driver remembers of each descriptor, in memory that the device cannot reach.

/// The driver's own record of one descriptor. A queue of `n` entries needs `n` of them.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The next descriptor of the chain, or of the free list.
    next: u16,
    /// Descriptors of the chain that begins here and is with the device; 0 if none does.
    chain: u16,
    token: u16,
    /// Bytes that the device may write to the chain.
    room: u32,
}

impl Entry {
    /// A record of nothing.
    pub const NEW: Self = Self { next: 0, chain: 0, token: 0, room: 0 };
}

/// A chain that is with the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flight {
    pub(super) token: u16,
    pub(super) room: u32,
}

/// All records: which descriptors are free, and what the others are part of.
#[derive(Debug)]
pub(super) struct Book<S> {
    entries: S,
    size: u16,
    free: u16,
    first_free: u16,
    in_flight: u16,
}

impl<S> Book<S> {
    /// No descriptors, but records for them.
    pub(super) const fn none(entries: S) -> Self {
        Self { entries, size: 0, free: 0, first_free: 0, in_flight: 0 }
    }

    /// No descriptors from here on.
    pub(super) const fn end(&mut self) {
        (self.size, self.free, self.in_flight) = (0, 0, 0);
    }

    /// Descriptors that are free.
    pub(super) const fn free(&self) -> u16 {
        self.free
    }

    /// The descriptor that would head the next chain. It exists if any is free.
    pub(super) const fn first_free(&self) -> u16 {
        self.first_free
    }
}

impl<S: AsRef<[Entry]> + AsMut<[Entry]>> Book<S> {
    /// All descriptors free. None if there are fewer records than `size`.
    pub(super) fn begin(&mut self, size: u16) -> Option<()> {
        let records = self.entries.as_mut().get_mut(..usize::from(size))?;
        for (record, next) in records.iter_mut().zip(1_u16..) {
            *record = Entry { next, ..Entry::NEW };
        }
        (self.size, self.free, self.first_free, self.in_flight) = (size, size, 0, 0);
        Some(())
    }

    /// Chains that are with the device.
    pub(super) const fn in_flight(&self) -> u16 {
        self.in_flight
    }

    /// What comes after a descriptor, in its chain or in the free list.
    pub(super) fn next(&self, index: u16) -> Option<u16> {
        Some(self.entries.as_ref().get(usize::from(index))?.next)
    }

    /// Takes the first `chain` free descriptors, which there are, for a chain that goes to the device; `behind` is the
    /// one after them.
    pub(super) fn take(&mut self, chain: u16, behind: u16, flight: Flight) -> Option<()> {
        let record = self.entries.as_mut().get_mut(usize::from(self.first_free))?;
        *record = Entry { chain, token: flight.token, room: flight.room, ..*record };
        self.first_free = behind;
        self.free = self.free.checked_sub(chain)?;
        self.in_flight = self.in_flight.wrapping_add(1);
        Some(())
    }

    /// Frees the chain with this head. None if no chain with this head is with the device.
    pub(super) fn give_back(&mut self, head: u16) -> Option<Flight> {
        let record = self.entries.as_mut().get_mut(usize::from(head))?;
        let Entry { chain, token, room, .. } = *record;
        if chain == 0 {
            return None;
        }
        record.chain = 0;
        let mut last = head;
        for _ in 1..chain {
            last = self.next(last)?;
        }
        let first_free = self.first_free;
        self.entries.as_mut().get_mut(usize::from(last))?.next = first_free;
        self.first_free = head;
        self.free = self.free.wrapping_add(chain);
        self.in_flight = self.in_flight.wrapping_sub(1);
        Some(Flight { token, room })
    }

    /// Whether the device could name this descriptor at all.
    pub(super) const fn knows(&self, head: u16) -> bool {
        head < self.size
    }
}
