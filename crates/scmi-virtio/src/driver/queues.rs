//! Both queues of a device, with their buffers.

use super::memory::Shared;
use super::queue::{Entry, Fault, Piece, Queue};
use super::slots::Slots;

/// The queues of one life of a device, or the places for them.
#[derive(Debug)]
pub(super) struct Queues<const COMMANDS: usize, const EVENTS: usize> {
    pub(super) commands: Queue<[Entry; COMMANDS]>,
    pub(super) slots: Slots<COMMANDS>,
    pub(super) events: EventBuffers<EVENTS>,
    /// The used indexes when the device was reset.
    at_reset: [u16; 2],
}

/// The event queue and the buffers in it; none where the device has no event queue.
#[derive(Debug)]
pub(super) struct EventBuffers<const N: usize> {
    pub(super) queue: Queue<[Entry; N]>,
    start: usize,
    stride: usize,
    len: u32,
}

/// An event that came, in its buffer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrived {
    buffer: u16,
    pub(super) start: usize,
    pub(super) len: u32,
    pub(super) cut: bool,
}

impl<const COMMANDS: usize, const EVENTS: usize> Queues<COMMANDS, EVENTS> {
    // No constant, which would be copied from read-only memory.
    pub(super) const fn none() -> Self {
        let queue = Queue::none([Entry::NEW; EVENTS]);
        Self {
            commands: Queue::none([Entry::NEW; COMMANDS]),
            slots: Slots::none(),
            events: EventBuffers { queue, start: 0, stride: 0, len: 0 },
            at_reset: [0; 2],
        }
    }

    /// There are no queues from here on.
    pub(super) const fn end(&mut self) {
        self.commands.end();
        self.slots.end();
        self.events.queue.end();
    }

    fn used_indexes(&self, memory: &Shared<'_>) -> [u16; 2] {
        [self.commands.used_index(memory), self.events.queue.used_index(memory)]
    }

    /// Remembers how far the device had come when it was reset.
    pub(super) fn remember_used(&mut self, memory: &Shared<'_>) {
        self.at_reset = self.used_indexes(memory);
    }

    /// What the device gave back since it was reset, which it must not; from now on that is old.
    pub(super) fn late(&mut self, memory: &Shared<'_>) -> u16 {
        let [commands, events] = self.used_indexes(memory);
        let now = [commands, events];
        let [old_commands, old_events] = core::mem::replace(&mut self.at_reset, now);
        commands.wrapping_sub(old_commands).saturating_add(events.wrapping_sub(old_events))
    }
}

impl<const N: usize> EventBuffers<N> {
    /// Begins the queue and fills it with buffers of `len` bytes, one for each entry, behind it. None if they go
    /// beyond the memory.
    pub(super) fn begin(
        &mut self,
        memory: &Shared<'_>,
        event_idx: bool,
        [stride, len]: [usize; 2],
    ) -> Option<()> {
        self.queue.begin(memory, event_idx)?;
        let layout = self.queue.layout();
        (self.start, self.stride, self.len) = (layout.end(), stride, u32::try_from(len).ok()?);
        (0..self.queue.layout().size()).try_for_each(|buffer| self.post(memory, buffer))
    }

    /// Gives a buffer to the device: writable only (R21), and empty, so that a device that claims more than it
    /// wrote shows zeros and no older event.
    fn post(&mut self, memory: &Shared<'_>, buffer: u16) -> Option<()> {
        memory.zero(self.place(buffer), usize::try_from(self.len).ok()?)?;
        let piece = Piece { offset: self.place(buffer), len: self.len };
        self.queue.add(memory, &[], &[piece], buffer).ok()
    }

    fn place(&self, buffer: u16) -> usize {
        // Within the memory, as all buffers are: no sum wraps.
        self.start.wrapping_add(usize::from(buffer).wrapping_mul(self.stride))
    }

    /// The next event, whose buffer is the driver's until it is posted again.
    pub(super) fn take(&mut self, memory: &Shared<'_>) -> Option<Arrived> {
        let used = self.queue.next(memory)?;
        let (buffer, start) = (used.token, self.place(used.token));
        Some(Arrived { buffer, start, len: used.len, cut: used.cut })
    }

    /// Gives the buffer of an event back to the device. There is always an entry for it.
    pub(super) fn refill(&mut self, memory: &Shared<'_>, event: Arrived) -> Result<(), Fault> {
        self.post(memory, event.buffer).ok_or(Fault::Outside)
    }
}
