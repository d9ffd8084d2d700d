//! The buffers of commands: where they are, and whose commands are in them.

/// Up to `N` buffers, each for a command and its answer, one for each descriptor: that of the first descriptor of a
/// chain is free or with the device as the chain is.
#[derive(Debug)]
pub(super) struct Slots<const N: usize> {
    /// Where the first one is.
    start: usize,
    /// From a command to its answer, and on to the next command.
    stride: usize,
    /// How many of them can be with the device at once.
    count: u16,
    /// By slot: what the command in it is called by its sender.
    tags: [u16; N],
}

/// The place of a command and of its answer in shared memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) request: usize,
    pub(super) answer: usize,
}

impl<const N: usize> Slots<N> {
    pub(super) const fn none() -> Self {
        Self { start: 0, stride: 0, count: 0, tags: [0; N] }
    }

    /// Slots that begin at `start`, of which `count` can be with the device at once.
    pub(super) const fn begin(&mut self, start: usize, stride: usize, count: u16) {
        (self.start, self.stride, self.count) = (start, stride, count);
    }

    /// There are none from here on.
    pub(super) const fn end(&mut self) {
        self.count = 0;
    }

    pub(super) const fn count(&self) -> u16 {
        self.count
    }

    /// A slot is with the device now.
    pub(super) fn take(&mut self, slot: u16, tag: u16) {
        if let Some(kept) = self.tags.get_mut(usize::from(slot)) {
            *kept = tag;
        }
    }

    /// The tag of the command in a slot.
    pub(super) fn tag(&self, slot: u16) -> Option<u16> {
        self.tags.get(usize::from(slot)).copied()
    }

    pub(super) fn place(&self, slot: u16) -> Place {
        // Within the memory, as all slots are: no sum wraps.
        let before = usize::from(slot).wrapping_mul(2).wrapping_mul(self.stride);
        let request = self.start.wrapping_add(before);
        Place { request, answer: request.wrapping_add(self.stride) }
    }
}
