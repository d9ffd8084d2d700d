//! The platform behind a device, as the device's rules need it.

use core::fmt;

use scmi::Time;

/// Whoever answers one agent's commands: one agent of the `scmi` crate's platform
/// ([`PlatformAgent`](super::PlatformAgent)), a test, or an engine of a hypervisor's own.
pub trait Responder {
    /// Names an answer that was deferred.
    type Ticket: Copy + PartialEq + fmt::Debug;

    /// Takes a command of at least four bytes and the room for its answer. Never blocks.
    fn handle(&mut self, now: Time, request: &[u8], reply: &mut [u8]) -> Outcome<Self::Ticket>;

    /// Names the deferred answer that is due and was not taken yet. Harmless at any time.
    fn poll_reply(&self) -> Option<Self::Ticket>;

    /// Writes a due answer into the room of its command and says how many bytes it has. Called once for each
    /// ticket that [`poll_reply`](Self::poll_reply) names, before it is asked again.
    fn take_reply(&mut self, ticket: Self::Ticket, reply: &mut [u8]) -> usize;

    /// Whether there is something for the event queue.
    fn has_event(&self) -> bool;

    /// Writes the next event into `buffer`.
    fn poll_event(&mut self, buffer: &mut [u8]) -> EventOutcome;
}

/// What became of a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome<T> {
    /// The answer was written; it has so many bytes.
    Reply(usize),
    /// The answer comes later, under this ticket.
    Later(T),
    /// There is no answer, and the command was not executed.
    Dropped,
}

/// What became of a buffer for events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EventOutcome {
    /// An event of so many bytes was written.
    Wrote(usize),
    /// There is no event; the buffer was not touched.
    Empty,
    /// The next event must not be lost and does not fit; the buffer was not touched.
    TooSmall,
}
