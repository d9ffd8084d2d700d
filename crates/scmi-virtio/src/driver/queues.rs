//! Both queues of a device, with their buffers.

use super::memory::Shared;
use super::queue::{Entry, Fault, Piece, Queue};
use super::slots::Slots;

/// The queues of one life of a device.
#[derive(Debug)]
pub(super) struct Queues<const COMMANDS: usize, const EVENTS: usize> {
    pub(super) commands: Queue<[Entry; COMMANDS]>,
    pub(super) slots: Slots<COMMANDS>,
    pub(super) events: Option<EventBuffers<EVENTS>>,
    /// The used indexes when the device was reset.
    at_reset: [u16; 2],
}

/// The event queue and the buffers in it.
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
    pub(super) const fn new(
        commands: Queue<[Entry; COMMANDS]>,
        slots: Slots<COMMANDS>,
        events: Option<EventBuffers<EVENTS>>,
    ) -> Self {
        Self { commands, slots, events, at_reset: [0; 2] }
    }

    fn used_indexes(&self, memory: &Shared<'_>) -> [u16; 2] {
        let events = self.events.as_ref().and_then(|events| events.queue.used_index(memory));
        [self.commands.used_index(memory), events].map(|index| index.unwrap_or(0))
    }

    /// Remembers how far the device had come when it was reset.
    pub(super) fn remember_used(&mut self, memory: &Shared<'_>) {
        self.at_reset = self.used_indexes(memory);
    }

    /// What the device gave back since it was reset, which it must not; from now on that is old.
    pub(super) fn late(&mut self, memory: &Shared<'_>) -> u16 {
        let now = self.used_indexes(memory);
        let then = core::mem::replace(&mut self.at_reset, now);
        let more = now.into_iter().zip(then).map(|(now, then)| now.wrapping_sub(then));
        more.fold(0, u16::saturating_add)
    }
}

impl<const N: usize> EventBuffers<N> {
    /// Fills the queue with buffers of `len` bytes, one for each entry, that begin at `start`. None if they go
    /// beyond the memory.
    pub(super) fn new(
        memory: &Shared<'_>,
        queue: Queue<[Entry; N]>,
        start: usize,
        stride: usize,
        len: usize,
        count: u16,
    ) -> Option<Self> {
        let mut buffers = Self { queue, start, stride, len: u32::try_from(len).ok()? };
        for buffer in 0..count {
            buffers.post(memory, buffer)?;
        }
        Some(buffers)
    }

    /// Gives a buffer to the device: writable only (R21), and empty, so that a device that claims more than it
    /// wrote shows zeros and no older event.
    fn post(&mut self, memory: &Shared<'_>, buffer: u16) -> Option<()> {
        memory.zero(self.place(buffer), usize::try_from(self.len).ok()?)?;
        let piece = Piece { offset: self.place(buffer), len: self.len };
        self.queue.add(memory, &[], &[piece], buffer).ok()
    }

    fn place(&self, buffer: u16) -> usize {
        self.start.saturating_add(usize::from(buffer).saturating_mul(self.stride))
    }

    /// The next event, whose buffer is the driver's until it is posted again.
    pub(super) fn take(&mut self, memory: &Shared<'_>) -> Result<Option<Arrived>, Fault> {
        let Some(used) = self.queue.pop(memory)? else { return Ok(None) };
        let (buffer, start) = (used.token, self.place(used.token));
        Ok(Some(Arrived { buffer, start, len: used.len, cut: used.cut }))
    }

    /// Gives the buffer of an event back to the device. There is always an entry for it.
    pub(super) fn refill(&mut self, memory: &Shared<'_>, event: Arrived) -> Result<(), Fault> {
        self.post(memory, event.buffer).ok_or(Fault::Outside)
    }
}
