//! The buffers of commands: where they are, and which are with the device.

/// Up to `N` buffers, each for a command and its answer. One is free or with the device, never both.
#[derive(Debug)]
pub(super) struct Slots<const N: usize> {
    /// Where the first one is.
    start: usize,
    /// From a command to its answer, and on to the next command.
    stride: usize,
    count: u16,
    /// Those that are free: the first so many of the list.
    free: u16,
    list: [u16; N],
    /// By slot: what the command in it is called by its sender.
    tags: [u16; N],
}

/// The place of a command and of its answer in shared memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) slot: u16,
    pub(super) request: usize,
    pub(super) answer: usize,
}

impl<const N: usize> Slots<N> {
    pub(super) const fn none() -> Self {
        Self { start: 0, stride: 0, count: 0, free: 0, list: [0; N], tags: [0; N] }
    }

    /// `count` slots, of which there can be no more than `N`, that begin at `start`; all are free.
    pub(super) fn begin(&mut self, start: usize, stride: usize, count: u16) {
        for (entry, slot) in self.list.iter_mut().zip((0..count).rev()) {
            *entry = slot;
        }
        (self.start, self.stride, self.count, self.free) = (start, stride, count, count);
    }

    /// There are none from here on.
    pub(super) const fn end(&mut self) {
        (self.count, self.free) = (0, 0);
    }

    pub(super) const fn count(&self) -> u16 {
        self.count
    }

    /// The place for the next command, if one is free.
    pub(super) fn next(&self) -> Option<Place> {
        let slot = *self.list.get(usize::from(self.free.checked_sub(1)?))?;
        Some(self.place(slot))
    }

    /// The next place is with the device now.
    pub(super) fn take(&mut self, place: Place, tag: u16) {
        if let Some(kept) = self.tags.get_mut(usize::from(place.slot)) {
            *kept = tag;
            self.free = self.free.wrapping_sub(1);
        }
    }

    /// A slot came back from the device; its place is free, and its command had this tag. Called once for each
    /// [`take`](Self::take), as the queue makes sure.
    pub(super) fn give_back(&mut self, slot: u16) -> Option<(Place, u16)> {
        let tag = *self.tags.get(usize::from(slot))?;
        let entry = self.list.get_mut(usize::from(self.free))?;
        *entry = slot;
        self.free = self.free.wrapping_add(1);
        Some((self.place(slot), tag))
    }

    fn place(&self, slot: u16) -> Place {
        // Within the memory, as all slots are: no sum wraps.
        let before = usize::from(slot).wrapping_mul(2).wrapping_mul(self.stride);
        let request = self.start.wrapping_add(before);
        Place { slot, request, answer: request.wrapping_add(self.stride) }
    }
}
